"""The window of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from upbit_qt_demo.market_list import MarketList
from upbit_qt_widgets import ConnectionBadge, Market, MarketTable, OrderbookWidget, TickerWidget

if TYPE_CHECKING:
    from upbit_qt_demo.options import Options
    from upbit_qt_ws import WebSocketConfig

_TEXTS = {
    "ko": {
        "title": "업비트 실시간 시세",
        "simulated": "모의 거래소",
        "live": "업비트",
        "loading": "종목 목록을 불러오는 중…",
        "failed": "종목 목록을 불러오지 못했습니다. 곧 다시 시도합니다: {reason}",
    },
    "en": {
        "title": "Upbit live prices",
        "simulated": "simulated exchange",
        "live": "Upbit",
        "loading": "loading the list of markets …",
        "failed": "the list of markets could not be loaded, trying again soon: {reason}",
    },
}
_QUOTE = "KRW"
_FIRST_MARKET = "KRW-BTC"


class DemoWindow(QMainWindow):
    """All KRW markets at the left, the chosen one's ticker and order book at the right."""

    def __init__(self, options: Options, config: WebSocketConfig) -> None:
        """Build the window; the list of markets is fetched at once, everything else when it is shown."""
        super().__init__()
        self._texts = _TEXTS[options.language]
        self._names: dict[str, str] = {}
        self._language = options.language
        source = self._texts["live" if options.live else "simulated"]
        self.setWindowTitle(f"{self._texts['title']} — {source} · upbit_qt_ws")
        self.table = MarketTable(quote=_QUOTE)
        self.ticker = TickerWidget(_FIRST_MARKET)
        self.book = OrderbookWidget(_FIRST_MARKET)
        self._badge = ConnectionBadge()
        self._message = QLabel(self._texts["loading"])
        self._badge.set_language(options.language)
        for widget in (self.table, self.ticker, self.book):
            widget.language = options.language
        self._lay_out(source)
        self._list = MarketList(config.rest_url, _QUOTE, self)
        self._list.loaded.connect(self._on_markets)
        self._list.failed.connect(self._on_failure)
        self.table.market_selected.connect(self.show_market)
        self._list.fetch()

    def _lay_out(self, source: str) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(10, 10, 4, 6)
        column.addWidget(self._message)
        column.addWidget(self.table)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(4, 10, 10, 6)
        column.addWidget(self.ticker)
        column.addWidget(self.book, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([590, 590])
        splitter.setChildrenCollapsible(False)
        self.setCentralWidget(splitter)
        footer = QWidget()
        row = QHBoxLayout(footer)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(QLabel(source))
        row.addWidget(self._badge)
        bar = self.statusBar()
        if bar is not None:
            bar.addPermanentWidget(footer)
        self.resize(1180, 800)

    @pyqtSlot(str)
    def show_market(self, code: str) -> None:
        """Show another market at the right."""
        self.ticker.set_market(code)
        self.book.set_market(code)
        self.ticker.set_name(self._names.get(code, ""))

    @pyqtSlot(object)
    def _on_markets(self, markets: list[Market]) -> None:
        korean = self._language == "ko"
        self._names = {market.code: market.korean_name if korean else market.english_name for market in markets}
        self._message.hide()
        self.table.set_markets(markets)
        self.table.select(self.ticker.market)
        self.ticker.set_name(self._names.get(self.ticker.market, ""))

    @pyqtSlot(str)
    def _on_failure(self, reason: str) -> None:
        self._message.setText(self._texts["failed"].format(reason=reason))
        self._message.setWordWrap(True)
        self._message.show()
