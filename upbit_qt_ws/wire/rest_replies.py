"""Bodies of REST replies to records; quotations become the same events that the socket sends.

A reply to a quotation differs from the socket's events in a few keys: ``market`` is the socket's ``code``, trades have
``trade_date_utc`` and a signed ``change_price`` without ``change``, and nothing tells its type. All events have
``source`` REST and ``stream_type`` SNAPSHOT. What REST does not tell is None, what only REST tells is left out.
Source: the mapping table of the protocol notes.

A row that cannot be read is left out, and named in ``unread`` of the :class:`Rows`; a value that cannot be is None. The
argument ``note`` of all readers is told of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from upbit_qt_ws import events
from upbit_qt_ws.bounds import Difference
from upbit_qt_ws.wire.markets import is_code
from upbit_qt_ws.wire.rest_records import Balance, MarketInfo, Order, OrderbookInstrument
from upbit_qt_ws.wire.rest_rows import Rows, RowsReader
from upbit_qt_ws.wire.second_look import ignore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.wire.second_look import Note

_EventT = TypeVar("_EventT", bound=events.Event)


def _row_class(
    cls: type[_EventT], kind: str, keys: Mapping[str, str] | None = None, types: Mapping[str, Any] | None = None
) -> type[_EventT]:
    """Return a subclass of an event class that decodes from a row of a REST reply; its instances are ``cls`` instances.

    The names of the stamps and of the type are unlike any key of Upbit, so that no key of a row can set them.
    """
    fields: list[Any] = [
        ("code", str, msgspec.field(name="market")),
        ("type", str, msgspec.field(default=kind, name="~type")),
        ("stream_type", events.StreamType, msgspec.field(default=events.StreamType.SNAPSHOT, name="~stream_type")),
        ("source", events.Source, msgspec.field(default=events.Source.REST, name="~source")),
    ]
    for info in msgspec.structs.fields(cls):
        name, of_type = (keys or {}).get(info.name, info.name), (types or {}).get(info.name, info.type)
        if name != info.name or of_type is not info.type:
            fields.append((info.name, of_type, msgspec.field(default=info.default, name=name)))
    return msgspec.defstruct(  # type: ignore[return-value]
        cls.__name__, fields, bases=(cls,), module=cls.__module__, frozen=True, gc=False, eq=False, kw_only=True
    )


class _MarketEvent(msgspec.Struct, frozen=True):
    warning: bool = False
    caution: dict[str, bool] = {}


class _MarketRow(msgspec.Struct, frozen=True):
    market: str
    korean_name: str | None = None
    english_name: str | None = None
    market_event: _MarketEvent | None = None
    market_warning: str | None = None


def _is_of_market(row: Any) -> bool:
    return is_code(row.code)


def _is_listed(row: Any) -> bool:
    return is_code(row.market)


def _is_dated(trade: events.TradeEvent) -> bool:
    # Without its time it has no place among the others.
    return is_code(trade.code) and trade.timestamp > 0


_TICKERS: Final = RowsReader(_row_class(events.TickerEvent, "ticker"), "ticker", _is_of_market)
_ORDERBOOKS: Final = RowsReader(_row_class(events.OrderbookEvent, "orderbook"), "orderbook", _is_of_market)
_CANDLES: Final = RowsReader(_row_class(events.CandleEvent, "candle"), "candle", _is_of_market)
_TRADES: Final = RowsReader(
    _row_class(
        events.TradeEvent,
        "trade",
        {"trade_date": "trade_date_utc", "trade_time": "trade_time_utc"},
        {"change_price": Difference | None},
    ),
    "trade",
    _is_dated,
)
_MARKETS: Final = RowsReader(_MarketRow, "market", _is_listed)
_INSTRUMENTS: Final = RowsReader(OrderbookInstrument, "instrument", _is_listed)
_BALANCES: Final = RowsReader(Balance, "balance")
_ORDERS: Final = RowsReader(Order, "order")


def _stamped(rows: Rows[_EventT], received_ns: int, **fields: object) -> Rows[_EventT]:
    for row in rows:
        msgspec.structs.force_setattr(row, "received_ns", received_ns)
        for name, value in fields.items():
            msgspec.structs.force_setattr(row, name, value)
    return rows


def read_markets(body: bytes, note: Note = ignore) -> Rows[MarketInfo]:
    """Return the rows of ``GET /market/all``, with details or without, from Korea or from another region.

    A market whose code is none, see :func:`upbit_qt_ws.wire.markets.is_code`, cannot be asked for, and is left out.

    Raises:
        DecodeError: the body is something else.
    """
    rows = _MARKETS.read(body, note)
    return Rows(map(_market, rows), rows.unread)


def _market(row: _MarketRow) -> MarketInfo:
    warning = None
    if row.market_event is not None:
        warning = row.market_event.warning
    elif row.market_warning is not None:
        warning = row.market_warning != "NONE"
    return MarketInfo(
        market=row.market,
        korean_name=row.korean_name,
        english_name=row.english_name,
        warning=warning,
        caution=row.market_event.caution if row.market_event is not None else {},
    )


def read_tickers(body: bytes, received_ns: int = 0, note: Note = ignore) -> Rows[events.TickerEvent]:
    """Return the rows of ``GET /ticker`` and ``GET /ticker/all``.

    Args:
        body: the reply.
        received_ns: reading of ``time.monotonic_ns`` when the reply was read, stamped on the events; here and below.
        note: is told what is left out.

    Raises:
        DecodeError: the body is something else.
    """
    return _stamped(_TICKERS.read(body, note), received_ns)


def read_orderbooks(body: bytes, received_ns: int = 0, note: Note = ignore) -> Rows[events.OrderbookEvent]:
    """Return the rows of ``GET /orderbook``.

    Raises:
        DecodeError: the body is something else.
    """
    return _stamped(_ORDERBOOKS.read(body, note), received_ns)


def read_candles(interval: str, body: bytes, received_ns: int = 0, note: Note = ignore) -> Rows[events.CandleEvent]:
    """Return the rows of a candle call, in its order, which is newest first.

    One that does not tell when it last changed has its start for that.

    Args:
        interval: what was asked for; the events' type is ``candle.<interval>``, for example ``candle.1d``.
        body: the reply.
        received_ns: reading of ``time.monotonic_ns`` when the reply was read.
        note: is told what is left out.

    Raises:
        DecodeError: the body is something else.
    """
    rows = _stamped(_CANDLES.read(body, note), received_ns, type=f"candle.{interval}")
    for row in rows:
        if not row.timestamp:
            msgspec.structs.force_setattr(row, "timestamp", round(row.start.timestamp() * 1_000))
    return rows


def read_trades(body: bytes, received_ns: int = 0, note: Note = ignore) -> Rows[events.TradeEvent]:
    """Return the rows of ``GET /trades/ticks``, in its order, which is newest first.

    ``change`` is made from the sign of ``change_price``, which itself becomes absolute as on the socket. The one time
    of a row is both ``timestamp`` and ``trade_timestamp``; a trade without one is left out.

    Raises:
        DecodeError: the body is something else.
    """
    rows = _stamped(_TRADES.read(body, note), received_ns)
    for row in rows:
        msgspec.structs.force_setattr(row, "trade_timestamp", row.timestamp)
        if row.change_price is not None:
            msgspec.structs.force_setattr(row, "change", _change(row.change_price))
            msgspec.structs.force_setattr(row, "change_price", abs(row.change_price))
    return rows


def _change(difference: float) -> events.Change:
    if difference > 0:
        return events.Change.RISE
    return events.Change.FALL if difference < 0 else events.Change.EVEN


def read_instruments(body: bytes, note: Note = ignore) -> Rows[OrderbookInstrument]:
    """Return the rows of ``GET /orderbook/instruments``.

    Raises:
        DecodeError: the body is something else.
    """
    return _INSTRUMENTS.read(body, note)


def read_balances(body: bytes, note: Note = ignore) -> Rows[Balance]:
    """Return the rows of ``GET /accounts``.

    Raises:
        DecodeError: the body is something else.
    """
    return _BALANCES.read(body, note)


def read_orders(body: bytes, note: Note = ignore) -> Rows[Order]:
    """Return the rows of ``GET /orders/open``.

    Raises:
        DecodeError: the body is something else.
    """
    return _ORDERS.read(body, note)


def read_order(body: bytes, note: Note = ignore) -> Order:
    """Return the order of ``GET /order``.

    Raises:
        DecodeError: the body is something else.
    """
    return _ORDERS.record(body, note)
