"""How long events take from the exchange to here, though the two clocks may not agree. Pure."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from upbit_qt_ws.health.latency import LatencyHistogram, LatencySummary

_MINUTES: Final = 60
_IMPLAUSIBLE: Final = 0.5
_STEP: Final = 0.5


class ClockOffset:
    """Estimates by how much this machine's clock is ahead of the exchange's.

    The *lag* of an event is the time of its receipt on the local clock minus the time that the exchange put on it: the
    latency plus the offset. The smallest lag of the last hour is the fastest delivery, so what it holds is nearly the
    offset alone, if it cannot be a latency:

    * below zero it is all offset: nothing arrives before it is sent;
    * above half a second, too: not even the fastest of an hour's events can have taken so long, halfway round the
      world;
    * between the two it may be either, and counts as latency. That is far less than what an alert is raised for, so
      that a clock alone raises none.

    The hour makes a connection that falls behind show as latency and not as a clock that is off. When the local clock
    is set, the lags of before say nothing any more and are forgotten.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._lowest: deque[float] = deque(maxlen=_MINUTES)
        self._minute_ends = -math.inf
        self._base: float | None = None
        self._offset: float | None = None

    @property
    def offset(self) -> float | None:
        """How far this machine's clock is ahead, in seconds, negative if it is behind; None before the first event."""
        return self._offset

    def lag(self, lag: float, wall: float, now: float) -> float:
        """Take the lag of an event and return its latency, both in seconds.

        Args:
            lag: receipt on the local clock minus the exchange's time.
            wall: the local clock, in seconds.
            now: monotonic time, in seconds.
        """
        base = wall - now
        if self._base is None or abs(base - self._base) > _STEP:
            self._lowest.clear()
            self._minute_ends = -math.inf
        self._base = base
        if now >= self._minute_ends:
            self._lowest.append(lag)
            self._minute_ends = now + 60.0
            self._estimate()
        elif lag < self._lowest[-1]:
            self._lowest[-1] = lag
            self._estimate()
        assert self._offset is not None
        return lag - self._offset

    def _estimate(self) -> None:
        lowest = min(self._lowest)
        self._offset = 0.0 if 0.0 <= lowest <= _IMPLAUSIBLE else lowest


class ArrivalMeter:
    """Latencies from the exchange to the receipt, of some of the events of one socket.

    Attributes:
        clock: the estimate of the clocks' difference.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.clock = ClockOffset()
        self._latencies = LatencyHistogram()

    def record(self, timestamp: int, wall: float, now: float) -> None:
        """Record an event.

        Args:
            timestamp: when the exchange made it, in milliseconds since 1970.
            wall: the local clock at its receipt, in seconds since 1970.
            now: monotonic time of its receipt, in seconds.
        """
        self._latencies.record(self.clock.lag(wall - timestamp / 1000, wall, now), now)

    def summary(self, now: float) -> LatencySummary:
        """Return the percentiles of the last half minute."""
        return self._latencies.summary(now)
