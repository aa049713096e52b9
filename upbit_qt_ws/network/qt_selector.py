"""What Qt has ready for the event loop: a turn to take, and sockets to read and write."""

from __future__ import annotations

import math
import selectors
import threading
from typing import TYPE_CHECKING, Final

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt

from upbit_qt_ws.guard import guarded, guarded_returning
from upbit_qt_ws.process_bound import bind

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Sequence

    from _typeshed import FileDescriptorLike
    from PyQt6.QtCore import QTimerEvent

_LONGEST_SLEEP = 24 * 3600.0
"""Seconds. Asyncio does not sleep longer in one go either; Qt counts the milliseconds in 32 bits, 24 days."""

POSTED = QEvent.Type(QEvent.registerEventType())
"""The type of the event that gives the loop a turn."""

_DIRECTIONS = (
    (selectors.EVENT_READ, QSocketNotifier.Type.Read),
    (selectors.EVENT_WRITE, QSocketNotifier.Type.Write),
)


class WakeUp(QObject):
    """Has Qt give the loop a turn: as soon as possible, at the wish of any thread, or at a given time."""

    def __init__(self, turn: Callable[[], object], timer_turn: Callable[[], object]) -> None:
        """Remember how to give the loop a turn that was asked for by :meth:`post`, or by :meth:`set_timer`."""
        super().__init__()
        bind(self)
        self._turn = turn
        self._timer_turn = timer_turn
        # Held from the posting of an event until its delivery; of two threads only one can take it.
        self._posted = threading.Lock()
        self._timer = 0
        self._when: float | None = None

    def post(self) -> None:
        """Ask for a turn as soon as possible; any thread may."""
        if self._posted.acquire(blocking=False):
            QCoreApplication.postEvent(self, QEvent(POSTED))

    def unpost(self) -> None:
        """Take back what :meth:`post` asked for, and has not been given yet."""
        if self._posted.locked():
            QCoreApplication.removePostedEvents(self, POSTED.value)
            self._posted.release()

    def set_timer(self, when: float, now: float) -> None:
        """Ask for a turn at ``when`` or up to a millisecond later, in seconds, instead of any other time."""
        if when != self._when:
            self.stop_timer()
            delay = min(max(0.0, when - now), _LONGEST_SLEEP)
            self._timer = self.startTimer(math.ceil(delay * 1000), Qt.TimerType.PreciseTimer)
            self._when = when

    def stop_timer(self) -> None:
        """Ask for no turn at any time."""
        if self._when is not None:
            self.killTimer(self._timer)
            self._when = None

    @guarded
    def customEvent(self, event: QEvent | None) -> None:
        """Give the turn that was asked for by :meth:`post`."""
        # First of all: the turn may miss what a thread schedules from now on, so that thread must be able to post.
        self._posted.release()
        self._turn()

    @guarded
    def timerEvent(self, event: QTimerEvent | None) -> None:
        """Give the turn that was asked for by :meth:`set_timer`."""
        self.stop_timer()
        self._timer_turn()


_READY: Final = (QEvent.Type.SockAct, 211)
"""Types of the events of a socket that is ready; 211 is QEvent::SockClose, of Windows, without a name in PyQt."""


class _Notifier(QSocketNotifier):
    """Says when a socket is ready in one direction.

    It has no connection to a slot, not even to one of its own: to make and to destroy a connected object, Qt takes one
    of 131 locks that all objects share. Another thread that destroys an object may hold the same one while it waits
    for Python's lock, which this thread has: both would wait for ever.
    """

    def __init__(self, fd: int, direction: int, kind: QSocketNotifier.Type, fire: Callable[[_Notifier], None]) -> None:
        super().__init__(sip.voidptr(fd), kind)
        bind(self)
        self.fd = fd
        self.direction = direction
        self._fire = fire

    @guarded_returning(False)
    def event(self, event: QEvent | None) -> bool:
        """Say it."""
        if event is not None and event.type() in _READY:
            self._fire(self)
            return True
        return super().event(event)


