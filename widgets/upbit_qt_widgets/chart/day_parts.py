"""The days of the week or month that is running, which its candle is put together from. Pure.

The exchange streams no candles of days and longer. But each ticker tells the open, high, low and volume of its UTC day
so far, which miss nothing, however few tickers are seen. A week is its closed days, which REST tells, and the day that
is running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_widgets.chart.candle_series import Candle
from upbit_qt_widgets.chart.intervals import start_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import CandleEvent


def day_counts(interval: str) -> int:
    """Return how many days have to be known for the running candle of an interval; 0 if it is not made of days."""
    return {"1w": 8, "1M": 32}.get(interval, 0)


class DayParts:
    """The days of one market that are known."""

    def __init__(self) -> None:
        """Know none."""
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._days: dict[int, Candle] = {}
        self._since: int | None = None
        self._today = 0

    def load(self, candles: Iterable[CandleEvent], count: int) -> None:
        """Take the newest days as REST tells them.

        Args:
            candles: oldest first.
            count: how many were asked for; if fewer have come, there are no more.
        """
        days = [Candle.of(event) for event in candles]
        for day in days:
            known = self._days.get(day.start)
            # A day that has ended is told by REST as it ended; the last tickers of it may not have been seen.
            if known is None or day.start < self._today or day.timestamp >= known.timestamp:
                self._days[day.start] = day
        if days:
            self._today = max(self._today, days[-1].start)
            self._since = days[0].start if len(days) >= count else 0

    def take(self, day: Candle) -> bool:
        """Take the day that is running; say whether it is another one than before, which has closed now."""
        begins = day.start > self._today > 0
        known = self._days.get(day.start)
        if day.start >= self._today and (known is None or day.timestamp >= known.timestamp):
            self._today = day.start
            self._days[day.start] = day
        return begins

    def running(self, interval: str) -> Candle | None:
        """Return the candle of the interval that is running; None while not all of its days are known."""
        start = start_of(interval, self._today)
        if self._since is None or self._since > start or self._today not in self._days:
            return None
        parts = [self._days[day] for day in sorted(self._days) if day >= start]
        return Candle(
            start,
            parts[0].open,
            max(part.high for part in parts),
            min(part.low for part in parts),
            parts[-1].close,
            sum(part.volume for part in parts),
            parts[-1].timestamp,
        )
