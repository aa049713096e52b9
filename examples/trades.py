"""The trades of one market; those above ten million KRW stand out."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import TradesWidget

app = QApplication([])
trades = TradesWidget("KRW-BTC")
trades.highlight_above = 10_000_000
trades.resize(480, 560)
trades.show()
app.exec()
