"""The ticker of one market: price, change, and the figures of the last 24 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSlot
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from upbit_qt_widgets.formatting import (
    NOTHING,
    arrow,
    change_text,
    market_text,
    percent_text,
    price_text,
    size_text,
    turnover_text,
)
from upbit_qt_widgets.live_widget import LiveWidget
from upbit_qt_widgets.texts import text

if TYPE_CHECKING:
    from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent

_FIGURES = ("high", "low", "volume_24h", "turnover_24h")


class TickerWidget(LiveWidget):
    """Shows a market's ticker; red is up and blue is down unless ``color_scheme`` says ``western``.

    ``name`` is shown before the market code; empty by default.
    """

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
        self._status = QLabel(self)
        self._captions = {key: QLabel(self) for key in _FIGURES}
        self._values = {key: QLabel(self) for key in _FIGURES}
        self._lay_out()
        self.retranslate()
        self.clear()

    def _lay_out(self) -> None:
        self._price.setFont(_scaled(self.font(), 2.0, bold=True))
        self._change.setFont(_scaled(self.font(), 1.1, bold=True))
        self._title.setFont(_scaled(self.font(), 1.1, bold=True))
        left = QVBoxLayout()
        left.setSpacing(2)
        for label in (self._title, self._price, self._change):
            left.addWidget(label)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, key in enumerate(_FIGURES):
            self._captions[key].setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._values[key].setAlignment(right)
            grid.addWidget(self._captions[key], row, 0)
            grid.addWidget(self._values[key], row, 1)
        grid.setColumnStretch(1, 1)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.addLayout(left, 0, 0)
        layout.addLayout(grid, 0, 1)
        layout.addWidget(self._status, 1, 0, 1, 2)
        layout.setColumnStretch(0, 3)
        layout.setColumnStretch(1, 2)
        self._status.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def set_name(self, name: str) -> None:
        """Show a name, for example the Korean one, before the market code."""
        self._name = name
        self._show_title()

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to tickers."""
        proxy.ticker_received.connect(self._on_ticker)

    def subscribe(self, proxy: QtWebSocketProxy, market: str) -> list[Subscription]:
        """Take the market's ticker."""
        return [proxy.subscribe_ticker(market)]

    def clear(self) -> None:
        """Show dashes for all figures."""
        self._event = None
        self._show_title()
        for label in (self._price, *self._values.values()):
            label.setText(NOTHING)
        self._change.setText("")

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        for key, label in self._captions.items():
            label.setText(text(key, self._language))
        self._show_title()

    def show_state(self, words: str, faded: bool) -> None:
        """Show how the data stands below the figures; values that are not live are faded."""
        self._status.setText(f"● {words}")
        for label in (self._price, self._change, *self._values.values()):
            label.setEnabled(not faded)

    def refresh(self) -> None:
        """Show the newest ticker."""
        event = self._event
        if event is None:
            return
        code, change = event.code, event.signed_change_price
        color = self._colors.of(change)
        self._price.setText(price_text(code, event.trade_price))
        parts = (
            percent_text(event.signed_change_rate),
            arrow(change),
            change_text(code, event.trade_price, change),
        )
        self._change.setText("  ".join(part for part in parts if part))
        for label in (self._price, self._change):
            palette = label.palette()
            if palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText) != color:
                palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText, color)
                palette.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.WindowText, color)
                label.setPalette(palette)
        self._values["high"].setText(price_text(code, event.high_price))
        self._values["low"].setText(price_text(code, event.low_price))
        self._values["volume_24h"].setText(size_text(event.acc_trade_volume_24h))
        self._values["turnover_24h"].setText(turnover_text(code, event.acc_trade_price_24h, self._language))

    @pyqtSlot(object)
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market:
            self._event = event
            self.note(event.received_ns)

    def _show_title(self) -> None:
        code = market_text(self._market) if self._market else ""
        title = f"{self._name}  {code}" if self._name else code
        self._title.setText(title)
        self.setAccessibleName(f"{text('price', self._language)} {title}")


def _scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    scaled = QFont(font)
    scaled.setPointSizeF(font.pointSizeF() * factor)
    scaled.setBold(bold)
    return scaled
