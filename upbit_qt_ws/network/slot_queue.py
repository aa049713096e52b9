"""Who waits for a limited call, in the order of asking. Pure."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from upbit_qt_ws.network.rate_limit import RateLimiter

_T = TypeVar("_T")


class SlotQueue(Generic[_T]):
    """First come, first served: only who is first may take the next slot, and who gives up leaves no gap.

    Args:
        limiter: says when the next call may be made.

    Attributes:
        calls, waited: how many slots were taken, and how many of them not at once.
        longest_wait: the longest wait for a slot, in seconds.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        """Start with nobody waiting."""
        self._limiter = limiter
        self._waiting: deque[tuple[_T, float]] = deque()
        self.calls = self.waited = 0
        self.longest_wait = 0.0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def first(self) -> _T | None:
        """Who has the next slot, None if nobody waits."""
        return self._waiting[0][0] if self._waiting else None

    def enter(self, waiter: _T, now: float) -> None:
        """Come in at the end."""
        self._waiting.append((waiter, now))

    def wait(self, waiter: _T, now: float) -> float:
        """Return how many seconds ``waiter`` must wait before it asks again; 0 when it has just taken its slot.

        ``inf`` for one that is not first: it has to be told when it has become that.
        """
        if self.first is not waiter:
            return math.inf
        delay = self._limiter.delay(now)
        if delay > 0.0:
            return delay
        _, since = self._waiting.popleft()
        self._limiter.take(now)
        self.calls += 1
        self.waited += now > since
        self.longest_wait = max(self.longest_wait, now - since)
        return 0.0

    def leave(self, waiter: _T) -> None:
        """Give the slot back without a call; those behind move up. Leaving twice does nothing."""
        self._waiting = deque(entry for entry in self._waiting if entry[0] is not waiter)
