"""Rate limits as a generic cell rate algorithm (GCRA), pure.

A GCRA with interval T and burst B admits up to B - 1 + ceil(W / T) calls in a window W, so a burst as large as
the limit breaks the limit: 5 a second with T = 0.2 s and B = 5 admits 9 in a second. The sets below hold in
every rolling window; the property tests judge them with an exact sliding window.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rate:
    """One limit: a call per ``interval`` seconds on average, at most ``burst`` at once."""

    interval: float
    burst: int


CONNECT_RATES: Final = (Rate(0.36, 3),)
"""Upbit: 5 new connections a second and address. The margin is for the network: even when calls arrive up to 80 ms
closer together than they were made, no second sees more than 5."""

MESSAGE_RATES: Final = (Rate(0.36, 3), Rate(60 / 90, 10))
"""Upbit: 5 messages a second and 100 a minute on one connection; both must hold, with the same margin."""


class RateLimiter:
    """Several limits that must all hold; asks nobody for the time and never sleeps."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        """Start with the whole burst available."""
        # Whole nanoseconds, rounded up: sums of floats would now and then be one bit short of the limit.
        self._intervals = [math.ceil(rate.interval * 1e9) + 1 for rate in rates]
        self._bursts = [(rate.burst - 1) * interval for rate, interval in zip(rates, self._intervals, strict=True)]
        # Per limit the theoretical arrival time of the next call if calls came at the exact rate.
        self._arrivals: list[int] | None = None

    def delay(self, now: float) -> float:
        """Return how many seconds from ``now`` the next call must wait; 0 if it may be made at once."""
        if self._arrivals is None:
            return 0.0
        moment = int(now * 1e9)
        ready_at = max(map(operator.sub, self._arrivals, self._bursts), default=moment)
        return max(0, ready_at - moment) / 1e9

    def take(self, now: float) -> None:
        """Book a call that is made at ``now``."""
        moment = int(now * 1e9)
        arrivals = self._arrivals or [moment] * len(self._intervals)
        self._arrivals = [
            max(moment, arrival) + interval for arrival, interval in zip(arrivals, self._intervals, strict=True)
        ]
