from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest

from tests.testing.support import START_MS
from upbit_qt_ws.testing.candles import DAY_MS, INTERVALS, Bar, merged
from upbit_qt_ws.testing.grid import PriceGrid
from upbit_qt_ws.testing.history import History, Profile
from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

GRID = PriceGrid("KRW-XRP")


def history(*, key: int = 7, trades: float = 40_000.0, start_ms: int = START_MS, days: int = 400) -> History:
    profile = Profile(trades=trades, volume=trades * 90 * SCALE, volatility=0.05, days=days)
    return History(key=key, grid=GRID, profile=profile, price=2_264 * SCALE, start_ms=start_ms)


@pytest.mark.parametrize("trades", [8.0, 300.0, 40_000.0])
@pytest.mark.parametrize("key", range(4))
def test_every_candle_is_the_exact_sum_of_the_smaller_ones(key: int, trades: float) -> None:
    past = history(key=key, trades=trades)
    for small, large in (("1s", "1m"), ("1m", "3m"), ("1m", "60m"), ("15m", "60m"), ("60m", "240m"), ("240m", "1d")):
        for bar in islice(past.newest_first(large, START_MS), 5):
            end = bar.start + INTERVALS[large]
            parts = list(_between(past, small, bar.start, end))
            total = merged(reversed(parts), bar.start)
            assert total is not None
            assert (total.open, total.high, total.low, total.close) == (bar.open, bar.high, bar.low, bar.close)
            assert (total.volume, total.trades, total.last_ms) == (bar.volume, bar.trades, bar.last_ms)
            assert total.turnover == pytest.approx(bar.turnover, rel=0.1)


def test_single_trades_make_up_the_seconds() -> None:
    past = history()
    for bar in islice(past.newest_first("1s", START_MS), 300):
        trades = [
            trade
            for trade in islice(past.trades_newest_first(bar.start + 1_000), bar.trades)
            if trade.time_ms >= bar.start
        ]
        prices = [trade.price for trade in reversed(trades)]
        assert (prices[0], max(prices), min(prices), prices[-1]) == (bar.open, bar.high, bar.low, bar.close)
        assert sum(trade.size for trade in trades) == bar.volume
        assert trades[0].time_ms == bar.last_ms


def test_bars_are_sane_and_on_the_grid() -> None:
    past = history()
    for interval in INTERVALS:
        bars = list(islice(past.newest_first(interval, START_MS), 200))
        assert len(bars) == 200
        for bar in bars:
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert all(GRID.contains(price) for price in (bar.open, bar.high, bar.low, bar.close))
            assert bar.start % INTERVALS[interval] == 0
            assert bar.start <= bar.last_ms < bar.start + INTERVALS[interval]
            assert bar.volume >= bar.trades >= 1
        assert all(newer.start > older.start for newer, older in pairwise(bars))


def test_the_past_ends_at_the_price_of_the_start() -> None:
    past = history()
    newest = next(past.trades_newest_first(START_MS))
    assert newest.price == 2_264 * SCALE
    assert newest.time_ms < START_MS
    for interval in INTERVALS:
        assert next(past.newest_first(interval, START_MS)).close == 2_264 * SCALE


def test_trade_ids_are_unique_and_tell_the_time() -> None:
    trades = list(islice(history().trades_newest_first(START_MS), 2_000))
    assert len({trade.sequential_id for trade in trades}) == len(trades)
    assert all(trade.sequential_id // 10_000 == trade.time_ms for trade in trades)
    assert all(newer.time_ms >= older.time_ms for newer, older in pairwise(trades))


def test_the_same_past_appears_wherever_one_looks_first() -> None:
    one, other = history(), history()
    list(islice(one.newest_first("1d", START_MS - 40 * DAY_MS), 30))
    list(islice(one.newest_first("1m", START_MS), 300))
    assert list(islice(one.newest_first("1s", START_MS), 50)) == list(islice(other.newest_first("1s", START_MS), 50))


def test_other_keys_have_other_pasts() -> None:
    assert history(key=1).extremes() != history(key=2).extremes()


def test_nothing_is_older_than_the_listing() -> None:
    days = list(history(days=30).newest_first("1d", START_MS))
    assert 28 <= len(days) <= 40


def test_the_year_knows_its_extremes() -> None:
    past = history()
    (high, high_ms), (low, low_ms) = past.extremes()
    days = {bar.start: bar for bar in islice(past.newest_first("1d", START_MS), 366)}
    assert (
        days[high_ms].high == high == max(bar.high for start, bar in days.items() if start >= START_MS - 357 * DAY_MS)
    )
    assert days[low_ms].low == low


def test_a_day_that_has_just_begun_has_no_trades_yet() -> None:
    midnight = START_MS - START_MS % DAY_MS
    past = history(trades=10.0, start_ms=midnight + 1)
    assert past.today is None
    assert past.close_before(midnight) == 2_264 * SCALE


def _between(past: History, interval: str, start: int, end: int) -> Iterator[Bar]:
    for bar in past.newest_first(interval, end):
        if bar.start < start:
            return
        yield bar
