"""The thread that waits for sockets: when it says something, when it rests, and how it ends."""

from __future__ import annotations

import contextlib
import gc
import random
import socket
import threading
import weakref
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import socket_pair
from upbit_qt_ws.network.socket_waiter import Interest, SocketWaiter, find_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = frozenset[int]()


class Turns:
    """Counts what the thread says."""

    def __init__(self) -> None:
        self.said = threading.Semaphore(0)

    def found(self) -> None:
        self.said.release()

    def wait(self) -> None:
        assert self.said.acquire(timeout=20)

    @property
    def is_quiet(self) -> bool:
        """Nothing is said for a moment."""
        return not self.said.acquire(timeout=0.05)


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def waiter(turns: Turns) -> Iterator[SocketWaiter]:
    waiter = SocketWaiter(turns.found)
    yield waiter
    waiter.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "upbit_qt_ws sockets"]


def reading(*sockets: socket.socket) -> Interest:
    return Interest(frozenset(each.fileno() for each in sockets), NOTHING)


def rests(waiter: SocketWaiter) -> bool:
    """Ask it, as a checker of types takes no answer of a property for one that may change."""
    return waiter.is_resting


def test_it_says_once_that_a_socket_is_ready_and_rests(waiter: SocketWaiter, turns: Turns) -> None:
    with socket_pair() as (ours, theirs):
        waiter.wait(reading(ours))
        assert turns.is_quiet
        assert rests(waiter) is False
        theirs.send(b"!")
        turns.wait()
        assert rests(waiter)
        assert turns.is_quiet, "what has not been read is no news"
        waiter.wait(reading(ours))
        turns.wait()


def test_it_waits_for_the_newest_sockets_only(waiter: SocketWaiter, turns: Turns) -> None:
    with socket_pair() as (first, to_first), socket_pair() as (second, to_second):
        waiter.wait(reading(first))
        waiter.wait(reading(second))
        to_first.send(b"!")
        assert turns.is_quiet
        to_second.send(b"!")
        turns.wait()
        waiter.wait(Interest(NOTHING, NOTHING))
        assert turns.is_quiet
        waiter.wait(Interest(NOTHING, frozenset((first.fileno(),))))
        turns.wait()


def test_it_tells_of_an_attempt_to_connect_that_failed(waiter: SocketWaiter, turns: Turns) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with socket.socket() as client:
        client.setblocking(False)
        assert client.connect_ex(address) != 0
        waiter.wait(Interest(NOTHING, frozenset((client.fileno(),))))
        turns.wait()
        assert find_ready(Interest(NOTHING, frozenset((client.fileno(),))), 0)[1] == {client.fileno()}


def test_a_closed_socket_is_said_once(waiter: SocketWaiter, turns: Turns) -> None:
    # Its thread has sockets of its own, which would take the number.
    waiter.wait(Interest(NOTHING, NOTHING))
    with socket_pair() as (ours, _):
        number = ours.fileno()
    waiter.wait(Interest(frozenset((number,)), NOTHING))
    turns.wait()
    assert waiter.is_resting
    # Each system says it with a number of its own.
    with pytest.raises(OSError, match=r"\[(Errno|WinError) \d+\]"):
        find_ready(Interest(frozenset((number,)), NOTHING), 0)


def test_a_number_that_belongs_to_another_socket_is_waited_for_anew(waiter: SocketWaiter, turns: Turns) -> None:
    for _ in range(20):
        with socket_pair() as (ours, theirs):
            waiter.wait(reading(ours), anew=True)
            theirs.send(b"!")
            turns.wait()
            waiter.wait(Interest(NOTHING, NOTHING))


def test_no_news_is_lost_however_often_the_interest_changes(waiter: SocketWaiter, turns: Turns) -> None:
    rng = random.Random(7)
    with contextlib.ExitStack() as stack:
        pairs = [stack.enter_context(socket_pair()) for _ in range(5)]
        for ours, _ in pairs:
            ours.setblocking(False)
        for _ in range(300):
            for ours, _ in rng.sample(pairs, rng.randrange(5)):
                waiter.wait(reading(ours), anew=rng.random() < 0.5)
            chosen = rng.sample(pairs, 1 + rng.randrange(4))
            sender = rng.choice(chosen)[1]
            if rng.random() < 0.5:
                sender.send(b"!")
                waiter.wait(reading(*(ours for ours, _ in chosen)))
            else:
                waiter.wait(reading(*(ours for ours, _ in chosen)))
                sender.send(b"!")
            turns.wait()
            for ours, _ in pairs:
                with contextlib.suppress(BlockingIOError):
                    ours.recv(10)


def test_it_starts_no_thread_before_there_is_something_to_wait_for(waiter: SocketWaiter) -> None:
    assert not [thread for thread in threading.enumerate() if thread.name == "upbit_qt_ws sockets"]
    assert waiter.is_resting


@pytest.mark.parametrize("state", ["never started", "waiting", "resting", "closed"])
def test_it_can_be_closed_in_every_state(turns: Turns, state: str) -> None:
    waiter = SocketWaiter(turns.found)
    with socket_pair() as (ours, theirs):
        if state != "never started":
            waiter.wait(reading(ours))
        if state == "resting":
            theirs.send(b"!")
            turns.wait()
        if state == "closed":
            waiter.close()
        waiter.close()
        waiter.wait(reading(ours))
        assert not [thread for thread in threading.enumerate() if thread.name == "upbit_qt_ws sockets"]


def test_whom_it_tells_is_not_kept_alive() -> None:
    turns = Turns()
    waiter = SocketWaiter(turns.found)
    gone = weakref.ref(turns)
    with socket_pair() as (ours, theirs):
        waiter.wait(reading(ours))
        del turns
        gc.collect()
        assert gone() is None
        theirs.send(b"!")
        waiter.close()
