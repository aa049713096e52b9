"""How the toolkit does as a whole, in one word, with the reasons. Pure."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.health.status import LinkState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upbit_qt_ws.health.alerts import Alert
    from upbit_qt_ws.health.status import LinkStatus

DEGRADED_AFTER: Final = 10.0
CRITICAL_AFTER: Final = 60.0
DEAF_AFTER: Final = 10.0


class HealthLevel(enum.StrEnum):
    """``HEALTHY``: all is well; ``DEGRADED``: something is missing or slow; ``CRITICAL``: prices are not live."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    CRITICAL = "critical"


class Downtime:
    """Knows since when each link has been down: through all the attempts to connect, not since the last one."""

    def __init__(self) -> None:
        """Start with no link down."""
        self._since: dict[str, float] = {}

    def note(self, name: str, state: LinkState, now: float) -> None:
        """A link is in this state at ``now``, monotonic."""
        if state in (LinkState.CONNECTING, LinkState.WAITING):
            self._since.setdefault(name, now)
        else:
            self._since.pop(name, None)

    def seconds(self, now: float) -> dict[str, float]:
        """Return for how long each link that is down has been so, in seconds."""
        return {name: now - since for name, since in self._since.items()}


class Health(msgspec.Struct, frozen=True):
    """The level, and in plain words what keeps it from being healthy."""

    level: HealthLevel
    reasons: tuple[str, ...] = ()


def judge(
    links: Mapping[str, LinkStatus],
    down_for: Mapping[str, float],
    alerts: Sequence[Alert],
    unheard_for: float,
) -> Health:
    """Apply the rule.

    * Critical: the public link has been down for 60 s, or the network thread has not answered for 10 s.
    * Degraded: a link has been down for 10 s, or is open and not what it says, the exchange refuses the keys, or an
      alert is active.
    * Healthy: everything else. A link that nobody needs is not down, and to have no keys is no illness.

    Args:
        links: the state of each link by its name.
        down_for: for how long links that are wanted have not been connected, in seconds, see :class:`Downtime`.
        alerts: the active ones.
        unheard_for: for how long the network side has owed an answer, in seconds.
    """
    critical, degraded = [], []
    if unheard_for >= DEAF_AFTER:
        critical.append(f"the network thread has not answered for {unheard_for:.0f} s")
    for name, link in links.items():
        down = down_for.get(name, 0.0)
        why = f": {link.reason}" if link.reason else ""
        if link.state is LinkState.UNAUTHORIZED:
            # Without keys there is no time at which to try again.
            if link.retry_at is not None:
                degraded.append(f"the exchange refuses the keys of the {name} link{why}")
        elif down >= CRITICAL_AFTER and name == "public":
            critical.append(f"the {name} link has been down for {down:.0f} s{why}")
        elif down >= DEGRADED_AFTER:
            degraded.append(f"the {name} link has been down for {down:.0f} s{why}")
        elif link.state is LinkState.CONNECTED and link.reason:
            degraded.append(f"the {name} link is connected, but not all of it is live{why}")
    degraded += [alert.message for alert in alerts if alert.is_active]
    if critical:
        return Health(HealthLevel.CRITICAL, (*critical, *degraded))
    return Health(HealthLevel.DEGRADED if degraded else HealthLevel.HEALTHY, tuple(degraded))
