"""The part of the manager that tells how the toolkit does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from upbit_qt_ws.faults import FAULTS
from upbit_qt_ws.health import link_report
from upbit_qt_ws.network.global_limiter import get_global_rate_limiter

if TYPE_CHECKING:
    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.bridge import QtBridgeManager
    from upbit_qt_ws.delivery.receiver import Account
    from upbit_qt_ws.health import Alert, LinkStatus, PerformanceMetrics
    from upbit_qt_ws.health.callbacks import SlowCalls
    from upbit_qt_ws.lifecycle import ComponentLifecycleManager
    from upbit_qt_ws.monitoring import HealthMonitor
    from upbit_qt_ws.network.side import NetworkSide
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.registry import ComponentRegistry


class HealthMethods:
    """The attributes are those of the manager."""

    config: WebSocketConfig
    registry: ComponentRegistry
    slow_calls: SlowCalls
    _bridge: QtBridgeManager
    _health: HealthMonitor
    _lifecycle: ComponentLifecycleManager
    _links: dict[str, LinkStatus]
    _network: NetworkSide
    _stopped: Outcome[None] | None

    def check_thread(self) -> None:
        """Check that the caller is in the GUI thread."""
        raise NotImplementedError

    def link(self, name: str = "public") -> LinkStatus:
        """Return the newest known state of a link."""
        return self._links[name]

    @property
    def watched_components(self) -> int:
        """How many proxies are alive."""
        return self._lifecycle.watched

    @property
    def account(self) -> Account:
        """The sum of the accounts of all subscriptions since the start."""
        return self.registry.router.hub.total()

    @property
    def frames(self) -> int:
        """How many frames have been delivered to the GUI."""
        return self.registry.router.frames

    @property
    def frame_rate(self) -> float:
        """Most frames in a second at present: as configured, or fewer while the window is busy."""
        return self._bridge.frame_rate

    async def get_health_status(self) -> dict[str, object]:
        """Return the state of the toolkit as a mapping that can be written as JSON, with fresh counters.

        Keys: ``status`` (``"healthy"``, ``"degraded"`` or ``"critical"``, by the rule of
        :func:`upbit_qt_ws.health.judge`), ``reasons`` (why it is not healthy), ``connections`` (per link, see
        :func:`upbit_qt_ws.health.link_report`), ``subscriptions`` (counts of components, subscriptions and topics, how
        many topics are in each state, and for how many seconds each has said nothing), ``performance`` (see
        :class:`upbit_qt_ws.health.PerformanceMetrics`; latencies in ms), ``rate_limiter`` (REST calls, by group),
        ``alerts`` (``active`` and ``past`` ones), ``events`` (the sum of all accounts), ``frames``, ``frame_rate``
        (most frames a second at present), ``slow_callbacks`` (name, count and worst time of those that took longer than
        the setting ``slow_callback_s``), ``faults`` (parts of the toolkit in this process that have failed: place,
        error, how often, and how many seconds ago).

        If the network side does not answer within ``snapshot_timeout_s``, the counters are the last known ones.

        Raises:
            NoEventLoopError: no Qt event loop runs in the GUI thread.
        """
        self.check_thread()
        if self._stopped is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2 * self.config.snapshot_timeout_s):
                    await self._network.publish()
        return self.health_status()

    def health_status(self) -> dict[str, object]:
        """Return the same mapping with the counters as they were last reported."""
        now = time.monotonic()
        return {
            **self._health.report(self._links, now),
            "connections": {name: link_report(status, now) for name, status in self._links.items()},
            "subscriptions": {**self.registry.counts(), "silent_s": self._silence(now)},
            "rate_limiter": get_global_rate_limiter(self.config.rest_url).snapshot(),
            "events": self.account._asdict(),
            "frames": self.frames,
            "frame_rate": self.frame_rate,
            "slow_callbacks": [
                {"name": call.name, "count": call.times, "worst_ms": round(call.worst * 1000, 1)}
                for call in self.slow_calls.worst
            ],
            "faults": [fault.report(now) for fault in FAULTS.all],
        }

    @property
    def metrics(self) -> PerformanceMetrics:
        """The figures of the last second; all zero before the first."""
        return self._health.monitor.metrics

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What is bad at present, the oldest first."""
        return self._health.alerts.active

    def _silence(self, now: float) -> dict[str, float]:
        received = self.registry.router.last_values.received()
        return {str(topic): round(max(0.0, now - at), 3) for topic, at in sorted(received.items())}
