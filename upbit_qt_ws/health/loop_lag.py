"""How late an event loop does what is due, measured by a beat that it should have kept. Pure."""

from __future__ import annotations

from upbit_qt_ws.health.latency import LatencyHistogram, LatencySummary


class LoopLag:
    """Compares the beats of a loop with the times at which they were due.

    Args:
        interval: between two beats, in seconds.
    """

    def __init__(self, interval: float) -> None:
        """Expect no beat yet."""
        self.interval = interval
        self._due: float | None = None
        self._lags = LatencyHistogram()

    def beat(self, now: float) -> None:
        """The loop has come to it at ``now``, monotonic; the next beat is due an interval later."""
        if self._due is not None:
            self._lags.record(max(0.0, now - self._due), now)
        self._due = now + self.interval

    def pause(self) -> None:
        """No beat is expected for a while."""
        self._due = None

    def summary(self, now: float) -> LatencySummary:
        """Return the percentiles of the last half minute."""
        return self._lags.summary(now)
