"""The ticker of one market: price, change, and the figures and the line of the last 24 hours."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import TickerWidget

app = QApplication([])
ticker = TickerWidget("KRW-BTC")
ticker.show()
app.exec()
