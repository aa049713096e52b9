"""The plots of the chart: candles above, volumes below; panning, zooming, and where the mouse is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QPointF, Qt, pyqtSignal, pyqtSlot

from upbit_qt_widgets.chart.axes import PriceAxis, TimeAxis, VolumeAxis
from upbit_qt_widgets.chart.items import CandleItem, VolumeItem
from upbit_qt_widgets.chart.live_layer import LiveLayer
from upbit_qt_widgets.chart.pictured_view import PicturedView
from upbit_qt_widgets.chart.plotting import pg

if TYPE_CHECKING:
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QKeyEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.chart.chart_data import ChartData

_SHOWN: Final = 120
"""Candles that are seen at first."""
_FEWEST: Final = 10
_MOST: Final = 2_000
_AHEAD: Final = 4
"""Empty places right of the newest candle."""
_AIR: Final = 0.08
"""Room above and below the prices that are seen, in their range."""
_NEAR: Final = 30
"""The view is near the oldest candle when there are fewer left of it."""
_GRID_ALPHA: Final = 60
_ANY_HEIGHT: Final = 16_777_215
_PRICE_SHARE, _VOLUME_SHARE = 4, 1


class ChartCanvas(PicturedView):
    """Shows a :class:`ChartData`; the range of prices follows the candles that are seen.

    Signals:
        older_wanted: the oldest candle is near the left edge.
        hovered: the x of the candle under the mouse; None when it is nowhere.
    """

    older_wanted = pyqtSignal()
    hovered = pyqtSignal(object)

    def __init__(self, data: ChartData, colors: MarketColors, parent: QWidget) -> None:
        """Show ``data``."""
        super().__init__(colors, parent)
        self._data = data
        self._times, self._hidden_times = TimeAxis(data), TimeAxis(data)
        self._prices, self._volumes = PriceAxis(), VolumeAxis()
        self.candles, self.volume = CandleItem(data, colors), VolumeItem(data, colors)
        self._upper = self._add_plot(0, self._hidden_times, self._prices, _PRICE_SHARE)
        self._lower = self._add_plot(2, self._times, self._volumes, _VOLUME_SHARE)
        self._hidden_times.setStyle(showValues=False)
        self._hidden_times.setHeight(0)
        self._lower.setXLink(self._upper)
        self._upper.addItem(self.candles)
        self._lower.addItem(self.volume)
        self._layer: LiveLayer = LiveLayer(data, self.candles, self.volume, (self._prices, self._times))
        self.lay_over(self._layer, self._upper, self._lower)
        self._upper.sigXRangeChanged.connect(self._on_range_changed)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self._upper.setXRange(_AHEAD - _SHOWN, _AHEAD, padding=0)
        self.set_colors(colors)

    def _add_plot(self, row: int, times: TimeAxis, values: TaggedValues, share: int) -> pg.ViewBox:
        """Add a view with its axes. A whole plot of the library would come with menus and panels that nobody needs."""
        box = pg.ViewBox(enableMenu=False)
        box.setMouseEnabled(x=True, y=False)
        box.disableAutoRange()
        box.setLimits(minXRange=_FEWEST, maxXRange=_MOST)
        self.addItem(box, row=row, col=0)
        self.addItem(values, row=row, col=1)
        self.addItem(times, row=row + 1, col=0)
        for axis in (times, values):
            axis.linkToView(box)
            axis.setGrid(_GRID_ALPHA)
            axis.setZValue(-1)
        self.ci.layout.setRowStretchFactor(row, share)
        return box

    # -- what is shown ----------------------------------------------------------------------------------------

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours, and the font of the window."""
        self.setBackground(colors.base)
        for axis in (self._times, self._hidden_times, self._prices, self._volumes):
            axis.set_look(colors, self.font())
        for item in (self.candles, self.volume):
            item.set_colors(colors)
        self.take_colors(colors)

    def set_volume_shown(self, shown: bool) -> None:
        """Show the volumes, or leave their room to the prices."""
        for item in (self._lower, self._volumes):
            item.setVisible(shown)
            item.setMaximumHeight(_ANY_HEIGHT if shown else 0)
        self.ci.layout.setRowStretchFactor(2, _VOLUME_SHARE if shown else 0)

    def set_market(self, grid: PriceGrid, seconds: int) -> None:
        """Write prices on this grid, and times as suits candles of this length in seconds."""
        self._prices.grid_of_market = grid
        self._times.seconds = self._hidden_times.seconds = seconds
        self._fit_axis()

    def renew(self, *, newest: bool) -> None:
        """Show all candles anew.

        Args:
            newest: whether to go to the newest one; else the view stays where it is.
        """
        self.candles.renew()
        self.volume.renew()
        self._fit_axis()
        if newest:
            self.go_to_newest()
        for axis in (self._times, self._hidden_times):
            axis.picture = None
            axis.update()
        self._show_newest()

    def append(self) -> None:
        """Show a candle that has begun; the view follows if the one before it was seen."""
        (left, right), _ = self._upper.viewRange()
        followed = right >= self._data.last_x - 1
        self.candles.renew()
        self.volume.renew()
        if followed:
            self._upper.setXRange(left + 1, right + 1, padding=0)
        self._show_newest()

    def update_last(self) -> None:
        """Show the newest candle's present state."""
        self._show_newest()

    def set_faded(self, faded: bool) -> None:
        """Make everything look old, or true again."""
        if faded != self.candles.faded:
            self.candles.set_faded(faded)
            self.volume.set_faded(faded)
            self._forget_picture()

    def go_to_newest(self) -> None:
        """Show the newest candles, as many as are seen now."""
        left, right = self.seen
        end = self._data.last_x + _AHEAD
        self._upper.setXRange(end - (right - left), end, padding=0)

    @property
    def seen(self) -> tuple[float, float]:
        """The x at the left and at the right edge."""
        left, right = self._upper.viewRange()[0]
        return float(left), float(right)

    @property
    def is_near_oldest(self) -> bool:
        """Whether few candles are left of the view."""
        return len(self._data) > 0 and self.seen[0] < self._data.first_x + _NEAR

    def _fit_axis(self) -> None:
        if len(self._data):
            self._volumes.setWidth(self._prices.fit(float(self._data.values[:, 1].max())))

    def _fit_prices(self) -> None:
        """Fit the prices that are seen, when they leave the range or fill too little of it."""
        (left, right), (bottom, top) = self._upper.viewRange()
        found = self._data.extent(left, right)
        if found is None:
            return
        low, high, volume = found
        air = (high - low or abs(high) * 0.001 or 1.0) * _AIR
        if low < bottom or high > top or high - low < (top - bottom) * (1 - 4 * _AIR):
            self._upper.setYRange(low - air, high + air, padding=0)
        highest = self._lower.viewRange()[1][1]
        if volume > highest or volume < highest * 0.6:
            self._lower.setYRange(0, volume * 1.1 or 1.0, padding=0)

    def _show_newest(self) -> None:
        self._fit_prices()
        self.rearrange()

    # -- moving about -----------------------------------------------------------------------------------------

    @pyqtSlot(object, object)
    def _on_range_changed(self, _box: object, _seen: object) -> None:
        self._fit_prices()
        if self.is_near_oldest:
            self.older_wanted.emit()

    @pyqtSlot(object)
    def _on_mouse_moved(self, place: QPointF) -> None:
        box = self._upper
        in_prices = box.sceneBoundingRect().contains(place)
        if not in_prices and not self._lower.sceneBoundingRect().contains(place):
            self.hide_cross()
            return
        at = box.mapSceneToView(place)
        self.show_cross(round(at.x()), float(at.y()) if in_prices else None)

    def show_cross(self, x: int, price: float | None) -> None:
        """Show lines at a candle, and at a price if one is given."""
        if not self._data.first_x <= x <= self._data.last_x:
            self.hide_cross()
            return
        self._layer.cross_x, self._layer.cross_price = x, price
        self.rearrange()
        self.hovered.emit(x)

    def hide_cross(self) -> None:
        """Take the lines away."""
        self._layer.cross_x = self._layer.cross_price = None
        self.rearrange()
        self.hovered.emit(None)

    def leaveEvent(self, ev: QEvent | None) -> None:
        """Take the lines away with the mouse."""
        super().leaveEvent(ev)
        self.hide_cross()

    def keyPressEvent(self, ev: QKeyEvent | None) -> None:
        """Move with the arrows, zoom with plus and minus, and go to either end."""
        if ev is None:
            return
        left, right = self.seen
        width = right - left
        key, keys = ev.key(), Qt.Key
        if key in (keys.Key_Left, keys.Key_Right):
            step = width / 10 * (-1 if key == keys.Key_Left else 1)
            self._upper.setXRange(left + step, right + step, padding=0)
        elif key in (keys.Key_Plus, keys.Key_Equal, keys.Key_Up):
            self._zoom(0.8)
        elif key in (keys.Key_Minus, keys.Key_Down):
            self._zoom(1.25)
        elif key == keys.Key_Home:
            self._upper.setXRange(self._data.first_x - 1, self._data.first_x - 1 + width, padding=0)
        elif key == keys.Key_End:
            self.go_to_newest()
        elif key == keys.Key_Escape:
            self.hide_cross()
        else:
            super().keyPressEvent(ev)
            return
        ev.accept()

    def _zoom(self, factor: float) -> None:
        """Show fewer or more candles; the newest one stays where it is."""
        left, right = self.seen
        width = min(max((right - left) * factor, _FEWEST), _MOST)
        self._upper.setXRange(right - width, right, padding=0)


TaggedValues = PriceAxis | VolumeAxis
