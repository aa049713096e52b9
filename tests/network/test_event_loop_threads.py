"""What an asyncio event loop promises to other threads, on every kind of loop."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from tests.helpers.loops import Loop, everywhere, one_iteration

CLIENT: contextvars.ContextVar[str] = contextvars.ContextVar("CLIENT", default="nobody")


@everywhere
def test_no_call_from_another_thread_is_lost(loop: Loop) -> None:
    threads, calls = 8, 10_000
    received: list[list[int]] = [[] for _ in range(threads)]
    finished = 0

    def finish() -> None:
        nonlocal finished
        finished += 1
        if finished == threads:
            loop.stop()

    def send(to: list[int]) -> None:
        for number in range(calls):
            loop.call_soon_threadsafe(to.append, number)
        loop.call_soon_threadsafe(finish)

    senders = [threading.Thread(target=send, args=(to,)) for to in received]
    for sender in senders:
        loop.call_soon(sender.start)
    loop.run_forever()
    for sender in senders:
        sender.join()
    assert received == [list(range(calls))] * threads


@everywhere
def test_another_thread_wakes_the_sleeping_loop(loop: Loop) -> None:
    asked = threading.Semaphore(0)
    answered: list[int] = []

    def answer() -> None:
        for number in range(200):
            asked.acquire()
            # By now the loop is asleep, or about to fall asleep: either must do.
            loop.call_soon_threadsafe(ask, number)

    def ask(number: int) -> None:
        answered.append(number)
        if number == 199:
            loop.stop()
        asked.release()

    thread = threading.Thread(target=answer)
    thread.start()
    loop.call_soon(asked.release)
    loop.run_forever()
    thread.join()
    assert answered == list(range(200))


@everywhere
def test_calls_from_another_thread_before_the_run_are_kept(loop: Loop) -> None:
    order: list[int] = []
    thread = threading.Thread(target=lambda: [loop.call_soon_threadsafe(order.append, number) for number in range(9)])
    thread.start()
    thread.join()
    one_iteration(loop)
    assert order == list(range(9))


@everywhere
def test_work_for_other_threads_goes_to_a_thread_pool_made_when_needed(loop: Loop) -> None:
    async def work() -> None:
        assert cast("Any", loop)._default_executor is None
        names = await asyncio.gather(
            *(loop.run_in_executor(None, lambda: threading.current_thread().name) for _ in "ab")
        )
        assert all(name.startswith("asyncio") for name in names)
        assert await asyncio.to_thread(CLIENT.get) == "nobody"
        assert await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 // 0)
        await loop.shutdown_default_executor()
        with pytest.raises(RuntimeError, match="shutdown"):
            loop.run_in_executor(None, print)

    loop.run_until_complete(work())


@everywhere
def test_another_thread_pool_can_be_the_default(loop: Loop) -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
        loop.set_default_executor(pool)
        name = loop.run_until_complete(loop.run_in_executor(None, lambda: threading.current_thread().name))
    assert name.startswith("mine")
