"""What is painted of the candles: bodies, wicks, volumes and moving averages; only what is exposed, as whole arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from upbit_qt_widgets.chart.chart_data import CLOSE, HIGH, LOW, OPEN, VOLUME
from upbit_qt_widgets.chart.plotting import PrimitiveArray, np, pg
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.chart.chart_data import ChartData

_BODY: Final = 0.7
"""Width of a body, in candles."""

_HOLLOW_PIXELS: Final = 4
"""From this width of a body on, rising ones are hollow, so that colour is not all that tells them apart."""

_AVERAGES: Final = {
    True: tuple(map(QColor, ("#e6b450", "#4cc38a", "#c08cf0", "#9aa4b2"))),
    False: tuple(map(QColor, ("#b07b00", "#0b7a50", "#7a3fb5", "#636c7a"))),
}
"""Colours of the moving averages, on a dark ground and on a light one."""

_NONE: Final = QBrush(Qt.BrushStyle.NoBrush)
_Y_MARGIN: Final = 2.0
"""How far the bounding rectangle goes beyond the prices, in their range."""


class _Item(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types.
    """An item in whose coordinates x is a candle's; it paints only what is exposed, and the newest candle apart."""

    def __init__(self, data: ChartData) -> None:
        super().__init__()
        self._data = data
        self._bounds = QRectF()
        self.faded = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        raise NotImplementedError

    def set_faded(self, faded: bool) -> None:
        """Look old, or true again."""
        self.faded = faded
        self.setOpacity(0.45 if faded else 1.0)

    @guarded_returning(QRectF())
    def boundingRect(self) -> QRectF:
        """Return the bounds, in candles and in the unit of y."""
        return self._bounds

    def renew(self) -> None:
        """Paint all anew: candles were added."""
        self.prepareGeometryChange()
        self._bounds = self._measure()
        self.update()

    def paint_newest(self, p: QPainter) -> None:
        """Paint the newest candle, of which there must be one; :meth:`paint` leaves it out."""
        raise NotImplementedError

    def _measure(self) -> QRectF:
        raise NotImplementedError

    def _exposed(self, option: QStyleOptionGraphicsItem | None) -> tuple[int, int]:
        rect = self._bounds if option is None else option.exposedRect
        first, end = self._data.slice(rect.left() - 1, rect.right() + 1)
        return first, min(end, len(self._data) - 1)

    def _xs(self, first: int, end: int) -> NDArray[np.float64]:
        return np.arange(first, end, dtype=np.float64) + self._data.first_x


