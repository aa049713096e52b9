"""The figures of a run: what the link did, what was delivered, and whether the GUI kept time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import psutil
from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSlot

from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import GlobalWebSocketManager

_PROBE_SECONDS: Final = 0.02
_WARM_UP_SECONDS: Final = 1.0


class LagProbe(QObject):
    """Measures how late a precise timer of 20 ms fires: that is how long a click would have waited.

    The first second, in which the window is built, does not count.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Set the timer up; it runs from :meth:`start` on."""
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(int(_PROBE_SECONDS * 1000))
        self._timer.timeout.connect(self._on_timeout)
        self._begun = self._last = 0.0
        self._lags: list[float] = []

    def start(self) -> None:
        """Start to measure."""
        self._begun = self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()

    def milliseconds(self) -> dict[str, float]:
        """Return the median and the 99th percentile; 0 if nothing was measured."""
        lags = sorted(self._lags) or [0.0]
        return {
            "p50": round(lags[len(lags) // 2] * 1000, 2),
            "p99": round(lags[min(len(lags) - 1, int(len(lags) * 0.99))] * 1000, 2),
        }

    @pyqtSlot()
    @guarded
    def _on_timeout(self) -> None:
        now = time.perf_counter()
        if now - self._begun > _WARM_UP_SECONDS:
            self._lags.append(max(0.0, now - self._last - _PROBE_SECONDS))
        self._last = now


class StartProbe(QObject):
    """Measures how long it takes from the start of the process until data is painted for the first time.

    Attributes:
        seconds: that time; None before.
    """

    def __init__(self, manager: GlobalWebSocketManager, application: QApplication) -> None:
        """Look at what the application paints, until it was data."""
        super().__init__()
        self._manager = manager
        self._application = application
        self.seconds: float | None = None
        application.installEventFilter(self)

    @guarded_returning(False)
    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Look at each event on its way, and let it pass."""
        if a1 is not None and a1.type() == QEvent.Type.Paint and self._manager.account.delivered:
            self._application.removeEventFilter(self)
            self.seconds = round(time.time() - psutil.Process().create_time(), 3)
        return False


def make_report(
    manager: GlobalWebSocketManager, start: StartProbe, lag: LagProbe, exceptions: list[str]
) -> dict[str, Any]:
    """Return the figures as a mapping that can be written as JSON."""
    link = manager.link("public")
    return {
        "links": {
            "public": {
                "state": str(link.state),
                "epoch": link.epoch,
                "sockets_opened": link.sockets_opened,
                "requests_sent": link.requests_sent,
            }
        },
        "events": manager.account._asdict(),
        "frames": manager.frames,
        "first_data_painted_after_s": start.seconds,
        "gui_lag_ms": lag.milliseconds(),
        "exceptions": exceptions,
    }
