"""All markets, to search, sort, star and choose from; the title tells which one was chosen."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import MarketTable

app = QApplication([])
table = MarketTable()
table.market_selected.connect(table.setWindowTitle)
table.resize(480, 640)
table.show()
app.exec()
