"""The ticker of one market: price, change, and the figures of the day and of the last 24 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import RIGHT
from upbit_qt_widgets.base.formatting import (
    NOTHING,
    arrow,
    change_text,
    market_text,
    percent_text,
    price_text,
    size_text,
    turnover_text,
)
from upbit_qt_widgets.base.live_widget import LiveWidget
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import SAMPLE_MARKET, sample_ticker
from upbit_qt_widgets.base.texts import text

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor

    from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent

_FIGURES = ("high", "low", "volume_24h", "turnover_24h")
_WIDEST = {"value": "116,539,000.00", "price": "▲ 116,539,000"}


class TickerWidget(LiveWidget):
    """Shows a market's ticker; red is up and blue is down unless ``color_scheme`` says ``western``.

    ``name`` is shown before the market code. It is empty by default, and emptied when the market changes: the
    exchange's stream does not carry names.

    Signals:
        name_changed: the new name.
    """

    name_changed = pyqtSignal(str)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._event: TickerEvent | None = None
        self._name = ""
        self._title = QLabel(self)
        self._price = QLabel(self)
        self._change = QLabel(self)
        self._captions = {key: QLabel(self) for key in _FIGURES}
        self._values = {key: QLabel(self) for key in _FIGURES}
        self._lay_out()
        self._set_fonts()
        self.retranslate()
        self.clear()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(2)
        for label in (self._title, self._price, self._change):
            left.addWidget(label)
        left.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for row, key in enumerate(_FIGURES):
            self._captions[key].setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._values[key].setAlignment(Qt.AlignmentFlag(RIGHT))
            grid.addWidget(self._captions[key], row, 0)
            grid.addWidget(self._values[key], row, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(_FIGURES), 1)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setHorizontalSpacing(20)
        layout.addLayout(left, 0, 0)
        layout.addLayout(grid, 0, 1)
        layout.addWidget(self._state_line, 1, 0, 1, 2)
        layout.setColumnStretch(0, 3)
        layout.setColumnStretch(1, 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _set_fonts(self) -> None:
        """Take the widget's font; widths that fit the longest texts keep the layout still while figures change."""
        self._price.setFont(_scaled(self.font(), 2.0, bold=True))
        self._change.setFont(_scaled(self.font(), 1.1, bold=True))
        self._title.setFont(_scaled(self.font(), 1.1, bold=True))
        self._price.setMinimumWidth(self._price.fontMetrics().horizontalAdvance(_WIDEST["price"]))
        for label in self._values.values():
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(_WIDEST["value"]))

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._set_fonts()

    # -- properties -------------------------------------------------------------------------------------------

    def _get_name(self) -> str:
        return self._name

    def set_name(self, name: str) -> None:
        """Show a name, for example the Korean one, before the market code."""
        if name != self._name:
            self._name = name
            self._show_title()
            self.name_changed.emit(name)

    name = qt_property(str, notify=name_changed)(_get_name).setter(set_name)

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to tickers."""
        proxy.ticker_received.connect(self._on_ticker)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the market's ticker."""
        return [proxy.subscribe_ticker(codes)]

    def show_sample(self) -> None:
        """Show a sample of a ticker."""
        self._market = self._market or SAMPLE_MARKET
        self._event = sample_ticker(self._market)
        self._show_title()

    def clear(self) -> None:
        """Show dashes for all figures, and no name."""
        self._event = None
        self.set_name("")
        self._show_title()
        for label in (self._price, *self._values.values()):
            label.setText(NOTHING)
        self._change.setText("")
        self._set_ink(self._colors.even)

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        for key, label in self._captions.items():
            label.setText(text(key, self._language))
        self._show_title()

    def recolor(self) -> None:
        """Show the direction in the current colours."""
        self._set_ink(self._colors.of(self._event.signed_change_price if self._event else None))

    def fade(self, faded: bool) -> None:
        """Grey the figures."""
        for label in (self._price, self._change, *self._values.values()):
            label.setEnabled(not faded)

    def refresh(self) -> None:
        """Show the newest ticker."""
        event = self._event
        if event is None:
            return
        code, change = event.code, event.signed_change_price
        grid = self.grid(code)
        self._set_ink(self._colors.of(change))
        self._price.setText(price_text(grid, event.trade_price))
        direction = arrow(change)
        signed = change_text(grid, event.trade_price, change)
        self._change.setText(
            f"{percent_text(event.signed_change_rate)}   {direction}{' ' if direction else ''}{signed}"
        )
        self._values["high"].setText(price_text(grid, event.high_price))
        self._values["low"].setText(price_text(grid, event.low_price))
        self._values["volume_24h"].setText(size_text(event.acc_trade_volume_24h))
        self._values["turnover_24h"].setText(turnover_text(code, event.acc_trade_price_24h, self._language))

    def _set_ink(self, color: QColor) -> None:
        groups, role = QPalette.ColorGroup, QPalette.ColorRole.WindowText
        for label in (self._price, self._change):
            palette = label.palette()
            if palette.color(groups.Active, role) != color:
                palette.setColor(groups.Active, role, color)
                palette.setColor(groups.Inactive, role, color)
                label.setPalette(palette)

    @pyqtSlot(object)
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market:
            self._event = event
            self.note(event)

    def _show_title(self) -> None:
        code = market_text(self._market) if self._market else ""
        title = f"{self._name}  {code}" if self._name else code
        self._title.setText(title)
        self.setAccessibleName(f"{text('price', self._language)} {title}")


def _scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * factor)
    else:
        # The font is measured in pixels.
        scaled.setPixelSize(round(font.pixelSize() * factor))
    scaled.setBold(bold)
    return scaled
