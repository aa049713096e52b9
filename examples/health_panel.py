"""How the toolkit does: figures, links, alerts and components, beside a widget that makes it work."""

from PyQt6.QtWidgets import QApplication, QSplitter

from upbit_qt_widgets import HealthPanel, TickerWidget

app = QApplication([])
window = QSplitter()
window.addWidget(TickerWidget("KRW-BTC"))
window.addWidget(HealthPanel())
window.show()
app.exec()
