"""A window made in Qt Designer, live: the form has the widgets, their markets and the connections between them."""

import sys
from pathlib import Path

from PyQt6 import uic
from PyQt6.QtWidgets import QApplication

application = QApplication(sys.argv)
window = uic.loadUi(str(Path(__file__).with_suffix(".ui")))
window.show()
sys.exit(application.exec())
