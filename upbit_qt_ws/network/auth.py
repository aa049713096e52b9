"""Tokens for the private parts of the exchange: signed with the secret key, each for one use. Pure.

A token (JWT) names the access key and a nonce that no other token has; for a call with a query or a body it also has
the hash of that. It holds no time and does not expire. The exchange checks it at the handshake of a socket and with
every REST call, and refuses a nonce that it has seen.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from upbit_qt_ws.network.keys import ApiKeys

Algorithm = Literal["HS512", "HS256"]
"""How a token is signed; Upbit recommends HS512 and takes both."""
QueryScalar = str | int | Decimal
"""One value of a query. A float has no single spelling, so amounts and prices are text or Decimal."""
QueryValue = QueryScalar | Sequence[QueryScalar]
"""A value of a query, or an array of them."""

_HASHES: Final = {"HS256": HMACAlgorithm.SHA256, "HS512": HMACAlgorithm.SHA512}


class UpbitAuthenticator:
    """Makes the tokens of one pair of keys."""

    def __init__(
        self, keys: ApiKeys, *, algorithm: Algorithm = "HS512", nonce: Callable[[], str] = lambda: str(uuid.uuid4())
    ) -> None:
        """Take the keys.

        Args:
            keys: the pair to sign with.
            algorithm: how to sign.
            nonce: returns another text at every call; a random UUID by default.

        Raises:
            ConfigurationError: the algorithm is unknown.
        """
        if algorithm not in _HASHES:
            raise ConfigurationError(f"algorithm {algorithm!r} is unknown: choose one of {', '.join(_HASHES)}")
        self._keys = keys
        self._algorithm = algorithm
        self._nonce = nonce
        self._signer = PyJWS(algorithms=[])
        self._signer.register_algorithm(algorithm, _SecretAsGiven(_HASHES[algorithm]))

    def token(self, query: str = "") -> str:
        """Return a new token, good for one use.

        Args:
            query: the query of a REST call, or its body written as one: in the order in which it is sent and not
                percent-encoded, as :func:`query_text` writes it. Empty for a call without one, and for a socket.
        """
        claims = {"access_key": self._keys.access_key, "nonce": self._nonce()}
        if query:
            claims["query_hash"] = hashlib.sha512(query.encode()).hexdigest()
            claims["query_hash_alg"] = "SHA512"
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return self._signer.encode(payload, self._keys.secret_key, algorithm=self._algorithm)

    def authorization(self, query: str = "") -> str:
        """Return the value of the header ``Authorization`` for one use; see :meth:`token`."""
        return f"Bearer {self.token(query)}"

    def __repr__(self) -> str:
        return f"UpbitAuthenticator({self._keys!r}, algorithm={self._algorithm!r})"


class _SecretAsGiven(HMACAlgorithm):
    """HMAC with the secret as it is: Upbit hands out about 40 characters, whatever is thought of that.

    PyJWT from 2.11 on warns of keys shorter than the hash, at every token, and tries each secret as a certificate and
    as JSON, whose errors hold it.
    """

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key

    def check_key_length(self, key: bytes) -> None:
        return None


def query_text(params: Mapping[str, QueryValue] | Iterable[tuple[str, QueryValue]]) -> str:
    """Write parameters as the text that is hashed: in their order, not percent-encoded.

    An array becomes ``states[]=wait&states[]=watch``, an empty one nothing.

    Args:
        params: names and values in the order in which they are sent.

    Raises:
        TypeError: a value is of a type that has no one spelling, for example a float or None.
    """
    parts = []
    for name, value in params.items() if isinstance(params, Mapping) else params:
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            key = name if name.endswith("[]") else f"{name}[]"
            parts += [f"{key}={_spelled(name, item)}" for item in value]
        else:
            parts.append(f"{name}={_spelled(name, value)}")
    return "&".join(parts)


def _spelled(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str | int):
        return str(value)
    raise TypeError(f"{name} is {type(value).__name__}: write it as text, an int or a Decimal")
