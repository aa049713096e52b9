"""Alerts: raised once when something gets bad, resolved once when it is well again. Pure."""

from __future__ import annotations

import enum
import math
from collections import deque
from typing import Final

import msgspec

RESOLVE_SHARE: Final = 0.8
"""An alert is resolved below this share of its threshold, so that a value at the threshold does not make it flap."""

CALM_SECONDS: Final = 10.0
"""How long the value must stay below that."""

COOLDOWN_SECONDS: Final = 60.0
"""How long after it was raised an alert is not raised again."""

_HISTORY: Final = 100


class AlertKind(enum.StrEnum):
    """What is bad.

    ``ERROR_RATE``: frames that cannot be used; ``LATENCY``: events are old when they come; ``DELIVERY``: they wait
    long for the GUI; ``QUEUE``: so many wait that some will be dropped; ``RECONNECTS``: the connection is lost again
    and again; ``INACTIVITY``: a busy topic is silent; ``MEMORY``: the process grows; ``OVERFLOW``: orders or balances
    of the account were lost for want of room; ``FAULT``: a part of the toolkit has failed (:mod:`upbit_qt_ws.faults`).
    """

    ERROR_RATE = "error_rate"
    LATENCY = "latency"
    DELIVERY = "delivery"
    QUEUE = "queue"
    RECONNECTS = "reconnects"
    INACTIVITY = "inactivity"
    MEMORY = "memory"
    OVERFLOW = "overflow"
    FAULT = "fault"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is bad, or was.

    Attributes:
        kind: what.
        message: it in plain words, with its figures.
        hint: what to do about it, in plain words.
        raised_value: the figure that it was raised with.
        value: the figure that it was raised with, or once it is well again the one that resolved it.
        threshold: the figure that it went over.
        raised_at: monotonic time, in seconds.
        resolved_at: when it was well again, monotonic; None while it is not.
    """

    kind: AlertKind
    message: str
    hint: str
    raised_value: float
    value: float
    threshold: float
    raised_at: float
    resolved_at: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is still bad."""
        return self.resolved_at is None


class Condition(msgspec.Struct, frozen=True):
    """A figure that may be bad.

    Attributes:
        kind: of the alert.
        value: the figure.
        threshold: above which it is bad.
        message: what to say then.
        hint: what to do then.
    """

    kind: AlertKind
    value: float
    threshold: float
    message: str
    hint: str


class AlertBook:
    """Keeps the alerts.

    Each kind is raised when its value is above the threshold, at most once a minute, and resolved when the value has
    been below 80 % of the threshold for ten seconds.
    """

    def __init__(self) -> None:
        """Start without an alert."""
        self._active: dict[AlertKind, Alert] = {}
        self._calm_since: dict[AlertKind, float] = {}
        self._last_raised: dict[AlertKind, float] = {}
        self._past: deque[Alert] = deque(maxlen=_HISTORY)

    @property
    def active(self) -> tuple[Alert, ...]:
        """The alerts that are not resolved, the oldest first."""
        return tuple(self._active.values())

    @property
    def past(self) -> tuple[Alert, ...]:
        """The last hundred alerts that were resolved, the oldest first."""
        return tuple(self._past)

    def judge(self, conditions: list[Condition], now: float) -> list[Alert]:
        """Look at all figures at ``now`` (monotonic); return what was raised or resolved by it."""
        changed = []
        for condition in conditions:
            alert = self._judge(condition, now)
            if alert is not None:
                changed.append(alert)
        return changed

    def _judge(self, condition: Condition, now: float) -> Alert | None:
        kind = condition.kind
        active = self._active.get(kind)
        if active is None:
            cool = now - self._last_raised.get(kind, -math.inf) >= COOLDOWN_SECONDS
            if condition.value <= condition.threshold or not cool:
                return None
            self._last_raised[kind] = now
            self._calm_since.pop(kind, None)
            alert = Alert(
                kind=kind,
                message=condition.message,
                hint=condition.hint,
                raised_value=condition.value,
                value=condition.value,
                threshold=condition.threshold,
                raised_at=now,
            )
            self._active[kind] = alert
            return alert
        if condition.value >= condition.threshold * RESOLVE_SHARE:
            self._calm_since.pop(kind, None)
            return None
        if now - self._calm_since.setdefault(kind, now) < CALM_SECONDS:
            return None
        del self._active[kind]
        resolved = msgspec.structs.replace(active, value=condition.value, resolved_at=now)
        self._past.append(resolved)
        return resolved


def alert_report(alert: Alert, now: float) -> dict[str, object]:
    """Return an alert as a mapping that can be written as JSON; times become seconds before ``now``."""
    return {
        "kind": alert.kind.value,
        "message": alert.message,
        "hint": alert.hint,
        "raised_value": round(alert.raised_value, 4),
        "value": round(alert.value, 4),
        "threshold": alert.threshold,
        "raised_s_ago": round(now - alert.raised_at, 1),
        "resolved_s_ago": None if alert.resolved_at is None else round(now - alert.resolved_at, 1),
    }
