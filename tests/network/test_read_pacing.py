"""When a busy socket is read: a quiet one at once, a busy one once a frame, a flood without a pause."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.read_pacing import READ_SIZE, ReadPacer

FRAME = 1 / 60


def reads(gaps: list[float], pacer: ReadPacer) -> list[tuple[float, float]]:
    """Return when each message came and when it was read; the gaps are between the messages, in seconds."""
    waiting = [1000.0 + passed for passed in accumulate(gaps)]
    found: list[tuple[float, float]] = []
    opens = 0.0
    while waiting:
        moment = max(waiting[0], opens)
        found += [(came, moment) for came in waiting if came <= moment]
        waiting = [came for came in waiting if came > moment]
        pause = pacer.after_read(500, moment)
        opens = moment + pause
        if pause:
            pacer.resumed(opens)
    return found


def test_the_first_messages_of_a_quiet_market_are_read_as_they_come() -> None:
    pacer = ReadPacer(FRAME)
    assert [read - came for came, read in reads([1.0, 0.5, 0.2, 3.0], pacer)] == [0.0] * 4


def test_after_a_read_that_was_hardly_waited_for_the_socket_is_left_alone_for_a_frame() -> None:
    pacer = ReadPacer(FRAME)
    assert pacer.after_read(500, 10.0) == 0.0
    assert pacer.after_read(500, 10.001) == FRAME
    pacer.resumed(10.001 + FRAME)
    assert pacer.after_read(20_000, 10.0011 + FRAME) == FRAME, "it was ready when the pause ended, so it is busy still"
    pacer.resumed(10.0011 + 2 * FRAME)
    assert pacer.after_read(500, 10.0011 + 2.6 * FRAME) == 0.0, "it was idle for half a frame, so it is quiet again"


def test_a_flood_is_read_without_a_pause() -> None:
    pacer = ReadPacer(FRAME)
    pacer.after_read(500, 10.0)
    assert pacer.after_read(READ_SIZE, 10.001) == 0.0
    assert pacer.after_read(READ_SIZE - 1, 10.002) == FRAME


@given(times=st.lists(st.floats(min_value=0.0, max_value=0.1), max_size=60))
def test_without_an_interval_there_is_no_pause(times: list[float]) -> None:
    pacer = ReadPacer(0.0)
    now = 5.0
    for gap in times:
        now += gap
        assert pacer.after_read(100, now) == 0.0


@given(gaps=st.lists(st.floats(min_value=0.0, max_value=0.1), max_size=80))
def test_no_message_waits_longer_than_a_frame_and_busy_sockets_are_read_once_a_frame(gaps: list[float]) -> None:
    found = reads(gaps, ReadPacer(FRAME))
    assert all(0.0 <= read - came <= FRAME * 1.001 for came, read in found)
    moments = sorted({read for _, read in found})
    for first, second, third in zip(moments, moments[1:], moments[2:], strict=False):
        assert third - first >= FRAME / 2 * 0.999, f"three reads within half a frame: {first}, {second}, {third}"
