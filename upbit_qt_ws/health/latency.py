"""Percentiles of latencies that are recorded by the thousand: buckets in a sliding window. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORTEST: Final = 1e-5
_LONGEST: Final = 1e4
_PER_OCTAVE: Final = 8
_BUCKETS: Final = int(math.log2(_LONGEST / _SHORTEST) * _PER_OCTAVE) + 2

BUCKET_ERROR: Final = 2.0 ** (0.5 / _PER_OCTAVE) - 1.0
"""By what share of itself a percentile may be off: half a bucket, about 4.4 %."""


class LatencySummary(msgspec.Struct, frozen=True):
    """Percentiles of the latencies of the last half minute, in seconds.

    Attributes:
        count: how many were recorded; 0 means that the others say nothing.
        p50, p95, p99: percentiles, each off by 4.4 % at most; what is below 10 µs counts as 10 µs.
    """

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


class LatencyHistogram:
    """Records latencies in constant time and memory.

    The window has two halves: the older one is forgotten when the newer one is full, so a summary covers between a
    half and the whole of it.

    Args:
        window: its length, in seconds.
    """

    def __init__(self, window: float = 30.0) -> None:
        """Start empty."""
        self._half = window / 2
        self._ends_at = -math.inf
        self._newer = [0] * _BUCKETS
        self._older = [0] * _BUCKETS

    def record(self, seconds: float, now: float) -> None:
        """Record a latency. Hot path.

        Args:
            seconds: what is below 10 µs, also what is negative, counts as 10 µs.
            now: monotonic time, in seconds.
        """
        if now >= self._ends_at:
            self._turn(now)
        if seconds <= _SHORTEST:
            self._newer[0] += 1
        else:
            position = int(math.log2(seconds / _SHORTEST) * _PER_OCTAVE) + 1
            self._newer[position if position < _BUCKETS else -1] += 1

    def summary(self, now: float) -> LatencySummary:
        """Return the percentiles of what the window holds at ``now``."""
        if now >= self._ends_at:
            self._turn(now)
        counts = [newer + older for newer, older in zip(self._newer, self._older, strict=True)]
        total = sum(counts)
        if not total:
            return LatencySummary()
        return LatencySummary(total, *(_percentile(counts, math.ceil(total * share)) for share in (0.5, 0.95, 0.99)))

    def _turn(self, now: float) -> None:
        self._older = self._newer if now < self._ends_at + self._half else [0] * _BUCKETS
        self._newer = [0] * _BUCKETS
        self._ends_at = now + self._half


def _percentile(counts: Sequence[int], rank: int) -> float:
    """Return the geometric middle of the bucket that holds the latency with this rank."""
    seen = 0
    for position, count in enumerate(counts):
        seen += count
        if seen >= rank:
            return _SHORTEST if position == 0 else _SHORTEST * 2.0 ** ((position - 0.5) / _PER_OCTAVE)
    raise AssertionError(rank)
