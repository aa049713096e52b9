"""Own balances, valued live in KRW; the keys come from UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY."""

from PyQt6.QtWidgets import QApplication

from upbit_qt_widgets import MyAssetsWidget

app = QApplication([])
assets = MyAssetsWidget()
assets.resize(900, 320)
assets.show()
app.exec()
