"""The plotting library, bound to PyQt6."""

from __future__ import annotations

from upbit_qt_ws.qt_binding import choosing_pyqt6

with choosing_pyqt6("PYQTGRAPH_QT_LIB", "PyQt6"):
    import pyqtgraph as pg
    from pyqtgraph.Qt.internals import PrimitiveArray

__all__ = ["PrimitiveArray", "pg"]
