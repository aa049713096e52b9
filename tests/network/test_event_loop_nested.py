"""A callback or a coroutine that runs a nested Qt loop, as a dialog's ``exec()`` does: what becomes of the others."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QEventLoop, QThread, QTimer

from tests.helpers.loops import OURS, socket_pair
from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication


@pytest.fixture(params=OURS)
def loop(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[NetworkEventLoop]:
    made = OURS[request.param].for_current_thread()
    unhandled: list[dict[str, Any]] = []
    made.set_exception_handler(lambda _, context: unhandled.append(context))
    yield made
    made.close()
    assert unhandled == []


def dialog(milliseconds: int) -> None:
    """Do what exec() of a dialog does, for some time."""
    nested = QEventLoop()
    QTimer.singleShot(milliseconds, nested.quit)
    nested.exec()


def test_all_others_go_on_in_the_main_thread(loop: NetworkEventLoop) -> None:
    async def counting() -> None:
        while True:
            await asyncio.sleep(0.001)
            order.append("task")

    async def main() -> None:
        loop.call_soon(order.append, "soon")
        loop.call_later(0.001, order.append, "timer")
        loop.call_soon_threadsafe(order.append, "from another thread")
        task = loop.create_task(counting())
        me = asyncio.current_task()
        dialog(50)
        assert asyncio.current_task() is me
        order.append("dialog closed")
        await asyncio.sleep(0.01)
        task.cancel()

    order: list[str] = []
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        loop.add_reader(ours, lambda: order.append(ours.recv(9).decode()))
        theirs.send(b"socket")
        loop.run_until_complete(main())
        loop.remove_reader(ours)
    closed = order.index("dialog closed")
    assert {"soon", "timer", "from another thread", "socket", "task"} == set(order[:closed])
    assert order[:closed].count("task") >= 5
    assert "task" in order[closed:], "the others go on after it too"
    assert all(order.count(once) == 1 for once in ("soon", "timer", "from another thread", "socket"))


def test_elsewhere_the_others_wait_and_none_is_lost(qapp: QApplication) -> None:
    class Thread(QThread):
        def run(self) -> None:
            loop = NetworkEventLoop.for_current_thread()

            async def main() -> None:
                loop.call_soon(order.append, "soon")
                loop.call_later(0.001, order.append, "timer")
                dialog(20)
                order.append("dialog closed")
                await asyncio.sleep(0.002)

            loop.run_until_complete(main())
            loop.close()

    order: list[str] = []
    thread = Thread()
    thread.start()
    assert thread.wait(5000)
    assert order[0] == "dialog closed"
    assert sorted(order[1:]) == ["soon", "timer"]


def test_a_callback_from_a_slot_runs_while_a_dialog_is_open(loop: NetworkEventLoop) -> None:
    def slot() -> None:
        loop.call_soon(order.append, "scheduled in a slot")
        loop.call_later(0.001, order.append, "timer of a slot")

    async def main() -> None:
        QTimer.singleShot(5, slot)
        dialog(40)
        order.append("dialog closed")

    order: list[str] = []
    loop.run_until_complete(main())
    assert order == ["scheduled in a slot", "timer of a slot", "dialog closed"]


def test_the_socket_whose_callback_opens_the_dialog_is_left_alone(loop: NetworkEventLoop) -> None:
    def read() -> None:
        order.append("begin")
        dialog(20)
        order.append(ours.recv(9).decode())
        if len(order) == 2:
            loop.call_later(0.01, theirs.send, b"two")
            loop.call_later(0.2, loop.stop)

    order: list[str] = []
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        loop.add_reader(ours, read)
        theirs.send(b"one")
        loop.run_forever()
        loop.remove_reader(ours)
    assert order == ["begin", "one", "begin", "two"]


def test_stopping_waits_for_the_dialog(loop: NetworkEventLoop) -> None:
    async def main() -> None:
        loop.call_later(0.001, loop.stop)
        dialog(20)
        order.append("dialog closed")

    order: list[str] = []
    task = loop.create_task(main())
    loop.run_forever()
    assert order == ["dialog closed"]
    loop.run_until_complete(task)


def test_an_interrupt_ends_the_run_and_the_dialog(loop: NetworkEventLoop) -> None:
    async def main() -> None:
        loop.call_later(0.001, loop.interrupt, KeyboardInterrupt())
        dialog(60_000)
        order.append("dialog closed")

    order: list[str] = []
    task = loop.create_task(main())
    with pytest.raises(KeyboardInterrupt):
        loop.run_forever()
    assert order == ["dialog closed"]
    loop.run_until_complete(task)


def test_an_idle_loop_beside_a_dialog_wakes_up_for_nothing(loop: NetworkEventLoop) -> None:
    async def main() -> None:
        counting(loop)
        dialog(60)

    def counting(counted: NetworkEventLoop) -> None:
        turn = counted._take_nested_turn

        def count() -> None:
            turns.append(1)
            turn()

        counted._take_nested_turn = count  # type: ignore[method-assign]

    turns: list[int] = []
    loop.run_until_complete(main())
    assert len(turns) < 10


@pytest.mark.parametrize("seed", range(5))
def test_whatever_opens_dialogs_within_dialogs_nothing_is_lost_or_run_twice(loop: NetworkEventLoop, seed: int) -> None:
    rng = random.Random(seed)
    done: list[str] = []
    depth = 0

    async def work(name: str) -> None:
        nonlocal depth
        for step in range(6):
            await asyncio.sleep(rng.choice((0, 0, 0.001, 0.003)))
            if depth < 4 and rng.random() < 0.2:
                depth += 1
                dialog(rng.randint(1, 8))
                depth -= 1
            done.append(f"{name}.{step}")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    async def echo() -> bytes:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        sent = bytes(rng.randrange(256) for _ in range(3000))
        got = b""
        for start in range(0, len(sent), 100):
            writer.write(sent[start : start + 100])
            got += await reader.readexactly(100)
        writer.close()
        server.close()
        await server.wait_closed()
        assert got == sent
        return got

    async def main() -> None:
        thread = threading.Thread(target=call_from_outside, args=(loop, done.append))
        thread.start()
        await asyncio.gather(*(work(f"task{number}") for number in range(8)), echo())
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)

    loop.run_until_complete(asyncio.wait_for(main(), 30))
    wanted = [f"task{number}.{step}" for number in range(8) for step in range(6)]
    outside = [f"outside{number}" for number in range(50)]
    assert sorted(done) == sorted(wanted + outside)
    assert [name for name in done if name.startswith("outside")] == outside, "in their order"


def call_from_outside(loop: NetworkEventLoop, take: Callable[[str], object]) -> None:
    pause = threading.Event()
    for number in range(50):
        loop.call_soon_threadsafe(take, f"outside{number}")
        pause.wait(0.001)


def test_a_socket_stays_usable_when_a_nested_turn_removes_it(loop: NetworkEventLoop) -> None:
    async def main() -> str:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        loop.call_later(0.002, ours.close)
        dialog(20)
        theirs.close()
        return "alive"

    assert loop.run_until_complete(main()) == "alive"
