"""Several prices in the status bar of a window; they scroll when there is not room for all."""

from PyQt6.QtWidgets import QApplication, QMainWindow

from upbit_qt_widgets import TickerStrip

app = QApplication([])
window = QMainWindow()
strip = TickerStrip()
strip.markets = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE"]
window.statusBar().addWidget(strip, 1)
window.show()
app.exec()
