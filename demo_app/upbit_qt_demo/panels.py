"""The widgets of the window: what they share, and the market that all of them follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from PyQt6.QtCore import QObject, pyqtSlot

from upbit_qt_demo.areas import Area
from upbit_qt_demo.chart_place import NoChart, make_chart
from upbit_qt_demo.preferences import FIRST_MARKET
from upbit_qt_widgets import (
    ColorScheme,
    ConnectionBadge,
    DepthChartWidget,
    HealthPanel,
    MarketDirectory,
    MarketLink,
    MarketTable,
    MyAssetsWidget,
    MyOrdersWidget,
    OrderbookWidget,
    TickerStrip,
    TickerWidget,
    TradesWidget,
)
from upbit_qt_widgets.base.styled_widget import StyledWidget
from upbit_qt_widgets.markets.quote_tabs import FAVOURITES
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.wire.markets import quote_of

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_demo.preferences import Preferences
    from upbit_qt_widgets import CandleChartWidget
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_ws import GlobalWebSocketManager

_STRIP: Final = tuple(
    f"KRW-{coin}" for coin in ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX", "AVAX", "LINK", "DOT", "SUI", "SHIB")
)
_MOST_IN_STRIP: Final = 12

_Styled = StyledWidget | ConnectionBadge | HealthPanel | NoChart
_Widget = TypeVar("_Widget", bound=_Styled)


class Panels(QObject):
    """Makes the widgets, and keeps language, colours and market of all of them the same.

    What is covered at first, and the chart, whose libraries take a quarter of a second to load, are made by
    :meth:`complete` when the window has been painted once.

    Attributes:
        link: the market that is shown.
        table: all markets.
        ticker: the ticker of the market.
        book: its order book.
        trades: its tape.
        strip: a few prices in one line.
        badge: the state of the connection.
        depth: its order book as a chart.
        orders: own orders; None before :meth:`complete`.
        assets: own balances; likewise.
        health: what the toolkit knows of itself; likewise.
        chart: its candles, or why there are none; likewise.
    """

    def __init__(self, preferences: Preferences, parent: QObject) -> None:
        """Make what is seen first."""
        super().__init__(parent)
        self._language, self._colors = preferences.language, preferences.colors
        self._interval = preferences.interval
        self._styled: list[_Styled] = []
        self._directory: MarketDirectory | None = None
        self._is_checked = False
        self.link = MarketLink(preferences.market, self)
        self.table = self._take(MarketTable(quote=preferences.quote))
        self.ticker = self._take(TickerWidget())
        self.book = self._take(OrderbookWidget())
        self.trades = self._take(TradesWidget())
        self.depth = self._take(DepthChartWidget())
        self.strip = self._take(TickerStrip())
        self.badge = self._take(ConnectionBadge())
        self.orders: MyOrdersWidget | None = None
        self.assets: MyAssetsWidget | None = None
        self.health: HealthPanel | None = None
        self.chart: CandleChartWidget | NoChart | None = None
        self.strip.markets = list(_STRIP)
        # One book is served at one level at a time.
        self.book.level_changed.connect(self.depth.set_level)
        for widget in (self.table, self.ticker, self.book, self.trades, self.depth, self.strip):
            self.link.add(widget)

    def complete(self, manager: GlobalWebSocketManager) -> dict[Area, QWidget]:
        """Make the rest; return it."""
        chart = self.chart = self._take(make_chart(self._language))
        orders = self.orders = self._take(MyOrdersWidget())
        assets = self.assets = self._take(MyAssetsWidget())
        health = self.health = self._take(HealthPanel())
        if not isinstance(chart, NoChart):
            chart.set_interval(self._interval)
            self.link.add(chart)
        self.link.add(assets)
        # Linked, it would show the orders of the one market only; so it shows all, and leads to their markets.
        orders.market_selected.connect(self.link.set_market)
        self._directory = MarketDirectory.of(manager)
        self._directory.changed.connect(self._check_markets)
        self._check_markets()
        return {Area.CHART: chart, Area.ORDERS: orders, Area.ASSETS: assets, Area.HEALTH: health}

    @property
    def interval(self) -> str:
        """The interval of the candles."""
        if self.chart is None or isinstance(self.chart, NoChart):
            return self._interval
        return str(self.chart.interval)

    def set_language(self, language: Language) -> None:
        """Have all widgets speak another language."""
        self._language = language
        for widget in self._styled:
            widget.set_language(language)

    def set_colors(self, colors: ColorScheme) -> None:
        """Have all widgets show up and down in other colours."""
        self._colors = colors
        for widget in self._styled:
            if isinstance(widget, StyledWidget):
                widget.set_color_scheme(colors)

    def _take(self, widget: _Widget) -> _Widget:
        """Give a new widget the language and the colours of the window."""
        self._styled.append(widget)
        widget.set_language(self._language)
        if isinstance(widget, StyledWidget):
            widget.set_color_scheme(self._colors)
        return widget

    @pyqtSlot()
    @guarded
    def _check_markets(self) -> None:
        """Show what the exchange lists if it does not list what the window began with: regions and years differ."""
        listed = [] if self._directory is None else [info.market for info in self._directory.markets]
        if not listed or self._is_checked:
            return
        self._is_checked = True
        self.strip.markets = [code for code in _STRIP if code in listed] or listed[:_MOST_IN_STRIP]
        if self.link.market not in listed:
            self.link.set_market(FIRST_MARKET if FIRST_MARKET in listed else listed[0])
        if self.table.quote not in {FAVOURITES, *map(quote_of, listed)}:
            self.table.set_quote(quote_of(self.link.market))
