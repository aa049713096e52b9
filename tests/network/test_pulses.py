"""How often something comes, told by looks, on a clock that the test moves."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.pulses import ListeningClock, Pulse

STALL, LONGEST, STEP = 3.0, 30.0, 0.25
TIMES = (STALL, LONGEST, STEP)


def beating(distance: float, arrivals: int = 0) -> tuple[Pulse, float]:
    """Return the pulse of something that comes every so often, and the time of its last arrival.

    It comes for 20 s, or so many times if that is longer.
    """
    pulse, now, seen, due = Pulse(0, 0.0), 0.0, 0, distance
    while now < 20.0 if not arrivals else seen < arrivals:
        now += STEP
        while due <= now:
            seen += 1
            due += distance
        pulse.look(seen, now, STALL, STEP)
    return pulse, pulse.at


@pytest.mark.parametrize("distance", [0.01, 0.05, 0.1, 0.25, 0.5])
def test_what_comes_several_times_a_second_is_late_after_three_seconds(distance: float) -> None:
    pulse, at = beating(distance)
    assert pulse.lateness(at + 2.9, *TIMES) == 0.0
    assert pulse.lateness(at + 3.0, *TIMES) == pytest.approx(1.0)
    assert pulse.lateness(at + 4.5, *TIMES) == pytest.approx(1.5)


def test_what_comes_more_rarely_is_given_more_time() -> None:
    pulse, at = beating(2.0, 40)
    assert pulse.lateness(at + 13.0, *TIMES) < 1.0
    assert pulse.lateness(at + 16.0, *TIMES) >= 1.0


def test_what_comes_very_rarely_is_never_late() -> None:
    pulse, at = beating(10.0, 40)
    assert pulse.lateness(at + 1000.0, *TIMES) == 0.0


def test_a_pause_in_which_nothing_happened_makes_later_pauses_less_of_a_surprise_and_is_forgotten() -> None:
    pulse, at = beating(0.1)
    after = at + 3.25
    pulse.calm(at + 3.0)
    pulse.look(-1, after, STALL, STEP)
    assert pulse.lateness(after + 3.5, *TIMES) < 1.0
    assert pulse.lateness(after + 6.5, *TIMES) >= 1.0
    for number in range(60):
        after += STEP
        pulse.look(-2 - number, after, STALL, STEP)
    assert pulse.lateness(after + 3.0, *TIMES) >= 1.0


def test_an_outage_does_not_make_the_next_one_go_unnoticed() -> None:
    pulse, at = beating(0.1)
    pulse.look(-1, at + 14.0, STALL, STEP)
    assert pulse.lateness(at + 17.0, *TIMES) == pytest.approx(1.0)


def test_too_little_is_known_at_first() -> None:
    pulse, at = beating(0.25, 9)
    assert pulse.lateness(at + 1000.0, *TIMES) == 0.0


def test_what_is_known_to_be_calm_is_asked_about_ever_later() -> None:
    pulse, at = beating(0.1)
    asked: list[float] = []
    now = at
    while len(asked) < 5:
        now += STEP
        if pulse.lateness(now, *TIMES) >= 1.0:
            asked.append(now - at)
            pulse.calm(now)
    assert asked == [3.0, 6.0, 12.0, 24.0, 48.0]
    pulse.look(-1, now, STALL, STEP)
    pulse.begin_anew(now)
    assert pulse.lateness(now + 2.9, *TIMES) == 0.0


def test_a_new_connection_owes_nothing_and_the_rhythm_stays_known() -> None:
    pulse, at = beating(0.1)
    pulse.begin_anew(at + 100.0)
    assert pulse.lateness(at + 102.9, *TIMES) == 0.0
    assert pulse.lateness(at + 103.0, *TIMES) >= 1.0


@given(pauses=st.lists(st.floats(0.1, 1.0), min_size=60, max_size=150))
def test_however_it_came_it_is_not_late_before_the_stall_and_soon_after(pauses: list[float]) -> None:
    pulse, now, seen = Pulse(0, 0.0), 0.0, 0
    for due in accumulate(pauses):
        while now < due:
            pulse.look(seen, now, STALL, STEP)
            now += STEP
        seen += 1
    pulse.look(seen, now, STALL, STEP)
    assert pulse.lateness(pulse.at + 2.99, *TIMES) == 0.0
    # Pauses of up to a second, and one that is eight times as long.
    assert pulse.lateness(pulse.at + 8.0 * (1.0 + STEP), *TIMES) >= 1.0


@given(gaps=st.lists(st.floats(0.0, 100.0), max_size=50))
def test_time_in_which_nobody_listened_is_no_silence(gaps: list[float]) -> None:
    clock = ListeningClock(STEP)
    now, heard = 50.0, clock.look(50.0)
    assert heard == 0.0
    for gap in gaps:
        now += gap
        after = clock.look(now)
        assert after - heard == pytest.approx(min(gap, 2 * STEP), abs=1e-6)
        heard = after
    clock.pause()
    assert clock.look(now + 1000.0) == heard
