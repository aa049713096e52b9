"""The governor: it gives way before the window feels slow, and comes back, but does not flutter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.governor import PATIENCE, FrameGovernor


class Thread:
    """A GUI thread that is asked for frames all the time."""

    def __init__(self, frame_rate: float = 60.0) -> None:
        self.governor = FrameGovernor(frame_rate)
        self.now = 1000.0
        self.changes: list[float] = []

    def run(self, seconds: float, took: float, late: float = 0.0) -> None:
        """Deliver frames for so long, each of which takes so long and begins so late."""
        end = self.now + seconds
        while self.now < end:
            due = self.now
            began = due + late
            ended = began + took
            if self.governor.flushed(due, began, ended):
                self.changes.append(self.governor.rate)
            self.now = max(ended, due + 1.0 / self.governor.rate)


def test_light_frames_keep_the_configured_rate() -> None:
    thread = Thread()
    thread.run(10.0, 0.002)
    assert thread.changes == []
    assert thread.governor.rate == 60.0


def test_heavy_frames_lower_the_rate_step_by_step_and_light_ones_raise_it_again() -> None:
    thread = Thread()
    thread.run(1.0, 0.012)
    assert thread.changes == [30.0]
    thread.run(2.0, 0.030)
    assert thread.changes == [30.0, 10.0]
    thread.run(PATIENCE + 1.0, 0.001)
    assert thread.changes == [30.0, 10.0, 30.0]
    thread.run(PATIENCE + 1.0, 0.001)
    assert thread.changes == [30.0, 10.0, 30.0, 60.0]


def test_a_window_that_is_busy_with_something_else_is_given_way_to() -> None:
    thread = Thread()
    thread.run(1.0, 0.001, late=0.012)
    assert thread.governor.rate < 60.0


def test_one_long_call_now_and_then_changes_nothing() -> None:
    thread = Thread()
    for _ in range(10):
        thread.run(0.9, 0.001)
        thread.run(0.01, 0.1)
    assert thread.changes == []


def test_a_window_that_was_frozen_is_given_all_frames_when_it_thaws() -> None:
    thread = Thread()
    thread.run(0.01, 0.001, late=90.0)
    thread.run(5.0, 0.001)
    assert thread.changes == []


def test_a_window_that_takes_very_long_for_each_frame_is_given_the_fewest() -> None:
    thread = Thread()
    thread.run(5.0, 0.3)
    assert thread.governor.rate == 10.0


@given(took=st.floats(0.0001, 0.05), late=st.floats(0.0, 0.02))
def test_a_steady_load_is_answered_with_a_rate_that_stays(took: float, late: float) -> None:
    thread = Thread()
    thread.run(30.0, took, late)
    settled = len(thread.changes)
    thread.run(30.0, took, late)
    # At the edge the next higher rate may be tried now and then, and is given up at once.
    assert len(thread.changes) - settled <= 2 * 30.0 / PATIENCE
    assert 10.0 <= thread.governor.rate <= 60.0


def test_without_a_frame_rate_a_busy_time_is_not_remembered_for_ever() -> None:
    thread = Thread(1000.0)
    thread.run(1.0, 0.004)
    assert thread.changes == [60.0]
    # A sixteenth of the frames have more events each, but by far not sixteen times as many.
    thread.run(PATIENCE + 0.1, 0.0008)
    thread.run(5.0, 0.0002)
    assert thread.changes == [60.0, 1000.0]


def test_a_rate_that_is_configured_lower_is_never_exceeded() -> None:
    thread = Thread(20.0)
    thread.run(5.0, 0.04)
    assert thread.governor.rate == 10.0
    thread.run(10.0, 0.001)
    assert thread.governor.rate == 20.0
