"""Paging over histories with any gaps: joined without a hole or a duplicate, in as few calls as that takes."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.events import CandleEvent
from upbit_qt_ws.network.rest_paging import Pages, candle_pages, trade_pages

GAPS = st.lists(st.integers(1, 50), max_size=120)
COUNTS = st.integers(1, 150)
SIZES = st.integers(1, 40)


def fetched(pages: Pages[int, int], history: list[int], *, inclusive: bool = False) -> int:
    """Serve ``pages`` from ``history``, oldest first; return how many calls it took."""
    calls = 0
    while (page := pages.next) is not None:
        end = len(history) if page.before is None else bisect_left(history, page.before + inclusive)
        pages.add(tuple(reversed(history[max(0, end - page.size) : end])))
        calls += 1
    return calls


@given(GAPS, COUNTS, SIZES, st.one_of(st.none(), st.integers(0, 6_000)))
def test_pages_join_to_the_newest_rows(gaps: list[int], count: int, size: int, before: int | None) -> None:
    history = list(accumulate(gaps))
    pages: Pages[int, int] = Pages(count, before, size=size, place=lambda row: row)
    calls = fetched(pages, history)
    asked = [row for row in history if before is None or row < before][-count:]
    assert list(pages.oldest_first()) == asked
    assert calls <= len(asked) // size + 1


@given(GAPS, COUNTS, st.integers(2, 40))
def test_an_overlap_of_pages_makes_no_duplicate(gaps: list[int], count: int, size: int) -> None:
    history = list(accumulate(gaps))
    pages: Pages[int, int] = Pages(count, None, size=size, place=lambda row: row)
    fetched(pages, history, inclusive=True)
    rows = list(pages.oldest_first())
    assert rows == history[len(history) - len(rows) :]
    assert len(rows) <= count


@given(GAPS, COUNTS, SIZES, st.integers(1, 9))
def test_rows_that_come_while_paging_do_no_harm(gaps: list[int], count: int, size: int, growth: int) -> None:
    history = list(accumulate(gaps))
    expected = history[-count:]
    pages: Pages[int, int] = Pages(count, None, size=size, place=lambda row: row)
    while (page := pages.next) is not None:
        end = len(history) if page.before is None else bisect_left(history, page.before)
        pages.add(tuple(reversed(history[max(0, end - page.size) : end])))
        history += [(history[-1] if history else 0) + step for step in range(1, growth + 1)]
    assert list(pages.oldest_first()) == expected


def test_a_server_that_repeats_itself_is_not_asked_for_ever() -> None:
    pages: Pages[int, int] = Pages(100, None, size=3, place=lambda row: row)
    calls = 0
    while pages.next is not None:
        pages.add((9, 8, 7))
        calls += 1
    assert calls == 2
    assert pages.oldest_first() == (7, 8, 9)


def test_candles_go_on_before_the_oldest_start() -> None:
    newest = datetime(2026, 11, 23, 5, tzinfo=UTC)
    pages = candle_pages(450, None)
    page = pages.next
    assert page == (200, None)
    starts = [newest - timedelta(minutes=3 * number) for number in range(200)]
    pages.add(
        tuple(
            CandleEvent(
                type="candle.3m",
                code="KRW-BTC",
                candle_date_time_utc=f"{start:%Y-%m-%dT%H:%M:%S}",
                opening_price=1.0,
                high_price=1.0,
                low_price=1.0,
                trade_price=1.0,
            )
            for start in starts
        )
    )
    assert pages.next == (200, starts[-1])


def test_trades_begin_at_the_cursor() -> None:
    assert trade_pages(1_200, 17954123825400001).next == (500, 17954123825400001)
