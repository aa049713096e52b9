"""The axes of the chart: times in Korea, prices on the market's grid, and tags of single values on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PyQt6.QtGui import QFont, QFontMetrics

from upbit_qt_widgets.base.formatting import short_number
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.chart.plotting import np, pg
from upbit_qt_ws.guard import guarded_returning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.chart.chart_data import ChartData

KOREA_SECONDS: Final = 9 * 3_600
"""Korea is nine hours ahead of UTC, without daylight saving."""

_DAY: Final = 86_400
_STEPS: Final = (
    1, 5, 10, 15, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200,
    _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY,
)  # fmt: skip
_LABEL_AIR: Final = 24
"""Least room between two labels of time, in pixels."""


class TaggedAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types.
    """An axis on which values can be marked by tags over its labels."""

    def __init__(self, orientation: str) -> None:
        """Make an axis at one side of a plot."""
        super().__init__(orientation)
        self.label_font = QFont()
        self._metrics = QFontMetrics(self.label_font)
        self.setStyle(tickLength=-4)

    def set_look(self, colors: MarketColors, font: QFont) -> None:
        """Take colours and a font."""
        self.label_font = font
        self._metrics = QFontMetrics(font)
        self.setPen(colors.line)
        self.setTextPen(colors.faint)
        self.setTickFont(font)

    def text_of(self, value: float) -> str:
        """Write a value for a tag."""
        raise NotImplementedError

    @property
    def tag_height(self) -> int:
        """The height of a tag, in pixels."""
        return self._metrics.height() + 2

    def width_of(self, words: str) -> int:
        """Return how wide words are, in pixels."""
        return self._metrics.horizontalAdvance(words)


class PriceAxis(TaggedAxis):
    """Prices with the decimals of the market's grid."""

    def __init__(self) -> None:
        """Make it at the right side."""
        super().__init__("right")
        self.grid_of_market = PriceGrid("")
        self.enableAutoSIPrefix(False)

    def fit(self, price: float) -> int:
        """Give it the width of prices like this one; return that, in pixels."""
        width = self.width_of(self.text_of(price * 1.1)) + 16
        self.setWidth(width)
        return width

    def text_of(self, price: float) -> str:
        """Write a price."""
        return f"{price:,.{self.grid_of_market.decimals(abs(price))}f}"

    @guarded_returning([])
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write the prices of some marks."""
        return [self.text_of(value) for value in values]


class VolumeAxis(TaggedAxis):
    """Volumes, shortened: 1.2k, 3.4M."""

    def __init__(self) -> None:
        """Make it at the right side."""
        super().__init__("right")
        self.enableAutoSIPrefix(False)

    def text_of(self, value: float) -> str:
        """Write a volume."""
        return short_number(value)

    @guarded_returning([])
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write the volumes of some marks."""
        return [short_number(value) for value in values]


class TimeAxis(TaggedAxis):
    """Times in Korea at round moments; equal distances on it are equal numbers of candles, not of seconds."""

    def __init__(self, data: ChartData) -> None:
        """Tell the times of ``data``."""
        super().__init__("bottom")
        self._data = data
        self.seconds = 60

    @guarded_returning([])
    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return the x of the candles with which a round period begins."""
        first, end = self._data.slice(minVal, maxVal)
        if end - first < 2 or size <= 0:
            return []
        starts = self._data.starts[first:end]
        pixels = size / max(1.0, maxVal - minVal)
        width = self.width_of("00-00 00:00") + _LABEL_AIR
        # By what a candle usually takes, for a quiet market has fewer of them than the clock has periods.
        typical = float(starts[-1] - starts[0]) / (end - first - 1)
        wanted = width / pixels * typical
        step = next((step for step in _STEPS if step >= wanted), 30 * _DAY)
        if step >= 30 * _DAY:
            months = starts.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
            buckets = months // max(1, round(wanted / (30 * _DAY)))
        else:
            buckets = (starts + (0 if step >= _DAY else KOREA_SECONDS)) // step
        marks = np.flatnonzero(np.diff(buckets)) + 1
        return [(float(step), [float(first + mark + self._data.first_x) for mark in marks])]

    @guarded_returning([])
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write the times of some candles."""
        return [self.text_of(value, spacing) for value in values]

    def text_of(self, x: float, spacing: float | None = None) -> str:
        """Write the time of a candle; the date alone where the marks are days apart, and all of it without marks."""
        place = round(x) - self._data.first_x
        if not 0 <= place < len(self._data):
            return ""
        start = int(self._data.starts[place])
        # Days and longer candles begin at 09:00 in Korea; they are known by their date.
        daily = self.seconds >= _DAY
        at = datetime.fromtimestamp(start, UTC) + timedelta(seconds=0 if daily else KOREA_SECONDS)
        clock = "%H:%M:%S" if self.seconds < 60 else "%H:%M"
        if spacing is None:
            return at.strftime("%Y-%m-%d" if daily else f"%m-%d {clock}")
        if spacing >= 30 * _DAY:
            return at.strftime("%Y-%m")
        if spacing >= _DAY or (at.hour, at.minute, at.second) == (0, 0, 0):
            return at.strftime("%m-%d")
        return at.strftime(clock)
