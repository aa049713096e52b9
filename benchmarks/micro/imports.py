"""How long the import of the toolkit takes, beyond that of PyQt6.QtWidgets."""

import json
import time

from PyQt6 import QtWidgets

began = time.perf_counter()
from upbit_qt_ws import QtWebSocketProxy  # noqa: E402 - this is what is measured

print(json.dumps({"import": (time.perf_counter() - began) * 1000}))
del QtWidgets, QtWebSocketProxy
