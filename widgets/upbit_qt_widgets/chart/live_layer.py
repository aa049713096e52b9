"""What moves in a chart with each tick and with the mouse, painted over a picture of all the rest.

To paint the scene of a chart takes milliseconds, most of it for axes and candles that have not changed. So they are
painted once for a range, and a tick paints only the newest candle, the line at its price and the tags on the axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap, QTransform

from upbit_qt_widgets.base.cells import CENTRE
from upbit_qt_widgets.base.numerals import Numerals

if TYPE_CHECKING:
    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.chart.axes import TaggedAxis
    from upbit_qt_widgets.chart.chart_data import ChartData
    from upbit_qt_widgets.chart.items import CandleItem, VolumeItem
    from upbit_qt_widgets.chart.plotting import pg

_NEWEST_LEFT, _NEWEST_RIGHT = 1.0, 0.5
"""How far the newest candle and the ends of the averages reach, in candles; a line's width comes on top."""

_TAG_AIR: Final = 8
_LINE: Final = 2
"""Air for the width of a line, in pixels."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A box of the chart as it stands in the picture.

    Attributes:
        rect: its place, in pixels of the viewport.
        left, right: x at its edges.
        bottom, top: y at its edges.
        transform: from x and y to pixels.
    """

    rect: QRectF
    left: float
    right: float
    bottom: float
    top: float
    transform: QTransform

    @classmethod
    def of(cls, box: pg.ViewBox) -> Plot:
        """Return how a box stands now; a scene's pixels are those of the viewport."""
        (left, right), (bottom, top) = box.viewRange()
        # The bounding rectangle is half a pixel larger.
        rect: QRectF = box.mapRectToScene(box.rect())
        transform = QTransform.fromTranslate(rect.left(), rect.bottom())
        transform.scale(rect.width() / (right - left), -rect.height() / (top - bottom))
        return cls(rect, left, right, bottom, top, transform.translate(-left, -bottom))

    def x_of(self, value: float) -> float:
        """Return the pixel of an x; of one that is out of range, a pixel beyond the edge."""
        share = (value - self.left) / (self.right - self.left)
        return self.rect.left() + min(max(share, -1.0), 2.0) * self.rect.width()

    def y_of(self, value: float) -> float:
        """Return the pixel of a y; of one that is out of range, a pixel beyond the edge."""
        share = (value - self.bottom) / (self.top - self.bottom)
        return self.rect.bottom() - min(max(share, -1.0), 2.0) * self.rect.height()


class Tag(NamedTuple):
    """A value that is marked on an axis."""

    place: QRect
    words: str
    ground: QColor
    ink: QColor


