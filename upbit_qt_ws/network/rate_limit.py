"""Rate limits that hold exactly in every rolling window, pure.

A generic cell rate algorithm with interval T and burst B admits up to B - 1 + ceil(W / T) calls in a window W. So sets
that hold leave much unused: 5 a second needs T = 1/3 and B = 3, which is 60 % of the limit under steady demand, and
with any jitter on the way even such a set breaks at the receiver. Here the times of the last calls are remembered
instead, as many as the limit allows: a call may be made when the one that many before it has left the window, widened
by a margin for the network. That is exact for every pattern of calls, uses 92 % of a limit per second, and costs a few
numbers of memory.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

MARGIN: Final = 0.08
"""Seconds that calls may arrive closer together than they were made without breaking a limit. Measured: with less, one
busy machine put 6 requests into a second as the receiver stamped them."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One limit: at most ``limit`` calls in any ``window`` seconds."""

    limit: int
    window: float


CONNECT_RATES: Final = (Rate(5, 1.0),)
"""Upbit: 5 new connections a second and address."""

MESSAGE_RATES: Final = (Rate(5, 1.0), Rate(100, 60.0))
"""Upbit: 5 messages a second and 100 a minute on one connection; both must hold."""


class RateLimiter:
    """Several limits that must all hold; asks nobody for the time and never sleeps.

    Attributes:
        scale: part of the limits that is used, above 0 and at most 1. Windows become longer by it; calls that were
            made stay booked.
    """

    def __init__(self, rates: tuple[Rate, ...], margin: float = MARGIN) -> None:
        """Start with all limits unused; ``margin`` is in seconds."""
        # Whole nanoseconds, rounded up: sums of floats would now and then be one bit short of the limit.
        self._logs: list[tuple[int, deque[int]]] = [
            (math.ceil((rate.window + margin) * 1e9) + 1, deque(maxlen=rate.limit)) for rate in rates
        ]
        self._held_until = 0
        self.scale = 1.0

    def delay(self, now: float) -> float:
        """Return how many seconds from ``now`` the next call must wait; 0 if it may be made at once."""
        moment = int(now * 1e9)
        ready_at = self._held_until
        for window, calls in self._logs:
            if len(calls) == calls.maxlen:
                ready_at = max(ready_at, calls[0] + math.ceil(window / self.scale))
        return max(0, ready_at - moment) / 1e9

    def take(self, now: float) -> None:
        """Book a call that is made at ``now``."""
        moment = int(now * 1e9)
        for _, calls in self._logs:
            calls.append(moment)

    def hold(self, now: float, seconds: float) -> None:
        """Admit no call for ``seconds`` from ``now``; a longer wait that was told before stays."""
        self._held_until = max(self._held_until, int((now + seconds) * 1e9))
