"""What the network side measures about itself, as an immutable record that crosses to the GUI thread."""

from __future__ import annotations

import msgspec

from upbit_qt_ws.health.latency import LatencySummary
from upbit_qt_ws.health.status import LinkStatus


class NetworkVitals(msgspec.Struct, frozen=True):
    """The network side at one moment.

    Attributes:
        links: the state of each link by its name, with fresh counters.
        exchange_latency: from the exchange to the receipt, of the public socket's real-time events; net of
            ``clock_offset``.
        clock_offset: how far this machine's clock is ahead of the exchange's, in seconds; None before the first event.
        loop_lag: how late the network loop was.
    """

    links: dict[str, LinkStatus]
    exchange_latency: LatencySummary = LatencySummary()
    clock_offset: float | None = None
    loop_lag: LatencySummary = LatencySummary()
