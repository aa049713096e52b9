"""Labels that show text as it is, and whose width fits usual figures, so that the layout stands still."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget


class PlainLabel(QLabel):
    """A label that shows its text as it is: a plain one guesses, and would obey the markup in a name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty label."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)


def tip_text(words: str) -> str:
    """Return words for a tool tip, which Qt shows as they are: it has no plain text, only a guess.

    Args:
        words: plain, with line breaks.
    """
    if "<" not in words and "&" not in words:
        return words
    return f"<span>{html.escape(words).replace(chr(10), '<br>')}</span>"


def set_least_width(label: QLabel, usual: str) -> None:
    """Give a label room for a usual text, or for the wider one that it shows."""
    label.setMinimumWidth(0)
    label.setMinimumWidth(max(label.fontMetrics().horizontalAdvance(usual), label.sizeHint().width()))


def set_whole_text(label: QLabel, words: str) -> None:
    """Show words in a label with a least width; it becomes wider if they need it, for no digit may be lost."""
    if words == label.text():
        return
    label.setText(words)
    needed = label.sizeHint().width()
    if needed > label.minimumWidth():
        label.setMinimumWidth(needed)
