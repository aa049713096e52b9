"""A candle chart with moving averages; pip install "upbit-qt-ws[charts]" brings what it needs."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import CandleChartWidget

app = QApplication([])
chart = CandleChartWidget("KRW-BTC")
chart.interval = "5m"
chart.moving_averages = "5,20,60"
chart.resize(900, 560)
chart.show()
app.exec()
