"""Silence, probes and sleep, on a clock that the test moves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.liveness import Liveness, SleepDetector, Verdict


def opened() -> Liveness:
    liveness = Liveness(30.0, 5.0)
    liveness.opened(100.0)
    return liveness


def test_data_keeps_a_connection_from_being_asked() -> None:
    liveness = opened()
    for now in range(100, 1000, 29):
        liveness.heard(float(now))
        assert liveness.check(float(now)) == Verdict(wake_at=now + 30.0)


def test_silence_is_asked_about_and_an_answer_begins_the_silence_anew() -> None:
    liveness = opened()
    assert liveness.check(129.9) == Verdict(wake_at=130.0)
    assert liveness.check(130.0) == Verdict(probe=True)
    liveness.asked(130.5)
    assert liveness.check(131.0) == Verdict(wake_at=135.5)
    liveness.answered(131.2)
    assert liveness.check(135.6) == Verdict(wake_at=161.2)


def test_a_question_without_an_answer_ends_the_connection() -> None:
    liveness = opened()
    liveness.asked(130.0)
    assert liveness.check(134.9) == Verdict(wake_at=135.0)
    assert liveness.check(135.0) == Verdict(dead=True)


def test_data_is_as_good_as_an_answer() -> None:
    liveness = opened()
    liveness.asked(130.0)
    liveness.heard(134.0)
    assert liveness.check(500.0) == Verdict(probe=True)


def test_a_new_connection_owes_nothing_of_the_old_one() -> None:
    liveness = opened()
    liveness.asked(130.0)
    liveness.opened(200.0)
    assert liveness.check(200.0) == Verdict(wake_at=230.0)


def test_an_exchange_that_never_answers_is_asked_less_and_less_often() -> None:
    liveness = opened()
    borne = []
    now = 100.0
    for _ in range(8):
        liveness.opened(now)
        silence = liveness.check(now).wake_at - now
        borne.append(silence)
        liveness.asked(now + silence)
        now += silence + 5.0
        assert liveness.check(now).dead
    assert borne == [30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 960.0, 960.0]
    liveness.answered(now)
    assert liveness.check(now) == Verdict(wake_at=now + 30.0)


def test_an_exchange_that_answered_once_is_taken_at_its_word() -> None:
    liveness = opened()
    liveness.answered(101.0)
    for now in (200.0, 300.0, 400.0):
        liveness.opened(now)
        liveness.asked(now + 30.0)
        assert liveness.check(now + 35.0).dead
        liveness.opened(now + 40.0)
        assert liveness.check(now + 40.0) == Verdict(wake_at=now + 70.0)


def test_where_silence_is_normal_only_an_exchange_that_has_answered_before_is_given_up() -> None:
    liveness = Liveness(60.0, 5.0, needs_proof=True)
    liveness.opened(0.0)
    liveness.asked(60.0)
    assert liveness.check(1000.0) == Verdict()
    liveness.answered(1001.0)
    liveness.asked(1061.0)
    assert liveness.check(1066.0).dead


def test_a_doubt_asks_at_once_and_waits_for_less_time() -> None:
    liveness = opened()
    liveness.heard(110.0)
    liveness.doubt(111.0, 2.0)
    assert liveness.check(111.0) == Verdict(probe=True)
    liveness.asked(111.0)
    assert liveness.check(112.0) == Verdict(wake_at=113.0)
    assert liveness.check(113.0).dead


def test_a_suspicion_asks_at_once_and_soon_doubts_but_gives_up_no_sooner() -> None:
    liveness = opened()
    liveness.heard(110.0)
    liveness.suspect(113.0, 1.0)
    assert liveness.check(113.0) == Verdict(probe=True)
    liveness.asked(113.25)
    assert liveness.check(114.0) == Verdict(wake_at=114.25)
    assert liveness.check(114.25) == Verdict(doubtful=True, wake_at=118.25)
    assert liveness.check(118.25).dead


def test_a_pong_ends_the_doubt_and_not_the_wait_for_an_answer() -> None:
    liveness = opened()
    liveness.suspect(113.0, 1.0)
    liveness.asked(113.0)
    assert liveness.check(114.0).doubtful
    liveness.breathed(114.5)
    assert not liveness.is_suspected
    assert liveness.check(114.5) == Verdict(wake_at=118.0)
    assert liveness.check(118.0).dead, "the front of an exchange may answer pings for a dead server"


def test_data_or_an_answer_ends_a_suspicion() -> None:
    for end in (Liveness.heard, Liveness.answered):
        liveness = opened()
        liveness.suspect(113.0, 1.0)
        liveness.asked(113.0)
        liveness.suspect(113.5, 1.0)
        assert liveness.check(114.0).doubtful, "to be suspected twice gives no more time"
        end(liveness, 114.5)
        assert liveness.check(114.5) == Verdict(wake_at=144.5)


def test_what_was_heard_before_a_suspicion_does_not_end_it() -> None:
    liveness = opened()
    liveness.suspect(113.0, 1.0)
    liveness.asked(113.0)
    liveness.heard(112.9)
    assert liveness.check(114.0).doubtful


def test_a_suspicion_counts_for_a_question_that_was_asked_before() -> None:
    liveness = opened()
    liveness.asked(112.0)
    liveness.suspect(113.0, 1.0)
    assert liveness.check(113.9) == Verdict(wake_at=114.0)
    assert liveness.check(114.0).doubtful


def test_an_exchange_that_never_answers_is_not_doubted_where_that_needs_proof() -> None:
    liveness = Liveness(60.0, 5.0, needs_proof=True)
    liveness.opened(0.0)
    liveness.suspect(1.0, 1.0)
    liveness.asked(1.0)
    assert liveness.check(100.0) == Verdict()


@given(steps=st.lists(st.tuples(st.floats(0.0, 40.0), st.sampled_from(["heard", "answered", "nothing"])), max_size=60))
def test_whatever_is_heard_a_connection_ends_only_after_a_question_and_a_silence(
    steps: list[tuple[float, str]],
) -> None:
    liveness = Liveness(30.0, 5.0)
    liveness.opened(0.0)
    now, heard_at, asked_at = 0.0, 0.0, math.inf
    for pause, what in steps:
        now += pause
        if what == "heard":
            liveness.heard(now)
        elif what == "answered":
            liveness.answered(now)
        if what != "nothing":
            heard_at, asked_at = now, math.inf
        verdict = liveness.check(now)
        assert not (verdict.probe and verdict.dead)
        if verdict.probe:
            assert now - heard_at >= 30.0
            liveness.asked(now)
            asked_at = min(asked_at, now)
        if verdict.dead:
            assert now >= asked_at + 5.0
            return
        if not verdict.probe:
            assert verdict.wake_at > now


@pytest.mark.parametrize(
    ("monotonic", "wall", "slept"),
    [
        (2.0, 2.0, 0.0),
        (2.0, 1.9, 0.0),
        (6.9, 6.9, 0.0),
        (2.0, 602.0, 600.0),
        (602.0, 602.0, 600.0),
        (2.0, 3602.0, 3600.0),
        (2.0, -3598.0, 0.0),
        (30.0, -3598.0, 28.0),
    ],
)
def test_a_sleep_shows_in_either_clock(monotonic: float, wall: float, slept: float) -> None:
    detector = SleepDetector(interval=2.0, tolerance=5.0)
    assert detector.beat(50.0, 1e9) == 0.0
    assert detector.beat(50.0 + monotonic, 1e9 + wall) == pytest.approx(slept)
    assert detector.beat(52.0 + monotonic, 1e9 + wall + 2.0) == 0.0


def test_a_heart_that_rested_has_not_slept() -> None:
    detector = SleepDetector()
    detector.beat(0.0, 0.0)
    detector.pause()
    assert detector.beat(1000.0, 1000.0) == 0.0
