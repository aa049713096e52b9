"""Rates and shares out of counters that only grow, smoothed. Pure."""

from __future__ import annotations

import math
from typing import Final

TIME_CONSTANT: Final = 10.0
"""After how many seconds a change of a rate shows to 63 %."""


class EwmaRate:
    """An exponentially weighted moving average of how fast a counter grows, in 1/s.

    Args:
        time_constant: in seconds.
    """

    def __init__(self, time_constant: float = TIME_CONSTANT) -> None:
        """Start at zero."""
        self._time_constant = time_constant
        self._count: float | None = None
        self._at = 0.0
        self._is_first = True
        self.value = 0.0

    def update(self, count: float, now: float) -> float:
        """Take the counter as it is at ``now`` (monotonic); return the rate."""
        if self._count is None or count < self._count:
            # The first look, or a counter that began anew.
            self._count, self._at = count, now
            return self.value
        elapsed = now - self._at
        if elapsed <= 0.0:
            return self.value
        rate = (count - self._count) / elapsed
        # The first interval has no past to be weighed against.
        weight = 1.0 if self._is_first else 1.0 - math.exp(-elapsed / self._time_constant)
        self._is_first = False
        self.value += weight * (rate - self.value)
        self._count, self._at = count, now
        return self.value


class EwmaShare:
    """The share of one counter's growth in that of another, smoothed.

    Args:
        time_constant: in seconds.
    """

    def __init__(self, time_constant: float = TIME_CONSTANT) -> None:
        """Start at zero."""
        self._part = EwmaRate(time_constant)
        self._whole = EwmaRate(time_constant)

    def update(self, part: float, whole: float, now: float) -> float:
        """Take both counters as they are at ``now``; return the share, 0 while the second one rests."""
        one, all_ = self._part.update(part, now), self._whole.update(whole, now)
        return min(1.0, one / all_) if all_ > 1e-9 else 0.0
