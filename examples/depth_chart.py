"""The depth of the same order book as a chart; both group prices by the same unit."""

from PyQt6.QtWidgets import QApplication, QSplitter

from upbit_qt_widgets import DepthChartWidget, OrderbookWidget

app = QApplication([])
window = QSplitter()
book, depth = OrderbookWidget("KRW-BTC", window), DepthChartWidget("KRW-BTC", window)
book.level_changed.connect(depth.set_level)
window.resize(900, 480)
window.show()
app.exec()
