"""The tape without Qt: order, duplicates, bound and gaps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.trades.tape import Tape
from upbit_qt_widgets.trades.tape_row import GapRow, TradeRow
from upbit_qt_ws import Source, TradeEvent
from upbit_qt_ws.events import Side, StreamType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_widgets.trades.tape import Edit


def trade(number: int, at: int | None = None, source: Source = Source.WEBSOCKET) -> TradeEvent:
    return TradeEvent(
        type="trade",
        code="KRW-BTC",
        trade_price=100_000_000.0,
        trade_volume=0.01,
        ask_bid=Side.BID,
        sequential_id=number,
        trade_timestamp=number if at is None else at,
        source=source,
    )


def told(*numbers: int) -> list[TradeEvent]:
    return [trade(number, source=Source.REST) for number in numbers]


def make(tape: Tape, edits: Iterable[Edit]) -> Tape:
    for edit in edits:
        tape.apply(edit)
    return tape


def tape_of(*numbers: int, max_rows: int = 100) -> Tape:
    tape = Tape(max_rows)
    return make(tape, tape.add(trade(number) for number in numbers))


def shown(tape: Tape) -> list[int | str]:
    """Return the ids, newest first; a gap is written as the time after which it begins."""
    return [row.trade.sequential_id if isinstance(row, TradeRow) else f"gap {row.since}" for row in tape.rows]


def test_the_newest_is_on_top_and_a_late_one_goes_where_it_belongs() -> None:
    tape = tape_of(1000, 1100)
    make(tape, tape.add([trade(1200), trade(1050), trade(1300)]))
    assert shown(tape) == [1300, 1200, 1100, 1050, 1000]


def test_trades_of_the_same_millisecond_keep_the_order_in_which_they_came() -> None:
    tape = Tape(100)
    make(tape, tape.add([trade(9, 1000), trade(3, 1000), trade(7, 999)]))
    make(tape, tape.add([trade(5, 1000)]))
    assert shown(tape) == [5, 3, 9, 7], "the id orders nothing"


def test_what_rest_tells_of_the_same_millisecond_goes_below_what_is_known_of_it() -> None:
    tape = Tape(100)
    make(tape, tape.add([trade(3, 1000)]))
    make(tape, tape.join([trade(1, 1000), trade(2, 1000), trade(3, 1000)]))
    assert shown(tape) == [3, 2, 1]


def test_what_fills_an_outage_goes_below_the_trade_with_which_the_stream_began_anew() -> None:
    tape = Tape(100)
    make(tape, tape.add([msgspec.structs.replace(trade(4, 1000), stream_type=StreamType.SNAPSHOT)]))
    for number in (1, 2, 3, 4):
        make(tape, tape.add([trade(number, 1000, Source.REST)]))
    make(tape, tape.add([trade(5, 1000)]))
    assert shown(tape) == [5, 4, 3, 2, 1]


def test_each_trade_is_there_once() -> None:
    tape = tape_of(1, 2, 2, 1)
    make(tape, tape.add([trade(2), trade(3), trade(3)]))
    assert shown(tape) == [3, 2, 1]


def test_only_the_newest_have_room_and_what_was_dropped_does_not_come_back() -> None:
    tape = tape_of(*range(1, 8), max_rows=3)
    assert shown(tape) == [7, 6, 5]
    make(tape, tape.join(told(1, 2, 3, 4, 5, 6, 7)))
    make(tape, tape.add([trade(2)]))
    assert shown(tape) == [7, 6, 5]


def test_a_single_row_shows_the_newest_of_one_millisecond() -> None:
    tape = Tape(1)
    make(tape, tape.add([trade(1, 1000)]))
    make(tape, tape.add([trade(2, 1000)]))
    make(tape, tape.add([trade(1, 1000)]))
    assert shown(tape) == [2]


def test_with_more_room_older_ones_may_come_back() -> None:
    tape = tape_of(1, 2, 3, 4, max_rows=2)
    make(tape, tape.set_max_rows(10))
    make(tape, tape.join(told(1, 2, 3, 4)))
    assert shown(tape) == [4, 3, 2, 1]
    make(tape, tape.set_max_rows(1))
    assert shown(tape) == [4]


def test_a_trade_that_the_stream_tells_too_is_not_marked_as_told_by_rest() -> None:
    tape = Tape(10)
    make(tape, tape.join(told(1, 2)))
    make(tape, tape.add([trade(2), trade(3)]))
    marks = [row.is_backfilled for row in tape.rows if isinstance(row, TradeRow)]
    assert marks == [False, False, True]
    assert [row.trade.sequential_id for row in tape.renewed] == [2]


def test_a_page_that_reaches_back_closes_a_suspected_gap_without_a_trace() -> None:
    tape = tape_of(10, 20)
    tape.suspect()
    make(tape, tape.add([trade(50)]))
    make(tape, tape.join(told(10, 20, 30, 40, 50)))
    assert shown(tape) == [50, 40, 30, 20, 10]
    assert not tape.has_suspicion


def test_a_page_that_does_not_reach_back_leaves_a_gap_that_is_shown() -> None:
    tape = tape_of(10, 20)
    tape.suspect()
    make(tape, tape.add([trade(50)]))
    make(tape, tape.join(told(40, 50)))
    assert shown(tape) == [50, 40, "gap 20", 20, 10]
    assert tape.time_above(2) == 40
    make(tape, tape.join(told(10, 20, 30, 40, 50)))
    assert shown(tape) == [50, 40, 30, 20, 10], "a later one does"


def test_a_page_that_lags_behind_the_stream_is_not_enough() -> None:
    tape = tape_of(10, 20)
    tape.suspect()
    make(tape, tape.add([trade(50)]))
    make(tape, tape.join(told(10, 20, 30)))
    assert shown(tape) == [50, 30, 20, 10], "nothing is claimed before REST was asked again"
    suspicions = [tape.has_suspicion]
    make(tape, tape.join(told(20, 30, 40, 50)))
    suspicions.append(tape.has_suspicion)
    assert suspicions == [True, False]
    assert shown(tape) == [50, 40, 30, 20, 10]


def test_when_rest_cannot_be_asked_the_gap_is_shown_until_it_can() -> None:
    tape = tape_of(10, 20)
    tape.suspect()
    make(tape, tape.add([trade(50)]))
    make(tape, tape.give_up())
    make(tape, tape.give_up())
    assert shown(tape) == [50, "gap 20", 20, 10]
    make(tape, tape.join(told(20, 30, 50)))
    assert shown(tape) == [50, 30, 20, 10]


def test_an_unfilled_outage_is_a_gap_once_and_only_above_something() -> None:
    tape = tape_of(10, 20, 30)
    make(tape, tape.mark(20))
    make(tape, tape.mark(20))
    make(tape, tape.mark(5))
    assert shown(tape) == [30, "gap 20", 20, 10]
    make(tape, tape.add([trade(25), trade(15)]))
    assert shown(tape) == [30, 25, "gap 20", 20, 15, 10]


def test_a_gap_goes_with_the_last_trade_below_it() -> None:
    tape = tape_of(10, 20, 30, max_rows=3)
    make(tape, tape.mark(10))
    make(tape, tape.add([trade(40)]))
    assert shown(tape) == [40, 30, 20]


def test_no_trades_today_close_no_gap() -> None:
    tape = tape_of(10)
    tape.suspect()
    make(tape, tape.join(()))
    assert shown(tape) == ["gap 10", 10]


def test_nothing_is_suspected_of_an_empty_tape() -> None:
    tape = Tape(5)
    tape.suspect()
    assert not tape.has_suspicion
    make(tape, tape.join(told(1, 2)))
    assert shown(tape) == [2, 1]


_TRADES = st.builds(trade, st.integers(0, 40), st.integers(0, 25))
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(_TRADES, max_size=8)),
        st.tuples(st.just("join"), st.lists(_TRADES, max_size=8).map(lambda page: sorted(page, key=_time))),
        st.tuples(st.just("mark"), st.integers(0, 25)),
        st.tuples(st.just("suspect"), st.none()),
        st.tuples(st.just("give_up"), st.none()),
        st.tuples(st.just("room"), st.integers(1, 12)),
    ),
    max_size=20,
)


def _time(event: TradeEvent) -> int:
    return event.trade_timestamp


@given(_STEPS, st.integers(1, 12))
def test_whatever_comes_the_tape_is_in_order_bounded_and_without_duplicates(
    steps: list[tuple[str, Any]], room: int
) -> None:
    tape = Tape(room)
    for kind, value in steps:
        if kind == "suspect":
            tape.suspect()
        elif kind == "add":
            make(tape, tape.add(value))
        elif kind == "join":
            make(tape, tape.join(value))
        elif kind == "mark":
            make(tape, tape.mark(value))
        elif kind == "give_up":
            make(tape, tape.give_up())
        else:
            room = value
            make(tape, tape.set_max_rows(value))
        rows = tape.rows
        ids = [row.trade.sequential_id for row in rows if isinstance(row, TradeRow)]
        assert all(above.key >= below.key for above, below in pairwise(rows))
        assert len(ids) == len(set(ids)) == tape.count <= room
        assert not rows or isinstance(rows[-1], TradeRow), "a gap is above something"
        assert len({row.since for row in rows if isinstance(row, GapRow)}) == len(tape.gaps())
