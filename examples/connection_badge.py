"""The state of the connection in a status bar, beside a widget that uses it."""

from PyQt6.QtWidgets import QApplication, QMainWindow

from upbit_qt_widgets import ConnectionBadge, TickerWidget

app = QApplication([])
window = QMainWindow()
window.setCentralWidget(TickerWidget("KRW-BTC"))
window.statusBar().addPermanentWidget(ConnectionBadge())
window.show()
app.exec()
