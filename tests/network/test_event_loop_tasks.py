"""Tasks, timeouts, locks and queues, on every kind of loop."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.loops import everywhere


@everywhere
async def test_tasks_take_turns() -> None:
    order: list[tuple[int, str]] = []

    async def work(name: str) -> None:
        for step in range(100):
            order.append((step, name))
            await asyncio.sleep(0)

    await asyncio.gather(work("a"), work("b"), work("c"))
    assert order == [(step, name) for step in range(100) for name in "abc"]


@everywhere
async def test_timeouts_end_what_takes_too_long_and_nothing_else() -> None:
    never = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await never
    assert never.cancelled()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.sleep(3600), 0.001)
    async with asyncio.timeout(3600) as timeout:
        await asyncio.sleep(0)
        timeout.reschedule(None)
        await asyncio.sleep(0.001)


@everywhere
async def test_a_task_group_cancels_the_others_when_one_fails() -> None:
    cancelled: list[str] = []

    async def wait(name: str) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.append(name)
            raise

    async def fail() -> None:
        await asyncio.sleep(0.001)
        raise ConnectionError("gone")

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wait("a"))
            tasks.create_task(fail())
            tasks.create_task(wait("b"))

    with pytest.raises(ExceptionGroup) as caught:
        await group()
    assert caught.group_contains(ConnectionError, match="gone")
    assert sorted(cancelled) == ["a", "b"]


@everywhere
async def test_locks_and_queues_serve_first_come_first() -> None:
    lock = asyncio.Lock()
    order: list[int] = []
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=3)

    async def enter(number: int) -> None:
        async with lock:
            order.append(number)
            await asyncio.sleep(0)

    async def produce() -> None:
        for number in range(100):
            await queue.put(number)

    async def consume() -> list[int]:
        return [await queue.get() for _ in range(100)]

    await asyncio.gather(*(enter(number) for number in range(20)))
    _, consumed = await asyncio.gather(produce(), consume())
    assert order == list(range(20))
    assert consumed == list(range(100))


@everywhere
async def test_the_loop_is_the_running_one_in_callbacks_and_tasks() -> None:
    loop = asyncio.get_running_loop()
    seen = loop.create_future()
    loop.call_soon(lambda: loop.call_later(0.001, lambda: seen.set_result(asyncio.get_running_loop())))
    assert await seen is loop
    assert loop.is_running()
