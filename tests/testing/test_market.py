from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.testing.support import START_MS
from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing.candles import DAY_MS, INTERVALS
from upbit_qt_ws.testing.exchange import SimulatedMarket
from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

CODES = ["KRW-BTC", "KRW-USDT", "KRW-XRP", "KRW-SHIB", "KRW-ETH", "BTC-ETH", "USDT-BTC"]


class Listener:
    """Writes down what the market tells."""

    def __init__(self) -> None:
        self.trades: list[tuple[str, Trade]] = []
        self.books: list[tuple[str, int]] = []
        self.seconds: list[tuple[int, list[str]]] = []

    def traded(self, market: Market, trade: Trade) -> None:
        self.trades.append((market.code, trade))

    def book_shown(self, market: Market, view: object) -> None:
        self.books.append((market.code, view.timestamp))  # type: ignore[attr-defined]

    def second_passed(self, markets: list[Market], second_ms: int) -> None:
        self.seconds.append((second_ms, sorted(market.code for market in markets)))


def simulation(*, seed: int = 1, start_ms: int = START_MS, rate: float = 0.0) -> tuple[SimulatedMarket, Listener]:
    market = SimulatedMarket(seed=seed, start_ms=start_ms, rate=rate, codes=CODES)
    listener = Listener()
    market.listener = listener
    return market, listener


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1_000),
    st.lists(st.tuples(st.floats(0.001, 90.0), st.integers(0, 60)), min_size=1, max_size=8),
    st.integers(0, DAY_MS - 1),
)
def test_ticker_candles_and_book_are_what_the_trades_made_them(
    seed: int, steps: list[tuple[float, int]], time_of_day: int
) -> None:
    market, listener = simulation(seed=seed, start_ms=START_MS - START_MS % DAY_MS + time_of_day)
    before = {code: _day(market.market(code)) for code in CODES}
    for seconds, trades in steps:
        market.advance(seconds, trades=trades)
    for code in CODES:
        one = market.market(code)
        trades_of_it = [trade for traded, trade in listener.trades if traded == code]
        assert all(one.grid.contains(trade.price) for trade in trades_of_it)
        for trade in trades_of_it:
            best = (
                (trade.best_ask, trade.best_ask_size) if trade.side == "BID" else (trade.best_bid, trade.best_bid_size)
            )
            assert trade.price == best[0]
            assert 0 < trade.size <= best[1]
        _assert_day(one, before[code], trades_of_it)
        _assert_candles(one, trades_of_it)


def _day(market: Market) -> tuple[int, int, int, int, int, int, bool]:
    traded = market.history.today is not None
    return (market.open, market.high, market.low, market.ask_volume, market.bid_volume, market.turnover, traded)


def _assert_day(market: Market, before: tuple[int, int, int, int, int, int, bool], trades: list[Trade]) -> None:
    first = START_MS - START_MS % DAY_MS
    if any(trade.time_ms >= first + DAY_MS for trade in trades):
        return  # The day has rolled; another test looks at that.
    opened, high, low, asks, bids, turnover, traded = before
    prices = ([opened, high, low] if traded else []) + [trade.price for trade in trades]
    if prices:
        assert (market.open, market.high, market.low) == (prices[0], max(prices), min(prices))
    assert market.ask_volume == asks + sum(trade.size for trade in trades if trade.side == "ASK")
    assert market.bid_volume == bids + sum(trade.size for trade in trades if trade.side == "BID")
    assert market.volume == market.ask_volume + market.bid_volume
    assert market.turnover == turnover + sum(trade.price * trade.size for trade in trades)


