"""Small lines in the cells of a table of your own."""

from PyQt6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem

from upbit_qt_widgets import SPARKLINE_ROLE, SparklineDelegate

app = QApplication([])
table = QTableWidget(1, 1)
table.setItemDelegate(SparklineDelegate(table))
item = QTableWidgetItem()
item.setData(SPARKLINE_ROLE, [101.0, 102.5, 99.0, 103.0, 104.5])
table.setItem(0, 0, item)
table.show()
app.exec()