class LiveLayer:
    """Knows what is to be painted over the picture, and where that is.

    Attributes:
        cross_x: x of the candle under the mouse; None for none.
        cross_price: price under the mouse; None for none.
        plots: both boxes as they stand in the picture; None while there is no picture.
    """

    def __init__(
        self, data: ChartData, candles: CandleItem, volume: VolumeItem, axes: tuple[TaggedAxis, TaggedAxis]
    ) -> None:
        """Take what is painted, and the axes of prices and times."""
        self._data = data
        self._candles, self._volume = candles, volume
        self._prices, self._times = axes
        self._price = 0.0
        self.cross_x: int | None = None
        self.cross_price: float | None = None
        self.plots: tuple[Plot, Plot] | None = None
        self._price_place, self._time_place = QRectF(), QRectF()
        self._tags: list[Tag] = []
        self._price_color: QColor | None = None
        self._price_ink = QColor()
        self._strip: QPixmap | None = None
        self._cross_pen = QPen()
        self._numerals = Numerals(self._prices.label_font)

    def lay_over(self, upper: pg.ViewBox, lower: pg.ViewBox) -> None:
        """Lay itself over a picture of these boxes and of the axes as they stand now."""
        self.plots = Plot.of(upper), Plot.of(lower)
        # Their bounding rectangles hold the grid too.
        self._strip, self._numerals = None, Numerals(self._prices.label_font)
        self._price_place, self._time_place = (axis.mapRectToScene(axis.rect()) for axis in (self._prices, self._times))

    def arrange(self, colors: MarketColors) -> list[QRect]:
        """Look where everything is now; return the places that it takes, in pixels of the viewport."""
        self._tags.clear()
        if self.plots is None:
            return []
        upper, lower = self.plots
        places: list[QRect] = []
        if len(self._data):
            x = self._data.last_x
            left, right = int(upper.x_of(x - _NEWEST_LEFT)), int(upper.x_of(x + _NEWEST_RIGHT)) + 1
            places.append(_place(left, upper.rect.top(), right - left, lower.rect.bottom() - upper.rect.top()))
            opened, _, _, close, _ = self._data.values[-1].tolist()
            color = colors.faded if self._candles.faded else colors.up if close >= opened else colors.down
            self._price = close
            if color is not self._price_color:
                self._price_color, self._price_ink = color, _ink_on(color)
                self._strip = None
            places.append(_place(upper.rect.left(), upper.y_of(close), upper.rect.width(), 1))
            self._tag_price(close, color, self._price_ink, places)
        if self.cross_x is None:
            return places
        self._cross_pen = _line_pen(colors.faint, Qt.PenStyle.DashLine)
        places += [_place(plot.x_of(self.cross_x), plot.rect.top(), 1, plot.rect.height()) for plot in self.plots]
        self._tag_time(self.cross_x, colors.even, colors.base, places)
        if self.cross_price is not None:
            places.append(_place(upper.rect.left(), upper.y_of(self.cross_price), upper.rect.width(), 1))
            self._tag_price(self.cross_price, colors.even, colors.base, places)
        return places

    def paint(self, painter: QPainter) -> None:
        """Paint everything over the picture."""
        if self.plots is None:
            return
        upper, lower = self.plots
        if len(self._data):
            self._paint_newest(painter, upper, self._candles)
            if lower.rect.height() > 1:
                self._paint_newest(painter, lower, self._volume)
            painter.resetTransform()
            painter.setOpacity(1.0)
            painter.setClipping(False)
            if upper.bottom <= self._price <= upper.top:
                y = round(upper.y_of(self._price))
                painter.drawPixmap(round(upper.rect.left()), y, self._price_strip(painter, round(upper.rect.width())))
        if self.cross_x is not None:
            self._paint_cross(painter, self.cross_x)
        painter.setFont(self._prices.label_font)
        for place, words, ground, ink in self._tags:
            painter.fillRect(place, ground)
            painter.setPen(ink)
            self._numerals.paint(painter, place.left(), place.top(), place.width(), place.height(), CENTRE, words)

    def _paint_newest(self, painter: QPainter, plot: Plot, item: CandleItem | VolumeItem) -> None:
        painter.resetTransform()
        painter.setClipRect(plot.rect)
        painter.setOpacity(item.opacity())
        painter.setTransform(plot.transform)
        item.paint_newest(painter)

    def _price_strip(self, painter: QPainter, width: int) -> QPixmap:
        """Return the line at the newest price: to paint all its dots takes five times as long."""
        if self._strip is None:
            device = painter.device()
            ratio = 1.0 if device is None else device.devicePixelRatioF()
            self._strip = QPixmap(round(width * ratio), round(ratio))
            self._strip.setDevicePixelRatio(ratio)
            self._strip.fill(Qt.GlobalColor.transparent)
            dots = QPainter(self._strip)
            dots.setPen(_line_pen(self._price_color or QColor(), Qt.PenStyle.DotLine))
            dots.drawLine(0, 0, width, 0)
            dots.end()
        return self._strip

    def _paint_cross(self, painter: QPainter, x: float) -> None:
        assert self.plots is not None
        upper, lower = self.plots
        painter.setPen(self._cross_pen)
        if self.cross_price is not None:
            _draw_across(painter, upper, self.cross_price)
        for plot in (upper, lower):
            at = round(plot.x_of(x))
            if plot.rect.left() <= at <= plot.rect.right():
                painter.drawLine(at, round(plot.rect.top()), at, round(plot.rect.bottom()))

    def _tag_price(self, price: float, ground: QColor, ink: QColor, places: list[QRect]) -> None:
        assert self.plots is not None
        plot, axis = self.plots[0], self._price_place
        if plot.bottom <= price <= plot.top:
            height = self._prices.tag_height
            top = round(plot.y_of(price) - height / 2)
            place = QRect(round(axis.left() + 1), top, round(axis.width() - 1), height)
            self._add_tag(Tag(place, self._prices.text_of(price), ground, ink), places)

    def _tag_time(self, x: int, ground: QColor, ink: QColor, places: list[QRect]) -> None:
        assert self.plots is not None
        plot, axis = self.plots[0], self._time_place
        if plot.left <= x <= plot.right:
            words = self._times.text_of(x)
            width = self._times.width_of(words) + _TAG_AIR
            left = min(max(axis.left(), plot.x_of(x) - width / 2), axis.right() - width)
            place = QRect(round(left), round(axis.top() + 1), width, self._times.tag_height)
            self._add_tag(Tag(place, words, ground, ink), places)

    def _add_tag(self, tag: Tag, places: list[QRect]) -> None:
        self._tags.append(tag)
        places.append(_place(tag.place.left(), tag.place.top(), tag.place.width(), tag.place.height()))


def _place(left: float, top: float, width: float, height: float) -> QRect:
    return QRect(int(left) - _LINE, int(top) - _LINE, int(width) + 2 * _LINE + 1, int(height) + 2 * _LINE + 1)


def _draw_across(painter: QPainter, plot: Plot, value: float) -> None:
    y = round(plot.y_of(value))
    painter.drawLine(round(plot.rect.left()), y, round(plot.rect.right()), y)


def _line_pen(color: QColor, style: Qt.PenStyle) -> QPen:
    pen = QPen(color, 1.0, style)
    pen.setCosmetic(True)
    return pen


def _ink_on(color: QColor) -> QColor:
    """Return black or white, whichever can be read on a colour."""
    bright = color.lightness() > 150
    return QPalette(color).color(QPalette.ColorRole.WindowText) if bright else color.fromString("#ffffff")
