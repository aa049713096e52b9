"""Upbit's rate limits as dated data, and which call counts in which group. Pure.

Source: the exchange's page on rate limits as of 2026-09-08. The limits of REST and of the WebSocket are separate.
"""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.rate_limit import CONNECT_RATES, MESSAGE_RATES, Rate

if TYPE_CHECKING:
    from collections.abc import Mapping


class UpbitRateLimitGroup(enum.StrEnum):
    """The groups that a call may belong to."""

    REST_PUBLIC = "rest_public"
    REST_PRIVATE_DEFAULT = "rest_private_default"
    REST_PRIVATE_ORDER = "rest_private_order"
    REST_PRIVATE_CANCEL_ALL = "rest_private_cancel_all"
    WEBSOCKET = "websocket"


class Bucket(NamedTuple):
    """What is counted together: a group, or a part of it that has a limit of its own."""

    group: UpbitRateLimitGroup
    part: str = ""

    def __str__(self) -> str:
        """Return a name for reports."""
        return f"{self.group.value}/{self.part}" if self.part else self.group.value


_GROUP = UpbitRateLimitGroup
CONNECT: Final = Bucket(_GROUP.WEBSOCKET, "connect")
MESSAGE: Final = Bucket(_GROUP.WEBSOCKET, "message")
STRICTEST: Final = Bucket(_GROUP.REST_PRIVATE_CANCEL_ALL)
"""What an unknown call counts as: better slow than blocked."""

_QUOTATIONS: Final = ("market", "candle", "trade", "ticker", "orderbook")
LIMITS: Final[Mapping[Bucket, tuple[Rate, ...]]] = MappingProxyType(
    {
        **{Bucket(_GROUP.REST_PUBLIC, part): (Rate(10, 1.0),) for part in _QUOTATIONS},
        Bucket(_GROUP.REST_PRIVATE_DEFAULT): (Rate(30, 1.0),),
        Bucket(_GROUP.REST_PRIVATE_ORDER): (Rate(12, 1.0),),  # 8 until the middle of 2026, and outside Korea.
        Bucket(_GROUP.REST_PRIVATE_ORDER, "test"): (Rate(8, 1.0),),
        STRICTEST: (Rate(1, 2.0),),
        CONNECT: CONNECT_RATES,
        MESSAGE: MESSAGE_RATES,  # Of each connection on its own.
    }
)
"""The limits of 2026-09-08; quotation calls and connects are counted per address, the others per account."""

_FIRST_PARTS: Final = {
    "market": "market",
    "candles": "candle",
    "trades": "trade",
    "ticker": "ticker",
    "orderbook": "orderbook",
}
_ORDER: Final = {
    ("POST", "/orders"): Bucket(_GROUP.REST_PRIVATE_ORDER),
    ("POST", "/orders/cancel_and_new"): Bucket(_GROUP.REST_PRIVATE_ORDER),
    ("POST", "/orders/test"): Bucket(_GROUP.REST_PRIVATE_ORDER, "test"),
    ("DELETE", "/orders/open"): STRICTEST,
}
_DEFAULT: Final = (
    "accounts", "order", "orders", "withdraw", "withdraws", "deposit", "deposits", "status", "api_keys",
    "travel_rule",
)  # fmt: skip


def bucket_of(path: str, method: str = "GET") -> Bucket:
    """Return what a REST call counts in.

    Args:
        path: with or without ``/v1`` before it, a query behind it, or a slash at its end.
        method: of HTTP.

    Returns:
        The bucket; :data:`STRICTEST` for a call that is not known.
    """
    plain = path.partition("?")[0].strip("/").lower()
    parts = plain.split("/")
    if parts and parts[0] == "v1":
        parts = parts[1:]
    verb = method.upper()
    special = _ORDER.get((verb, "/" + "/".join(parts)))
    if special is not None:
        return special
    first = parts[0] if parts else ""
    if verb == "GET" and first in _FIRST_PARTS:
        return Bucket(_GROUP.REST_PUBLIC, _FIRST_PARTS[first])
    if first in _DEFAULT:
        return Bucket(_GROUP.REST_PRIVATE_DEFAULT)
    return STRICTEST


def limits_with(changes: Mapping[Bucket, tuple[Rate, ...]]) -> Mapping[Bucket, tuple[Rate, ...]]:
    """Return the limits with some of them replaced, for other regions or later changes of the exchange.

    Raises:
        ConfigurationError: a bucket is unknown, or a rate allows nothing.
    """
    for bucket, rates in changes.items():
        if bucket not in LIMITS:
            raise ConfigurationError(f"rate limit {bucket!r} is unknown: there are {', '.join(map(str, LIMITS))}")
        if not rates or any(rate.limit < 1 or not rate.window > 0 for rate in rates):
            raise ConfigurationError(f"rate limit {bucket} {rates!r} allows nothing: give at least one call a window")
    return MappingProxyType({**LIMITS, **changes})
