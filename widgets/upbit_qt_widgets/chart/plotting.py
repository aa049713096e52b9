"""The libraries of the extra ``charts``, which only the candle chart needs; all of it takes them from here."""

from __future__ import annotations

from upbit_qt_ws.errors import MissingExtraError
from upbit_qt_ws.qt_binding import choosing_pyqt6

try:
    import numpy as np

    with choosing_pyqt6("PYQTGRAPH_QT_LIB", "PyQt6"):
        import pyqtgraph as pg
        from pyqtgraph.Qt.internals import PrimitiveArray
except ImportError as error:
    raise MissingExtraError("the candle chart", library="pyqtgraph", extra="charts", error=error) from error

__all__ = ["PrimitiveArray", "np", "pg"]
