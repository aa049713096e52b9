"""Sockets that rest for a while, and sockets that are closed while they are watched, on our kinds of loop."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTimer

from tests.helpers.loops import OURS, SelectLoop, socket_pair
from upbit_qt_ws.network.windows_selector import WindowsSelector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws.network.event_loop import NetworkEventLoop


@pytest.fixture(params=OURS)
def loop(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[NetworkEventLoop]:
    loop = OURS[request.param].for_current_thread()
    yield loop
    loop.close()


class Posts:
    """Stands in for what asks Qt for turns."""

    def post(self) -> None: ...


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something is true."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - sockets set no event, and the loop is to take many turns
            await asyncio.sleep(0.001)


def test_the_reader_of_a_held_socket_rests_until_it_is_released(loop: NetworkEventLoop) -> None:
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        found: list[bytes] = []

        def read() -> None:
            with contextlib.suppress(BlockingIOError):
                found.append(ours.recv(10))
                loop.hold_reading(ours.fileno())

        async def scenario() -> None:
            loop.add_reader(ours, read)
            theirs.send(b"first")
            await until(lambda: found == [b"first"])
            theirs.send(b"second")
            await asyncio.sleep(0.02)
            assert found == [b"first"]
            loop.release_reading(ours.fileno())
            await until(lambda: found == [b"first", b"second"])
            # Nothing has come by the time of the release, but something does later.
            loop.release_reading(ours.fileno())
            await asyncio.sleep(0.02)
            theirs.send(b"third")
            await until(lambda: found == [b"first", b"second", b"third"])
            # A socket that is watched anew is not held, and one that is not watched is no error.
            loop.remove_reader(ours)
            loop.release_reading(ours.fileno())
            loop.hold_reading(ours.fileno())
            loop.add_reader(ours, read)
            theirs.send(b"fourth")
            await until(lambda: found[3:] == [b"fourth"])
            loop.remove_reader(ours)

        loop.run_until_complete(scenario())


def test_a_socket_can_be_held_and_released_between_two_turns(loop: NetworkEventLoop) -> None:
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        found: list[bytes] = []
        loop.add_reader(ours, lambda: found.append(ours.recv(10)))
        loop.hold_reading(ours.fileno())
        theirs.send(b"data")
        loop.run_until_complete(asyncio.sleep(0.02))
        assert found == []
        loop.release_reading(ours.fileno())
        loop.run_until_complete(until(lambda: found == [b"data"]))
        loop.remove_reader(ours)


def test_a_held_socket_wakes_nobody_and_can_be_written(loop: NetworkEventLoop) -> None:
    turns: list[int] = []

    async def scenario() -> None:
        loop.add_reader(ours, turns.append, 1)
        loop.hold_reading(ours.fileno())
        theirs.send(b"data")
        await asyncio.sleep(0.02)
        assert turns == []
        await asyncio.wait_for(loop.sock_sendall(ours, b"written"), 10)
        assert theirs.recv(100) == b"written"
        assert turns == []
        loop.remove_reader(ours)

    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        loop.run_until_complete(scenario())


@pytest.mark.parametrize("release_in", ["slot", "callback"])
def test_data_that_waits_while_a_socket_is_held_again_and_again_is_read(
    loop: NetworkEventLoop, release_in: str
) -> None:
    received = bytearray()

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            received.extend(ours.recv(3))
        loop.hold_reading(ours.fileno())
        if release_in == "callback":
            loop.call_later(0.001, loop.release_reading, ours.fileno())

    async def scenario() -> None:
        loop.add_reader(ours, read)
        theirs.sendall(bytes(range(100)))
        if release_in == "slot":
            timer = QTimer()
            timer.timeout.connect(lambda: loop.release_reading(ours.fileno()))
            timer.start(1)
        await until(lambda: len(received) == 100)
        if release_in == "slot":
            timer.stop()
        loop.remove_reader(ours)

    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        loop.run_until_complete(scenario())
    assert received == bytes(range(100))


def test_a_socket_that_is_closed_while_it_is_watched_takes_no_other_one_along(qapp: QApplication) -> None:
    loop = SelectLoop.for_current_thread()
    received: list[bytes] = []

    async def scenario() -> None:
        with socket_pair() as (ours, theirs):
            ours.setblocking(False)
            closed, other = socket.socketpair()
            with other:
                for writer in (closed, other):
                    writer.setblocking(False)
                loop.add_reader(closed, received.append, b"closed")
                loop.add_reader(ours, lambda: received.append(ours.recv(10)))
                await asyncio.sleep(0.01)
                number = closed.fileno()
                closed.close()
                await asyncio.sleep(0.01)
                theirs.send(b"one")
                await until(lambda: received == [b"one"])
                # The number may belong to another socket by now, which nobody has watched yet.
                loop.remove_reader(number)
                theirs.send(b"two")
                await until(lambda: received == [b"one", b"two"])
            loop.remove_reader(ours)

    with contextlib.closing(loop):
        loop.run_until_complete(scenario())


def test_a_socket_with_the_number_of_a_closed_one_is_watched(qapp: QApplication) -> None:
    loop = SelectLoop.for_current_thread()
    received: list[int] = []

    async def scenario() -> None:
        numbers = set()
        for count in range(40):
            with contextlib.closing(socket.socket()), socket_pair() as (ours, theirs):
                numbers.add(ours.fileno())
                loop.add_reader(ours.fileno(), received.append, count)
                await asyncio.sleep(0.001)
                assert count not in received, "it has nothing to read yet"
                theirs.send(b"!")
                await until(lambda: count in received)
            # Forgotten by its owner: the loop is not told that it is closed, and may find out before the next comes.
            if count % 2:
                await asyncio.sleep(0.001)
        for number in numbers:
            loop.remove_reader(number)

    with contextlib.closing(loop):
        loop.run_until_complete(scenario())


def test_more_sockets_than_select_takes_are_refused_and_the_others_go_on(qapp: QApplication) -> None:
    selector = WindowsSelector(Posts().post)
    with contextlib.closing(selector):
        for number in range(1000, 1511):
            selector.register(number, selectors.EVENT_READ)
        with pytest.raises(ValueError, match="1511 cannot be watched: on Windows a loop takes 511 sockets at most"):
            selector.register(1511, selectors.EVENT_READ)
        selector.unregister(1000)
        selector.register(1511, selectors.EVENT_READ)
