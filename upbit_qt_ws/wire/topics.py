"""Topics: what one stream of the exchange is about, and what is wanted of it.

A topic is (type, code), for order books with the grouping level as well, for candles with the interval in the type
(``candle.1m``), and for indicators with their parameters in the type, see :mod:`upbit_qt_ws.wire.indicators`.
Rule R1 of the design.

Own orders and announcements may be wanted of everything: their topic then has an empty code. One event may so belong
to two topics; :mod:`upbit_qt_ws.wire.matching` finds them.
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

_PUBLIC: Final = frozenset(PUBLIC_TYPES)

CONFLATED_TYPES: Final = _PUBLIC - {"trade"}
"""Types whose newest event replaces the ones before; the others are event types, where each one counts."""

PRIVATE_TYPES: Final = ("myOrder", "myAsset", "announcement")
"""Event types of the private socket. None of them has snapshots: a quiet account is silent."""

INFO_TYPES: Final = ("indicator", "indicator_signal")
"""Event types of the info socket. A value comes at the close of a candle; there is no snapshot."""

ANNOUNCEMENT_CATEGORIES: Final = (
    "notice", "trade", "wallet", "maintenance", "digital_asset", "nft", "service", "event",
)  # fmt: skip
"""What announcements may be filtered by; the official SDK models further ones, which no documentation lists."""


class Endpoint(enum.StrEnum):
    """The sockets of the exchange; each has an address and a subscription of its own."""

    PUBLIC = "public"
    PRIVATE = "private"
    INFO = "info"


_ENDPOINTS: Final = {
    **dict.fromkeys(PUBLIC_TYPES, Endpoint.PUBLIC),
    **dict.fromkeys(PRIVATE_TYPES, Endpoint.PRIVATE),
    **dict.fromkeys(INFO_TYPES, Endpoint.INFO),
}


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

    def __str__(self) -> str:
        """Write it as people do: ``orderbook KRW-BTC 10000``."""
        return " ".join([self.type, *([self.code] if self.code else []), *([f"{self.level:g}"] if self.level else [])])


class Want(NamedTuple):
    """What all subscribers together want of one topic.

    Attributes:
        stream: which kinds of events.
        units: the largest depth that anyone wants of an order book; 0 for other types.
        body: somebody wants the text of announcements too.
        turn: grows when somebody joins a topic of which only a snapshot is wanted: nothing keeps its value up to
            date, so a new snapshot has to be asked for. 0 for all other wants.
    """

    stream: Stream = Stream.BOTH
    units: int = 0
    body: bool = False
    turn: int = 0

    def union(self, other: Want) -> Want:
        """Return what satisfies both."""
        stream = self.stream | other.stream
        turn = max(self.turn, other.turn) if stream is Stream.SNAPSHOT else 0
        return Want(stream, max(self.units, other.units), self.body or other.body, turn)


def endpoint_of(event_type: str) -> Endpoint:
    """Return which socket carries an event type, or a topic's type: ``indicator.5m.rsi`` is carried as ``indicator``.

    Raises:
        KeyError: the type is not one that Upbit documents.
    """
    return _ENDPOINTS.get(event_type) or _ENDPOINTS[event_type.partition(".")[0]]


def has_snapshot(event_type: str) -> bool:
    """Tell whether the exchange answers a subscription of this type with a snapshot."""
    return endpoint_of(event_type) is Endpoint.PUBLIC


def topic_of(event: Event) -> tuple[str, str, float] | None:
    """Return the topic of a public event as a plain tuple, which equals and hashes like a :class:`Topic`.

    This is on the hot path, once a frame: building the named tuple would cost more than the look-up it is for. None
    for the types that may belong to several topics.
    """
    fields: Any = event
    kind: str = fields.type
    if kind == "orderbook":
        return (kind, fields.code, fields.level)
    if kind in _PUBLIC:
        return (kind, fields.code, 0.0)
    return None


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


def parse_category(category: str) -> str:
    """Return ``category`` if announcements can be filtered by it.

    Raises:
        SubscriptionError: the exchange does not document it, and would refuse the whole request.
    """
    if category in ANNOUNCEMENT_CATEGORIES:
        return category
    raise SubscriptionError(
        f"announcement category {category!r} is unknown: choose of {', '.join(ANNOUNCEMENT_CATEGORIES)}"
    )
