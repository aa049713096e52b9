"""What arrives: one frozen class per Upbit event type, with Upbit's own field names.

Public prices and sizes are ``float``; private amounts are :class:`decimal.Decimal`, exact to the last of
Upbit's 23 digits. A field typed ``| None`` may be missing or null on the wire (new listings, older
recordings, fields that Upbit has announced to remove), or hold what cannot be, see :mod:`upbit_qt_ws.bounds`: None
stands for all of these. The fields without which an event means nothing are required, and a frame that lacks one is
counted as malformed.

Every event also carries four stamps that do not come from the exchange:

* ``epoch``: number of the connection that it arrived on, counted from 1 (0: not from a connection);
* ``received_ns``: reading of :func:`time.monotonic_ns` when the frame was read;
* ``source``: whether it came over the socket, over REST, or from the cache of last values;
* ``stream_type``: snapshot or real time (this one *is* Upbit's).
"""

from __future__ import annotations

import enum
import time
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final

import msgspec

from upbit_qt_ws.bounds import (
    FIRST_MS,
    LAST_MS,
    Difference,
    Milliseconds,
    Number,
    Quantity,
    Share,
    SignedShare,
    is_amount,
)


class StreamType(enum.StrEnum):
    """Whether an event is the state at the time of the subscription or a change after it."""

    SNAPSHOT = "SNAPSHOT"
    REALTIME = "REALTIME"


class Source(enum.StrEnum):
    """The way on which an event reached the toolkit."""

    WEBSOCKET = "websocket"
    REST = "rest"
    CACHE = "cache"


class Side(enum.StrEnum):
    """The taker's side of a trade, or the side of an order: ``BID`` buys, ``ASK`` sells."""

    ASK = "ASK"
    BID = "BID"


class Change(enum.StrEnum):
    """The last price against the close of the previous UTC day."""

    RISE = "RISE"
    EVEN = "EVEN"
    FALL = "FALL"


