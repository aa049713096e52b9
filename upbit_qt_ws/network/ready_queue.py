"""What Qt has ready for the event loop: a turn to take, and sockets to read and write."""

from __future__ import annotations

import math
import selectors
import threading
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt, pyqtSlot

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__()
        self._turn = turn
        # Held from the posting of an event until its delivery; of two threads only one can take it.
        self._posted = threading.Lock()
        self._timer = 0
        self._when: float | None = None

    def post(self) -> None:
        """Ask for a turn as soon as possible; any thread may."""
        if self._posted.acquire(blocking=False):
            QCoreApplication.postEvent(self, QEvent(POSTED))

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

    def customEvent(self, event: QEvent | None) -> None:
        """Take the turn that was asked for by :meth:`post`."""
        # First of all: the turn may miss what a thread schedules from now on, so that thread must be able to post.
        self._posted.release()
        self._turn()

    def timerEvent(self, event: QTimerEvent | None) -> None:
        """Take the turn that was asked for by :meth:`set_timer`."""
        self.stop_timer()
        self._turn()


class _Notifier(QSocketNotifier):
    """Says when a socket is ready in one direction."""

    def __init__(self, fd: int, direction: int, kind: QSocketNotifier.Type, fire: Callable[[_Notifier], None]) -> None:
        super().__init__(sip.voidptr(fd), kind)
        self.fd = fd
        self.direction = direction
        self._fire = fire
        self.activated.connect(self._activated)

    @pyqtSlot()
    def _activated(self) -> None:
        self._fire(self)


class QtSelector(selectors.SelectSelector):
    """Lets Qt watch the sockets and keeps what it finds for :meth:`select`, which never waits.

    A notifier that has fired is off until the loop has dealt with it and calls :meth:`listen`. Meanwhile a callback may
    run a nested Qt loop, in which Qt would otherwise report the same socket over and over.
    Of the base class only the register of sockets is used, not the system call.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self._wake = wake
        self._notifiers: dict[tuple[int, int], _Notifier] = {}
        self._fired: list[_Notifier] = []
        self._taken: list[_Notifier] = []

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
                notifier.setEnabled(False)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the sockets that have become ready, without waiting for any."""
        if not self._fired:
            return []
        taken = [notifier for notifier in self._fired if self._is_current(notifier)]
        self._fired.clear()
        self._taken += taken
        return [(self.get_key(notifier.fd), notifier.direction) for notifier in taken]

    def listen(self) -> None:
        """Have Qt watch again the sockets that ``select`` has returned."""
        for notifier in self._taken:
            if self._is_current(notifier):
                notifier.setEnabled(True)
        self._taken.clear()

    def close(self) -> None:
        """Watch nothing any more."""
        super().close()
        for notifier in self._notifiers.values():
            notifier.setEnabled(False)
        self._notifiers.clear()
        self._fired.clear()
        self._taken.clear()

    def _fire(self, notifier: _Notifier) -> None:
        notifier.setEnabled(False)
        self._fired.append(notifier)
        self._wake()

    def _is_current(self, notifier: _Notifier) -> bool:
        # It is not when its socket was unregistered after it fired; the number may belong to another socket by now.
        return self._notifiers.get((notifier.fd, notifier.direction)) is notifier
