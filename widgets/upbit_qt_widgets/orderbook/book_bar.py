"""The line above an order book in which one chooses how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal, pyqtSlot
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.labels import PlainLabel
from upbit_qt_widgets.base.texts import Language, text
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence


class BookBar(QWidget):
    """A choice of the grouping level, where there is more than one, and a check box for cumulative sizes.

    Signals:
        level_chosen: a grouping level in the quote currency that the user chose; 0 for none.
        cumulative_chosen: whether the user wants cumulative sizes.
    """

    level_chosen = pyqtSignal(float)
    cumulative_chosen = pyqtSignal(bool)

    def __init__(self, language: Language, parent: QWidget) -> None:
        """Make the line, without a choice of levels."""
        super().__init__(parent)
        self._levels: tuple[float, ...] = ()
        self._language = language
        self._caption = PlainLabel(self)
        self._choice = QComboBox(self)
        self._cumulative = QCheckBox(self)
        self._caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._caption.setBuddy(self._choice)
        self._choice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(PADDING, 4, PADDING, 0)
        layout.addWidget(self._caption)
        layout.addWidget(self._choice)
        layout.addStretch(1)
        layout.addWidget(self._cumulative)
        self._choice.activated.connect(self._on_activated)
        self._cumulative.clicked.connect(self.cumulative_chosen)
        self.set_language(language)
        self.set_levels((), 0.0)

    def set_language(self, language: Language) -> None:
        """Take the language of the words."""
        self._language = language
        self._caption.setText(text("grouping", language))
        self._choice.setAccessibleName(text("grouping", language))
        self._cumulative.setText(text("cumulative", language))
        if self._levels:
            self._choice.setItemText(0, text("ungrouped", language))

    def set_levels(self, levels: Sequence[float], chosen: float) -> None:
        """Offer these levels, 0 first; ``chosen`` is offered too. A single one is no choice, and is not shown."""
        offered = tuple(sorted({*levels, chosen, 0.0}))
        if offered != self._levels:
            self._levels = offered
            self._choice.clear()
            self._choice.addItems(level_text(level) or text("ungrouped", self._language) for level in offered)
        self._choice.setCurrentIndex(offered.index(chosen))
        for part in (self._caption, self._choice):
            part.setVisible(len(offered) > 1)

    def set_cumulative(self, cumulative: bool) -> None:
        """Show whether sizes are cumulative."""
        self._cumulative.setChecked(cumulative)

    @pyqtSlot(int)
    @guarded
    def _on_activated(self, place: int) -> None:
        self.level_chosen.emit(self._levels[place])


def level_text(level: float) -> str:
    """Write a grouping level: ``10,000``, ``0.1``; nothing for 0."""
    return f"{level:,.8f}".rstrip("0").rstrip(".") if level else ""
