"""The candles as arrays, for painting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.chart.plotting import np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from upbit_qt_widgets.chart.candle_series import Candle

OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)
_COLUMNS: Final = 5


class ChartData:
    """What is painted. A candle's x is its place, counted from the oldest of the first page; older ones are negative.

    So nothing on the screen moves when older candles are put before it.

    Attributes:
        first_x: x of the oldest candle.
        starts: beginnings of the candles in seconds since 1970 UTC, shape (n,).
        values: open, high, low, close, volume, shape (n, 5).
        periods: of the moving averages, in candles.
        averages: moving averages of the closes, shape (len(periods), n); NaN where there are not enough candles.
    """

    def __init__(self, periods: Sequence[int]) -> None:
        """Begin without candles."""
        self.first_x = 0
        self.starts: NDArray[np.int64] = np.empty(0, np.int64)
        self.values: NDArray[np.float64] = np.empty((0, _COLUMNS))
        self.periods = tuple(periods)
        self.averages: NDArray[np.float64] = np.empty((len(self.periods), 0))
        # What a tick does not change: sums of the closes before the newest, by period, and the last extent that was
        # asked for, without the newest candle.
        self._sums: list[float | None] = []
        self._closed: tuple[tuple[int, int], tuple[float, float, float]] | None = None

    def __len__(self) -> int:
        """Return how many candles there are."""
        return len(self.starts)

    @property
    def last_x(self) -> int:
        """The x of the newest candle; one less than that of the oldest when there is none."""
        return self.first_x + len(self) - 1

    def set_periods(self, periods: Sequence[int]) -> None:
        """Take other moving averages."""
        self.periods = tuple(periods)
        self._average()

    def load(self, candles: Sequence[Candle], older: int) -> None:
        """Take all candles anew.

        Args:
            candles: oldest first.
            older: how many of them are before the one that was the oldest until now.
        """
        self.first_x = self.first_x - older if len(self) else 0
        self.starts = np.array([candle.start for candle in candles], np.int64)
        self.values = np.array(
            [(item.open, item.high, item.low, item.close, item.volume) for item in candles], np.float64
        ).reshape(-1, _COLUMNS)
        self._average()

    def clear(self) -> None:
        """Forget all."""
        self.first_x = 0
        self.load((), 0)

    def set_last(self, candle: Candle) -> None:
        """Take the newest candle's present state."""
        self.values[-1] = candle.open, candle.high, candle.low, candle.close, candle.volume
        for row, (period, total) in enumerate(zip(self.periods, self._sums, strict=True)):
            if total is not None:
                self.averages[row, -1] = (total + candle.close) / period

    def slice(self, left: float, right: float) -> tuple[int, int]:
        """Return the places, first and behind the last, of the candles that are seen between two x."""
        first = max(0, int(np.floor(left - self.first_x + 0.5)))
        return first, max(first, min(len(self), int(np.ceil(right - self.first_x + 0.5))))

    def extent(self, left: float, right: float) -> tuple[float, float, float] | None:
        """Return the lowest and highest price and the largest volume between two x; None if there is no candle."""
        first, end = self.slice(left, right)
        if first >= end:
            return None
        closed = min(end, len(self) - 1)
        known = self._closed_extent(first, closed) if first < closed else None
        if known is not None and closed == end:
            return known
        _, high, low, _, volume = self.values[-1].tolist()
        if known is None:
            return low, high, volume
        lowest, highest, largest = known
        return min(low, lowest), max(high, highest), max(volume, largest)

    def _closed_extent(self, first: int, end: int) -> tuple[float, float, float]:
        """Return the extent of candles without the newest one, the same until another one begins or the view moves."""
        if self._closed is None or self._closed[0] != (first, end):
            seen = self.values[first:end]
            extent = float(seen[:, LOW].min()), float(seen[:, HIGH].max()), float(seen[:, VOLUME].max())
            self._closed = (first, end), extent
        return self._closed[1]

    def _average(self) -> None:
        self.averages = np.full((len(self.periods), len(self)), np.nan)
        sums = np.concatenate(([0.0], np.cumsum(self.values[:, CLOSE])))
        for row, period in enumerate(self.periods):
            if len(self) >= period:
                self.averages[row, period - 1 :] = (sums[period:] - sums[:-period]) / period
        count = len(self)
        closes = self.values[:, CLOSE]
        self._sums = [
            float(closes[count - period : count - 1].sum()) if count >= period else None for period in self.periods
        ]
        self._closed = None
