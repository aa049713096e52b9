"""Labels whose width fits usual figures, so that the layout stands still while these change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QLabel


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
