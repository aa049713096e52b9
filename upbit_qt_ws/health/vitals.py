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
        bad_values: rows and values of REST replies that could not be and were left out, since the start.
        bad_fields: of what they were, as ``"market.korean_name"``; ``"market"`` stands for whole rows.
    """

    links: dict[str, LinkStatus]
    exchange_latency: LatencySummary = LatencySummary()
    clock_offset: float | None = None
    loop_lag: LatencySummary = LatencySummary()
    bad_values: int = 0
    bad_fields: tuple[str, ...] = ()
