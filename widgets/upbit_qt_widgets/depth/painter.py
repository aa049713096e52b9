"""Paints the parts of a depth chart; what does not change from frame to frame is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap

from upbit_qt_widgets.base.formatting import price_text
from upbit_qt_widgets.depth.lettering import At, Lettering
from upbit_qt_widgets.depth.range import size_texts, ticks

if TYPE_CHECKING:
    from PyQt6.QtCore import QSize

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.depth.curve import DepthCurve
    from upbit_qt_widgets.depth.range import DepthRange
    from upbit_qt_widgets.depth.scale import DepthScale
    from upbit_qt_widgets.depth.texts import Heading

TICK: Final = 4.0
"""Length of the marks at the axes, in pixels."""

_GAP: Final = 6.0
_FADED_ALPHA: Final = 0.45
_LABELS_APART: Final = 2.0
_LINES_APART: Final = 2.2
_LABEL_AIR: Final = 10.0


class DepthPainter:
    """Paints axes, curves and heading in the colours and the font of a widget.

    Attributes:
        faded: whether all is painted as no longer true.
    """

    def __init__(self, colors: MarketColors, lettering: Lettering) -> None:
        """Take colours and fonts."""
        self.faded = False
        self._price_labels: list[tuple[float, str]] = []
        self._size_labels: list[tuple[float, str]] = []
        self._lettering = lettering
        self.set_colors(colors)

    def set_lettering(self, lettering: Lettering) -> None:
        """Take other fonts; the labels have to be chosen anew then."""
        self._lettering = lettering

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._colors = colors
        self._line = QPen(colors.line, 1.0)
        self._mid = QPen(colors.faint, 1.0, Qt.PenStyle.DashLine)
        self._outlines = {True: QPen(colors.down, 1.0), False: QPen(colors.up, 1.0)}
        self._faded_outline = QPen(colors.faded, 1.0)
        # Opaque, for to blend them takes four times as long.
        grounds = ((True, colors.ask_bar), (False, colors.bid_bar))
        self._fills = {is_ask: _mixed(color, color.alphaF(), colors.base) for is_ask, color in grounds}
        self._faded_fills = {
            is_ask: _mixed(color, color.alphaF() * _FADED_ALPHA, colors.base) for is_ask, color in grounds
        }

    # -- axes -------------------------------------------------------------------------------------------------

    def label_sizes(self, seen: DepthRange, height: float) -> float:
        """Choose the labels of the axis of sizes for a height; return the room that they need, in pixels."""
        sizes = ticks(0.0, seen.top, seen.top * _LINES_APART * self._lettering.line_height / height)
        self._size_labels = list(zip(sizes, size_texts(sizes), strict=True))
        return max((self._lettering.width(words) for _, words in self._size_labels), default=0.0) + TICK + 2 * _GAP

    def label_prices(self, seen: DepthRange, grid: PriceGrid, width: float) -> None:
        """Choose the labels of the axis of prices for a width."""
        high, low = seen.high, max(0.0, seen.low)
        widest = max(self._lettering.width(price_text(grid, price)) for price in (low, high))
        # A step below the price unit would show the same price twice.
        least = max(grid.unit(low), grid.unit(high), (seen.high - seen.low) * (widest + _LABEL_AIR) / width)
        self._price_labels = [(price, price_text(grid, price)) for price in ticks(low, high, least)]

    def ground(self, scale: DepthScale, room: QSize, ratio: float) -> QPixmap:
        """Return the ground of the chart with the labels of both axes: all that stays the same for many frames.

        Args:
            scale: where things are.
            room: size of the chart; labels that do not fit in are left out.
            ratio: physical pixels per pixel.
        """
        picture = QPixmap(room * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._colors.base)
        painter = QPainter(picture)
        painter.setPen(self._colors.faint)
        letters, line = self._lettering, self._lettering.line_height
        plot, taken = scale.plot, 0.0
        for size, words in self._size_labels:
            row = QRectF(plot.right() + TICK + _GAP, round(scale.y(size)) - line / 2, 0.0, line)
            if row.top() >= plot.top() - TICK:
                letters.paint(painter, row, At.LEFT, words)
        for price, words in self._price_labels:
            x, half = round(scale.x(price)), letters.width(words) / 2
            if x - half - _LABELS_APART >= taken and x + half + _LABELS_APART <= room.width():
                letters.paint(painter, QRectF(x, plot.bottom() + TICK, 0.0, line), At.CENTRE, words)
                taken = x + half + _LABELS_APART
        painter.end()
        return picture

    # -- curves and heading -----------------------------------------------------------------------------------

    def paint_curves(self, painter: QPainter, scale: DepthScale, curve: DepthCurve) -> None:
        """Paint both sides, with lines at round sizes and prices."""
        plot, sides = scale.plot, [(True, scale.steps(curve.asks, True)), (False, scale.steps(curve.bids, False))]
        painter.setClipRect(plot)
        painter.setPen(Qt.PenStyle.NoPen)
        for is_ask, points in sides:
            painter.setBrush((self._faded_fills if self.faded else self._fills)[is_ask])
            painter.drawPolygon(points)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setClipping(False)
        self._paint_lines(painter, scale)
        painter.setClipping(True)
        for is_ask, points in sides:
            painter.setPen(self._faded_outline if self.faded else self._outlines[is_ask])
            # The far end has no edge: the book does not end there, or it ends outside.
            painter.drawPolyline(points[:-1])
        painter.setClipping(False)

    def _paint_lines(self, painter: QPainter, scale: DepthScale) -> None:
        """Paint lines at round sizes, and marks at round prices."""
        plot = scale.plot
        painter.setPen(self._line)
        for size, _ in self._size_labels:
            y = round(scale.y(size))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right() + TICK, y))
        for price, _ in self._price_labels:
            x = round(scale.x(price))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + TICK))

    def paint_mid(self, painter: QPainter, scale: DepthScale, mid: float) -> None:
        """Paint a line at the mid price."""
        painter.setPen(self._mid)
        x = round(scale.x(mid))
        painter.drawLine(QPointF(x, scale.plot.top()), QPointF(x, scale.plot.bottom()))

    def paint_heading(self, painter: QPainter, room: QRectF, middle: float, told: Heading) -> None:
        """Paint the captions and totals of both sides, and what is between them at ``middle``, in two lines."""
        colors, letters = self._colors, self._lettering
        faded, line = colors.faded if self.faded else None, letters.line_height
        above, below = (QRectF(room.left(), room.top() + row * line, room.width(), line) for row in range(2))
        # What the two sides may take up, if nothing were between them.
        left, right = middle - room.left() - _GAP, room.right() - middle - _GAP
        painter.setPen(faded or colors.up)
        letters.paint(painter, above, At.LEFT, told.bids, True)
        painter.setPen(faded or colors.down)
        letters.paint(painter, above, At.RIGHT, told.asks, True)
        painter.setPen(faded or colors.even)
        most = 2 * min(left - letters.width(told.bids, True), right - letters.width(told.asks, True))
        letters.paint(painter, _around(middle, above), At.CENTRE, letters.fitting(told.mid, most, True), True)
        # The totals may be so long that the shortest of the middle still fits between them.
        least = letters.width(told.spread[-1]) / 2
        totals = list(zip(told.bid_total, told.ask_total, strict=True))
        bids, asks = next((pair for pair in totals if self._fit(pair, left - least, right - least)), totals[-1])
        letters.paint(painter, below, At.LEFT, bids)
        letters.paint(painter, below, At.RIGHT, asks)
        painter.setPen(faded or colors.faint)
        most = 2 * min(left - letters.width(bids), right - letters.width(asks))
        letters.paint(painter, _around(middle, below), At.CENTRE, letters.fitting(told.spread, most))

    def paint_message(self, painter: QPainter, room: QRectF, message: str) -> None:
        """Paint words in place of the curves."""
        painter.setFont(self._lettering.plain)
        painter.setPen(self._colors.faint)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, message)

    def _fit(self, pair: tuple[str, str], left: float, right: float) -> bool:
        return self._lettering.width(pair[0]) <= left and self._lettering.width(pair[1]) <= right


def _around(middle: float, row: QRectF) -> QRectF:
    """Return a row of the same height that is centred elsewhere."""
    return QRectF(middle - row.width() / 2, row.top(), row.width(), row.height())


def _mixed(color: QColor, share: float, ground: QColor) -> QColor:
    """Return what a colour looks like on an opaque ground."""
    parts = zip(color.getRgb()[:3], ground.getRgb()[:3], strict=True)
    return QColor(*(round(share * (over or 0) + (1 - share) * (under or 0)) for over, under in parts))