class QtSelector(selectors.SelectSelector):
    """Lets Qt watch the sockets; :meth:`select` tells what it has found, and never waits.

    As soon as a socket is ready, the loop is given a turn. If it cannot take it, because one of its callbacks runs a
    nested Qt loop, Qt would report the socket over and over; so its notifier is off until the end of the turn that is
    under way. So is that of a socket whose callback has yet to run, or to return, while such a loop runs. What has not
    been dealt with by then, Qt will find again.

    Of the base class only the register of sockets is used, not the system call.
    """

    def __init__(self, turn: Callable[[], bool]) -> None:
        """Remember how to give the loop a turn, and learn whether it took it."""
        super().__init__()
        self._turn = turn
        self._notifiers: dict[tuple[int, int], _Notifier] = {}
        self._fired: list[_Notifier] = []
        self._taken: list[_Notifier] = []
        self._muted: list[_Notifier] = []
        self._removed: list[_Notifier] = []
        self._held: set[_Notifier] = set()
        self._in_turn = False

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        """Watch a socket that is not watched yet."""
        key = super().register(fileobj, events, data)
        for direction, kind in _DIRECTIONS:
            if events & direction:
                self._notifiers[key.fd, direction] = _Notifier(key.fd, direction, kind, self._fire)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        """Watch a socket no longer; forget that it is ready if nobody has been told."""
        key = super().unregister(fileobj)
        for direction, _ in _DIRECTIONS:
            notifier = self._notifiers.pop((key.fd, direction), None)
            if notifier is not None:
                _silence(notifier)
                self._held.discard(notifier)
                self._removed.append(notifier)
        return key

    def hold(self, fd: int) -> None:
        """Do not look whether a socket can be read, until :meth:`release` or until it is registered anew."""
        notifier = self._notifiers.get((fd, selectors.EVENT_READ))
        if notifier is not None:
            self._held.add(notifier)
            notifier.setEnabled(False)

    def release(self, fd: int) -> None:
        """Look again, if the socket is still watched. During a turn it counts as ready, even if nothing has come."""
        notifier = self._notifiers.get((fd, selectors.EVENT_READ))
        if notifier is None or notifier not in self._held:
            return
        self._held.discard(notifier)
        if self._in_turn:
            # Asyncio reads sockets that do not block, so an idle one does no harm; a turn of its own would cost more.
            self._fired.append(notifier)
            self._muted.append(notifier)
        else:
            notifier.setEnabled(True)

    def begin_turn(self) -> None:
        """Destroy the notifiers that earlier turns removed; the one that gave a turn must outlive it."""
        self._removed.clear()
        self._in_turn = True

    def begin_nested_turn(self, running: Sequence[asyncio.Handle], ready: Iterable[asyncio.Handle]) -> None:
        """Begin a turn within another one.

        Args:
            running: callbacks that have not returned.
            ready: callbacks that will run.
        """
        self._in_turn = True
        busy = {*map(id, running), *map(id, ready)}
        self._taken = [notifier for notifier in self._taken if id(self._callback_of(notifier)) in busy]

    def _callback_of(self, notifier: _Notifier) -> asyncio.Handle | None:
        """Return what asyncio calls when the socket is ready; None if it is watched no longer."""
        if not self._is_current(notifier):
            return None
        reader, writer = self.get_key(notifier.fd).data
        return reader if notifier.direction == selectors.EVENT_READ else writer  # type: ignore[no-any-return]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the sockets that have become ready, without waiting for any, and each one once in a turn."""
        if not self._fired:
            return []
        # Once, because a nested Qt loop reports again what has been taken and whose callback has yet to run.
        taken = [notifier for notifier in self._fired if notifier not in self._taken and self._is_current(notifier)]
        self._fired.clear()
        self._taken += taken
        return [(self.get_key(notifier.fd), notifier.direction) for notifier in taken]

    def end_turn(self, running: Sequence[asyncio.Handle] = ()) -> None:
        """Have Qt watch all sockets that are not held, and say again which are ready.

        Args:
            running: callbacks that have not returned, because this turn was taken within them; their sockets are left
                alone.
        """
        self._in_turn = False
        self._fired.clear()
        muted, self._muted = self._muted, []
        if running:
            busy = set(map(id, running))
            self._taken = [notifier for notifier in self._taken if id(self._callback_of(notifier)) in busy]
            self._muted = [notifier for notifier in muted if notifier in self._taken]
        else:
            self._taken.clear()
        for notifier in muted:
            if notifier not in self._muted and self._is_current(notifier) and notifier not in self._held:
                notifier.setEnabled(True)

    def close(self) -> None:
        """Watch nothing any more."""
        super().close()
        for notifier in self._notifiers.values():
            _silence(notifier)
        for notifiers in (self._notifiers, self._fired, self._taken, self._muted, self._removed, self._held):
            notifiers.clear()

    def _fire(self, notifier: _Notifier) -> None:
        if notifier in self._taken:
            # This is a nested Qt loop, and the socket's turn has come already.
            notifier.setEnabled(False)
            self._muted.append(notifier)
            return
        self._fired.append(notifier)
        if not self._turn():
            notifier.setEnabled(False)
            self._muted.append(notifier)

    def _is_current(self, notifier: _Notifier) -> bool:
        # It is not when its socket was unregistered after it fired; the number may belong to another socket by now.
        return self._notifiers.get((notifier.fd, notifier.direction)) is notifier


def _silence(notifier: _Notifier) -> None:
    """Have Qt watch a socket no longer; at the end of a program it may have destroyed the notifier already."""
    if not sip.isdeleted(notifier):
        notifier.setEnabled(False)
