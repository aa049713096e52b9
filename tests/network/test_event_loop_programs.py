"""Random programs of scheduled callbacks run step by step as they do on asyncio's own loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

END = 1e6


class SkippedTime:
    """A clock that jumps to the next timer whenever a loop has nothing else to do."""

    now = 0.0

    def time(self) -> float:
        loop = cast("Any", self)
        if not loop._ready and loop._scheduled:
            self.now = max(self.now, loop._scheduled[0].when())
        return self.now


class StockLoop(SkippedTime, asyncio.SelectorEventLoop):
    """What the programs should do."""


class OurLoop(SkippedTime, NetworkEventLoop):
    """What they do."""


@dataclass(frozen=True)
class Step:
    """A callback: after how many seconds it is to run (None for soon), what it cancels, and what it schedules."""

    delay: int | None
    from_thread: bool
    cancels: tuple[int, ...]
    schedules: tuple[Step, ...]
    fails: bool


def step(schedules: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        delay=st.none() | st.integers(0, 4),
        from_thread=st.booleans(),
        cancels=st.lists(st.integers(0, 20), max_size=2).map(tuple),
        schedules=schedules,
        fails=st.booleans(),
    )


STEPS = st.recursive(step(st.just(())), lambda inner: step(st.lists(inner, max_size=4).map(tuple)), max_leaves=25)


def trace(program: list[Step], loop: StockLoop | OurLoop) -> list[tuple[float, int]]:
    """Runs a program; returns when which of its callbacks ran, numbered in the order in which they were scheduled."""
    handles: list[asyncio.Handle] = []
    ran: list[tuple[float, int]] = []

    def schedule(step: Step) -> None:
        number = len(handles)
        if step.delay is not None:
            handles.append(loop.call_at(loop.now + step.delay, run, number, step))
        elif step.from_thread:
            handles.append(loop.call_soon_threadsafe(run, number, step))
        else:
            handles.append(loop.call_soon(run, number, step))

    def run(number: int, step: Step) -> None:
        ran.append((loop.now, number))
        for scheduled in step.schedules:
            schedule(scheduled)
        for cancelled in step.cancels:
            handles[cancelled % len(handles)].cancel()
        if step.fails:
            raise ValueError(number)

    try:
        loop.set_debug(
            False
        )  # Else the loop looks at the clock right before a callback, when nothing else may be ready.
        loop.set_exception_handler(lambda _, context: ran.append((-1.0, context["exception"].args[0])))
        loop.call_at(END, loop.stop)
        for first in program:
            schedule(first)
        loop.run_forever()
    finally:
        loop.close()
    return ran


# Hypothesis cannot know that the application is the same for all examples on purpose.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=st.lists(STEPS, min_size=1, max_size=6))
def test_a_program_runs_as_on_asyncio(qapp: QApplication, program: list[Step]) -> None:
    assert trace(program, OurLoop.for_current_thread()) == trace(program, StockLoop())
