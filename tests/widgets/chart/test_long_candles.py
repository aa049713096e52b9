"""Days, weeks and months are those of all trades, however few tickers are seen of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.tradings import DAY, Traded, candle, tickers
from upbit_qt_widgets.chart.candle_series import Candle, CandleSeries, day_of
from upbit_qt_widgets.chart.day_parts import DayParts, day_counts
from upbit_qt_widgets.chart.intervals import start_of

if TYPE_CHECKING:
    from upbit_qt_ws import CandleEvent

START = 1_795_392_000_000
"""2026-11-23 00:00 UTC, a Monday."""
LONG = ("1d", "1w", "1M")

TRADES = st.lists(
    st.tuples(
        st.integers(0, 75 * DAY) | st.integers(0, 75).map(lambda place: place * DAY),
        st.integers(1, 1_000),
        st.integers(1, 50),
    ),
    min_size=1,
    max_size=150,
).map(lambda told: [Traded(START + at, float(price), float(size)) for at, price, size in sorted(told)])


def whole(trades: list[Traded], interval: str) -> list[CandleEvent]:
    """Return the candles of all trades, oldest first."""
    groups: dict[int, list[Traded]] = {}
    for trade in trades:
        groups.setdefault(start_of(interval, trade.at // 1000), []).append(trade)
    return [candle(group, interval, start * 1000) for start, group in sorted(groups.items())]


class Chart:
    """Does what the widget does: takes the tickers that it sees, and asks REST when it should."""

    def __init__(self, trades: list[Traded], interval: str) -> None:
        self.trades = trades
        self.interval = interval
        self.series = CandleSeries()
        self.days = DayParts()

    def ask(self, now: int) -> None:
        known = [trade for trade in self.trades if trade.at <= now]
        self.series.merge(whole(known, self.interval))
        count = day_counts(self.interval)
        if count:
            self.days.load(whole(known, "1d")[-count:], count)

    def see(self, seen: list[bool], asked_at: int) -> None:
        """Take some of the tickers, and always the last one; REST answers first after so many of them."""
        events = tickers(self.trades)
        for number, event in enumerate(events):
            is_last = number == len(events) - 1
            if not is_last and not seen[number % len(seen)]:
                continue
            day = day_of(event, event.timestamp)
            assert day is not None
            begins = self.days.take(day)
            running = self.days.running(self.interval) if day_counts(self.interval) else None
            if len(self.series):
                if running is None:
                    self.series.trade(self.interval, event, event.timestamp)
                else:
                    self.series.put(running)
            if begins or number >= asked_at or (is_last and not len(self.series)):
                self.ask(event.timestamp)
                asked_at = len(events)


@pytest.mark.parametrize("interval", LONG)
@given(trades=TRADES, seen=st.lists(st.booleans(), min_size=1, max_size=10), asked_at=st.integers(0, 20))
def test_they_are_those_of_all_trades_whatever_is_seen(
    interval: str, trades: list[Traded], seen: list[bool], asked_at: int
) -> None:
    chart = Chart(trades, interval)
    chart.see(seen, asked_at)
    assert list(chart.series.candles) == [Candle.of(event) for event in whole(trades, interval)]


@pytest.mark.parametrize("interval", LONG)
def test_a_spike_between_two_tickers_counts_before_the_days_have_come(interval: str) -> None:
    trades = [Traded(START + at, price, 2.0) for at, price in ((0, 100.0), (50, 900.0), (60, 5.0), (70, 101.0))]
    series = CandleSeries()
    series.merge(whole(trades[:1], interval))
    series.trade(interval, tickers(trades)[-1])
    last = series[-1]
    assert (last.open, last.high, last.low, last.close) == (100.0, 900.0, 5.0, 101.0)


def test_the_running_candle_is_unknown_until_all_of_its_days_are() -> None:
    days = DayParts()
    wednesday = [Traded(START + 2 * DAY + at, 10.0 + at, 1.0) for at in range(3)]
    today = day_of(tickers(wednesday)[-1], None)
    assert today is not None
    days.take(today)
    assert days.running("1w") is None
    days.load(whole(wednesday, "1d"), 1)
    assert days.running("1w") is None, "the one day that was asked for is not the whole week"
    days.load(whole([Traded(START, 500.0, 3.0), *wednesday], "1d"), 8)
    week = days.running("1w")
    assert week is not None
    assert week[1:6] == (500.0, 500.0, 10.0, 12.0, 6.0)


def test_a_ticker_of_a_day_without_trades_tells_no_day() -> None:
    # Its figures are those of today, its last trade is of another day.
    told = msgspec.structs.replace(tickers([Traded(START, 100.0, 1.0)])[0], acc_trade_volume=0.0)
    assert day_of(told, START + DAY) is None
    series = CandleSeries()
    series.merge(whole([Traded(START, 130.0, 4.0), Traded(START, 100.0, 4.0)], "1d"))
    assert not series.trade("1d", told, START + DAY)
    assert series[-1].high == 130.0


def test_a_trade_that_is_far_ahead_of_the_exchanges_clock_begins_no_candle_of_the_future() -> None:
    series = CandleSeries()
    (told,) = tickers([Traded(START + 300 * DAY, 100.0, 1.0)])
    assert series.trade("1d", told, START + 5)
    assert series[-1].start * 1000 == START


def test_a_week_is_not_begun_from_a_later_day_of_it() -> None:
    series = CandleSeries()
    series.merge(whole([Traded(START - DAY, 100.0, 1.0)], "1w"))
    assert not series.trade("1w", tickers([Traded(START + 2 * DAY, 100.0, 1.0)])[0]), "Monday may have been traded"
    assert series.trade("1w", tickers([Traded(START + 5, 100.0, 1.0)])[0])
