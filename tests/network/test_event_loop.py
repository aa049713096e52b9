"""What an asyncio event loop promises, tested on asyncio's own and on ours, in the main thread and in a QThread."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import os
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from PyQt6.QtCore import QThread
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator

    from PyQt6.QtWidgets import QApplication

Loop = asyncio.AbstractEventLoop
CLIENT: contextvars.ContextVar[str] = contextvars.ContextVar("CLIENT", default="nobody")


def _run(test: Callable[..., Coroutine[Any, Any, None] | None], make_loop: Callable[[], Loop]) -> None:
    """Runs a test on a new loop; fails it if anything went wrong behind its back."""
    loop = make_loop()
    unhandled: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    try:
        if inspect.iscoroutinefunction(test):
            loop.run_until_complete(test())
        else:
            test(loop)
        if not loop.is_closed():
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    assert unhandled == []


class _Thread(QThread):
    """Runs a test on a loop of its own."""

    def __init__(self, test: Callable[..., Coroutine[Any, Any, None] | None]) -> None:
        super().__init__()
        self._test = test
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            _run(self._test, NetworkEventLoop.for_current_thread)
        except BaseException as error:
            self.error = error


def everywhere(test: Callable[..., Coroutine[Any, Any, None] | None]) -> Callable[..., None]:
    """Makes a test of a function that takes a loop, or of a coroutine function: one for each kind of loop."""

    @pytest.mark.parametrize("place", ["asyncio", "main thread", "QThread"])
    def run(place: str, qapp: QApplication) -> None:
        if place == "QThread":
            thread = _Thread(test)
            thread.start()
            thread.wait()
            if thread.error is not None:
                raise thread.error
        else:
            _run(test, asyncio.SelectorEventLoop if place == "asyncio" else NetworkEventLoop.for_current_thread)

    return run


@contextlib.contextmanager
def socket_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def one_iteration(loop: Loop) -> None:
    loop.stop()
    loop.run_forever()


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
    loop.call_later(0.01, order.append, "late")
    loop.call_later(0.012, loop.stop)
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


@everywhere
async def test_a_megabyte_is_echoed_over_tcp() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    handlers: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(lambda r, w: handlers.append(asyncio.ensure_future(echo(r, w))), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    payload = random.Random(2).randbytes(1_000_000)
    writer.write(payload)
    writer.write_eof()
    assert await reader.read() == payload
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    await asyncio.gather(*handlers)


@everywhere
async def test_plain_sockets_can_be_awaited() -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        listener.setblocking(False)
        client.setblocking(False)
        (server, _), _ = await asyncio.gather(
            loop.sock_accept(listener), loop.sock_connect(client, listener.getsockname())
        )
        with server:
            for number in range(50):
                receiving = asyncio.ensure_future(loop.sock_recv(server, 100))
                await asyncio.sleep(0)
                await loop.sock_sendall(client, b"%d" % number)
                assert await receiving == b"%d" % number
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with socket.socket() as client:
        client.setblocking(False)
        with pytest.raises(ConnectionRefusedError):
            await loop.sock_connect(client, address)


@everywhere
async def test_datagrams_are_received() -> None:
    class Receiver(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            received.set_result(data)

    loop = asyncio.get_running_loop()
    received = loop.create_future()
    receiver, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
    sender, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=receiver.get_extra_info("sockname")
    )
    sender.sendto(b"hello")
    assert await received == b"hello"
    receiver.close()
    sender.close()
    await asyncio.sleep(0)


@everywhere
def test_readers_and_writers_come_and_go(loop: Loop) -> None:
    def next_calls() -> list[str]:
        calls.clear()
        one_iteration(loop)
        return sorted(calls)

    calls: list[str] = []
    with socket_pair() as (ours, theirs):
        theirs.send(b"!")
        loop.add_reader(ours, calls.append, "replaced")
        loop.add_reader(ours, calls.append, "read")
        assert next_calls() == ["read"]
        assert next_calls() == ["read"], "a reader is called as long as there is something to read"
        loop.add_writer(ours.fileno(), calls.append, "write")
        assert next_calls() == ["read", "write"]
        assert loop.remove_reader(ours)
        assert next_calls() == ["write"]
        assert loop.remove_writer(ours)
        assert next_calls() == []
        assert not loop.remove_reader(ours)
        assert not loop.remove_writer(ours)


@pytest.mark.skipif(os.name == "nt", reason="os.dup2 takes no sockets there")
@everywhere
def test_a_socket_may_take_the_number_of_one_that_was_ready(loop: Loop) -> None:
    order: list[str] = []

    def replace(mine: socket.socket, other: socket.socket) -> None:
        order.append("old")
        loop.remove_reader(mine)
        loop.remove_reader(other)
        os.dup2(quiet.fileno(), other.fileno())
        loop.add_reader(other, order.append, "new")
        loop.call_later(0.002, loop.remove_reader, other)
        loop.call_later(0.002, loop.stop)

    with socket_pair() as (ours, theirs), socket_pair() as (quiet, _):
        ours.send(b"!")
        theirs.send(b"!")
        loop.add_reader(ours, replace, ours, theirs)
        loop.add_reader(theirs, replace, theirs, ours)
        loop.run_forever()
    assert order == ["old"]


@everywhere
async def test_websockets_are_served_and_connected() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            for number in range(200):
                await client.send(f"message {number}")
            assert [await client.recv() for _ in range(200)] == [f"message {number}" for number in range(200)]
            pong = await client.ping()
            await pong


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
