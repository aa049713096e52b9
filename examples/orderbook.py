"""The order book of one market; the price that is clicked is printed."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import OrderbookWidget

app = QApplication([])
book = OrderbookWidget("KRW-BTC")
book.price_clicked.connect(print)
book.resize(480, 640)
book.show()
app.exec()
