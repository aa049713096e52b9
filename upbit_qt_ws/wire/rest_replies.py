"""Bodies of REST replies to records; quotations become the same events that the socket sends.

A reply to a quotation differs from the socket's events in a few keys: ``market`` is the socket's ``code``, trades have
``trade_date_utc`` and a signed ``change_price`` without ``change``, and nothing tells its type. All events have
``source`` REST and ``stream_type`` SNAPSHOT. What REST does not tell is None, what only REST tells is left out.
Source: the mapping table of the protocol notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from upbit_qt_ws import events
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire.rest_records import Balance, MarketInfo, Order, OrderbookInstrument
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")
_EventT = TypeVar("_EventT", bound=events.Event)


def _row_class(cls: type[_EventT], kind: str, keys: Mapping[str, str] | None = None) -> type[_EventT]:
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
        if keys is not None and info.name in keys:
            fields.append((info.name, info.type, msgspec.field(default=info.default, name=keys[info.name])))
    return msgspec.defstruct(  # type: ignore[return-value]
        cls.__name__, fields, bases=(cls,), module=cls.__module__, frozen=True, gc=False, eq=False, kw_only=True
    )


def _rows(cls: type[_T]) -> msgspec.json.Decoder[tuple[_T, ...]]:
    return msgspec.json.Decoder(tuple[cls, ...])  # type: ignore[valid-type]


class _MarketEvent(msgspec.Struct, frozen=True):
    warning: bool = False
    caution: dict[str, bool] = {}


class _MarketRow(msgspec.Struct, frozen=True):
    market: str
    korean_name: str | None = None
    english_name: str | None = None
    market_event: _MarketEvent | None = None
    market_warning: str | None = None


_TICKERS: Final = _rows(_row_class(events.TickerEvent, "ticker"))
_ORDERBOOKS: Final = _rows(_row_class(events.OrderbookEvent, "orderbook"))
_CANDLES: Final = _rows(_row_class(events.CandleEvent, "candle"))
_TRADES: Final = _rows(
    _row_class(events.TradeEvent, "trade", keys={"trade_date": "trade_date_utc", "trade_time": "trade_time_utc"})
)
_MARKETS: Final = _rows(_MarketRow)
_INSTRUMENTS: Final = _rows(OrderbookInstrument)
_BALANCES: Final = _rows(Balance)
_ORDERS: Final = _rows(Order)
_ORDER: Final = msgspec.json.Decoder(Order)


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T:
    """Decode a body.

    Raises:
        DecodeError: the body is not JSON, not of the expected shape, or lacks a field without which it means nothing.
    """
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Not as its cause: the library quotes what it could not use, however long and whatever is in it.
        raise DecodeError(f"{one_line(str(error), 120)} in a REST reply of {len(body)} bytes") from None


def _stamped(rows: tuple[_EventT, ...], received_ns: int, **fields: object) -> tuple[_EventT, ...]:
    for row in rows:
        msgspec.structs.force_setattr(row, "received_ns", received_ns)
        for name, value in fields.items():
            msgspec.structs.force_setattr(row, name, value)
    return rows


def read_markets(body: bytes) -> tuple[MarketInfo, ...]:
    """Return the rows of ``GET /market/all``, with details or without, from Korea or from another region.

    Raises:
        DecodeError: the body is something else.
    """
    return tuple(_market(row) for row in _decode(_MARKETS, body))


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


def read_tickers(body: bytes, received_ns: int = 0) -> tuple[events.TickerEvent, ...]:
    """Return the rows of ``GET /ticker`` and ``GET /ticker/all``.

    Args:
        body: the reply.
        received_ns: reading of ``time.monotonic_ns`` when the reply was read, stamped on the events; here and below.

    Raises:
        DecodeError: the body is something else.
    """
    return _stamped(_decode(_TICKERS, body), received_ns)


def read_orderbooks(body: bytes, received_ns: int = 0) -> tuple[events.OrderbookEvent, ...]:
    """Return the rows of ``GET /orderbook``.

    Raises:
        DecodeError: the body is something else.
    """
    return _stamped(_decode(_ORDERBOOKS, body), received_ns)


def read_candles(interval: str, body: bytes, received_ns: int = 0) -> tuple[events.CandleEvent, ...]:
    """Return the rows of a candle call, in its order, which is newest first.

    Args:
        interval: what was asked for; the events' type is ``candle.<interval>``, for example ``candle.1d``.
        body: the reply.
        received_ns: reading of ``time.monotonic_ns`` when the reply was read.

    Raises:
        DecodeError: the body is something else.
    """
    rows = _stamped(_decode(_CANDLES, body), received_ns, type=f"candle.{interval}")
    for row in rows:
        try:
            _ = row.start
        except ValueError:
            moment = one_line(str(row.candle_date_time_utc), 60)
            raise DecodeError(f"{moment!r} in a REST reply is not the start of a candle") from None
    return rows


def read_trades(body: bytes, received_ns: int = 0) -> tuple[events.TradeEvent, ...]:
    """Return the rows of ``GET /trades/ticks``, in its order, which is newest first.

    ``change`` is made from the sign of ``change_price``, which itself becomes absolute as on the socket. The one time
    of a row is both ``timestamp`` and ``trade_timestamp``.

    Raises:
        DecodeError: the body is something else.
    """
    rows = _stamped(_decode(_TRADES, body), received_ns)
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


def read_instruments(body: bytes) -> tuple[OrderbookInstrument, ...]:
    """Return the rows of ``GET /orderbook/instruments``.

    Raises:
        DecodeError: the body is something else.
    """
    return _decode(_INSTRUMENTS, body)


def read_balances(body: bytes) -> tuple[Balance, ...]:
    """Return the rows of ``GET /accounts``.

    Raises:
        DecodeError: the body is something else.
    """
    return _decode(_BALANCES, body)


def read_orders(body: bytes) -> tuple[Order, ...]:
    """Return the rows of ``GET /orders/open``.

    Raises:
        DecodeError: the body is something else.
    """
    return _decode(_ORDERS, body)


def read_order(body: bytes) -> Order:
    """Return the order of ``GET /order``.

    Raises:
        DecodeError: the body is something else.
    """
    return _decode(_ORDER, body)
