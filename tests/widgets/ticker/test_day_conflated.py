"""The figures of 24 hours are those of all trades, however few tickers are seen of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.tradings import DAY, MINUTE, Traded, candles, tickers
from upbit_qt_widgets.ticker.day_prices import COUNT, EDGE_COUNT, EDGE_INTERVAL, INTERVAL, DayPrices

START = 1_795_392_000_000
"""2026-11-23 00:00 UTC."""
HALF = 30 * MINUTE

TRADES = st.lists(
    st.tuples(
        st.integers(0, 3 * DAY) | st.integers(0, 60).map(lambda place: place * HALF + (place % 3) * 20_000),
        st.integers(1, 1_000),
    ),
    min_size=1,
    max_size=120,
).map(lambda told: [Traded(START + at, float(price), 1.0) for at, price in sorted(told)])


def expected(trades: list[Traded], now: int) -> tuple[float, float]:
    """Return the highest and the lowest price of the last 24 hours, to a minute; the last price if there was none."""
    inside = [trade.price for trade in trades if trade.at // MINUTE * MINUTE >= now - DAY and trade.at <= now]
    if not inside:
        return (trades[-1].price,) * 2
    return max(inside), min(inside)


class Widget:
    """Does what the widget does: takes the tickers that it sees, and asks for candles when it should."""

    def __init__(self, trades: list[Traded]) -> None:
        self.trades = trades
        self.day = DayPrices()

    def ask(self, now: int) -> None:
        known = [trade for trade in self.trades if trade.at <= now]
        self.day.load(candles(known, INTERVAL, HALF, now + 1, COUNT + 1), now)
        self.look(now)

    def look(self, now: int) -> None:
        edge = self.day.edge_wanted
        if edge is not None:
            known = [trade for trade in self.trades if trade.at <= now]
            self.day.load_edge(edge, candles(known, EDGE_INTERVAL, MINUTE, edge, EDGE_COUNT))

    def see(self, seen: list[bool], asked_at: int) -> int:
        """Take some of the tickers, and always the last one; ask for the first candles after so many of them."""
        now = self.trades[0].at
        for number, event in enumerate(tickers(self.trades)):
            is_last = number == len(self.trades) - 1
            if not is_last and not seen[number % len(seen)]:
                continue
            now = event.timestamp
            if self.day.take(event, now) or number == asked_at or (is_last and not self.day.is_known):
                self.ask(now)
            self.look(now)
        return now


@given(trades=TRADES, seen=st.lists(st.booleans(), min_size=1, max_size=10), asked_at=st.integers(0, 10))
def test_high_and_low_are_those_of_all_trades_whatever_is_seen(
    trades: list[Traded], seen: list[bool], asked_at: int
) -> None:
    widget = Widget(trades)
    now = widget.see(seen, asked_at)
    assert (widget.day.high, widget.day.low) == expected(trades, now)
    assert widget.day.line()[-1] == trades[-1].price


@given(trades=TRADES, passed=st.lists(st.integers(0, 8 * 3_600_000), max_size=12))
def test_they_stay_true_while_nothing_is_traded(trades: list[Traded], passed: list[int]) -> None:
    widget = Widget(trades)
    now = widget.see([True], 0)
    for pause in passed:
        now += pause
        if widget.day.advance(now):
            widget.ask(now)
        widget.look(now)
        assert (widget.day.high, widget.day.low) == expected(trades, now)


def test_a_spike_that_no_ticker_of_ours_shows_counts() -> None:
    trades = [Traded(START + at, price, 1.0) for at, price in ((0, 100.0), (50, 900.0), (60, 5.0), (70, 101.0))]
    widget = Widget(trades)
    widget.ask(START)
    widget.day.take(tickers(trades)[-1], START + 70)
    assert (widget.day.high, widget.day.low) == (900.0, 5.0)


def test_a_spike_leaves_the_window_by_the_minute() -> None:
    spike = START + 10 * MINUTE
    trades = [Traded(spike, 900.0, 1.0), Traded(spike + 5 * MINUTE, 100.0, 1.0)]
    widget = Widget(trades)
    widget.ask(spike + 5 * MINUTE)
    for after, high in ((0, 900.0), (1, 100.0), (MINUTE, 100.0)):
        now = spike + DAY + after
        if widget.day.advance(now):
            widget.ask(now)
        widget.look(now)
        assert widget.day.high == high
        assert widget.day.changes_after <= MINUTE


def test_a_time_that_is_far_ahead_does_not_move_the_window() -> None:
    trades = [Traded(START + at, 100.0 + at, 1.0) for at in range(10)]
    widget = Widget(trades)
    widget.ask(START + 9)
    (bad,) = tickers([Traded(START + 300 * DAY, 500.0, 1.0)])
    widget.day.take(bad, START + 9)
    assert widget.day.line()[-1] == 500.0
    widget.day.take(tickers(trades)[-1], START + 9)
    assert widget.day.line()[-1] == 109.0
    assert len([price for price in widget.day.line() if price is not None]) == 1
