"""The last value of each topic, for those who join later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.events import CandleEvent, Event, Source, StreamType, TickerEvent
from upbit_qt_ws.wire.topics import Topic

TICKER, CANDLE = Topic("ticker", "KRW-BTC"), Topic("candle.1m", "KRW-BTC")


def ticker(price: float) -> TickerEvent:
    return TickerEvent(type="ticker", code="KRW-BTC", trade_price=price, epoch=3, received_ns=5_000_000_000)


def candle(minute: int, price: float) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T00:{minute:02}:00",
        opening_price=1.0,
        high_price=9.0,
        low_price=1.0,
        trade_price=price,
    )


def joined(values: LastValues, topic: Topic) -> Event:
    event = values.for_joiner(topic)
    assert event is not None
    return event


def test_a_joiner_gets_the_newest_value_as_a_snapshot_from_the_cache_with_its_true_age() -> None:
    values = LastValues()
    values.update(TICKER, ticker(1.0))
    values.update(TICKER, ticker(2.0))
    event = joined(values, TICKER)
    assert isinstance(event, TickerEvent)
    assert event.trade_price == 2.0
    assert (event.stream_type, event.source) == (StreamType.SNAPSHOT, Source.CACHE)
    assert (event.epoch, event.received_ns) == (3, 5_000_000_000)
    assert event.age(7_500_000_000) == 2.5


def test_the_event_that_was_delivered_is_not_touched() -> None:
    values = LastValues()
    original = ticker(1.0)
    values.update(TICKER, original)
    joined(values, TICKER)
    assert (original.stream_type, original.source) == (StreamType.REALTIME, Source.WEBSOCKET)


def test_nothing_is_known_of_a_topic_without_data_or_one_that_was_forgotten() -> None:
    values = LastValues()
    assert values.for_joiner(TICKER) is None
    values.update(TICKER, ticker(1.0))
    values.update(CANDLE, candle(0, 1.0))
    assert len(values) == 2
    values.forget([TICKER, Topic("trade", "KRW-BTC")])
    assert values.for_joiner(TICKER) is None
    assert len(values) == 1


@given(candles=st.lists(st.tuples(st.integers(0, 5), st.floats(1.0, 9.0)), min_size=1))
def test_a_late_frame_of_an_older_candle_does_not_replace_a_newer_one(candles: list[tuple[int, float]]) -> None:
    values = LastValues()
    for minute, price in candles:
        values.update(CANDLE, candle(minute, price))
    newest = max(minute for minute, _ in candles)
    event = joined(values, CANDLE)
    assert isinstance(event, CandleEvent)
    assert event.candle_date_time_utc == candle(newest, 1.0).candle_date_time_utc
    assert event.close == [price for minute, price in candles if minute == newest][-1]
