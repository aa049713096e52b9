"""The frame clock: at most one delivery per frame, at once when the last one is long ago."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable


LOW_LATENCY_RATE: Final = 1000.0
"""Frames a second when data is not to wait for a frame; Qt's timers have whole milliseconds."""


def wait_for_frame(now: float, last: float, interval: float) -> float:
    """Return how many seconds to wait from ``now`` so that frames stay ``interval`` seconds apart; 0 for none."""
    return max(0.0, last + interval - now)


class FrameClock(QObject):
    """Turns requests into frames.

    The first request after a quiet time gives a frame at once, so a quiet market is not delayed; further ones
    share the next frame. While nothing is requested no timer runs, so an idle application does not wake up.

    Signals:
        due: a frame is due; connected slots run at once.

    Attributes:
        due_at: when the present frame was to begin, in the seconds of the clock.
    """

    due = pyqtSignal()

    def __init__(self, frame_rate: float, clock: Callable[[], float] = time.perf_counter) -> None:
        """Set the largest number of frames in a second; ``clock`` gives seconds.

        The monotonic clock of Windows goes in steps of 15.6 ms, about one frame, and so would the frames by it.
        """
        super().__init__()
        self._interval = 1.0 / frame_rate
        self._clock = clock
        self._last = -math.inf
        self.due_at = -math.inf
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fire)

    @pyqtSlot()
    @guarded
    def request(self) -> None:
        """Ask for a frame."""
        self.request_at(-math.inf)

    def request_at(self, moment: float) -> None:
        """Ask for a frame that is not to come before ``moment``, in the seconds of the clock."""
        now = self._clock()
        due = max(moment, now + wait_for_frame(now, self._last, self._interval))
        if self._stopped or (self._timer.isActive() and self.due_at <= due):
            return
        self.due_at = due
        if due > now:
            self._timer.start(math.ceil((due - now) * 1000))
        else:
            self._timer.stop()
            self._fire()

    def set_rate(self, frame_rate: float) -> None:
        """Give at most so many frames a second from the next one on."""
        self._interval = 1.0 / frame_rate

    def stop(self) -> None:
        """Give no more frames, whoever asks: a wake-up may still be on its way over the queued connection."""
        self._stopped = True
        self._timer.stop()

    @pyqtSlot()
    @guarded
    def _fire(self) -> None:
        self._last = self._clock()
        self.due.emit()
