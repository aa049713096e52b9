"""Checking of tokens: HS256 or HS512, a key that works, a fresh nonce, and the hash of the query."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import jwt
from jwt.algorithms import HMACAlgorithm

from upbit_qt_ws.testing.api_keys import AUTH_FAILURES, ApiKey, KeyRing

if TYPE_CHECKING:
    from upbit_qt_ws.testing.api_keys import Scope
    from upbit_qt_ws.testing.options import SimulatorOptions

_HASHES: Final = {"HS256": HMACAlgorithm.SHA256, "HS384": HMACAlgorithm.SHA384, "HS512": HMACAlgorithm.SHA512}


class AuthFailure(NamedTuple):
    """Why a token was refused: HTTP status, ``error.name`` and ``error.message``."""

    status: int
    name: str
    message: str

    @property
    def body(self) -> str:
        """The REST error body."""
        return json.dumps({"error": {"name": self.name, "message": self.message}}, ensure_ascii=False)


class Authenticator:
    """Knows the keys and every nonce that was used, on REST and on the WebSocket alike.

    Attributes:
        keys: the keys that exist.
        failure: ``error.name`` that every check ends with, whatever the token; None checks.
    """

    def __init__(self, options: SimulatorOptions) -> None:
        """Take the keys from the options."""
        first = ApiKey(access_key=options.access_key, secret_key=options.secret_key)
        self.keys = KeyRing((first, *options.keys))
        self.failure: str | None = None
        self._address_error = options.address_error_name
        self._scope_status = options.out_of_scope_status
        self._nonces: set[str] = set()

    def check(
        self, authorization: str | None, query: str = "", *, address: str = "", scope: Scope | None = None
    ) -> AuthFailure | None:
        """Check an ``Authorization`` header; None when it is good.

        Args:
            authorization: ``Bearer`` and the token, or None without the header.
            query: the query string of a REST call as it came, percent-encoded or not.
            address: IP address of the caller.
            scope: what the call needs; None for nothing in particular.
        """
        name = self.failure or self._fault(authorization, query, address, scope)
        if name is None:
            return None
        status, message = AUTH_FAILURES[name]
        return AuthFailure(self._scope_status if name == "out_of_scope" else status, name, message)

    def key_of(self, authorization: str | None) -> ApiKey | None:
        """Return the key that a token names, without checking the token; None when there is no such key."""
        decoded = _decoded(authorization)
        return self.keys.get(decoded["payload"].get("access_key")) if decoded is not None else None

    def _fault(self, authorization: str | None, query: str, address: str, scope: Scope | None) -> str | None:
        if _token(authorization) is None:
            return "no_authorization_token"
        decoded = _decoded(authorization)
        if decoded is None:
            return "jwt_verification"
        payload: dict[str, Any] = decoded["payload"]
        key = self.keys.get(payload.get("access_key"))
        if key is None:
            return "invalid_access_key"
        if key.failure is not None:
            return key.failure
        nonce = payload.get("nonce")
        if not _signed_by(key, decoded, _token(authorization) or "") or not isinstance(nonce, str) or not nonce:
            return "jwt_verification"
        if key.expired:
            return "expired_access_key"
        if key.addresses is not None and address not in key.addresses:
            return self._address_error
        if query and not _query_hash_fits(payload, query):
            return "invalid_query_payload"
        if nonce in self._nonces:
            return "nonce_used"
        self._nonces.add(nonce)
        return "out_of_scope" if scope is not None and scope not in key.scopes else None


def _token(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _decoded(authorization: str | None) -> dict[str, Any] | None:
    try:
        return jwt.decode_complete(_token(authorization) or "", options={"verify_signature": False})
    except jwt.PyJWTError:
        return None


def _signed_by(key: ApiKey, decoded: dict[str, Any], token: str) -> bool:
    # The signature is checked with the algorithm object itself: PyJWT's decode() warns that Upbit's
    # secrets of 40 characters are short for HS512, which neither side can change.
    digest = _HASHES.get(decoded["header"].get("alg", ""))
    signed, _, _ = token.rpartition(".")
    return digest is not None and HMACAlgorithm(digest).verify(
        signed.encode(), key.secret_key.encode(), decoded["signature"]
    )


def _query_hash_fits(payload: dict[str, Any], query: str) -> bool:
    # Hashed is the query in request order and not percent-encoded.
    expected = hashlib.sha512(unquote(query).encode()).hexdigest()
    return payload.get("query_hash") == expected and payload.get("query_hash_alg", "SHA512") == "SHA512"
