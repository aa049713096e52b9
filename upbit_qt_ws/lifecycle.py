"""Lifetimes: a component's subscriptions end when its QObject is destroyed, in whichever way that happens."""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from upbit_qt_ws.guard import guarded
from upbit_qt_ws.interrupts import leave_loops
from upbit_qt_ws.qt_typing import address_of, connect_direct, connect_queued

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_log = logging.getLogger(__name__)


class ComponentLifecycleManager(QObject):
    """Calls a release function when a watched object is destroyed.

    ``destroyed`` is connected to a slot of this long-lived object: a bound method of the dying object is never
    called, a lambda is silently lost when the cyclic collector takes the object. The signal's argument is a fresh
    wrapper, so objects are known by their address. The connection is direct because the collector may run in any
    thread, and a queued call would come after the address is in use again; what has to happen in the GUI thread is
    then handed over to it.

    Attributes:
        watched: how many objects are watched.
    """

    _released_elsewhere = pyqtSignal()

    def __init__(self) -> None:
        """Watch nothing yet."""
        super().__init__()
        self._releases: dict[int, Callable[[], None]] = {}
        self._handed_over: deque[Callable[[], None]] = deque()
        self._thread = threading.get_ident()
        connect_queued(self._released_elsewhere, self._release_handed_over)

    @property
    def watched(self) -> int:
        """How many objects are watched."""
        return len(self._releases)

    def watch(self, owner: QObject, release: Callable[[], None]) -> None:
        """Call ``release`` once when ``owner`` is destroyed; it must not refer to ``owner``."""
        self._releases[address_of(owner)] = release
        connect_direct(owner.destroyed, self._on_owner_destroyed)

    def forget(self, owner: QObject) -> None:
        """Watch ``owner`` no longer; forgetting twice does nothing."""
        if self._releases.pop(address_of(owner), None) is not None:
            owner.destroyed.disconnect(self._on_owner_destroyed)

    def stop(self) -> None:
        """Release nothing any more.

        When a manager has shut down there is nothing left to release, and what would be asked to may itself be half
        taken apart: the collector takes a manager and its proxies in one go if they are garbage together.
        """
        self._releases.clear()

    @pyqtSlot(QObject)
    @guarded
    def _on_owner_destroyed(self, owner: QObject) -> None:
        release = self._releases.pop(address_of(owner), None)
        if release is None:
            return
        if threading.get_ident() == self._thread:
            release()
        else:
            self._handed_over.append(release)
            self._released_elsewhere.emit()

    @pyqtSlot()
    @guarded
    def _release_handed_over(self) -> None:
        while self._handed_over:
            self._handed_over.popleft()()


def install_excepthook(log: logging.Logger | None = None) -> None:
    """Log exceptions that leave a slot, instead of ending the application.

    PyQt aborts the process when an exception leaves a slot and ``sys.excepthook`` is the default one. The toolkit
    catches what its callbacks raise, but a slot that an application connected to a signal is outside its reach.
    Call this first thing in the application. KeyboardInterrupt and SystemExit end the event loop, if one runs.

    Args:
        log: where to write; a logger of this module if None.
    """
    logger = log or _log
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            logger.error("an exception left a slot", exc_info=(kind, error, trace))
        elif not leave_loops(error):
            previous(kind, error, trace)

    sys.excepthook = hook