def _assert_candles(market: Market, trades: list[Trade]) -> None:
    for interval, length in INTERVALS.items():
        by_start: dict[int, list[Trade]] = {}
        for trade in trades:
            by_start.setdefault(trade.time_ms // length * length, []).append(trade)
        bars = {bar.start: bar for bar in islice(market.candles_newest_first(interval, 2**60), len(by_start))}
        assert set(by_start) == set(bars) or not by_start
        for start, inside in by_start.items():
            past = market.history.bar(interval, start)
            prices = ([past.open, past.high, past.low] if past else []) + [trade.price for trade in inside]
            bar = bars[start]
            assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), inside[-1].price)
            assert bar.volume == (past.volume if past else 0) + sum(trade.size for trade in inside)
            exact = sum(trade.price * trade.size for trade in inside)
            assert bar.turnover == (past.turnover if past else 0) + exact
            assert bar.last_ms == inside[-1].time_ms


def test_candles_of_the_past_and_of_now_join_without_a_seam() -> None:
    market, _ = simulation()
    one = market.market("KRW-BTC")
    for interval in INTERVALS:
        newest = one.newest_candle(interval)
        assert newest.close == one.last
    market.trade("KRW-BTC")
    assert one.newest_candle("1d").open == one.open
    assert one.newest_candle("1d").high == one.high
    minutes = [bar.start for bar in islice(one.candles_newest_first("1m", 2**60), 30)]
    assert minutes == sorted(set(minutes), reverse=True)


def test_trade_ids_are_time_and_counter_with_seventeen_digits() -> None:
    market, _ = simulation()
    first, second = market.trade("KRW-BTC"), market.trade("KRW-BTC")
    other = market.trade("KRW-XRP")
    assert first.sequential_id == START_MS * 10_000
    assert second.sequential_id == START_MS * 10_000 + 1
    assert other.sequential_id == first.sequential_id, "the same id occurs in two codes"
    assert len(str(first.sequential_id)) == 17


def test_a_trade_goes_where_it_is_told() -> None:
    market, _ = simulation()
    one = market.market("KRW-XRP")
    trade = market.trade("KRW-XRP", price=2_500, side="BID", volume=12.5)
    assert (trade.price, trade.size, trade.side) == (2_500 * SCALE, 1_250_000_000, "BID")
    assert one.last == one.high == 2_500 * SCALE
    view = one.display.shown(market.now_ms + 1_000)
    assert view.bids[0][0] < 2_501 * SCALE
    assert view.asks[0][0] >= 2_500 * SCALE


def test_impossible_trades_are_refused_with_a_way_out() -> None:
    market, _ = simulation()
    with pytest.raises(SimulatorError, match=r"2500\.5: not on its price grid, try 2501"):
        market.trade("KRW-XRP", price=2_500.5)
    with pytest.raises(SimulatorError, match="'KRW-NOPE'"):
        market.trade("KRW-NOPE")
    with pytest.raises(SimulatorError, match="'BUY'"):
        market.trade("KRW-XRP", side="BUY")
    with pytest.raises(SimulatorError, match="volume"):
        market.trade("KRW-XRP", volume=0)
    with pytest.raises(SimulatorError, match="backwards"):
        market.advance(-1)
    with pytest.raises(ConfigurationError, match="rate"):
        market.rate = -1


def test_the_day_rolls_at_midnight_utc() -> None:
    midnight = START_MS - START_MS % DAY_MS + DAY_MS
    market, _ = simulation(start_ms=midnight - 1_500)
    one = market.market("KRW-BTC")
    trade = market.trade("KRW-BTC")
    market.advance(3)
    assert one.prev_close == trade.price
    assert (one.open, one.high, one.low, one.volume, one.turnover) == (trade.price,) * 3 + (0, 0)
    first = market.trade("KRW-BTC")
    assert one.open == first.price
    assert one.volume == first.size
    assert first.prev_close == trade.price
    assert one.last_24_hours(market.now_ms)[0] > first.size, "the last 24 hours reach into yesterday"


def test_the_last_24_hours_forget_what_is_older() -> None:
    market, _ = simulation()
    one = market.market("KRW-BTC")
    one.last_24_hours(market.now_ms)
    trade = market.trade("KRW-BTC", volume=1_000_000)
    volume, _ = one.last_24_hours(market.now_ms)
    assert volume > trade.size
    market.advance(30 * 3_600)
    assert one.last_24_hours(market.now_ms)[0] < trade.size


