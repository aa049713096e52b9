"""What the toolkit knows about itself: the state of its links and the counters of its streams."""

from upbit_qt_ws.health.status import LinkState, LinkStatus, link_report

__all__ = ["LinkState", "LinkStatus", "link_report"]