class CandleItem(_Item):
    """The candles and the moving averages over them."""

    def __init__(self, data: ChartData, colors: MarketColors) -> None:
        """Paint ``data``."""
        super().__init__(data)
        self.set_colors(colors)
        self._wicks, self._bodies, self._points = (
            PrimitiveArray(QLineF, 4),
            PrimitiveArray(QRectF, 4),
            PrimitiveArray(QPointF, 2),
        )

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._up, self._down = _thin(colors.up), _thin(colors.down)
        self._average_pens = tuple(map(_thin, average_colors(colors)))
        self.update()

    @guarded
    def paint(self, p: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Paint what is exposed."""
        first, end = self._exposed(option)
        if p is None or first >= end:
            return
        seen, xs = self._data.values[first:end], self._xs(first, end)
        hollow = _BODY * p.transform().m11() >= _HOLLOW_PIXELS
        rising = seen[:, CLOSE] >= seen[:, OPEN]
        for chosen, pen, brush in ((rising, self._up, _NONE if hollow else None), (~rising, self._down, None)):
            if chosen.any():
                self._paint_kind(p, xs[chosen], seen[chosen], pen, brush or pen.brush())
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for means, pen in zip(self._data.averages, self._average_pens, strict=False):
            self._paint_average(p, xs, means[first:end], pen)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def paint_newest(self, p: QPainter) -> None:
        """Paint the newest candle, and the averages up to it."""
        x = float(self._data.last_x)
        opened, high, low, close, _ = self._data.values[-1].tolist()
        top, bottom, pen = max(opened, close), min(opened, close), self._up if close >= opened else self._down
        p.setPen(pen)
        p.drawLine(QLineF(x, low, x, bottom))
        p.drawLine(QLineF(x, top, x, high))
        if top == bottom:
            p.drawLine(QLineF(x - _BODY / 2, top, x + _BODY / 2, top))
        p.setBrush(_NONE if close >= opened and _BODY * p.transform().m11() >= _HOLLOW_PIXELS else pen.brush())
        p.drawRect(QRectF(x - _BODY / 2, bottom, _BODY, top - bottom))
        if len(self._data) < 2:
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for means, ink in zip(self._data.averages[:, -2:].tolist(), self._average_pens, strict=False):
            if means[0] == means[0]:
                p.setPen(ink)
                p.drawLine(QLineF(x - 1, means[0], x, means[1]))
        p.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_kind(
        self, p: QPainter, xs: NDArray[np.float64], seen: NDArray[np.float64], pen: QPen, brush: QBrush
    ) -> None:
        tops, bottoms = np.maximum(seen[:, OPEN], seen[:, CLOSE]), np.minimum(seen[:, OPEN], seen[:, CLOSE])
        # A wick above the body and one below it, so that nothing shines through a hollow one; and for bodies without
        # height a line, since an empty rectangle paints nothing.
        flat = tops == bottoms
        count, flats = len(xs), int(flat.sum())
        self._wicks.resize(2 * count + flats)
        lines = self._wicks.ndarray()
        for part, start, end in (
            (lines[:count], seen[:, LOW], bottoms),
            (lines[count : 2 * count], tops, seen[:, HIGH]),
        ):
            part[:, 0], part[:, 1], part[:, 2], part[:, 3] = xs, start, xs, end
        if flats:
            part, left = lines[2 * count :], xs[flat] - _BODY / 2
            part[:, 0], part[:, 1], part[:, 2], part[:, 3] = left, tops[flat], left + _BODY, tops[flat]
        self._bodies.resize(count)
        bodies = self._bodies.ndarray()
        bodies[:, 0], bodies[:, 1], bodies[:, 2], bodies[:, 3] = xs - _BODY / 2, bottoms, _BODY, tops - bottoms
        p.setPen(pen)
        p.drawLines(*self._wicks.drawargs())
        p.setBrush(brush)
        p.drawRects(*self._bodies.drawargs())

    def _paint_average(self, p: QPainter, xs: NDArray[np.float64], means: NDArray[np.float64], pen: QPen) -> None:
        # Only the oldest candles have no mean.
        first = int(np.isnan(means).sum())
        if len(means) - first < 2:
            return
        self._points.resize(len(means) - first)
        points = self._points.ndarray()
        points[:, 0], points[:, 1] = xs[first:], means[first:]
        p.setPen(pen)
        p.drawPolyline(*self._points.drawargs())

    def _measure(self) -> QRectF:
        data = self._data
        found = data.extent(data.first_x, data.last_x)
        if found is None:
            return QRectF()
        low, high, _ = found
        margin = (high - low or high or 1.0) * _Y_MARGIN
        return QRectF(data.first_x - 1, low - margin, len(data) + 1, high - low + 2 * margin)


class VolumeItem(_Item):
    """The volumes as bars."""

    def __init__(self, data: ChartData, colors: MarketColors) -> None:
        """Paint ``data``."""
        super().__init__(data)
        self.set_colors(colors)
        self._bars: Any = PrimitiveArray(QRectF, 4)

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._up, self._down = QBrush(colors.bid_bar), QBrush(colors.ask_bar)
        self.update()

    @guarded
    def paint(self, p: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None) -> None:
        """Paint what is exposed."""
        first, end = self._exposed(option)
        if p is None or first >= end:
            return
        seen, xs = self._data.values[first:end], self._xs(first, end)
        rising = seen[:, CLOSE] >= seen[:, OPEN]
        p.setPen(Qt.PenStyle.NoPen)
        for chosen, brush in ((rising, self._up), (~rising, self._down)):
            count = int(chosen.sum())
            if count:
                self._bars.resize(count)
                bars = self._bars.ndarray()
                bars[:, 0], bars[:, 1], bars[:, 2], bars[:, 3] = (
                    xs[chosen] - _BODY / 2,
                    0.0,
                    _BODY,
                    seen[chosen, VOLUME],
                )
                p.setBrush(brush)
                p.drawRects(*self._bars.drawargs())

    def paint_newest(self, p: QPainter) -> None:
        """Paint the newest candle's volume."""
        opened, _, _, close, volume = self._data.values[-1].tolist()
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(self._up if close >= opened else self._down)
        p.drawRect(QRectF(self._data.last_x - _BODY / 2, 0.0, _BODY, volume))

    def _measure(self) -> QRectF:
        data = self._data
        found = data.extent(data.first_x, data.last_x)
        return QRectF() if found is None else QRectF(data.first_x - 1, 0.0, len(data) + 1, found[2] * _Y_MARGIN or 1.0)


def average_colors(colors: MarketColors) -> tuple[QColor, ...]:
    """Return the colours of the moving averages; none is that of a rise or a fall."""
    return _AVERAGES[colors.base.lightness() < 128]


def _thin(color: QColor) -> QPen:
    pen = QPen(color)
    pen.setCosmetic(True)
    return pen
