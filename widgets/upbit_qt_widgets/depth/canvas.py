"""The painted part of a depth chart, with the cursor that mouse and keys move over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt, pyqtSignal

from upbit_qt_widgets.depth.picture import DepthPicture
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ELSEWHERE: Final = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class DepthCanvas(DepthPicture):
    """A picture with a cursor.

    The cursor is at the level under the mouse, or where keys have moved it: then it keeps to its price and its side
    while the book moves.

    Signals:
        price_chosen: the price of the cursor's level, a float: clicked, or Enter was pressed.
        cursor_moved: the cursor has come, moved or gone.
    """

    price_chosen = pyqtSignal(float)
    cursor_moved = pyqtSignal()

    def __init__(self, colors: MarketColors, language: Language, grid: PriceGrid, parent: QWidget) -> None:
        """Show an empty book."""
        super().__init__(colors, language, grid, parent)
        self._pointer: float | None = None
        self._chosen: tuple[float, bool] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def forget(self) -> None:
        """Show no book, and fit the next one anew: it is another one."""
        super().forget()
        self._move(self._pointer, None)

    def cursor_place(self) -> int | None:
        """Return the place of the cursor's level in the curve; None while there is no cursor."""
        if self._curve.is_empty:
            return None
        if self._chosen is not None:
            return self._curve.place(*self._chosen)
        return None if self._pointer is None else self._curve.place(self.scale.price(self._pointer))

    @guarded
    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Move the cursor, choose its price, or take it away."""
        if a0 is None:
            return
        curve, key, place = self._curve, a0.key(), self.cursor_place()
        left, right = curve.leftmost, curve.rightmost
        if key == Qt.Key.Key_Escape and place is not None:
            self._move(None, None)
        elif key in _ENTER and place is not None:
            self.price_chosen.emit(curve.level(place).price)
        elif left is None or right is None:
            super().keyPressEvent(a0)
        elif key == Qt.Key.Key_Home:
            self._go_to(left)
        elif key == Qt.Key.Key_End:
            self._go_to(right)
        elif key == Qt.Key.Key_Left:
            self._go_to(max(left, min(right, -1 if place is None else place - 1)))
        elif key == Qt.Key.Key_Right:
            self._go_to(min(right, max(left, 0 if place is None else place + 1)))
        else:
            super().keyPressEvent(a0)

    @guarded
    def focusOutEvent(self, a0: QFocusEvent | None) -> None:
        """Take a cursor away that keys have moved, unless the user comes back."""
        super().focusOutEvent(a0)
        if a0 is not None and a0.reason() not in _ELSEWHERE:
            self._move(self._pointer, None)
        self.update()

    @guarded
    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Show that keys come here."""
        super().focusInEvent(a0)
        self.update()

    @guarded
    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Bring the cursor under the mouse."""
        if a0 is not None:
            self._point(a0)

    @guarded
    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Bring the cursor under the mouse, or the finger."""
        if a0 is not None:
            self._point(a0)

    @guarded
    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Choose the level under the mouse."""
        if a0 is None or a0.button() != Qt.MouseButton.LeftButton:
            return
        self._point(a0)
        level = self.cursor_level
        if level is not None and self._pointer is not None:
            self.price_chosen.emit(level.price)

    @guarded
    def leaveEvent(self, a0: QEvent | None) -> None:
        """Take away the cursor of the mouse."""
        super().leaveEvent(a0)
        self._move(None, self._chosen)

    def _point(self, event: QMouseEvent) -> None:
        place = event.position()
        self._move(place.x() if self.scale.plot.contains(place) else None, None)

    def _go_to(self, place: int) -> None:
        level = self._curve.level(place)
        self._move(None, (level.price, level.is_ask))

    def _move(self, pointer: float | None, chosen: tuple[float, bool] | None) -> None:
        if (pointer, chosen) == (self._pointer, self._chosen):
            return
        before = self.cursor_place()
        self._pointer, self._chosen = pointer, chosen
        if self.cursor_place() != before:
            self.update()
        self.cursor_moved.emit()
