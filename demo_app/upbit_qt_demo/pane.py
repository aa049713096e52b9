"""A place in the window for one widget, with a line around it that shows where the keyboard is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent


class Pane(QWidget):
    """Holds one widget, which may come later than the pane."""

    def __init__(self, parent: QWidget | None = None, *, scrolls: bool = False) -> None:
        """Make an empty pane; one that scrolls needs less room than its widget."""
        super().__init__(parent)
        self._scrolls = scrolls
        self._content: QWidget | None = None
        self._is_active = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)

    @property
    def content(self) -> QWidget | None:
        """The widget; None before it has come."""
        return self._content

    def fill(self, content: QWidget) -> None:
        """Take a widget."""
        self._content = content
        layout = self.layout()
        assert layout is not None
        if not self._scrolls:
            layout.addWidget(content)
            return
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        # It would be a stop of the Tab key at which nothing is to be seen.
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        layout.addWidget(area)

    def give_focus(self) -> None:
        """Give the keyboard to the widget; which part of it gets it is the widget's own choice."""
        if self._content is not None:
            self._content.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_active(self, active: bool) -> None:
        """Show whether the keyboard is in here."""
        if active is not self._is_active:
            self._is_active = active
            self.update()

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the line around the widget."""
        super().paintEvent(a0)
        role = QPalette.ColorRole.Highlight if self._is_active else QPalette.ColorRole.Mid
        painter = QPainter(self)
        painter.setPen(self.palette().color(role))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
