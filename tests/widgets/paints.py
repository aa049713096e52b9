"""Counts what is painted, for tests of widgets that should rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QPaintEvent

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget


class Paints(QObject):
    """Remembers the height of each painted area of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.heights: list[int] = []
        widget.installEventFilter(self)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Look at the event, and let it pass."""
        if isinstance(a1, QPaintEvent):
            self.heights.append(a1.rect().height())
        return super().eventFilter(a0, a1)
