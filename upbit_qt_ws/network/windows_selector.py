"""The sockets of the event loop on Windows, where those who watch them for Qt miss what happens."""

from __future__ import annotations

import logging
import selectors
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.network.socket_waiter import Interest, SocketWaiter, find_ready

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Sequence

    from _typeshed import FileDescriptorLike

_log = logging.getLogger(__name__)

_MOST_SOCKETS: Final = 511
"""``select()`` of Python for Windows takes 512, and one is of the waiting thread."""

_Found = list[tuple[selectors.SelectorKey, int]]


class WindowsSelector(selectors.SelectSelector):
    """Looks for sockets that are ready at the beginning of each turn, while a thread waits for the next.

    Qt's notifiers rely on messages that Windows sends to a window: once for each thing that happens, to whoever asked
    before it did. A connection that is refused before anybody looks is never told of, and some of what happens while a
    notifier is off is lost. ``select()`` tells what is so, however often it is asked, and asyncio's own loop relies on
    nothing else there. So this does what that does, and :class:`SocketWaiter` waits in its place.

    It works everywhere, and is tested so; :class:`QtSelector` does without a thread where it can be relied on.
    """

    # What the base class watches, which its stubs do not name.
    _readers: set[int]
    _writers: set[int]

    def __init__(self, post: Callable[[], None]) -> None:
        """Remember how to ask for a turn; any thread may call it, which has to be a bound method."""
        super().__init__()
        self._post = post
        self._waiter = SocketWaiter(post)
        self._held: set[int] = set()
        self._released: list[int] = []
        # Closed while they were watched. Their numbers are left alone until they are registered anew.
        self._lost: set[int] = set()
        # Callbacks that have yet to run, or to return, while a nested Qt loop runs: their sockets are left alone.
        self._busy: set[int] = set()
        self._in_turn = False
        self._is_to_look = False
        self._has_changed = True
        self._has_new = False

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        """Watch a socket that is not watched yet.

        Raises:
            ValueError: so many are watched that ``select()`` takes no more.
        """
        if len(self.get_map()) >= _MOST_SOCKETS:
            raise ValueError(f"{fileobj!r} cannot be watched: on Windows a loop takes {_MOST_SOCKETS} sockets at most")
        key = super().register(fileobj, events, data)
        self._has_new = True
        self._changed()
        return key

    def modify(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        """Watch a socket in other directions, or for another callback; also one that has the number of a closed one."""
        key = super().modify(fileobj, events, data)
        self._lost.discard(key.fd)
        self._has_new = True
        self._changed()
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """Watch a socket no longer."""
        key = super().unregister(fileobj)
        self._held.discard(key.fd)
        self._lost.discard(key.fd)
        self._changed()
        return key

    def hold(self, fd: int) -> None:
        """Do not look whether a socket can be read, until :meth:`release` or until it is registered anew."""
        if fd in self._readers:
            self._held.add(fd)
            self._has_changed = True

    def release(self, fd: int) -> None:
        """Look again, if the socket is still watched. During a turn it counts as ready, even if nothing has come."""
        if fd not in self._held:
            return
        self._held.discard(fd)
        if self._in_turn:
            # Asyncio reads sockets that do not block, so an idle one does no harm; a turn of its own would cost more.
            self._released.append(fd)
        self._changed()

    def begin_turn(self) -> None:
        """Look for sockets that are ready."""
        self._in_turn = self._is_to_look = True

    def begin_nested_turn(self, running: Sequence[asyncio.Handle], ready: Iterable[asyncio.Handle]) -> None:
        """Begin a turn within another one.

        Args:
            running: callbacks that have not returned.
            ready: callbacks that will run.
        """
        self._in_turn = self._is_to_look = True
        self._busy = {*map(id, running), *map(id, ready)}

    def select(self, timeout: float | None = None) -> _Found:
        """Return the sockets that are ready, without waiting for any, and each one once in a turn."""
        if not self._is_to_look and not self._released:
            return []
        readable: set[int] = set()
        writable: set[int] = set()
        if self._is_to_look:
            self._is_to_look = False
            readable, writable = self._look()
        readable.update(fd for fd in self._released if fd in self._readers and fd not in self._held)
        self._released.clear()
        found: _Found = []
        for fd in readable | writable:
            events = selectors.EVENT_READ * (fd in readable) | selectors.EVENT_WRITE * (fd in writable)
            found.append((self.get_key(fd), events))
        return found

    def end_turn(self, running: Sequence[asyncio.Handle] = ()) -> None:
        """Have all sockets waited for that are not held, beginning with what is ready by now.

        Args:
            running: callbacks that have not returned, because this turn was taken within them; their sockets are left
                alone.
        """
        self._in_turn = False
        self._released.clear()
        busy = set(map(id, running))
        if busy or self._busy:
            self._busy = busy
            self._has_changed = True
        if self._has_changed or self._waiter.is_resting:
            self._waiter.wait(self._interest(), anew=self._has_new)
            self._has_changed = self._has_new = False

    def close(self) -> None:
        """Watch nothing any more."""
        self._waiter.close()
        super().close()

    def _changed(self) -> None:
        self._has_changed = True
        if not self._in_turn:
            # The turn that this asks for ends with the wait for what is watched now. A loop that the end of the program
            # closes gets none: Qt may have destroyed what would give it.
            with suppress(RuntimeError):
                self._post()

    def _look(self) -> tuple[set[int], set[int]]:
        """Return which sockets can be read, and which can be written, right now."""
        try:
            return find_ready(self._interest(), 0)
        except OSError:
            self._lost |= {fd for fd in self._readers | self._writers if _is_closed(fd)}
            # As on other systems, where nobody is told of sockets that are closed.
            _log.debug("sockets that were closed are watched no longer: %s", sorted(self._lost))
            self._has_changed = self._is_to_look = True
            return set(), set()

    def _interest(self) -> Interest:
        """Return what is to be looked for."""
        readers = self._readers - self._held - self._lost
        writers = self._writers - self._lost
        for fd in readers | writers if self._busy else ():
            reader, writer = self.get_key(fd).data
            if id(reader) in self._busy:
                readers.discard(fd)
            if id(writer) in self._busy:
                writers.discard(fd)
        return Interest(frozenset(readers), frozenset(writers))


def _is_closed(fd: int) -> bool:
    try:
        find_ready(Interest(frozenset((fd,)), frozenset()), 0)
    except OSError:
        return True
    return False
