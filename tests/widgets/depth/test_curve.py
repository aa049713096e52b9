"""The sums of a book, the range that is shown of it, and the numbers on its axes: all without a window."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets import PriceGrid
from upbit_qt_widgets.base.formatting import short_number
from upbit_qt_widgets.depth.curve import DepthCurve, DepthLevel
from upbit_qt_widgets.depth.range import DepthRange, size_texts, ticks
from upbit_qt_widgets.depth.texts import distance_text, heading, readout
from upbit_qt_ws import OrderbookEvent, OrderbookUnit


def book(*units: tuple[float, float, float, float], code: str = "KRW-XRP") -> DepthCurve:
    listed = tuple(OrderbookUnit(*unit) for unit in units)
    return DepthCurve(OrderbookEvent(type="orderbook", code=code, orderbook_units=listed))


def ladder(best_ask: float = 2_325.0, unit: float = 1.0, depth: int = 30, size: float = 10.0) -> DepthCurve:
    return book(*((best_ask + n * unit, best_ask - (n + 1) * unit, size, size) for n in range(depth)))


THREE = ((2_325.0, 2_324.0, 10.0, 40.0), (2_326.0, 2_323.0, 20.0, 5.0), (0.0, 2_320.0, 0.0, 1.0))


def test_sizes_and_amounts_are_summed_from_the_best_price_on() -> None:
    curve = book(*THREE)

    assert curve.asks.prices == (2_325.0, 2_326.0), "price 0 is no level"
    assert curve.level(1) == DepthLevel(True, 2_326.0, 30.0, 2_325.0 * 10 + 2_326.0 * 20)
    assert curve.level(-3) == DepthLevel(False, 2_320.0, 46.0, 2_324.0 * 40 + 2_323.0 * 5 + 2_320.0)
    assert curve.mid == curve.centre == 2_324.5
    assert (curve.leftmost, curve.rightmost) == (-3, 1)
    assert (curve.asks.total, curve.bids.total) == (30.0, 46.0)
    assert curve.distance(2_326.0) == pytest.approx(1.5 / 2_324.5)


def test_without_the_best_price_of_a_side_there_is_no_mid() -> None:
    # The price of the first slot could not be read; those behind it could.
    curve = book((0.0, 2_324.0, 0.0, 40.0), (2_326.0, 2_323.0, 20.0, 5.0))

    assert curve.asks.prices == (2_326.0,)
    assert (curve.mid, curve.distance(2_326.0)) == (None, None)
    assert curve.centre == 2_325.0, "the picture has a middle all the same"


@pytest.mark.parametrize(
    ("price", "place"),
    [
        (2_330.0, 1),
        (2_326.0, 1),
        (2_325.9, 0),
        (2_324.6, 0),
        (2_324.4, -1),
        (2_323.1, -1),
        (2_323.0, -2),
        (2_320.0, -3),
        (1.0, -3),
    ],
)
def test_a_price_belongs_to_the_last_level_that_it_reaches(price: float, place: int) -> None:
    assert book(*THREE).place(price) == place


def test_a_price_can_be_looked_up_on_a_side_that_the_book_has_moved_over() -> None:
    curve = book(*THREE)
    assert curve.place(2_320.0, True) == 0
    assert curve.place(2_330.0, False) == -1


def test_a_book_of_one_side_has_no_mid_and_nothing_on_the_other_side() -> None:
    asks = book((2_325.0, 0.0, 10.0, 0.0), (2_326.0, 0.0, 20.0, 0.0))
    assert (asks.mid, asks.centre, asks.leftmost, asks.rightmost) == (None, 2_325.0, 0, 1)
    assert asks.place(2_325.0) == 0
    assert asks.place(2_324.0) is None
    assert asks.distance(2_326.0) is None

    bids = book((0.0, 2_324.0, 0.0, 10.0))
    assert (bids.centre, bids.leftmost, bids.rightmost) == (2_324.0, -1, -1)
    assert bids.place(2_324.0) == -1
    assert bids.place(2_325.0) is None


@pytest.mark.parametrize("curve", [DepthCurve(), book(), book((0.0, 0.0, 0.0, 0.0))])
def test_an_empty_book_has_no_places(curve: DepthCurve) -> None:
    assert curve.is_empty
    assert curve.place(1.0) is None
    assert (curve.leftmost, curve.rightmost, curve.mid) == (None, None, None)
    seen = DepthRange()
    assert not seen.fit(curve, 1.0)


@given(
    st.lists(st.tuples(st.floats(0.01, 1e6), st.floats(0.0, 1e6)), max_size=30),
    st.lists(st.tuples(st.floats(0.01, 1e6), st.floats(0.0, 1e6)), max_size=30),
)
def test_every_level_of_any_book_is_found_by_its_price(
    asks: list[tuple[float, float]], bids: list[tuple[float, float]]
) -> None:
    above = sorted(dict(asks).items())
    below = sorted(dict(bids).items(), reverse=True)
    length = max(len(above), len(below))
    above += [(0.0, 0.0)] * (length - len(above))
    below += [(0.0, 0.0)] * (length - len(below))
    curve = book(*((ask, bid, more, less) for (ask, more), (bid, less) in zip(above, below, strict=True)))

    places = range(curve.leftmost or 0, (curve.rightmost if curve.rightmost is not None else -1) + 1)
    for place in places:
        level = curve.level(place)
        assert curve.place(level.price, level.is_ask) == place
    seen = DepthRange()
    if curve.centre is not None:
        seen.fit(curve, 0.01)
        assert seen.low < curve.centre < seen.high
        assert not seen.fit(curve, 0.01), "what fits is left as it is"


# -- range ----------------------------------------------------------------------------------------------------


def test_the_range_is_as_wide_above_the_middle_as_below_and_shows_every_level() -> None:
    seen = DepthRange()
    assert seen.fit(ladder(), 1.0)
    assert (seen.low + seen.high) / 2 == pytest.approx(2_324.5)
    assert seen.low < 2_325 - 30
    assert seen.high > 2_324 + 30
    assert seen.top > 300.0


def test_the_range_keeps_still_while_the_book_moves_a_little() -> None:
    seen = DepthRange()
    seen.fit(ladder(), 1.0)
    assert not seen.fit(ladder(2_326.0, size=11.0), 1.0)
    assert not seen.fit(ladder(2_323.0, size=9.0), 1.0)
    assert seen.fit(ladder(2_330.0), 1.0), "the middle has drifted away"
    assert (seen.low + seen.high) / 2 == pytest.approx(2_329.5)
    assert seen.fit(ladder(2_330.0, size=20.0), 1.0), "more than fits"
    assert seen.fit(ladder(2_330.0, size=5.0), 1.0), "too little to be seen"
    assert seen.fit(ladder(2_330.0, depth=10, size=15.0), 1.0), "a shallower book"


def test_a_frame_by_frame_walk_changes_the_range_a_few_times_only() -> None:
    seen = DepthRange()
    changes = sum(seen.fit(ladder(2_325.0 + step % 3 + step // 10), 1.0) for step in range(100))
    assert 1 <= changes <= 8


def test_a_single_order_far_away_does_not_squeeze_all_others() -> None:
    seen = DepthRange()
    seen.fit(book((101.0, 99.0, 1.0, 1.0), (102.0, 98.0, 1.0, 1.0), (103.0, 0.01, 1.0, 1e9)), 0.1)
    assert seen.low > 80
    assert seen.top < 10, "and what is not seen needs no room"


@pytest.mark.parametrize("curve", [book((5.0, 0.0, 1.0, 0.0)), book((0.0, 5.0, 0.0, 1.0)), book((5.1, 5.0, 0.0, 0.0))])
def test_a_single_level_has_room_around_it(curve: DepthCurve) -> None:
    seen = DepthRange()
    seen.fit(curve, 0.1)
    assert seen.high - seen.low >= 0.8
    assert not seen.fit(curve, 0.1)


# -- axes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "least", "found"),
    [
        (0.0, 1.0, 0.3, [0.0, 0.5, 1.0]),
        (116_500_000, 116_560_000, 11_000, [116_500_000, 116_520_000, 116_540_000, 116_560_000]),
        (1.7e-06, 2.0e-06, 1e-07, [1.7e-06, 1.8e-06, 1.9e-06, 2.0e-06]),
        (-4.0, 6.0, 3.0, [0.0, 5.0]),
        (0.0, 1.0, 0.0, []),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, least: float, found: list[float]) -> None:
    assert ticks(low, high, least) == found


@given(st.floats(1e-8, 1e8), st.floats(0.001, 1.0), st.floats(1.5, 20.0))
def test_ticks_are_within_the_range_and_far_enough_apart(low: float, share: float, count: float) -> None:
    high = low * (1 + share)
    least = (high - low) / count
    found = ticks(low, high, least)
    air = (high - low) * 1e-6
    assert all(low - air <= tick <= high + air for tick in found)
    assert all(later - tick >= least * 0.999 for tick, later in pairwise(found))
    assert len(found) <= count + 1


@pytest.mark.parametrize(
    ("sizes", "texts"),
    [
        ([0.0, 0.5, 1.0], ["0", "0.5", "1.0"]),
        ([0.0, 2_000.0, 4_000.0], ["0", "2,000", "4,000"]),
        ([0.0, 5_000.0, 10_000.0], ["0", "5k", "10k"]),
        ([0.0, 500_000.0, 1_000_000.0], ["0", "0.5M", "1.0M"]),
        ([0.0, 2e10], ["0", "20B"]),
        ([0.0, 0.00002], ["0", "0.00002"]),
        ([0.0], ["0"]),
        ([], []),
    ],
)
def test_sizes_on_an_axis_have_the_same_decimals_and_the_same_unit(sizes: list[float], texts: list[str]) -> None:
    assert size_texts(sizes) == texts


# -- words ----------------------------------------------------------------------------------------------------


def test_a_level_is_told_with_sums_and_the_distance_from_the_middle() -> None:
    curve = book(*THREE)
    told = readout(curve, curve.level(1), PriceGrid("KRW-XRP"), "en")
    assert told.title == "Ask 2,326"
    assert dict(told.lines) == {
        "Total size": "30.0000 XRP",
        "Total amount": "69,770 KRW",
        "From mid": "+0.065%",
    }


def test_the_heading_tells_totals_and_a_mid_price_between_two_of_the_grid() -> None:
    told = heading(book(*THREE), PriceGrid("KRW-XRP"), "ko")
    assert (told.bids, told.bid_total[0]) == ("매수", "46.0000 XRP")
    assert (told.asks, told.ask_total[0]) == ("매도", "30.0000 XRP")
    assert told.mid[0] == "중간가 2,324.5"
    assert told.spread == ("스프레드 1 (0.043%)", "1 (0.043%)", "1")


def test_what_a_thin_book_does_not_have_is_a_dash() -> None:
    told = heading(book((2_325.0, 0.0, 10.0, 0.0)), PriceGrid("KRW-XRP"), "en")
    assert told.bid_total[0] == "0 XRP"
    assert told.mid[-1] == told.spread[-1] == "–"
    curve = book((2_325.0, 0.0, 10.0, 0.0))
    assert dict(readout(curve, curve.level(0), PriceGrid("KRW-XRP"), "en").lines)["From mid"] == "–"


def test_totals_can_be_said_in_a_few_letters() -> None:
    assert [short_number(size) for size in (999_900.0, 222_411_332.0, 2.24e10, 0.78741, 0.0)] == [
        "1M", "222M", "22.4B", "0.787", "0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "price", "size", "amount"),
    [
        ("KRW-BTC", 116_539_000.0, 1.0, "116,539,000 KRW"),
        ("BTC-DOGE", 0.00000184, 1.0, "0.00000184 BTC"),
        ("USDT-BTC", 86_842.02, 0.5, "43,421.010 USDT"),
    ],
)
def test_amounts_are_told_in_the_quote_currency(code: str, price: float, size: float, amount: str) -> None:
    curve = book((price, 0.0, size, 0.0), code=code)
    assert dict(readout(curve, curve.level(0), PriceGrid(code), "ko").lines)["누적 금액"] == amount


def test_distances_have_the_decimals_of_the_spread() -> None:
    told = [distance_text(share) for share in (0.00012, -0.5, 0.0000001, None)]
    assert told == ["+0.012%", "-50.000%", "0.000%", "–"]
