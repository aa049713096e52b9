"""Own orders; the keys come from UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY, and without them it says so."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import MyOrdersWidget

app = QApplication([])
orders = MyOrdersWidget()
orders.resize(900, 320)
orders.show()
app.exec()
