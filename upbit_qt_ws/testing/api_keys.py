"""The API keys of the simulated account: what each may do, from where, and whether it still works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from upbit_qt_ws.errors import ConfigurationError, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterable

Scope = Literal["view_assets", "view_orders", "make_orders"]
"""What a key may do: 자산조회, 주문조회, 주문하기. Announcements and indicators need none of them. [A]"""

ALL_SCOPES: Final[frozenset[Scope]] = frozenset({"view_assets", "view_orders", "make_orders"})

SCOPES_OF_TYPES: Final[dict[str, Scope]] = {"myAsset": "view_assets", "myOrder": "view_orders"}
"""The scope that a stream needs; types that are missing need none. [A]"""

AUTH_FAILURES: Final[dict[str, tuple[int, str]]] = {
    "no_authorization_token": (401, "인증 토큰이 존재하지 않습니다."),
    "jwt_verification": (401, "JWT 토큰 검증에 실패했습니다."),
    "invalid_access_key": (401, "잘못된 엑세스 키입니다."),
    "expired_access_key": (401, "API 키가 만료되었습니다."),
    "nonce_used": (401, "이미 요청한 nonce값이 다시 사용되었습니다."),
    "invalid_query_payload": (401, "JWT 헤더의 페이로드가 올바르지 않습니다."),
    "no_authorization_ip": (401, "허용되지 않은 IP 주소입니다."),
    "no_authorization_i_p": (401, "허용되지 않은 IP 주소입니다."),
    "out_of_scope": (403, "허용되지 않은 기능입니다."),
    "open_api_withdraw_locked": (403, "Open API 출금이 잠겨 있습니다."),
}
"""Per ``error.name``, the HTTP status [A] and a message of ``error.message``; the texts are third-party ones [C]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key.

    Attributes:
        access_key, secret_key: the pair.
        scopes: what it may do.
        addresses: IP addresses from which it may be used, ten at most on the real exchange [A]; None allows all.
        expired: it ran out, which real keys do after a year. [A, older pages]
        failure: ``error.name`` that every use of it gets, one of :data:`AUTH_FAILURES`; None for none.
    """

    access_key: str
    secret_key: str = field(repr=False)
    scopes: frozenset[Scope] = ALL_SCOPES
    addresses: frozenset[str] | None = None
    expired: bool = False
    failure: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        if not self.access_key or not self.secret_key:
            raise ConfigurationError("a key needs an access key and a secret key, neither of them empty")
        if not self.scopes <= ALL_SCOPES:
            raise ConfigurationError(f"scopes are {sorted(ALL_SCOPES)}, not {sorted(self.scopes - ALL_SCOPES)}")
        check_failure(self.failure)


class KeyRing:
    """The keys by access key; they may come, change and go while the exchange runs."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        """Hold ``keys``."""
        self._keys = {key.access_key: key for key in keys}

    def get(self, access_key: object) -> ApiKey | None:
        """Return a key, or None when there is no such key."""
        return self._keys.get(access_key) if isinstance(access_key, str) else None

    def put(self, key: ApiKey) -> None:
        """Add a key, or replace the one with the same access key."""
        self._keys[key.access_key] = key

    def existing(self, access_key: str) -> ApiKey:
        """Return a key.

        Raises:
            SimulatorError: there is no such key.
        """
        key = self._keys.get(access_key)
        if key is None:
            raise SimulatorError(f"the simulated exchange has no key {access_key!r}; it has {sorted(self._keys)}")
        return key

    def remove(self, access_key: str) -> None:
        """Delete a key.

        Raises:
            SimulatorError: there is no such key.
        """
        del self._keys[self.existing(access_key).access_key]


def check_failure(name: str | None) -> None:
    """Refuse a name that no failed authentication has.

    Raises:
        ConfigurationError: it is not one of :data:`AUTH_FAILURES`.
    """
    if name is not None and name not in AUTH_FAILURES:
        raise ConfigurationError(f"{name!r} is no error of authentication; those are {', '.join(AUTH_FAILURES)}")
