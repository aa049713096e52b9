"""What the toolkit knows about itself: its links, its figures, what is bad, and how it does as a whole."""

from upbit_qt_ws.health.alerts import Alert, AlertKind
from upbit_qt_ws.health.latency import LatencySummary
from upbit_qt_ws.health.level import Health, HealthLevel, judge
from upbit_qt_ws.health.metrics import PerformanceMetrics
from upbit_qt_ws.health.monitor import PerformanceMonitor
from upbit_qt_ws.health.status import LinkState, LinkStatus, link_report

__all__ = [
    "Alert",
    "AlertKind",
    "Health",
    "HealthLevel",
    "LatencySummary",
    "LinkState",
    "LinkStatus",
    "PerformanceMetrics",
    "PerformanceMonitor",
    "judge",
    "link_report",
]
