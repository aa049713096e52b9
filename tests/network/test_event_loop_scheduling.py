"""What an asyncio event loop promises of callbacks and timers, on every kind of loop."""

from __future__ import annotations

import asyncio
import contextvars
import random
from typing import Any, cast

import pytest

from tests.helpers.loops import Loop, everywhere, one_iteration, socket_pair

CLIENT: contextvars.ContextVar[str] = contextvars.ContextVar("CLIENT", default="nobody")


@everywhere
def test_callbacks_run_in_the_order_in_which_they_were_scheduled(loop: Loop) -> None:
    order: list[int] = []
    for number in range(1000):
        loop.call_soon(order.append, number)
    one_iteration(loop)
    assert order == list(range(1000))


@everywhere
def test_a_callback_scheduled_by_a_callback_runs_in_the_next_iteration(loop: Loop) -> None:
    order: list[str] = []

    def first() -> None:
        order.append("first")
        loop.call_soon(order.append, "third")

    loop.call_soon(first)
    loop.call_soon(order.append, "second")
    one_iteration(loop)
    assert order == ["first", "second"]
    one_iteration(loop)
    assert order == ["first", "second", "third"]


@everywhere
def test_a_cancelled_callback_does_not_run(loop: Loop) -> None:
    order: list[str] = []
    handles: list[asyncio.Handle] = []
    loop.call_soon(lambda: handles[0].cancel())
    handles.append(loop.call_soon(order.append, "cancelled by a callback"))
    loop.call_soon(order.append, "kept")
    loop.call_soon(order.append, "cancelled before").cancel()
    one_iteration(loop)
    assert order == ["kept"]
    assert handles[0].cancelled()


@everywhere
def test_a_callback_runs_in_the_context_in_which_it_was_scheduled(loop: Loop) -> None:
    seen: list[str] = []
    context = contextvars.copy_context()
    context.run(CLIENT.set, "Ann")

    def look() -> None:
        seen.append(CLIENT.get())

    def read() -> None:
        look()
        loop.remove_reader(ours)
        loop.call_soon(loop.stop)

    with socket_pair() as (ours, theirs):
        loop.call_soon(look, context=context)
        loop.call_later(0.0, look, context=context)
        loop.call_soon_threadsafe(look, context=context)
        context.run(loop.call_soon, look)
        context.run(loop.call_later, 0.0, look)
        context.run(loop.add_reader, ours, read)
        theirs.send(b"!")
        loop.run_forever()
    assert seen == ["Ann"] * 6


@everywhere
def test_an_exception_goes_to_the_handler_and_the_loop_goes_on(loop: Loop) -> None:
    contexts: list[dict[str, Any]] = []
    order: list[str] = []
    loop.set_exception_handler(lambda _, context: contexts.append(context))
    loop.call_soon(lambda: 1 // 0)
    loop.call_soon(order.append, "next")
    loop.call_later(0.0, lambda: 1 // 0)
    loop.call_later(0.002, loop.stop)
    loop.run_forever()
    assert [type(context["exception"]) for context in contexts] == [ZeroDivisionError] * 2
    assert order == ["next"]


@everywhere
def test_debug_mode_tells_wrong_threads_and_coroutines(loop: Loop) -> None:
    async def coroutine() -> None:
        """Is not to be run."""

    async def misuse() -> None:
        with pytest.raises(TypeError, match="coroutines cannot be used"):
            loop.call_soon(coroutine)
        with pytest.raises(RuntimeError, match="Non-thread-safe operation"):
            await loop.run_in_executor(None, lambda: loop.call_soon(print))

    loop.set_debug(True)
    assert loop.get_debug()
    loop.run_until_complete(misuse())


@everywhere
def test_timers_run_in_the_order_of_their_times_and_never_early(loop: Loop) -> None:
    order: list[int] = []
    early: list[float] = []
    start = loop.time()
    resolution = cast("Any", loop)._clock_resolution

    def fire(number: int, when: float) -> None:
        order.append(number)
        early.extend([when - loop.time()] if loop.time() + resolution < when else [])

    numbers = list(range(40))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        when = start + number * 0.00037
        loop.call_at(when, fire, number, when)
    loop.call_at(start + 0.02, loop.stop)
    loop.run_forever()
    assert order == sorted(order)
    assert len(order) == 40
    assert early == []


@everywhere
def test_a_timer_may_be_set_before_the_earliest(loop: Loop) -> None:
    order: list[str] = []
    # Further apart than the steps of asyncio's own clock on Windows.
    loop.call_later(0.2, order.append, "late")
    loop.call_later(0.25, loop.stop)
    loop.call_soon(lambda: loop.call_later(0.003, order.append, "early"))
    loop.run_forever()
    assert order == ["early", "late"]


@everywhere
def test_a_cancelled_timer_does_not_run_whenever_it_is_cancelled(loop: Loop) -> None:
    order: list[str] = []
    first = loop.call_later(0.001, order.append, "first")
    second = loop.call_later(0.004, order.append, "second")
    first.cancel()
    loop.call_later(0.002, second.cancel)
    loop.call_later(0.006, loop.stop)
    loop.run_forever()
    assert order == []


@everywhere
def test_cancelled_timeouts_leave_nothing_behind(loop: Loop) -> None:
    async def work() -> None:
        for _ in range(50_000):
            async with asyncio.timeout(3600):
                await nothing()

    async def nothing() -> None:
        """Does not even give way to others."""

    loop.run_until_complete(work())
    loop.call_later(0.001, loop.stop)
    loop.run_forever()
    # Asyncio lets up to 100 of them wait until their time would have come.
    assert len(cast("Any", loop)._scheduled) <= 100


@everywhere
def test_a_timer_beyond_all_limits_is_no_error(loop: Loop) -> None:
    far = [loop.call_later(seconds, print) for seconds in (1e6, 1e9, 1e300)]
    loop.call_later(0.001, loop.stop)
    loop.run_forever()
    assert [handle.cancelled() for handle in far] == [False] * 3
