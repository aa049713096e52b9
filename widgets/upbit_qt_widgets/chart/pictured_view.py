"""A view of a scene that is painted once and kept as a picture, with a layer over it that moves."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QRect, QRectF, pyqtSlot
from PyQt6.QtGui import QPainter, QPixmap, QRegion

from upbit_qt_widgets.chart.plotting import pg

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.chart.live_layer import LiveLayer

_WASTE: Final = 3
"""How many times more pixels are painted at most, in order to paint one place in place of two."""


class PicturedView(pg.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph has no types.
    """Paints its scene anew only when that changes; what moves with each tick is a :class:`LiveLayer` over it."""

    def __init__(self, colors: MarketColors, parent: QWidget) -> None:
        """Start without a picture."""
        super().__init__(parent)
        self._colors = colors
        self._layer: LiveLayer | None = None
        self._boxes: tuple[pg.ViewBox, pg.ViewBox]
        # The scene as it was last painted, and what of it is covered by the layer, and is to be painted next.
        self._picture: QPixmap | None = None
        self._covered: list[QRect] = []
        self._dirty: list[QRect] = []
        self.scene().changed.connect(self._on_scene_changed)

    def lay_over(self, layer: LiveLayer, upper: pg.ViewBox, lower: pg.ViewBox) -> None:
        """Take the layer, and the boxes that it is for."""
        self._layer, self._boxes = layer, (upper, lower)

    def take_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._colors = colors
        self._forget_picture()

    def rearrange(self) -> None:
        """Have painted anew what the layer covered until now, and what it covers from now on."""
        if self._picture is None or self._layer is None:
            return
        before, self._covered = self._covered, self._layer.arrange(self._colors)
        viewport = self.viewport()
        for old, new in zip_longest(before, self._covered, fillvalue=QRect()):
            both = old.united(new)
            # What moves a little is one place.
            for place in (both,) if _area(both) <= _WASTE * (_area(old) + _area(new)) else (old, new):
                if place not in self._dirty:
                    self._dirty.append(place)
                    viewport.update(place)

    def _forget_picture(self) -> None:
        """Have everything painted anew: anything but the newest candle or the lines under the mouse has changed."""
        self._picture = None
        self.viewport().update()

    @pyqtSlot("QList<QRectF>")
    def _on_scene_changed(self, _places: object) -> None:
        self._forget_picture()

    def resizeEvent(self, ev: Any) -> None:
        """Take another size."""
        super().resizeEvent(ev)
        # The library calls this while it makes the view, too.
        if hasattr(self, "_picture"):
            self._forget_picture()

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Paint the picture of the scene, and the layer over it."""
        viewport = self.viewport()
        picture = self._picture
        if picture is None or picture.devicePixelRatio() != viewport.devicePixelRatioF():
            picture = self._paint_picture()
        region, dirty = ev.region(), self._dirty
        self._dirty = []
        places = [region.boundingRect()]
        if region.rectCount() > 1:
            known = QRegion()
            for place in dirty:
                known += place
            if known.intersected(viewport.rect()) == region:
                places = dirty
        painter = QPainter(viewport)
        ratio = picture.devicePixelRatio()
        for place in places:
            # One by one: within a clip of many rectangles an image is painted far slower.
            painter.setClipRect(place)
            source = QRectF(place.x() * ratio, place.y() * ratio, place.width() * ratio, place.height() * ratio)
            painter.drawPixmap(QRectF(place), picture, source)
        painter.setClipping(False)
        if self._layer is not None:
            self._layer.paint(painter)
        painter.end()

    def _paint_picture(self) -> QPixmap:
        viewport = self.viewport()
        ratio = viewport.devicePixelRatioF()
        picture = QPixmap(viewport.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._colors.base)
        painter = QPainter(picture)
        self.render(painter, QRectF(viewport.rect()), viewport.rect())
        painter.end()
        self._picture = picture
        if self._layer is not None:
            self._layer.lay_over(*self._boxes)
            self._covered = self._layer.arrange(self._colors)
        return picture


def _area(place: QRect) -> int:
    return place.width() * place.height()
