"""First come, first served, and a place that is given up leaves no gap."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.rate_limit import Rate, RateLimiter
from upbit_qt_ws.network.slot_queue import SlotQueue

RATE = Rate(3, 1.0)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.floats(0.0, 0.2)),
        st.tuples(st.just("leave"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.floats(0.0, 2.0)),
    ),
    max_size=60,
)


def run(steps: list[tuple[str, float]]) -> tuple[list[int], list[float], set[int], int]:
    """Return who was served in which order, when, who left, and how many entered."""
    queue: SlotQueue[int] = SlotQueue(RateLimiter((RATE,)))
    now, entered = 0.0, 0
    served: list[int] = []
    times: list[float] = []
    left: set[int] = set()

    def let_through(until: float) -> None:
        nonlocal now
        while queue.first is not None:
            first = queue.first
            wait = queue.wait(first, now)
            if wait == 0.0:
                served.append(first)
                times.append(now)
            elif now + wait <= until:
                now += wait
            else:
                break
        now = max(now, until)

    for action, value in [*steps, ("wait", 1000.0)]:
        if action == "enter":
            now += value
            queue.enter(entered, now)
            entered += 1
            if len(queue) > 1:
                assert queue.wait(entered - 1, now) == math.inf, "only the first may take a slot"
        elif action == "leave":
            waiting = [number for number in range(entered) if number not in served and number not in left]
            if waiting:
                gone = waiting[int(value) % len(waiting)]
                queue.leave(gone)
                queue.leave(gone)
                left.add(gone)
        else:
            let_through(now + value)
    return served, times, left, entered


@given(steps=STEPS)
def test_everybody_who_stays_is_served_in_order_and_within_the_limit(steps: list[tuple[str, float]]) -> None:
    served, times, left, entered = run(steps)
    assert served == [number for number in range(entered) if number not in left]
    assert all(later - earlier >= RATE.window for earlier, later in zip(times, times[RATE.limit :], strict=False))


def test_those_behind_one_who_gives_up_move_up() -> None:
    queue: SlotQueue[str] = SlotQueue(RateLimiter((Rate(1, 1.0),), margin=0.0))
    for name in ("a", "b", "c"):
        queue.enter(name, 0.0)
    assert queue.wait("a", 0.0) == 0.0
    queue.leave("b")
    assert queue.first == "c"
    assert queue.wait("c", 1.1) == 0.0
    assert (queue.calls, queue.waited, round(queue.longest_wait, 1), len(queue)) == (2, 1, 1.1, 0)
