"""What the delivery of frames costs and how deep the queues were. Pure."""

from __future__ import annotations

from upbit_qt_ws.health.latency import LatencyHistogram, LatencySummary


class FrameMeter:
    """Measures each frame that is delivered to the GUI."""

    def __init__(self) -> None:
        """Start without a frame."""
        self._latencies = LatencyHistogram()
        self._deepest = 0

    def delivered(self, received_ns: int, deepest: int, now_ns: int) -> None:
        """A frame was delivered; all its slots have returned.

        Args:
            received_ns: when the event was received that has waited longest, monotonic nanoseconds.
            deepest: most events that one topic had waiting.
            now_ns: monotonic nanoseconds.
        """
        self._latencies.record((now_ns - received_ns) / 1e9, now_ns / 1e9)
        self._deepest = max(self._deepest, deepest)

    def take_deepest(self) -> int:
        """Return the most events that one topic had waiting since the last call."""
        deepest, self._deepest = self._deepest, 0
        return deepest

    def summary(self, now: float) -> LatencySummary:
        """Return the percentiles from the receipt of an event to the return of its slots, of the last half minute."""
        return self._latencies.summary(now)
