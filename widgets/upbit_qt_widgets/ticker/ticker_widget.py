"""The ticker of one market: price, change, and the figures and the line of the last 24 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from upbit_qt_widgets.base.answers import deliver
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
from upbit_qt_widgets.base.labels import PlainLabel, set_least_width, set_whole_text
from upbit_qt_widgets.base.live_widget import LiveWidget
from upbit_qt_widgets.base.market_notes import market_notes
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import SAMPLE_MARKET, sample_candles, sample_markets, sample_ticker
from upbit_qt_widgets.base.texts import text
from upbit_qt_widgets.base.values import parse_flag, parse_text
from upbit_qt_widgets.ticker.day_prices import COUNT, INTERVAL, DayPrices
from upbit_qt_widgets.ticker.figures import Figures
from upbit_qt_widgets.ticker.price_line import PriceLine
from upbit_qt_ws import SubscriptionState, UpbitQtError
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor, QHideEvent, QShowEvent

    from upbit_qt_ws import CandleEvent, GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_records import MarketInfo

_FIGURES: Final = ("high", "low", "volume_24h", "turnover_24h")
_WIDEST_PRICE: Final = "▲ 116,539,000"
_HALF_HOUR_SECONDS: Final = 1_800
_RETRY_MILLISECONDS: Final = 10_000


class TickerWidget(LiveWidget):
    """Shows a market's ticker; red is up and blue is down unless ``color_scheme`` says ``western``.

    The highest and lowest price and the small line are of the last 24 hours, from candles of half hours: the exchange's
    ticker tells those of the UTC day only, which are shown, and named so, until the candles have come. The dotted line
    is the close of the previous day.

    Signals:
        name_changed: the new name.
        line_shown_changed: whether the small line is shown.
    """

    name_changed = pyqtSignal(str)
    line_shown_changed = pyqtSignal(bool)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._event: TickerEvent | None = None
        self._info: MarketInfo | None = None
        self._name = ""
        self._day = DayPrices()
        self._asked = ""
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(_RETRY_MILLISECONDS)
        self._retry.timeout.connect(self._ask_day)
        self._title = PlainLabel(self)
        self._notes = PlainLabel(self)
        self._price = PlainLabel(self)
        self._change = PlainLabel(self)
        self._line = PriceLine(self)
        self._figures = Figures(_FIGURES, self)
        self._lay_out()
        self._set_fonts()
        self.retranslate()
        self.clear()
        self.state_changed.connect(self._on_state)

    def _lay_out(self) -> None:
        self._notes.setWordWrap(True)
        left = QVBoxLayout()
        left.setSpacing(2)
        for label in (self._title, self._price, self._change):
            left.addWidget(label)
        left.addWidget(self._line)
        left.addStretch(1)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setHorizontalSpacing(20)
        layout.addLayout(left, 0, 0)
        layout.addWidget(self._figures, 0, 1)
        layout.addWidget(self._notes, 1, 0, 1, 2)
        layout.addWidget(self._state_line, 2, 0, 1, 2)
        layout.setColumnStretch(0, 3)
        layout.setColumnStretch(1, 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _set_fonts(self) -> None:
        """Take the widget's font; a width that fits the longest price keeps the layout still while prices change."""
        self._price.setFont(_scaled(self.font(), 2.0, bold=True))
        self._change.setFont(_scaled(self.font(), 1.1, bold=True))
        self._title.setFont(_scaled(self.font(), 1.1, bold=True))
        set_least_width(self._price, _WIDEST_PRICE)

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._set_fonts()

    # -- properties -------------------------------------------------------------------------------------------

    def _get_name(self) -> str:
        return self._name

    @guarded_setter
    def set_name(self, name: str) -> None:
        """Show this name before the market code; empty, as after each change of the market, shows the exchange's.

        Raises:
            ConfigurationError: it is no text; nothing has changed then.
        """
        if parse_text("name", name) != self._name:
            self._name = name
            self._show_title()
            self.name_changed.emit(name)

    name = qt_property(str, notify=name_changed)(_get_name).setter(set_name)

    def _get_line_shown(self) -> bool:
        return not self._line.isHidden()

    @guarded_setter
    def set_line_shown(self, shown: bool) -> None:
        """Show the small line of the last 24 hours, or not.

        Raises:
            ConfigurationError: ``shown`` is neither True nor False.
        """
        if parse_flag("line_shown", shown) != self._get_line_shown():
            self._line.setVisible(shown)
            self.line_shown_changed.emit(shown)

    line_shown = qt_property(bool, notify=line_shown_changed)(_get_line_shown).setter(set_line_shown)

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
        self._info = next((info for info in sample_markets() if info.market == self._market), None)
        self._day.clear()
        self._day.load(sample_candles(self._market, INTERVAL, COUNT, _HALF_HOUR_SECONDS))
        self._show_title()

    def directory_changed(self) -> None:
        """Show the market's name, warnings and decimals as the exchange tells them now."""
        self._info = None if self._directory is None else self._directory.market(self._market)
        self._show_title()
        self.refresh()

    def clear(self) -> None:
        """Show dashes for all figures, and no name but the exchange's."""
        self._event = None
        self._day.clear()
        self._asked = ""
        self.set_name("")
        self._info = None if self._directory is None else self._directory.market(self._market)
        self._show_title()
        self._price.setText(NOTHING)
        self._change.setText("")
        for key in _FIGURES:
            self._figures.set_value(key, NOTHING)
        self._set_ink(self._colors.even)
        self._show_day()

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        for key in _FIGURES:
            self._figures.set_caption(key, text(key, self._language))
        self._line.setAccessibleName(text("line_24h", self._language))
        self._show_title()
        self._show_day()

    def recolor(self) -> None:
        """Show the direction in the current colours."""
        self._set_ink(self._colors.of(self._event.signed_change_price if self._event else None))
        self._show_title()
        self._show_day()

    def fade(self, faded: bool) -> None:
        """Grey the figures."""
        for part in (self._price, self._change, self._line):
            part.setEnabled(not faded)
        self._figures.set_faded(faded)

    def refresh(self) -> None:
        """Show the newest ticker."""
        event = self._event
        if event is None:
            return
        code, change = event.code, event.signed_change_price
        grid = self.grid(code)
        self._set_ink(self._colors.of(change))
        set_whole_text(self._price, price_text(grid, event.trade_price))
        direction = arrow(change)
        signed = change_text(grid, event.trade_price, change)
        self._change.setText(
            f"{percent_text(event.signed_change_rate)}   {direction}{' ' if direction else ''}{signed}"
        )
        self._figures.set_value("volume_24h", size_text(event.acc_trade_volume_24h) or "0")
        self._figures.set_value("turnover_24h", turnover_text(code, event.acc_trade_price_24h, self._language))
        self._show_day()
        self._show_notes()

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, also with the half hours if they never came."""
        super().showEvent(a0)
        if self._state is SubscriptionState.LIVE and not self._day.is_known and not self._is_preview:
            self._ask_day()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._retry.stop()

    # -- the last 24 hours ------------------------------------------------------------------------------------

    @pyqtSlot()
    @guarded
    def _ask_day(self) -> None:
        """Ask for the half hours, unless that is under way."""
        if self._proxy is not None and not self._is_over and self._market and self._asked != self._market:
            self._asked = self._market
            outcome = self._proxy.get_candle_snapshot(self._market, INTERVAL, COUNT)
            deliver(outcome, self._on_day, self._market)

    def _on_day(self, outcome: Outcome[tuple[CandleEvent, ...]], market: str) -> None:
        if market != self._market:
            return
        self._asked = ""
        try:
            self._day.load(outcome.result(), self._event.timestamp if self._event else 0)
        except UpbitQtError:
            # The figures of the day stand in meanwhile.
            if self.isVisible() and self._state is SubscriptionState.LIVE:
                self._retry.start()
            return
        if self.isVisible():
            self._show_day()

    @pyqtSlot(object)
    @guarded
    def _on_state(self, state: SubscriptionState) -> None:
        if state is SubscriptionState.LIVE and not self._is_preview:
            self._ask_day()

    def _show_day(self) -> None:
        event, is_known = self._event, self._day.is_known
        grid = self.grid(self._market)
        prices = {
            "high": self._day.high if is_known or event is None else event.high_price,
            "low": self._day.low if is_known or event is None else event.low_price,
        }
        for key, price in prices.items():
            self._figures.set_caption(key, text(f"{key}_24h" if is_known else f"{key}_day", self._language))
            self._figures.set_value(key, NOTHING if price is None else price_text(grid, price))
        change = event.signed_change_price if event else None
        self._line.show_values(self._day.line(), event.prev_closing_price if event else None, self._colors.of(change))

    # -- showing ----------------------------------------------------------------------------------------------

    def _set_ink(self, color: QColor) -> None:
        for label in (self._price, self._change):
            _set_color(label, color)

    @pyqtSlot(object)
    @guarded
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market:
            self._event = event
            if self._day.trade(event.trade_timestamp or event.timestamp, event.trade_price):
                self._ask_day()
            self.note(event)

    def _show_title(self) -> None:
        code = market_text(self._market) if self._market else ""
        name = self._name or (self._info.name(self._language) if self._info is not None else "")
        title = f"{name}  {code}" if name else code
        self._title.setText(title)
        self.setAccessibleName(f"{text('price', self._language)} {title}")
        self._show_notes()

    def _show_notes(self) -> None:
        words = " · ".join(market_notes(self._info, self._event, self._language))
        if words != self._notes.text():
            self._notes.setText(words)
        self._notes.setVisible(bool(words))
        _set_color(self._notes, self._colors.warn)


def _set_color(label: PlainLabel, color: QColor) -> None:
    groups, role = QPalette.ColorGroup, QPalette.ColorRole.WindowText
    palette = label.palette()
    if palette.color(groups.Active, role) != color:
        palette.setColor(groups.Active, role, color)
        palette.setColor(groups.Inactive, role, color)
        label.setPalette(palette)


def _scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * factor)
    else:
        # The font is measured in pixels.
        scaled.setPixelSize(round(font.pixelSize() * factor))
    scaled.setBold(bold)
    return scaled
