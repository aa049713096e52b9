"""The bridge from the network thread to the GUI: one queued wake-up, then one frame."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from upbit_qt_ws.delivery.frame_clock import FrameClock
from upbit_qt_ws.delivery.governor import FrameGovernor
from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.qt_typing import connect_queued

if TYPE_CHECKING:
    from upbit_qt_ws.delivery.routing import DataRoutingEngine
    from upbit_qt_ws.health.frames import FrameMeter

_log = logging.getLogger(__name__)


class SignalEmitter(QObject):
    """Emits the wake-up; the signal may be emitted in any thread and is received over queued connections.

    Signals:
        woken: the mailbox has got its first letter since it was emptied.
    """

    woken = pyqtSignal()


class QtBridgeManager(QObject):
    """Owns the mailbox and empties it once a frame into the routing engine. Lives in the GUI thread.

    Signals:
        topics_changed: a tuple of the topics whose state a frame has changed.

    Attributes:
        mailbox: where the network thread puts events.

    Args:
        router: what delivers a frame.
        meter: measures each frame.
        frame_rate: most frames in a second; fewer while the window is busy, see :class:`FrameGovernor`.
        ring_size: events of one event topic that may wait.
    """

    topics_changed = pyqtSignal(object)

    def __init__(self, router: DataRoutingEngine, meter: FrameMeter, *, frame_rate: float, ring_size: int) -> None:
        """Connect mailbox, frame clock and router."""
        super().__init__()
        self._router = router
        self._meter = meter
        self._requested = False
        self._deliveries = 0
        self._governor = FrameGovernor(frame_rate)
        self._emitter = SignalEmitter(self)
        self.mailbox = Mailbox(self._emitter.woken.emit, ring_size)
        self._clock = FrameClock(frame_rate)
        self._clock.setParent(self)
        self._clock.due.connect(self._flush)
        connect_queued(self._emitter.woken, self._clock.request)

    @property
    def frame_rate(self) -> float:
        """Most frames in a second at present; lower than configured while the window is busy."""
        return self._governor.rate

    def request_frame(self) -> None:
        """Have a frame delivered though no letter has come, for values from the cache; never from within this call."""
        if not self._requested:
            self._requested = True
            self._emitter.woken.emit()

    def flush(self) -> None:
        """Deliver at once what waits, without waiting for a frame."""
        self._deliver(time.monotonic())

    def stop(self) -> None:
        """Deliver nothing more."""
        self._clock.stop()

    @pyqtSlot()
    @guarded
    def _flush(self) -> None:
        began = time.perf_counter()
        due_at = self._clock.due_at
        is_whole = self._deliver(time.monotonic())
        if is_whole and self._governor.flushed(due_at, began, time.perf_counter()):
            self._clock.set_rate(self._governor.rate)
            _log.info("the window is given %g frames a second", self._governor.rate)
        due = self._router.hub.due
        if due < math.inf:
            # Told by the monotonic clock, as all that concerns events.
            self._clock.request_at(time.perf_counter() + due - time.monotonic())

    def _deliver(self, began: float) -> bool:
        """Deliver what waits; False if a slot has run a nested Qt loop, so that the time it took says nothing."""
        self._requested = False
        self._deliveries += 1
        number = self._deliveries
        letters = self.mailbox.empty()
        changed = self._router.route(letters, began)
        is_whole = number == self._deliveries
        if is_whole and letters and letters[0].items:
            self._meter.delivered(
                letters[0].items[0][0].received_ns,
                max(len(letter.items) for letter in letters),
                time.monotonic_ns(),
            )
        if changed:
            self.topics_changed.emit(changed)
        return is_whole
