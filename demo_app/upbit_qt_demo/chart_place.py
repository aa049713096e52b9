"""The candle chart, or in its place the reason why there is none and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from upbit_qt_demo.words import say

if TYPE_CHECKING:
    from upbit_qt_widgets import CandleChartWidget
    from upbit_qt_widgets.base.texts import Language

INSTALL: Final = 'pip install "upbit-qt-ws[charts]"'
"""The command that brings what the chart needs; spelt so that every shell takes it."""


class NoChart(QWidget):
    """Says that the chart's libraries are missing, and which command installs them."""

    def __init__(self, reason: str, language: Language) -> None:
        """Make the notice.

        Args:
            reason: what Python said when it was to import the chart.
            language: of the words.
        """
        super().__init__()
        self._words, self._command, self._reason = QLabel(), QLabel(INSTALL), QLabel(reason)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        for label in (self._words, self._command, self._reason):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(1)
        self._command.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        font = self._command.font()
        font.setBold(True)
        self._command.setFont(font)
        self._reason.setEnabled(False)
        self.setFocusProxy(self._command)
        self.set_language(language)

    def set_language(self, language: Language) -> None:
        """Show the words in another language."""
        self._words.setText(f"{say('no_chart', language)}\n{say('install_chart', language)}")


def make_chart(language: Language) -> CandleChartWidget | NoChart:
    """Return the chart, or the notice if what it needs cannot be imported."""
    try:
        from upbit_qt_widgets import CandleChartWidget
    except ImportError as error:
        # The toolkit's own words are on the notice already.
        return NoChart(str(error.__cause__ or error), language)
    return CandleChartWidget()
