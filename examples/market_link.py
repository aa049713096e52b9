"""Widgets of one colour follow the same market: choose it in the list, and the others show it."""

from PyQt6.QtWidgets import QApplication, QSplitter

from upbit_qt_widgets import MarketLink, MarketTable, OrderbookWidget, TickerWidget

app = QApplication([])
window = QSplitter()
for widget in (MarketTable(window), TickerWidget(parent=window), OrderbookWidget(parent=window)):
    MarketLink.of_color("blue").add(widget)
MarketLink.of_color("blue").set_market("KRW-BTC")
window.resize(1200, 640)
window.show()
app.exec()
