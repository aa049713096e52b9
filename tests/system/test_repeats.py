"""What is said again and again is told once, then counted."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.recovery import RecoveryEngine, RecoveryPolicy
from upbit_qt_ws.system.repeats import MOST_KINDS, SETTLED, Repeats, span_text

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE, HOUR = 60.0, 3600.0


def told(repeats: Repeats, complaints: list[tuple[float, str]]) -> list[str]:
    lines = (repeats.complain(text, now) for now, text in complaints)
    return [line for line in lines if line is not None]


def test_the_first_is_told_and_the_same_is_counted() -> None:
    repeats = Repeats()
    assert told(repeats, [(1.0, "refused"), (2.0, "refused"), (3.0, "refused")]) == ["refused"]
    assert repeats.count == 3


def test_each_change_is_told_and_going_back_is_none() -> None:
    lines = told(Repeats(), [(1.0, "refused"), (2.0, "no answer"), (3.0, "refused"), (4.0, "no answer")])
    assert lines == ["refused", "no answer"]


def test_numbers_make_no_difference() -> None:
    assert told(Repeats(), [(1.0, "wait 3.5 s"), (2.0, "wait 12 s")]) == ["wait 3.5 s"]


def test_it_is_said_that_it_goes_on_after_1_10_and_60_minutes_and_then_every_hour() -> None:
    repeats = Repeats()
    seconds = [5.0 * number for number in range(int(4 * HOUR / 5))]
    lines = [(now, line) for now in seconds if (line := repeats.complain("refused", now)) is not None]
    assert [now for now, _ in lines] == [0.0, MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR]
    assert lines[2][1] == "refused (121 times in 10 min, and it goes on)"


def test_one_summary_makes_up_for_those_that_were_missed() -> None:
    assert told(Repeats(), [(0.0, "refused"), (5 * HOUR, "refused"), (5 * HOUR + 1, "refused")])[1:] == [
        "refused (2 times in 5 h, and it goes on)"
    ]


def test_it_is_over_when_it_has_worked_for_a_minute_and_then_news_again() -> None:
    repeats = Repeats()
    assert repeats.worked(0.0) is None
    told(repeats, [(1.0, "refused"), (31.0, "refused")])
    assert repeats.worked(40.0) is None
    assert repeats.worked(40.0 + SETTLED - 1) is None
    assert repeats.worked(40.0 + SETTLED) == "over, after it happened 2 times in 30 s"
    assert repeats.worked(300.0) is None
    assert repeats.count == 0
    assert repeats.complain("refused", 301.0) == "refused"


def test_a_connection_that_flaps_is_not_well() -> None:
    repeats = Repeats()
    lines = []
    for turn in range(60):
        lines.append(repeats.complain("lost", turn * 10.0))
        lines.append(repeats.worked(turn * 10.0 + 1))
    # At 0, and after 1 minute; the tenth minute is not over yet.
    assert len([line for line in lines if line]) == 2


def test_what_nobody_tells_the_end_of_is_over_when_it_has_been_quiet() -> None:
    repeats = Repeats(quiet=600.0)
    assert told(repeats, [(0.0, "bad frame"), (599.0, "bad frame")])[1:] == [
        "bad frame (2 times in 10 min, and it goes on)"
    ]
    assert repeats.complain("bad frame", 599.0 + 600.0) == "bad frame"


@given(
    st.lists(st.tuples(st.floats(0.0, 30.0), st.text(st.sampled_from("abcdefgh 123"), max_size=6)), max_size=300),
    st.booleans(),
)
def test_whatever_is_complained_of_an_hour_of_it_is_a_handful_of_lines(
    steps: list[tuple[float, str]], works_between: bool
) -> None:
    repeats = Repeats()
    now, lines = 0.0, 0
    for pause, text in steps:
        now += pause
        if now > HOUR:
            break
        lines += repeats.complain(text, now) is not None
        if works_between:
            lines += repeats.worked(now) is not None
    assert lines <= MOST_KINDS + 3
    assert repeats.count <= len(steps)


def refuse(recovery: RecoveryEngine, now: float) -> None:
    recovery.refused(now, status=503)


def flap(recovery: RecoveryEngine, now: float) -> None:
    recovery.opened(now)
    recovery.lost(now + 0.5)


def lead_nowhere(recovery: RecoveryEngine, now: float) -> None:
    recovery.unreachable()


@pytest.mark.parametrize("happens", [refuse, flap, lead_nowhere])
def test_ten_minutes_of_an_exchange_that_does_not_serve(happens: Callable[[RecoveryEngine, float], None]) -> None:
    repeats, recovery = Repeats(), RecoveryEngine(RecoveryPolicy(cap=3.0), random=Random(1))
    now, attempts, lines = 0.0, 0, []
    while now < 10 * MINUTE:
        happens(recovery, now)
        attempts += 1
        lines.append(repeats.complain(f"refused, attempt {attempts}", now))
        now += max(0.5, recovery.delay(now))
        if happens is flap:
            repeats.worked(now)
    assert attempts > 100
    assert len([line for line in lines if line]) <= 3
    assert repeats.count == attempts


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (89, "89 s"), (600, "10 min"), (86_400, "24 h")])
def test_spans_of_time(seconds: float, words: str) -> None:
    assert span_text(seconds) == words