class Record(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A frozen record that compares by its fields, whichever wire format it was decoded from."""

    def __eq__(self, other: object) -> bool:
        """Two records are equal when they have the same fields with the same values."""
        if not isinstance(other, Record):
            return NotImplemented
        return self.__struct_fields__ == other.__struct_fields__ and all(
            getattr(self, name) == getattr(other, name) for name in self.__struct_fields__
        )

    def __hash__(self) -> int:
        """Agree with ``__eq__``; the first fields tell records apart well enough."""
        return hash(tuple(getattr(self, name) for name in self.__struct_fields__[:4]))


class Event(Record, frozen=True, gc=False, kw_only=True, eq=False):
    """Base of all events: what every frame has, and the stamps of the receiving side.

    ``timestamp`` is the exchange's time. Where a frame of a socket tells none that can be, it is what the exchange's
    clock showed at the receipt, as far as that is known, and 0 else.

    The stamps have wire names unlike any key of Upbit, so that an unknown field of a frame cannot set them.
    """

    type: str
    timestamp: Milliseconds = 0
    stream_type: StreamType = StreamType.REALTIME
    epoch: int = msgspec.field(default=0, name="~epoch")
    received_ns: int = msgspec.field(default=0, name="~received_ns")
    source: Source = msgspec.field(default=Source.WEBSOCKET, name="~source")

    def __repr__(self) -> str:
        """Show the fields that are set."""
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        listed = ", ".join(
            f"{name}={value!s}" if isinstance(value, enum.Enum) else f"{name}={value!r}"
            for name, value in shown.items()
            if value is not None
        )
        return f"{type(self).__name__}({listed})"

    def age(self, now_ns: int | None = None) -> float:
        """Seconds since the frame was received; ``now_ns`` is a reading of ``time.monotonic_ns``."""
        return ((time.monotonic_ns() if now_ns is None else now_ns) - self.received_ns) / 1e9


class MarketEvent(Event, frozen=True, gc=False, kw_only=True, eq=False):
    """Base of the events that belong to one market; ``code`` is for example ``KRW-BTC``."""

    code: str

    @property
    def symbol(self) -> str:
        """The market code, under the name that many libraries use."""
        return self.code


class TickerEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """The state of a market: last price, the UTC day (09:00 to 09:00 KST) and the last 24 hours.

    ``change_price`` and ``change_rate`` are absolute, their ``signed_`` forms carry the direction; rates
    are fractions (0.0127 is 1.27 %). ``trade_date`` is ``yyyyMMdd``, ``trade_time`` ``HHmmss``, both UTC.
    ``acc_trade_price`` is turnover in the quote currency. Source: the reference page of the ticker stream.
    """

    trade_price: Quantity
    opening_price: Quantity | None = None
    high_price: Quantity | None = None
    low_price: Quantity | None = None
    prev_closing_price: Quantity | None = None
    change: Change | None = None
    change_price: Quantity | None = None
    signed_change_price: Difference | None = None
    change_rate: Share | None = None
    signed_change_rate: SignedShare | None = None
    trade_volume: Quantity | None = None
    acc_trade_volume: Quantity | None = None
    acc_trade_volume_24h: Quantity | None = None
    acc_trade_price: Quantity | None = None
    acc_trade_price_24h: Quantity | None = None
    trade_date: str | None = None
    trade_time: str | None = None
    trade_timestamp: Milliseconds | None = None
    ask_bid: Side | None = None
    acc_ask_volume: Quantity | None = None
    acc_bid_volume: Quantity | None = None
    highest_52_week_price: Quantity | None = None
    highest_52_week_date: str | None = None
    lowest_52_week_price: Quantity | None = None
    lowest_52_week_date: str | None = None
    market_state: str | None = None
    is_trading_suspended: bool | None = None
    delisting_date: str | dict[str, int] | None = None
    market_warning: str | None = None

    @property
    def open(self) -> float | None:
        """Opening price of the UTC day."""
        return self.opening_price

    @property
    def high(self) -> float | None:
        """Highest price of the UTC day."""
        return self.high_price

    @property
    def low(self) -> float | None:
        """Lowest price of the UTC day."""
        return self.low_price

    @property
    def close(self) -> float:
        """Last price."""
        return self.trade_price


class TradeEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """One execution. ``(code, sequential_id)`` identifies it; the id does not give the order of trades.

    ``trade_date`` is ``yyyy-MM-dd``, ``trade_time`` ``HH:mm:ss``, both UTC. ``ask_bid`` is None if the exchange tells
    neither side: price and size are worth having all the same. ``best_*`` is the top of the book at the trade, missing
    before 2024-11-27. Source: the reference page of the trade stream.
    """

    trade_price: Quantity
    trade_volume: Quantity
    sequential_id: Number
    ask_bid: Side | None = None
    trade_timestamp: Milliseconds = 0
    trade_date: str | None = None
    trade_time: str | None = None
    prev_closing_price: Quantity | None = None
    change: Change | None = None
    change_price: Quantity | None = None
    best_ask_price: Quantity | None = None
    best_ask_size: Quantity | None = None
    best_bid_price: Quantity | None = None
    best_bid_size: Quantity | None = None


class OrderbookUnit(Record, frozen=True, gc=False, eq=False):
    """One depth of a book: the n-th best ask beside the n-th best bid; price 0 and size 0 is an empty slot.

    A slot whose price cannot be is told as an empty one, and a size that cannot be as 0 beside its price. So no other
    slot moves: where the first slot of a side is empty and a later one is not, the best price is not known.
    """

    ask_price: Quantity
    bid_price: Quantity
    ask_size: Quantity
    bid_size: Quantity


class OrderbookEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """A whole book, best prices first; Upbit sends no deltas.

    ``timestamp`` is the time of the last change of the book, so a quiet market's may be minutes old.
    ``level`` is the price-grouping unit in KRW (0: not grouped). ``total_*`` are sums over the units that
    the exchange sent, also when a subscription asked for fewer. Source: the reference page of the orderbook stream.
    """

    orderbook_units: tuple[OrderbookUnit, ...]
    total_ask_size: Quantity | None = None
    total_bid_size: Quantity | None = None
    level: Quantity = 0.0


_FIRST_START: Final = datetime.fromtimestamp(FIRST_MS / 1000, UTC)
_LAST_START: Final = datetime.fromtimestamp(LAST_MS / 1000, UTC)


@lru_cache(maxsize=4096)  # The same candles are told again and again, and so are those of other markets.
def start_of_candle(text: str) -> datetime:
    """Return the moment that ``yyyy-MM-ddTHH:mm:ss`` means in UTC, aware.

    Raises:
        ValueError: it is no such text, no such moment, or one before 2010 or after 2100.
    """
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not the start of a candle") from None
    # Other spellings of ISO 8601 are read too, but texts of one spelling only can be compared.
    if start.tzinfo is not None or start.microsecond or start.isoformat() != text:
        raise ValueError(f"{text!r} is not the start of a candle as the exchange spells it")
    start = start.replace(tzinfo=UTC)
    if not _FIRST_START <= start <= _LAST_START:
        raise ValueError(f"{text!r} is not the start of a candle of this century")
    return start


class CandleEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """The state of one candle; the same candle is resent while it changes, and the last one counts.

    ``candle_date_time_*`` are the candle's start, ``yyyy-MM-ddTHH:mm:ss`` without a zone suffix. A period
    without trades has no candle. Source: the reference page of the candle stream.
    """

    candle_date_time_utc: str
    opening_price: Quantity
    high_price: Quantity
    low_price: Quantity
    trade_price: Quantity
    candle_date_time_kst: str | None = None
    candle_acc_trade_volume: Quantity | None = None
    candle_acc_trade_price: Quantity | None = None

    def __post_init__(self) -> None:
        """Check the start.

        Raises:
            ValueError: there is no such moment, or it is spelt in another way; msgspec makes it one about the frame.
        """
        start_of_candle(self.candle_date_time_utc)

    @property
    def interval(self) -> str:
        """The candle's length as it is subscribed: ``1s``, ``1m`` … ``240m``."""
        return self.type.removeprefix("candle.")

    @property
    def start(self) -> datetime:
        """Start of the candle, aware, UTC."""
        return start_of_candle(self.candle_date_time_utc)

    @property
    def open(self) -> float:
        """Opening price."""
        return self.opening_price

    @property
    def high(self) -> float:
        """Highest price."""
        return self.high_price

    @property
    def low(self) -> float:
        """Lowest price."""
        return self.low_price

    @property
    def close(self) -> float:
        """Last price so far."""
        return self.trade_price


def _require_amounts(record: Record) -> None:
    """Refuse amounts such as "NaN" and -1, which are no amounts; msgspec turns the error into one about the frame.

    Raises:
        ValueError: an amount cannot be, see :func:`upbit_qt_ws.bounds.is_amount`.
    """
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, Decimal) and not is_amount(value):
            raise ValueError(f"{name} is not an amount")


class MyOrderEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """A change of one of the account's own orders; amounts are exact.

    ``state`` is ``wait``, ``watch``, ``trade``, ``done``, ``cancel`` or ``prevented``. With ``trade``, ``price``
    and ``volume`` are those of the fill and the ``trade_*`` fields are set. ``ask_bid`` is None if the exchange tells
    neither side. Source: the reference page of myOrder.
    """

    uuid: str
    order_type: str
    state: str
    ask_bid: Side | None = None
    trade_uuid: str | None = None
    price: Decimal | None = None
    avg_price: Decimal | None = None
    volume: Decimal | None = None
    remaining_volume: Decimal | None = None
    executed_volume: Decimal | None = None
    trades_count: Number | None = None
    reserved_fee: Decimal | None = None
    remaining_fee: Decimal | None = None
    paid_fee: Decimal | None = None
    locked: Decimal | None = None
    executed_funds: Decimal | None = None
    time_in_force: str | None = None
    trade_fee: Decimal | None = None
    is_maker: bool | None = None
    identifier: str | None = None
    smp_type: str | None = None
    prevented_volume: Decimal | None = None
    prevented_locked: Decimal | None = None
    trade_timestamp: Milliseconds | None = None
    order_timestamp: Milliseconds | None = None

    def __post_init__(self) -> None:
        """Check the amounts."""
        _require_amounts(self)


class Asset(Record, frozen=True, gc=False, eq=False):
    """One currency of the account: what is free to use and what is locked in orders, exact."""

    currency: str
    balance: Decimal
    locked: Decimal

    def __post_init__(self) -> None:
        """Check the amounts."""
        _require_amounts(self)


class MyAssetEvent(Event, frozen=True, gc=False, kw_only=True, eq=False):
    """The balances that have just changed; currencies that did not change are not listed.

    ``unread`` names those that have changed, too, but whose amounts cannot be; a place such as ``#3`` stands for one
    that has no name either.
    """

    asset_uuid: str
    assets: tuple[Asset, ...]
    asset_timestamp: Milliseconds | None = None
    # No frame can tell it: one that holds this key is refused, and read again without it.
    unread: Annotated[tuple[str, ...], msgspec.Meta(max_length=0)] = msgspec.field(default=(), name="~unread")


class AnnouncementEvent(Event, frozen=True, gc=False, kw_only=True, eq=False):
    """A notice of the exchange, ``CREATED`` or ``UPDATED``; ``body`` is Markdown and only there on request."""

    event_type: str
    uuid: str
    title: str
    category: str
    url: str | None = None
    first_listed_at: str | None = None
    listed_at: str | None = None
    body: str | None = None


class IndicatorEvent(MarketEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """A technical indicator at the close of a candle; ``params`` and ``value`` have full names in every format."""

    timeframe: str
    indicator: str
    params: dict[str, Difference | str]
    value: dict[str, Difference | None]
    candle_date_time_utc: str | None = None


class IndicatorSignalEvent(IndicatorEvent, frozen=True, gc=False, kw_only=True, eq=False):
    """An indicator's condition has just become true, for example ``golden_cross``."""

    trigger: str
    event_params: dict[str, Difference] | None = None
