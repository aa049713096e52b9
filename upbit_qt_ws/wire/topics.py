"""Topics: what one stream of the exchange is about, and what is wanted of it.

A topic is (type, code), for order books with the grouping level as well, and for candles with the interval
in the type (``candle.1m``). Rule R1 of the design.
"""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from upbit_qt_ws.errors import SubscriptionError

if TYPE_CHECKING:
    from upbit_qt_ws.events import Event

CANDLE_INTERVALS: Final = ("1s", "1m", "3m", "5m", "10m", "15m", "30m", "60m", "240m")
"""The nine intervals that Upbit streams; longer candles exist only over REST."""

BOOK_UNITS: Final = (1, 5, 15, 30)
"""The depths that may be asked for with a suffix (``KRW-BTC.15``); anything else yields 30."""

PUBLIC_TYPES: Final = ("ticker", "trade", "orderbook", *(f"candle.{interval}" for interval in CANDLE_INTERVALS))
"""Event types of the public socket."""

CONFLATED_TYPES: Final = frozenset(PUBLIC_TYPES) - {"trade"}
"""Types whose newest event replaces the ones before; the others are event types, where each one counts."""

_WITHOUT_CODE: Final = frozenset({"myAsset", "announcement"})


class Stream(enum.Flag):
    """Which of the two kinds of events is wanted; ``SNAPSHOT | REALTIME`` is the same as ``BOTH``."""

    SNAPSHOT = 1
    REALTIME = 2
    BOTH = 3

    @classmethod
    def parse(cls, value: str | Stream) -> Stream:
        """Read ``"both"``, ``"snapshot"`` or ``"realtime"``.

        Raises:
            SubscriptionError: it is something else.
        """
        if isinstance(value, cls) and value:
            return value
        try:
            return {"both": cls.BOTH, "snapshot": cls.SNAPSHOT, "realtime": cls.REALTIME}[value]  # type: ignore[index]
        except (KeyError, TypeError):
            raise SubscriptionError(f"stream {value!r} is unknown: write 'both', 'snapshot' or 'realtime'") from None


class Topic(NamedTuple):
    """One stream: ``Topic("ticker", "KRW-BTC")``, ``Topic("orderbook", "KRW-BTC", 10000.0)``."""

    type: str
    code: str
    level: float = 0.0


class Want(NamedTuple):
    """What all subscribers together want of one topic.

    ``units`` is the largest depth that anyone wants of an order book (0 for other types).
    """

    stream: Stream = Stream.BOTH
    units: int = 0

    def union(self, other: Want) -> Want:
        """Return what satisfies both."""
        return Want(self.stream | other.stream, max(self.units, other.units))


def topic_of(event: Event) -> tuple[str, str, float]:
    """Return the topic of an event as a plain tuple, which equals and hashes like a :class:`Topic`.

    This is on the hot path, once a frame: building the named tuple would cost more than the look-up it is for.
    """
    fields: Any = event
    kind: str = fields.type
    if kind == "orderbook":
        return (kind, fields.code, fields.level)
    if kind in _WITHOUT_CODE:
        return (kind, "", 0.0)
    return (kind, fields.code, 0.0)


def parse_interval(interval: str) -> str:
    """Return the event type of a candle interval: ``candle.1m`` of ``"1m"``.

    Raises:
        SubscriptionError: Upbit does not stream that interval.
    """
    if interval in CANDLE_INTERVALS:
        return f"candle.{interval}"
    raise SubscriptionError(
        f"candle interval {interval!r} is not streamed by Upbit: choose one of {', '.join(CANDLE_INTERVALS)}"
    )


def parse_units(units: int) -> int:
    """Return ``units`` if it is a depth that Upbit serves.

    Raises:
        SubscriptionError: it is not one of 1, 5, 15, 30.
    """
    if type(units) is int and units in BOOK_UNITS:
        return units
    raise SubscriptionError(f"order book units {units!r} are not served by Upbit: choose 1, 5, 15 or 30")


def parse_level(level: float, codes: tuple[str, ...]) -> float:
    """Return the grouping level of an order book as a number; 0 means not grouped.

    Raises:
        SubscriptionError: it is negative or no number, or a code is not quoted in KRW (Upbit groups KRW books only).
    """
    if type(level) not in (int, float) or not math.isfinite(level) or level < 0:
        raise SubscriptionError(f"order book level {level!r} is not a price unit in KRW: write 0 for none, or 10000")
    if level:
        for code in codes:
            if not code.startswith("KRW-"):
                raise SubscriptionError(
                    f"order book level {level!r} works only in KRW markets, and {code!r} is not one"
                )
    return float(level)
