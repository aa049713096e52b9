"""The state of the toolkit at one moment, with types: what ``health_status()`` of the manager tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws import LinkState

if TYPE_CHECKING:
    from collections.abc import Mapping

_AT_REST: Final = (LinkState.IDLE, LinkState.STOPPED)


class LinkReading(msgspec.Struct, frozen=True):
    """One link; see :class:`upbit_qt_ws.LinkStatus`. Times are in seconds before or after the moment."""

    state: str
    epoch: int = 0
    reason: str = ""
    hint: str = ""
    since_s: float = 0.0
    retry_in_s: float | None = None
    sockets_opened: int = 0
    requests_sent: int = 0
    repairs: int = 0
    frames: int = 0


class Percentiles(msgspec.Struct, frozen=True):
    """Latencies of the last half minute in ms; None while nothing was measured."""

    p50_ms: float | None = None
    p95_ms: float | None = None


class PerformanceReading(msgspec.Struct, frozen=True):
    """Rates in 1/s, memory in MB, CPU as a share of one core; see :class:`upbit_qt_ws.health.PerformanceMetrics`."""

    frames_in_per_s: float = 0.0
    deliveries_per_s: float = 0.0
    flushes_per_s: float = 0.0
    drops_per_s: float = 0.0
    exchange_latency: Percentiles = Percentiles()
    memory_mb: float | None = None
    cpu: float | None = None


class AlertReading(msgspec.Struct, frozen=True):
    """One alert; see :class:`upbit_qt_ws.health.Alert`. ``resolved_s_ago`` is None while it is active."""

    kind: str
    message: str
    hint: str
    raised_value: float
    raised_s_ago: float
    resolved_s_ago: float | None = None


class AlertsReading(msgspec.Struct, frozen=True):
    """The alerts, the oldest first."""

    active: tuple[AlertReading, ...] = ()
    past: tuple[AlertReading, ...] = ()


class SubscriptionsReading(msgspec.Struct, frozen=True):
    """How many there are, and how many topics are in each state."""

    components: int = 0
    subscriptions: int = 0
    topics: int = 0
    states: dict[str, int] = {}


class EventsReading(msgspec.Struct, frozen=True):
    """The sum of all accounts: ``received`` is the sum of the other three."""

    received: int = 0
    delivered: int = 0
    coalesced: int = 0
    dropped: int = 0


class HealthReading(msgspec.Struct, frozen=True):
    """The whole; the keys are those of the mapping, and what this version does not show is left out."""

    status: str
    reasons: tuple[str, ...]
    connections: dict[str, LinkReading]
    subscriptions: SubscriptionsReading
    performance: PerformanceReading
    alerts: AlertsReading
    events: EventsReading

    @property
    def is_measured(self) -> bool:
        """Whether the figures of ``performance`` are of now: nothing is measured while no link is wanted."""
        return any(link.state not in _AT_REST for link in self.connections.values())


def read_health(status: Mapping[str, object]) -> HealthReading:
    """Return what the mapping tells.

    Args:
        status: what ``GlobalWebSocketManager.health_status()`` returned.
    """
    return msgspec.convert(dict(status), HealthReading)
