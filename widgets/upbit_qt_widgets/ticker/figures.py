"""Captions with figures beside them, in a grid whose widths do not change while the figures do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QGridLayout, QWidget

from upbit_qt_widgets.base.cells import RIGHT
from upbit_qt_widgets.base.labels import PlainLabel, set_least_width, set_whole_text
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDEST: Final = "116,539,000.00"


class Figures(QWidget):
    """One row for each figure: what it is at the left, its value at the right."""

    def __init__(self, keys: Iterable[str], parent: QWidget) -> None:
        """Make empty rows with these keys, from top to bottom."""
        super().__init__(parent)
        self._captions = {key: PlainLabel(self) for key in keys}
        self._values = {key: PlainLabel(self) for key in self._captions}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for row, key in enumerate(self._captions):
            self._captions[key].setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._values[key].setAlignment(Qt.AlignmentFlag(RIGHT))
            grid.addWidget(self._captions[key], row, 0)
            grid.addWidget(self._values[key], row, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self._captions), 1)
        self._measure()

    def set_caption(self, key: str, words: str) -> None:
        """Say what a figure is."""
        self._captions[key].setText(words)
        self._values[key].setAccessibleName(words)

    def set_value(self, key: str, words: str) -> None:
        """Show a figure."""
        set_whole_text(self._values[key], words)

    def set_faded(self, faded: bool) -> None:
        """Make the figures look old, or true again."""
        for label in self._values.values():
            label.setEnabled(not faded)

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._measure()

    def _measure(self) -> None:
        for label in self._values.values():
            set_least_width(label, _WIDEST)
