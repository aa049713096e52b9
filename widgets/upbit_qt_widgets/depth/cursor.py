"""Paints the cursor of a depth chart: a line, a dot, and a box that tells of one level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.depth.lettering import At, Lettering

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.depth.curve import DepthLevel
    from upbit_qt_widgets.depth.scale import DepthScale
    from upbit_qt_widgets.depth.texts import Readout

_GAP: Final = 12.0
_DOT: Final = 3.5


class DepthCursor:
    """Paints the cursor in the colours and the font of a widget.

    Attributes:
        faded: whether it tells of what is no longer true.
    """

    def __init__(self, colors: MarketColors, lettering: Lettering) -> None:
        """Take colours and fonts."""
        self.faded = False
        self._lettering = lettering
        self.set_colors(colors)

    def set_lettering(self, lettering: Lettering) -> None:
        """Take other fonts."""
        self._lettering = lettering

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._colors = colors
        self._line = QPen(colors.even, 1.0, Qt.PenStyle.DotLine)
        self._ring = QPen(colors.base, 1.5)
        self._border = QPen(colors.line, 1.0)

    def paint(self, painter: QPainter, scale: DepthScale, level: DepthLevel, told: Readout) -> None:
        """Paint it at a level; the box is on the side of the middle, where the curves are low."""
        plot, colors = scale.plot, self._colors
        ink = colors.faded if self.faded else colors.down if level.is_ask else colors.up
        # Keys reach levels that are too far out to be seen.
        x = min(max(float(round(scale.x(level.price))), plot.left()), plot.right() - 1)
        y = min(max(scale.y(level.size), plot.top()), plot.bottom())
        painter.setPen(self._line)
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._ring)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        width, height = self._measure(told)
        left = x - _GAP - width if level.is_ask else x + _GAP
        left = round(max(plot.left() + 1, min(left, plot.right() - width - 1)))
        self._paint_box(painter, QRectF(left, round(plot.top()) + 2, width, height), ink, told)

    def _paint_box(self, painter: QPainter, box: QRectF, ink: QColor, told: Readout) -> None:
        colors, letters, line = self._colors, self._lettering, self._lettering.line_height
        painter.setPen(self._border)
        painter.setBrush(colors.base)
        painter.drawRect(box)
        row = QRectF(box.left() + PADDING, box.top() + PADDING / 2, box.width() - 2 * PADDING, line)
        painter.setPen(ink)
        letters.paint(painter, row, At.LEFT, told.title, True)
        for caption, value in told.lines:
            row.translate(0, line)
            painter.setPen(colors.faint)
            letters.paint(painter, row, At.LEFT, caption)
            painter.setPen(colors.faded if self.faded else colors.even)
            letters.paint(painter, row, At.RIGHT, value)

    def _measure(self, told: Readout) -> tuple[float, float]:
        """Return the size of the box, in pixels."""
        letters = self._lettering
        captions, values = (max(map(letters.width, words)) for words in zip(*told.lines, strict=True))
        width = round(max(captions + _GAP + values, letters.width(told.title, True)) + 2 * PADDING)
        return float(width), (1 + len(told.lines)) * letters.line_height + PADDING
