"""The last 24 hours in half hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from upbit_qt_widgets.ticker.day_prices import COUNT, DayPrices
from upbit_qt_ws.events import CandleEvent

START = datetime(2026, 11, 20, tzinfo=UTC)


def candle(number: int, close: float, *, high: float | None = None, low: float | None = None) -> CandleEvent:
    start = START + timedelta(minutes=30 * number)
    return CandleEvent(
        type="candle.30m",
        code="KRW-BTC",
        timestamp=int(start.timestamp() * 1000) + 1,
        candle_date_time_utc=start.strftime("%Y-%m-%dT%H:%M:%S"),
        opening_price=close,
        high_price=close if high is None else high,
        low_price=close if low is None else low,
        trade_price=close,
    )


def at(number: float) -> int:
    return int((START + timedelta(minutes=30 * number)).timestamp() * 1000)


def test_nothing_is_known_at_first_and_one_price_is_no_line() -> None:
    day = DayPrices()
    assert not day.trade(at(0), 5.0)
    assert (day.is_known, day.high, day.low, day.line()) == (False, None, None, [])


def test_candles_are_the_line_and_their_extremes_the_high_and_the_low() -> None:
    day = DayPrices()
    day.load(candle(n, 100.0 + n, high=500.0 if n == 3 else None, low=2.0 if n == 4 else None) for n in range(COUNT))
    assert day.line() == [100.0 + n for n in range(COUNT)]
    assert (day.high, day.low) == (500.0, 2.0)


def test_a_half_hour_without_trades_has_the_price_before_it() -> None:
    day = DayPrices()
    day.load([candle(0, 7.0), candle(COUNT - 1, 9.0)])
    assert day.line() == [7.0] * (COUNT - 1) + [9.0]


def test_what_is_unknown_before_the_first_candle_is_a_gap() -> None:
    day = DayPrices()
    day.load([candle(COUNT - 2, 7.0), candle(COUNT - 1, 9.0)])
    assert day.line() == [None] * (COUNT - 2) + [7.0, 9.0]


def test_trades_move_the_end_and_the_extremes() -> None:
    day = DayPrices()
    day.load([candle(0, 7.0), candle(1, 8.0)])
    assert not day.trade(at(1.2), 20.0)
    assert not day.trade(at(1.4), 3.0)
    assert day.line()[-1] == 3.0
    assert (day.high, day.low) == (20.0, 3.0)


def test_a_new_half_hour_is_told_and_the_oldest_one_is_forgotten() -> None:
    day = DayPrices()
    day.load(candle(n, 100.0, high=900.0 if n == 0 else None) for n in range(COUNT))
    assert day.high == 900.0
    assert day.trade(at(COUNT), 101.0)
    assert day.high == 101.0
    assert len(day.line()) == COUNT


def test_a_late_trade_of_an_earlier_half_hour_changes_nothing() -> None:
    day = DayPrices()
    day.load([candle(0, 7.0), candle(1, 8.0)])
    assert not day.trade(at(0.5), 1_000.0)
    assert day.high == 8.0


def test_candles_that_are_older_than_a_day_only_tell_where_it_began() -> None:
    day = DayPrices()
    day.load([candle(0, 7.0, high=900.0, low=1.0), candle(3, 8.0, high=800.0, low=2.0)], now=at(COUNT + 3.5))
    assert day.line() == [8.0] * COUNT
    assert (day.high, day.low) == (8.0, 8.0)
    assert not day.trade(at(COUNT + 3.7), 9.0)
    assert (day.high, day.low) == (9.0, 9.0)
    assert day.line() == [8.0] * (COUNT - 1) + [9.0]
    day.clear()
    assert not day.is_known
