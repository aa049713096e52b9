"""A thread that waits for sockets in ``select()``, for a loop that can wait for Qt only."""

from __future__ import annotations

import select
import socket
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_END_SECONDS: Final = 1.0
"""Longest wait for the end of the thread, which takes a moment as long as the system wakes it up at all."""


class Interest(NamedTuple):
    """What is waited for.

    Attributes:
        readers: numbers of the sockets that are to be read.
        writers: numbers of those that are to be written, or are connecting.
    """

    readers: frozenset[int]
    writers: frozenset[int]


def find_ready(interest: Interest, timeout: float | None) -> tuple[set[int], set[int]]:
    """Wait until a socket is ready, as asyncio's own loop does on Windows.

    Windows tells that nobody accepts a connection by an exceptional condition, not by letting the socket be written.

    Args:
        interest: what to wait for; without any socket it returns at once.
        timeout: longest wait in seconds, None for any.

    Returns:
        The sockets that can be read, and those that can be written or have failed to connect.

    Raises:
        OSError: one of them is closed.
    """
    if not interest.readers and not interest.writers:
        # Windows takes that for a mistake.
        return set(), set()
    readable, writable, failed = select.select(interest.readers, interest.writers, interest.writers, timeout)
    return set(readable), {*writable, *failed}


class SocketWaiter:
    """Waits until one of some sockets is ready, says so, and rests until it is told what to wait for next.

    The thread is started when there is something to wait for, and takes no time while nothing happens. It only says
    that there is something: which sockets are ready, the loop finds out for itself when its turn has come.
    """

    def __init__(self, found: Callable[[], None]) -> None:
        """Wait for nothing yet.

        Args:
            found: a bound method, called in the thread when a socket is ready. Its object is not kept alive by it.
        """
        self._found = weakref.WeakMethod(found)
        # Held while the others are read and written; never while anybody waits.
        self._lock = threading.Lock()
        # What the thread is to wait for; None while it rests.
        self._interest: Interest | None = None
        self._is_closed = False
        # Taken by the thread when it begins to wait; free for a moment when it is told to.
        self._go = threading.Lock()
        self._go.acquire()
        self._thread: threading.Thread | None = None
        self._interrupted: socket.socket | None = None
        self._interrupt: socket.socket | None = None

    @property
    def is_resting(self) -> bool:
        """Whether it has found something, or was never told to wait."""
        return self._interest is None

    def wait(self, interest: Interest, *, anew: bool = False) -> None:
        """Wait for these sockets from now on, and for no others.

        Args:
            interest: what to wait for.
            anew: begin again even if the numbers are those that are waited for already, because a number may belong to
                another socket by now.
        """
        with self._lock:
            before = self._interest
            if self._is_closed or (before == interest and not anew):
                return
            # Equal is not enough for the thread to take it for the one that it began with.
            self._interest = Interest(*interest)
        if self._thread is None:
            self._start()
        if before is None:
            self._go.release()
        else:
            self._wake()

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._is_closed = True
            is_resting, self._interest = self._interest is None, None
        if self._thread is None:
            return
        if is_resting:
            self._go.release()
        else:
            self._wake()
        self._thread.join(_END_SECONDS)
        for end in (self._interrupted, self._interrupt):
            if end is not None:
                end.close()

    def _start(self) -> None:
        self._interrupted, self._interrupt = socket.socketpair()
        self._interrupted.setblocking(False)
        self._interrupt.setblocking(False)
        # A daemon, since a program may end without closing its loop.
        self._thread = threading.Thread(target=self._run, name="upbit_qt_ws sockets", daemon=True)
        self._thread.start()

    def _wake(self) -> None:
        assert self._interrupt is not None
        # If it is full, there is enough in it to wake the thread.
        with suppress(BlockingIOError):
            self._interrupt.send(b"\0")

    def _run(self) -> None:
        while True:
            self._go.acquire()
            while (interest := self._interest) is not None:
                if self._wait(interest) and self._rest_after(interest):
                    self._say()
            if self._is_closed:
                return

    def _wait(self, interest: Interest) -> bool:
        """Wait until a socket is ready, which is told, or until something else is to be done."""
        assert self._interrupted is not None
        end = self._interrupted.fileno()
        try:
            readable, writable = find_ready(Interest(interest.readers | {end}, interest.writers), None)
        except OSError:
            # One was closed. The loop will find out which.
            return True
        if end in readable:
            readable.discard(end)
            with suppress(BlockingIOError):
                self._interrupted.recv(4096)
        return bool(readable or writable)

    def _rest_after(self, interest: Interest) -> bool:
        """Rest, unless something else is to be waited for by now."""
        with self._lock:
            if self._interest is not interest:
                return False
            self._interest = None
            return True

    def _say(self) -> None:
        found = self._found()
        if found is not None:
            # At the end of a program Qt may have destroyed what would take a turn.
            with suppress(RuntimeError):
                found()
