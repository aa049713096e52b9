"""The window of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from upbit_qt_widgets import ConnectionBadge, MarketLink, MarketTable, OrderbookWidget, TickerWidget

if TYPE_CHECKING:
    from upbit_qt_demo.options import Options

_TEXTS = {
    "ko": {
        "title": "업비트 실시간 시세",
        "simulated": "모의 거래소",
        "live": "업비트",
    },
    "en": {
        "title": "Upbit live prices",
        "simulated": "simulated exchange",
        "live": "Upbit",
    },
}
_FIRST_MARKET = "KRW-BTC"


class DemoWindow(QMainWindow):
    """All markets at the left, the chosen one's ticker and order book at the right."""

    def __init__(self, options: Options) -> None:
        """Build the window; nothing is asked for before it is shown."""
        super().__init__()
        self._texts = _TEXTS[options.language]
        source = self._texts["live" if options.live else "simulated"]
        self.setWindowTitle(f"{self._texts['title']} — {source} · upbit_qt_ws")
        self.table = MarketTable()
        self.ticker = TickerWidget()
        self.book = OrderbookWidget()
        self._badge = ConnectionBadge()
        self._badge.set_language(options.language)
        for widget in (self.table, self.ticker, self.book):
            widget.language = options.language
        self._lay_out(source)
        self._link = MarketLink(_FIRST_MARKET, self)
        for widget in (self.table, self.ticker, self.book):
            self._link.add(widget)

    def _lay_out(self, source: str) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(10, 10, 4, 6)
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
