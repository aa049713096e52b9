from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.testing.book import MAX_LEVELS, BookView, OrderBook, grouped
from upbit_qt_ws.testing.grid import PriceGrid
from upbit_qt_ws.testing.numbers import SCALE, TURNOVER_SCALE

STARTS = {"KRW-BTC": 116_539_000 * SCALE, "KRW-XRP": 2_264 * SCALE, "KRW-ETH": 1_000_000 * SCALE, "BTC-MVL": 3}
codes = st.sampled_from(sorted(STARTS))
moves = st.lists(st.floats(min_value=0.9, max_value=1.1), max_size=30)


def book(code: str, *, depths: tuple[int, int] = (MAX_LEVELS, MAX_LEVELS), seed: int = 1) -> OrderBook:
    return OrderBook(PriceGrid(code), Random(seed), fair=STARTS[code], notional=10**6 * TURNOVER_SCALE, depths=depths)


def assert_sound(code: str, view: BookView) -> None:
    grid = PriceGrid(code)
    assert view.asks
    if view.bids:
        assert view.bids[0][0] < view.asks[0][0], "crossed"
    assert all(lower[0] < higher[0] for lower, higher in pairwise(view.asks))
    assert all(higher[0] > lower[0] for higher, lower in pairwise(view.bids))
    assert all(grid.contains(price) and size > 0 for price, size in view.asks + view.bids)
    assert len(view.asks) <= MAX_LEVELS
    assert len(view.bids) <= MAX_LEVELS


@given(codes, moves, st.integers(0, 9))
def test_the_book_surrounds_the_fair_price_wherever_it_goes(code: str, factors: list[float], seed: int) -> None:
    orders = book(code, seed=seed)
    fair = STARTS[code]
    for factor in factors:
        fair = max(1, round(fair * factor))
        orders.churn(fair)
        view = orders.view(0)
        assert_sound(code, view)
        assert view.asks[0][0] >= fair
        if view.bids:
            assert view.bids[0][0] <= fair


@given(codes, st.lists(st.sampled_from(["ASK", "BID"]), max_size=60), st.integers(0, 9))
def test_trades_take_the_best_level(code: str, sides: list[str], seed: int) -> None:
    orders = book(code, seed=seed)
    for side in sides:
        levels = orders.asks if side == "BID" else orders.bids
        if not levels:
            continue
        (price, available), wanted = levels[0], levels[0][1] // 2 + 1
        assert orders.take(side, wanted) == (price, min(wanted, available))
        assert_sound(code, orders.view(0))


@given(st.sampled_from(["ASK", "BID"]), st.integers(1_000, 4_000))
def test_the_book_goes_where_it_is_told(side: str, price: int) -> None:
    orders = book("KRW-XRP")
    orders.settle_at(price * SCALE, side)
    assert_sound("KRW-XRP", orders.view(0))
    assert (orders.asks if side == "BID" else orders.bids)[0][0] == price * SCALE


def test_thin_markets_have_fewer_levels() -> None:
    view = book("KRW-XRP", depths=(5, 7)).view(0)
    assert (len(view.asks), len(view.bids)) == (5, 7)
    assert len(book("BTC-MVL").view(0).bids) == 2, "there are only two prices below three satoshi"


@given(st.sampled_from([10_000, 100_000, 1_000_000]), st.integers(0, 9))
def test_grouping_rounds_outwards_and_loses_no_size(level: int, seed: int) -> None:
    view = book("KRW-BTC", seed=seed).view(123)
    units = level * SCALE
    groups = grouped(view, units)
    assert groups.timestamp == 123
    assert len(groups.asks) == len(groups.bids) == MAX_LEVELS
    assert all(price % units == 0 for price, _ in groups.asks + groups.bids)
    for (price, size), side in ((groups.asks[0], view.asks), (groups.bids[0], view.bids)):
        inside = [
            amount
            for at, amount in side
            if (price - units < at <= price if side is view.asks else price <= at < price + units)
        ]
        assert size == sum(inside)
    assert groups.bids[0][0] <= view.bids[0][0] < view.asks[0][0] <= groups.asks[0][0]


def test_without_a_level_the_view_stays() -> None:
    view = book("KRW-BTC").view(1)
    assert grouped(view, 0) is view
