"""Running, stopping, closing and interrupting, on every kind of loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import Loop, everywhere, one_iteration, socket_pair

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@everywhere
def test_a_run_returns_the_result_or_raises_the_exception(loop: Loop) -> None:
    async def give(value: int) -> int:
        await asyncio.sleep(0.001)
        return 6 // value

    assert loop.run_until_complete(give(2)) == 3
    with pytest.raises(ZeroDivisionError):
        loop.run_until_complete(give(0))
    assert loop.run_until_complete(give(3)) == 2
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
    assert not loop.is_running()


@everywhere
def test_stop_lets_the_iteration_finish_and_keeps_the_rest_for_the_next_run(loop: Loop) -> None:
    order: list[str] = []

    def first() -> None:
        loop.stop()
        loop.call_soon(order.append, "second run")
        order.append("first run")

    loop.call_soon(first)
    loop.call_soon(order.append, "first run too")
    loop.run_forever()
    assert order == ["first run", "first run too"]
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert order == ["first run", "first run too", "second run"]


@everywhere
def test_sockets_that_are_ready_belong_to_the_iteration_of_an_early_stop(loop: Loop) -> None:
    received: list[bytes] = []
    with socket_pair() as (ours, theirs):
        loop.add_reader(ours, lambda: received.append(ours.recv(9)))
        theirs.send(b"!")
        one_iteration(loop)
        loop.remove_reader(ours)
    assert received == [b"!"]


@everywhere
def test_a_run_that_is_stopped_before_its_future_is_done_raises(loop: Loop) -> None:
    future = loop.create_future()
    loop.call_later(0.001, loop.stop)
    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(future)
    loop.call_soon(future.set_result, 7)
    assert loop.run_until_complete(future) == 7


@everywhere
def test_a_closed_loop_accepts_nothing(loop: Loop) -> None:
    loop.call_soon(print)
    loop.call_later(3600, print)
    loop.close()
    loop.close()
    assert loop.is_closed()
    for schedule in (
        loop.call_soon,
        loop.call_soon_threadsafe,
        lambda callback: loop.call_later(1, callback),
        lambda callback: loop.call_at(1, callback),
        lambda callback: loop.run_in_executor(None, callback),
    ):
        with pytest.raises(RuntimeError, match="closed"):
            schedule(print)
    with pytest.raises(RuntimeError, match="closed"):
        loop.run_forever()


@everywhere
def test_a_running_loop_can_neither_be_closed_nor_run(loop: Loop) -> None:
    async def misuse() -> None:
        with pytest.raises(RuntimeError, match="running"):
            loop.close()
        with pytest.raises(RuntimeError, match="already running"):
            loop.run_until_complete(loop.create_future())

    loop.run_until_complete(misuse())


@everywhere
def test_a_request_to_end_the_program_ends_the_run_once(loop: Loop) -> None:
    def interrupt(where: str, exception: type[BaseException]) -> None:
        order.append(where)
        loop.remove_reader(ours)
        raise exception

    async def work(exception: type[BaseException]) -> None:
        await asyncio.sleep(0)
        interrupt("task", exception)

    for exception in (KeyboardInterrupt, SystemExit):
        order: list[str] = []
        with socket_pair() as (ours, theirs):
            loop.call_soon(interrupt, "callback", exception)
            with pytest.raises(exception):
                loop.run_forever()
            loop.call_later(0.001, interrupt, "timer", exception)
            with pytest.raises(exception):
                loop.run_forever()
            theirs.send(b"!")
            loop.add_reader(ours, interrupt, "reader", exception)
            with pytest.raises(exception):
                loop.run_forever()
            with pytest.raises(exception):
                loop.run_until_complete(work(exception))
            assert not loop.is_running()
            loop.call_later(0.001, loop.stop)
            loop.run_forever()
        assert order == ["callback", "timer", "reader", "task"]


@everywhere
def test_the_runner_cancels_tasks_and_closes_generators(loop: Loop) -> None:
    order: list[str] = []

    async def numbers() -> AsyncGenerator[int]:
        try:
            for number in range(9):
                yield number
        finally:
            await asyncio.sleep(0)
            order.append("generator closed")

    async def wait() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            order.append("task cancelled")

    async def main() -> int:
        tasks.append(asyncio.create_task(wait()))
        generators.append(numbers())
        await asyncio.to_thread(order.append, "thread started")
        return await anext(generators[0])

    tasks: list[asyncio.Task[None]] = []
    generators: list[AsyncGenerator[int]] = []
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(main()) == 0
    assert order == ["thread started", "task cancelled", "generator closed"]
    assert tasks[0].cancelled()
    assert loop.is_closed()
