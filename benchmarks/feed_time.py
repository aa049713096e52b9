"""When a frame of the feed was sent."""

from __future__ import annotations

from typing import Final

SENT_BASE: Final = 10**12
"""Added to the microseconds of the monotonic clock, so that they always have 13 digits."""


def sent_at(stamp: int | None) -> float:
    """Return the sending time in monotonic seconds; 0.0 for a snapshot, whose stamp is a time since 1970."""
    return 0.0 if stamp is None or stamp > 1.5 * SENT_BASE else (stamp - SENT_BASE) / 1e6
