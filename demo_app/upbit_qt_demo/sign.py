"""The sign that what is shown is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QLabel

from upbit_qt_demo.words import say

if TYPE_CHECKING:
    from upbit_qt_widgets.base.texts import Language

# The same on light and dark, since nobody should take simulated prices for real ones.
_GROUND: Final = "#ffb300"
_INK: Final = "#1e1600"


class SimulatedSign(QLabel):
    """Black on amber: the prices are not real."""

    def __init__(self) -> None:
        """Make the sign without words."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(8, 2, 8, 2)
        self.setAutoFillBackground(True)
        # A toolbar has other roles, which its labels inherit.
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.setForegroundRole(QPalette.ColorRole.WindowText)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(_GROUND))
        palette.setColor(QPalette.ColorRole.WindowText, QColor(_INK))
        self.setPalette(palette)
        font = self.font()
        font.setBold(True)
        self.setFont(font)

    def set_language(self, language: Language) -> None:
        """Show the words in this language."""
        self.setText(say("simulated", language))
        self.setToolTip(say("simulated_tip", language))
