"""Events: frozen records with Upbit's names, the usual names beside them, and the receiver's stamps."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws import events
from upbit_qt_ws.events import (
    Asset,
    CandleEvent,
    Event,
    MyAssetEvent,
    OrderbookEvent,
    OrderbookUnit,
    Side,
    Source,
    StreamType,
    TickerEvent,
    TradeEvent,
)
from upbit_qt_ws.wire.codec import FrameDecoder

EVENT_CLASSES = [
    cls
    for cls in vars(events).values()
    if isinstance(cls, type) and issubclass(cls, Event) and cls not in (Event, events.MarketEvent)
]


def ticker(**changes: Any) -> TickerEvent:
    return TickerEvent(**{"type": "ticker", "code": "KRW-BTC", "trade_price": 3.0, **changes})


def candle(**changes: Any) -> CandleEvent:
    fields: dict[str, Any] = {
        "type": "candle.15m",
        "code": "KRW-BTC",
        "candle_date_time_utc": "2026-01-02T03:15:00",
        "opening_price": 1.0,
        "high_price": 4.0,
        "low_price": 0.5,
        "trade_price": 3.0,
    }
    return CandleEvent(**{**fields, **changes})


def test_a_ticker_has_the_usual_names_beside_upbits() -> None:
    event = ticker(opening_price=1.0, high_price=4.0, low_price=0.5)
    assert (event.open, event.high, event.low, event.close) == (1.0, 4.0, 0.5, 3.0)
    assert event.symbol == event.code == "KRW-BTC"


def test_a_new_listings_ticker_may_lack_everything_but_its_price() -> None:
    event = ticker()
    assert (event.open, event.high, event.low, event.close) == (None, None, None, 3.0)


def test_a_candle_knows_its_interval_and_its_start() -> None:
    event = candle()
    assert (event.open, event.high, event.low, event.close) == (1.0, 4.0, 0.5, 3.0)
    assert event.interval == "15m"
    assert event.start == datetime(2026, 1, 2, 3, 15, tzinfo=UTC)
    assert event.start.utcoffset() is not None


def test_an_event_that_was_not_received_has_empty_stamps() -> None:
    event = ticker()
    assert (event.epoch, event.received_ns, event.source) == (0, 0, Source.WEBSOCKET)
    assert event.stream_type is StreamType.REALTIME


@given(received=st.integers(0, 10**15), later=st.integers(0, 10**15))
def test_the_age_is_the_time_since_receipt_in_seconds(received: int, later: int) -> None:
    assert ticker(received_ns=received).age(received + later) == later / 1e9


def test_the_age_is_measured_from_now_if_nothing_else_is_said() -> None:
    assert ticker(received_ns=0).age() > 0.0


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_every_event_class_is_frozen_and_says_what_it_is(cls: type[Event]) -> None:
    assert cls.__struct_config__.frozen
    assert cls.__doc__
    assert {"type", "timestamp", "stream_type", "epoch", "received_ns", "source"} <= set(cls.__struct_fields__)


@pytest.mark.parametrize("name", ["trade_price", "epoch", "source", "code"])
def test_a_subscriber_cannot_change_what_others_see(name: str) -> None:
    event = ticker()
    with pytest.raises(AttributeError):
        setattr(event, name, getattr(event, name))


@pytest.mark.parametrize("name", TickerEvent.__struct_fields__)
def test_events_are_equal_when_all_fields_are(name: str) -> None:
    value: Any = {"stream_type": StreamType.SNAPSHOT, "source": Source.REST, "ask_bid": Side.ASK}.get(name, 77)
    assert ticker() == ticker()
    assert hash(ticker()) == hash(ticker())
    assert ticker() != ticker(**{name: value})


def test_events_of_different_kinds_are_not_equal() -> None:
    trade = TradeEvent(
        type="trade", code="KRW-BTC", trade_price=3.0, trade_volume=1.0, ask_bid=Side.BID, sequential_id=1
    )
    assert ticker() != trade
    assert ticker() != "ticker"
    assert OrderbookUnit(1.0, 1.0, 1.0, 1.0) != Asset("KRW", Decimal(1), Decimal(1))


def test_an_event_equals_the_one_that_was_decoded_from_the_short_spelling() -> None:
    unit = OrderbookUnit(2.0, 1.0, 3.0, 4.0)
    made = OrderbookEvent(type="orderbook", code="KRW-BTC", orderbook_units=(unit,), level=10.0)
    frame = b'{"ty":"orderbook","cd":"KRW-BTC","obu":[{"ap":2,"bp":1,"as":3,"bs":4}],"lv":10}'
    decoded = FrameDecoder().decode(frame)
    assert decoded == made
    assert made == decoded
    assert hash(decoded) == hash(made)
    assert {made: "found"}[decoded] == "found"  # type: ignore[index]


def test_a_copy_with_changes_keeps_the_stamps() -> None:
    event = ticker(epoch=3, received_ns=5)
    changed = msgspec.structs.replace(event, source=Source.CACHE)
    assert (changed.epoch, changed.received_ns, changed.source) == (3, 5, Source.CACHE)
    assert event.source is Source.WEBSOCKET


def test_private_amounts_are_decimals() -> None:
    event = MyAssetEvent(
        type="myAsset", asset_uuid="u", assets=(Asset("KRW", Decimal("1386929.37231066771348207123"), Decimal(0)),)
    )
    assert str(event.assets[0].balance) == "1386929.37231066771348207123"
