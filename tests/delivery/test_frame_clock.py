"""The frame clock: at once when it was quiet, never more than one frame an interval."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.frame_clock import FrameClock, wait_for_frame

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TIMES = st.floats(min_value=0.0, max_value=1e6)
INTERVALS = st.floats(min_value=1e-3, max_value=10.0)


@given(now=TIMES, last=TIMES, interval=INTERVALS)
def test_the_wait_is_never_negative_and_ends_one_interval_after_the_last_frame(
    now: float, last: float, interval: float
) -> None:
    wait = wait_for_frame(now, last, interval)
    assert wait >= 0.0
    assert (wait == 0.0) == (last + interval - now <= 0.0)
    if wait:
        assert math.isclose(now + wait, last + interval, rel_tol=1e-12)


@given(now=TIMES, interval=INTERVALS)
def test_the_first_frame_of_all_does_not_wait(now: float, interval: float) -> None:
    assert wait_for_frame(now, -math.inf, interval) == 0.0


@given(requests=st.lists(st.floats(min_value=0.0, max_value=0.5), max_size=50), interval=INTERVALS)
def test_frames_stay_an_interval_apart_and_no_request_waits_longer(requests: list[float], interval: float) -> None:
    now, last = 0.0, -math.inf
    frames: list[float] = []
    for gap in requests:
        now += gap
        if frames and frames[-1] > now:
            continue
        wait = wait_for_frame(now, last, interval)
        assert wait <= interval * (1 + 1e-9)
        last = now + wait
        frames.append(last)
    assert all(later - earlier >= interval * (1 - 1e-9) for earlier, later in pairwise(frames))


class Counted:
    """A frame clock on a hand-moved clock, and how often it was due."""

    def __init__(self, frame_rate: float) -> None:
        self.now = 100.0
        self.frames = 0
        self.clock = FrameClock(frame_rate, lambda: self.now)
        self.clock.due.connect(self.count)

    def count(self) -> None:
        self.frames += 1


def test_a_request_after_a_quiet_time_is_a_frame_at_once(qtbot: QtBot) -> None:
    counted = Counted(frame_rate=10.0)
    counted.clock.request()
    assert counted.frames == 1
    counted.now += 0.1
    counted.clock.request()
    assert counted.frames == 2


def test_requests_soon_after_a_frame_share_the_next_one(qtbot: QtBot) -> None:
    counted = Counted(frame_rate=100.0)
    for _ in range(20):
        counted.clock.request()
    assert counted.frames == 1
    with qtbot.waitSignal(counted.clock.due):
        pass
    assert counted.frames == 2


def test_a_request_from_within_a_frame_is_the_next_frame(qtbot: QtBot) -> None:
    counted = Counted(frame_rate=100.0)
    counted.clock.due.connect(lambda: counted.clock.request() if counted.frames < 3 else None)
    counted.clock.request()
    assert counted.frames == 1
    qtbot.waitUntil(lambda: counted.frames == 3)


def test_a_frame_for_later_is_overtaken_by_one_for_now(qtbot: QtBot) -> None:
    counted = Counted(frame_rate=100.0)
    counted.clock.request_at(counted.now + 60.0)
    assert counted.frames == 0
    counted.clock.request()
    assert counted.frames == 1
    counted.now += 1.0
    counted.clock.request_at(counted.now + 0.05)
    counted.clock.request_at(counted.now + 60.0)
    with qtbot.waitSignal(counted.clock.due):
        pass
    assert counted.frames == 2


def test_a_stopped_clock_forgets_the_frame_that_was_asked_for(qtbot: QtBot) -> None:
    counted = Counted(frame_rate=1000.0)
    counted.clock.request()
    counted.clock.request()
    counted.clock.stop()
    other = Counted(frame_rate=1000.0)
    other.clock.request()
    with qtbot.waitSignal(other.clock.due):
        other.clock.request()
    assert counted.frames == 1
