"""History and live candles meet without a seam, in whichever order they come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.chart.averages import parse_averages
from upbit_qt_widgets.chart.candle_series import CandleSeries
from upbit_qt_widgets.chart.intervals import INTERVALS, parse_interval, start_of
from upbit_qt_ws import CandleEvent, TickerEvent
from upbit_qt_ws.errors import ConfigurationError

MINUTE = 60
NOON = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())


def candle(start: int, close: float = 100.0, *, timestamp: int = 0) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        timestamp=timestamp,
        candle_date_time_utc=datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        opening_price=100.0,
        high_price=max(100.0, close),
        low_price=min(100.0, close),
        trade_price=close,
        candle_acc_trade_volume=1.0,
    )


def ticker(at: int, price: float, **fields: float) -> TickerEvent:
    return TickerEvent(type="ticker", code="KRW-BTC", timestamp=at * 1000, trade_price=price, **fields)  # type: ignore[arg-type]


news = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=60)


@given(news, st.randoms())
def test_the_order_in_which_candles_come_does_not_matter(told: list[tuple[int, int]], chance: object) -> None:
    # The state of a candle at a time is one and the same, whoever tells it.
    events = [candle(NOON + place * MINUTE, 100.0 + place + version, timestamp=version) for place, version in told]
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = CandleSeries(), CandleSeries()
    one.merge(events)
    for event in shuffled:
        other.merge([event])

    assert list(one.candles) == list(other.candles)
    starts = [item.start for item in one.candles]
    assert starts == sorted({NOON + place * MINUTE for place, _ in told})
    newest = {place: max(version for at, version in told if at == place) for place, _ in told}
    assert [item.close for item in one.candles] == [100.0 + place + newest[place] for place in sorted(newest)]


def test_it_tells_how_many_came_before_the_oldest() -> None:
    series = CandleSeries()
    assert series.merge([candle(NOON), candle(NOON + MINUTE)]) == 0
    assert series.merge([candle(NOON - MINUTE), candle(NOON - 3 * MINUTE), candle(NOON + 2 * MINUTE)]) == 2
    assert series.place_of(NOON) == 2
    series.clear()
    assert len(series) == 0


def test_a_ticker_moves_the_candle_of_its_month_and_begins_the_next() -> None:
    series = CandleSeries()
    november = start_of("1M", NOON)
    series.merge([candle(november)])

    assert series.trade("1M", ticker(NOON, 130.0))
    assert (series[-1].high, series[-1].close, series[-1].start) == (130.0, 130.0, november)
    december = int(datetime(2026, 12, 1, 0, 0, 5, tzinfo=UTC).timestamp())
    assert series.trade("1M", ticker(december, 90.0))
    assert [item.close for item in series.candles] == [130.0, 90.0]
    assert series[-1].open == 90.0
    assert not series.trade("1M", ticker(NOON, 99.0)), "a late ticker does not open an old month again"


def test_the_candle_of_the_day_is_the_tickers_own() -> None:
    series = CandleSeries()
    told = ticker(NOON, 120.0, opening_price=101.0, high_price=125.0, low_price=99.0, acc_trade_volume=7.5)
    assert series.trade("1d", told)
    assert series[0][1:6] == (101.0, 125.0, 99.0, 120.0, 7.5)
    assert series[0].start == start_of("1d", NOON)
    assert not series.trade("1d", told), "it tells nothing new"


@pytest.mark.parametrize(
    ("interval", "began"),
    [
        ("1m", "2026-11-20T12:34:00"),
        ("240m", "2026-11-20T12:00:00"),
        ("1d", "2026-11-20T00:00:00"),
        ("1w", "2026-11-16T00:00:00"),
        ("1M", "2026-11-01T00:00:00"),
    ],
)
def test_candles_begin_on_the_clock_of_the_exchange(interval: str, began: str) -> None:
    at = int(datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC).timestamp())
    assert start_of(interval, at) == int(datetime.fromisoformat(began).replace(tzinfo=UTC).timestamp())


def test_a_misspelt_interval_names_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="'2m' is unknown: choose one of 1s, 1m"):
        parse_interval("2m")
    assert [parse_interval(interval) for interval in INTERVALS] == list(INTERVALS)


@pytest.mark.parametrize("periods", ["1", "5,5", "a", "5;20", "2,3,4,5,6", "501", "-5"])
def test_misspelt_moving_averages_are_refused(periods: str) -> None:
    with pytest.raises(ConfigurationError, match="moving_averages"):
        parse_averages(periods)


def test_moving_averages_are_read_as_they_are_written() -> None:
    assert parse_averages(" 5, 20,60 ") == (5, 20, 60)
    assert parse_averages("") == ()
