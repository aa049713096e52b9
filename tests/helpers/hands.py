"""Mouse and keyboard of a user. PyQt6's stubs give the static functions of QTest a ``self``, hence the wrappers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

_TEST: Final[Any] = QTest
_LEFT: Final = Qt.MouseButton.LeftButton
_STEPS: Final = 10


def press(widget: QWidget | None, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key, with the keyboard in a widget."""
    assert widget is not None
    _TEST.keyClick(widget, key, modifiers)


def write(widget: QWidget | None, text: str) -> None:
    """Write a text, letter by letter."""
    assert widget is not None
    _TEST.keyClicks(widget, text)


def click(widget: QWidget | None, place: QPoint | None = None) -> None:
    """Click with the left button; in the middle if no place is given."""
    assert widget is not None
    _TEST.mouseClick(widget, _LEFT, pos=widget.rect().center() if place is None else place)


def drag(widget: QWidget | None, start: QPoint, end: QPoint) -> None:
    """Press the left button, move in small steps, and release it."""
    assert widget is not None
    _TEST.mousePress(widget, _LEFT, pos=start)
    for step in range(1, _STEPS + 1):
        _TEST.mouseMove(widget, start + (end - start) * step / _STEPS)
    _TEST.mouseRelease(widget, _LEFT, pos=end)
