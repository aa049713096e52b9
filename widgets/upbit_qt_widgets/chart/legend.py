"""The line of values above a chart, in their colours."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QEvent, QSize
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPalette
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from upbit_qt_widgets.base.cells import LEFT
from upbit_qt_widgets.base.formatting import NOTHING, percent_text, price_text, size_text
from upbit_qt_widgets.base.numerals import Numerals
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.chart.words import WORDS
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PyQt6.QtGui import QPaintEvent

    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_widgets.chart.candle_series import Candle

_AIR: Final = 1
"""How far letters may reach beyond their widths, in pixels."""


class Part(NamedTuple):
    """Words in one colour.

    Attributes:
        words: with the spaces around them.
        ink: None for the colour of the window's text.
    """

    words: str
    ink: QColor | None = None


class Legend(QLabel):
    """Shows parts one after the other; a label, but one that lays out and paints only the parts that have changed.

    Rich text would be laid out as a whole at each tick, and all of the window's layout after it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty line."""
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._lefts: list[float] = [0.0]
        self._metrics = QFontMetricsF(self.font())
        self._numerals = Numerals(self.font())
        # What it says must not widen the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @guarded_returning("")
    def text(self) -> str:
        """Return all words."""
        return "".join(part.words for part in self._parts)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show other parts; what stays where it is is not painted anew."""
        before, lefts_before = self._parts, self._lefts
        self._parts = tuple(parts)
        changed = [number for number, pair in enumerate(zip(before, self._parts, strict=False)) if pair[0] != pair[1]]
        if not changed and len(before) == len(self._parts):
            return
        first = changed[0] if changed else min(len(before), len(self._parts))
        self._lefts = lefts_before[: first + 1]
        for number, part in enumerate(self._parts[first:], first):
            known = number < len(before) and part.words == before[number].words
            width = lefts_before[number + 1] - lefts_before[number] if known else self._width(part.words)
            self._lefts.append(self._lefts[-1] + width)
        start = max(0, int(self._lefts[first]) - _AIR)
        end = self.width()
        if len(before) == len(self._parts) and lefts_before[changed[-1] + 1] == self._lefts[changed[-1] + 1]:
            end = int(self._lefts[changed[-1] + 1]) + _AIR
        self.update(start, 0, end - start, self.height())
        self.setAccessibleName(self.text())

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return the height of a line."""
        return QSize(0, self.fontMetrics().height())

    @guarded_returning(QSize())
    def minimumSizeHint(self) -> QSize:
        """Return the height of a line."""
        return self.sizeHint()

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._metrics, self._numerals = QFontMetricsF(self.font()), Numerals(self.font())
            parts, self._parts, self._lefts = self._parts, (), [0.0]
            self.show_parts(parts)
            self.updateGeometry()
            self.update()

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the parts that are exposed and have room; half a figure would be another one."""
        if a0 is None:
            return
        exposed, painter = a0.rect(), QPainter(self)
        usual = self.palette().color(QPalette.ColorRole.WindowText)
        for number, part in enumerate(self._parts[: self.shown_count]):
            left, right = self._lefts[number], self._lefts[number + 1]
            # Where the area only touches a part, that has a space.
            if left < exposed.right() - _AIR and right > exposed.left() + _AIR:
                painter.setPen(part.ink or usual)
                self._numerals.paint(painter, left, 0, right - left, self.height(), LEFT, part.words)
        painter.end()

    @property
    def shown_count(self) -> int:
        """How many parts there is room for; a single one is cut where the line ends."""
        fits = bisect_right(self._lefts, self.width() + _AIR) - 1
        # A caption without its value says nothing.
        while 1 < fits < len(self._parts) and self._parts[fits - 1].words.endswith(" "):
            fits -= 1
        return max(1, fits)

    def _width(self, words: str) -> float:
        width = self._numerals.width(words)
        return self._metrics.horizontalAdvance(words) if width is None or words.endswith(" ") else width


def candle_parts(
    candle: Candle, grid: PriceGrid, language: Language, ink: QColor, averages: Iterable[tuple[int, QColor]]
) -> list[Part]:
    """Return the values of a candle, and which averages have which colours.

    Args:
        candle: whose values.
        grid: how finely its prices are written.
        language: of the words.
        ink: of the values.
        averages: their periods in candles, and their colours.
    """
    parts: list[Part] = []
    for key, value in (
        ("open", price_text(grid, candle.open)),
        ("high", price_text(grid, candle.high)),
        ("low", price_text(grid, candle.low)),
        ("close", price_text(grid, candle.close)),
        ("volume", size_text(candle.volume) or "0"),
    ):
        gap = " " if parts else ""
        parts += Part(f"{gap}{pick(WORDS[key], language)} "), Part(value, ink)
    parts.append(Part(" "))
    parts.append(Part(percent_text(candle.close / candle.open - 1) if candle.open else NOTHING, ink))
    parts += (Part(f"  MA{period}", tone) for period, tone in averages)
    return parts
