"""The toolkit watches itself: once a second while a link is active, and not at all while nothing is."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_ws.faults import FAULTS
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.health.alerts import AlertBook, AlertKind, alert_report
from upbit_qt_ws.health.level import Downtime, Health, judge
from upbit_qt_ws.health.metrics import performance_report
from upbit_qt_ws.health.monitor import PerformanceMonitor, Readings
from upbit_qt_ws.health.process import ProcessProbe
from upbit_qt_ws.health.status import LinkState
from upbit_qt_ws.health.thresholds import conditions
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.topics import Endpoint, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.routing import DataRoutingEngine
    from upbit_qt_ws.health.metrics import PerformanceMetrics
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.health.vitals import NetworkVitals
    from upbit_qt_ws.network.side import NetworkSide
    from upbit_qt_ws.wire.topics import Topic

_log = logging.getLogger(__name__)

_BEAT_MS: Final = 250
_BEATS_PER_LOOK: Final = 4
_FAULT_SECONDS: Final = 60.0
_QUIET: Final = 600.0
"""An alert that was not raised for so long is news for the log again, in seconds."""


class HealthMonitor(QObject):
    """Takes the readings, keeps the alerts and judges. Lives in the GUI thread and belongs to the manager.

    Args:
        config: the thresholds.
        router: where the accounts and the newest values are.
        parent: the manager.

    Signals:
        alert_changed: an :class:`Alert` that was just raised or resolved.
        beat: four times a second while a link is active.

    Attributes:
        monitor: the figures.
        alerts: the alerts.
    """

    alert_changed = pyqtSignal(object)
    beat = pyqtSignal()

    def __init__(self, config: WebSocketConfig, router: DataRoutingEngine, parent: QObject) -> None:
        """Watch nothing yet."""
        super().__init__(parent)
        self.monitor = PerformanceMonitor(config.ring_size, config.alert_inactivity_s, _BEAT_MS / 1000)
        self.alerts = AlertBook()
        self._raised = {kind: Repeats(_QUIET) for kind in AlertKind}
        self._config = config
        self._router = router
        self._network: NetworkSide | None = None
        self._process = ProcessProbe()
        self._downtime = Downtime()
        self._beats = 0
        self._asked_at: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def watch(self, network: NetworkSide) -> None:
        """Ask this network side once a second from now on what it has measured."""
        self._network = network
        network.measured.connect(self._on_measured)

    def note(self, links: Mapping[str, LinkStatus], now: float) -> None:
        """The state of a link has changed: watch while one of them is active."""
        for name, status in links.items():
            self._downtime.note(name, status.state, now)
        active = any(status.state not in (LinkState.IDLE, LinkState.STOPPED) for status in links.values())
        if active and not self._timer.isActive():
            self._beats = 0
            self.monitor.gui.pause()
            self._timer.start()
        elif not active:
            self.stop()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        self._asked_at = None

    def health(self, links: Mapping[str, LinkStatus], now: float) -> Health:
        """Return how the toolkit does."""
        unheard = 0.0 if self._asked_at is None else now - self._asked_at
        return judge(links, self._downtime.seconds(now), self.alerts.active, unheard)

    def report(self, links: Mapping[str, LinkStatus], now: float) -> dict[str, object]:
        """Return the parts of the health status that are made here."""
        health = self.health(links, now)
        return {
            "status": health.level.value,
            "reasons": list(health.reasons),
            "performance": performance_report(self.monitor.metrics),
            "alerts": {
                "active": [alert_report(alert, now) for alert in self.alerts.active],
                "past": [alert_report(alert, now) for alert in self.alerts.past],
            },
        }

    @pyqtSlot()
    @guarded
    def _beat(self) -> None:
        now = time.monotonic()
        self.monitor.gui.beat(now)
        self.beat.emit()
        self._beats += 1
        if self._beats % _BEATS_PER_LOOK == 0 and self._network is not None and self._asked_at is None:
            self._asked_at = now
            self._network.measure()

    @pyqtSlot(object)
    @guarded
    def _on_measured(self, vitals: NetworkVitals) -> None:
        if not self._timer.isActive():
            return
        self._asked_at = None
        now = time.monotonic()
        account = self._router.hub.total()
        newest = {
            topic: at
            for topic, at in self._router.last_values.received().items()
            if endpoint_of(topic.type) is Endpoint.PUBLIC
        }
        metrics = self.monitor.sample(
            Readings(
                *account,
                self._router.frames,
                vitals,
                newest,
                self._process.read(),
                self._router.hub.lost(),
                FAULTS.since(now - _FAULT_SECONDS),
            ),
            now,
        )
        for alert in self.alerts.judge(conditions(metrics, self._config, self._silence(metrics, newest, now)), now):
            if alert.is_active:
                line = self._raised[alert.kind].complain(f"{alert.message}. {alert.hint}", now)
                if line is not None:
                    _log.warning("%s", line)
            else:
                _log.info("no longer so: %s", alert.message)
            self.alert_changed.emit(alert)

    @staticmethod
    def _silence(metrics: PerformanceMetrics, newest: Mapping[Topic, float], now: float) -> float:
        return max((now - newest[topic] for topic in metrics.silent_topics), default=0.0)
