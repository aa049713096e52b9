"""Volume and turnover of the last 24 hours, which slide smoothly and not by the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_ws.testing.candles import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.testing.candles import Bar

_BUCKET_MS: Final = 240 * MINUTE_MS
_BUCKETS: Final = DAY_MS // _BUCKET_MS


class RollingDay:
    """Sums over buckets of four hours; the oldest one leaves in proportion to the time that has passed."""

    def __init__(self, bars: Iterable[Bar], now_ms: int) -> None:
        """Begin with the 240-minute candles before ``now_ms``, newest first."""
        self._buckets: dict[int, list[int]] = {}
        self._newest = now_ms // _BUCKET_MS
        self._volume = 0
        self._turnover = 0
        for bar in bars:
            bucket = bar.start // _BUCKET_MS
            if bucket < self._newest - _BUCKETS:
                break
            self._add(bucket, bar.volume, bar.turnover)

    def add(self, time_ms: int, volume: int, turnover: int) -> None:
        """Count one trade."""
        self._advance(time_ms // _BUCKET_MS)
        self._add(time_ms // _BUCKET_MS, volume, turnover)

    def totals(self, now_ms: int) -> tuple[int, int]:
        """Return volume (units of 1e-8) and turnover (units of 1e-16) of the 24 hours before ``now_ms``."""
        newest = now_ms // _BUCKET_MS
        self._advance(newest)
        leaving = self._buckets.get(newest - _BUCKETS)
        if leaving is None:
            return self._volume, self._turnover
        left = _BUCKET_MS - now_ms % _BUCKET_MS
        return self._volume + leaving[0] * left // _BUCKET_MS, self._turnover + leaving[1] * left // _BUCKET_MS

    def _add(self, bucket: int, volume: int, turnover: int) -> None:
        sums = self._buckets.setdefault(bucket, [0, 0])
        sums[0] += volume
        sums[1] += turnover
        if bucket > self._newest - _BUCKETS:
            self._volume += volume
            self._turnover += turnover

    def _advance(self, newest: int) -> None:
        while self._newest < newest:
            self._newest += 1
            leaving = self._buckets.get(self._newest - _BUCKETS)
            if leaving is not None:
                self._volume -= leaving[0]
                self._turnover -= leaving[1]
            self._buckets.pop(self._newest - _BUCKETS - 1, None)