def test_the_year_notices_a_record() -> None:
    market, _ = simulation()
    one = market.market("KRW-XRP")
    one.year_extremes(market.now_ms)
    market.trade("KRW-XRP", price=9_000)
    assert one.year_extremes(market.now_ms)[0] == (9_000 * SCALE, START_MS)


def test_books_are_shown_on_a_raster_and_only_when_changed() -> None:
    market, listener = simulation()
    market.watch("KRW-BTC")
    market.advance(20, trades=400)
    times = [time_ms for code, time_ms in listener.books if code == "KRW-BTC"]
    assert len(times) > 20
    assert len({time_ms % 100 for time_ms in times}) == 1, "a fixed phase"
    assert times == sorted(set(times))
    count = len(listener.books)
    market.advance(1)
    assert len(listener.books) <= count + 1, "nothing happens, nothing is shown"


def test_candles_tick_once_a_second_when_there_were_trades() -> None:
    market, listener = simulation()
    market.trade("KRW-BTC")
    market.trade("KRW-XRP")
    market.advance(5)
    assert listener.seconds == [(START_MS - START_MS % 1_000, ["KRW-BTC", "KRW-XRP"])]


def test_the_rate_counts_trades_per_second() -> None:
    market, listener = simulation(rate=40)
    for _ in range(100):
        market.advance(0.05)
    assert len(listener.trades) == 200
    market.rate = 0
    assert market.advance(10) == 0


def test_popular_markets_trade_most_and_quiet_ones_never() -> None:
    market = SimulatedMarket(seed=1, start_ms=START_MS)
    listener = Listener()
    market.listener = listener
    market.advance(60, trades=3_000)
    traded = [code for code, _ in listener.trades]
    assert traded.count("KRW-BTC") > 100
    assert len(set(traded)) > 100
    assert not any(market.listings[code].quiet for code in set(traded))


def test_a_quiet_market_shows_an_old_trade_and_an_old_book() -> None:
    market = SimulatedMarket(seed=1, start_ms=START_MS)
    quiet = next(listing.code for listing in market.listings.values() if listing.quiet)
    assert market.market(quiet).last_trade().time_ms < START_MS
    assert market.market(quiet).display.shown(START_MS).timestamp < START_MS


def test_cross_rates_stay_together() -> None:
    market, _ = simulation()
    market.advance(3_600, trades=3_000)
    implied = market.market("KRW-ETH").last / market.market("KRW-BTC").last * SCALE
    assert market.market("BTC-ETH").last == pytest.approx(implied, rel=0.03)


def test_the_seed_decides_everything() -> None:
    one, listener = simulation(seed=9)
    other, same = simulation(seed=9)
    for market in (one, other):
        market.advance(30, trades=200)
    assert listener.trades == same.trades
    assert one.market("KRW-BTC").display.shown(one.now_ms) == other.market("KRW-BTC").display.shown(other.now_ms)


def test_looking_changes_nothing() -> None:
    one, listener = simulation(seed=9)
    other, same = simulation(seed=9)
    for code in CODES:
        other.watch(code)
        market = other.market(code)
        market.display.shown(other.now_ms)
        market.last_trade()
        market.year_extremes(other.now_ms)
        market.last_24_hours(other.now_ms)
    one.advance(30, trades=200)
    other.advance(30, trades=200)
    assert listener.trades == same.trades


def test_long_times_without_trades_cost_nothing() -> None:
    market, listener = simulation()
    market.advance(400 * 86_400)
    assert market.now_ms == START_MS + 400 * DAY_MS
    assert listener.seconds == []


def test_a_book_that_somebody_asked_for_is_still_told_to_those_who_wait_for_it() -> None:
    market, listener = simulation()
    market.watch("KRW-BTC")
    display = market.market("KRW-BTC").display
    market.trade("KRW-BTC")
    before = display.shown(market.now_ms)
    asked = display.shown(market.now_ms + 150)
    assert asked is not before
    market.advance(0.2, trades=0)
    assert listener.books == [("KRW-BTC", asked.timestamp)]
