"""Checking of tokens: HS256 or HS512, the right key, a fresh nonce, and the hash of the query."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import jwt
from jwt.algorithms import HMACAlgorithm

if TYPE_CHECKING:
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
    """Knows one pair of keys and every nonce that was used with it."""

    def __init__(self, options: SimulatorOptions) -> None:
        """Take the keys from the options."""
        self._access_key = options.access_key
        self._secret_key = options.secret_key.encode()
        self._nonces: set[str] = set()

    def check(self, authorization: str | None, query: str = "") -> AuthFailure | None:
        """Check an ``Authorization`` header; None when it is good.

        Args:
            authorization: ``Bearer`` and the token, or None without the header.
            query: the query string of a REST call as it came, percent-encoded or not.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return AuthFailure(401, "no_authorization_token", "인증 토큰이 존재하지 않습니다.")
        payload = self._verified(token.strip())
        if payload is None:
            return AuthFailure(401, "jwt_verification", "JWT 토큰 검증에 실패했습니다.")
        if payload.get("access_key") != self._access_key:
            return AuthFailure(401, "invalid_access_key", "잘못된 엑세스 키입니다.")
        if query and not _query_hash_fits(payload, query):
            return AuthFailure(401, "invalid_query_payload", "JWT 헤더의 페이로드가 올바르지 않습니다.")
        nonce = payload.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            return AuthFailure(401, "jwt_verification", "JWT 토큰 검증에 실패했습니다.")
        if nonce in self._nonces:
            return AuthFailure(401, "nonce_used", "이미 요청한 nonce값이 다시 사용되었습니다.")
        self._nonces.add(nonce)
        return None

    def _verified(self, token: str) -> dict[str, Any] | None:
        # The signature is checked with the algorithm object itself: PyJWT's decode() warns that Upbit's
        # secrets of 40 characters are short for HS512, which neither side can change.
        try:
            decoded = jwt.decode_complete(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return None
        digest = _HASHES.get(decoded["header"].get("alg", ""))
        signed, _, _ = token.rpartition(".")
        if digest is None:
            return None
        good = HMACAlgorithm(digest).verify(signed.encode(), self._secret_key, decoded["signature"])
        payload: dict[str, Any] = decoded["payload"]
        return payload if good else None


def _query_hash_fits(payload: dict[str, Any], query: str) -> bool:
    # Hashed is the query in request order and not percent-encoded.
    expected = hashlib.sha512(unquote(query).encode()).hexdigest()
    return payload.get("query_hash") == expected and payload.get("query_hash_alg", "SHA512") == "SHA512"
