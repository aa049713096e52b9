"""When a frame of the feed was sent: it tells that in place of the time of its last trade."""

from __future__ import annotations

import time
from typing import Final

SENT_BASE: Final = 1_300_000_000_000
"""A time in 2011, in ms: what a client believes to be a time, and no frame of the exchange tells today."""

_TURN: Final = 100_000_000_000
"""Microseconds after which the stamps begin anew, so that they stay below the times of the exchange: 27 hours."""


def stamp() -> int:
    """Return the stamp of a frame that is sent now: 13 digits, microseconds of the monotonic clock."""
    return SENT_BASE + time.monotonic_ns() // 1000 % _TURN


def age_of(stamped: int | None) -> float | None:
    """Return how long ago a frame was sent, in seconds; None for a snapshot, whose stamp is a time since 1970."""
    if stamped is None or stamped >= SENT_BASE + _TURN:
        return None
    return (stamp() - stamped) % _TURN / 1e6
