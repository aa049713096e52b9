"""The latency of the last minutes as a line."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import QSizePolicy, QWidget

from upbit_qt_widgets.base.formatting import NOTHING
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_widgets.ticker.sparkline import paint_sparkline
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtGui import QPaintEvent

MINUTES: Final = 5
_LETTERS: Final = 28


class LatencyLine(QWidget):
    """Keeps one value a second for five minutes; what was not measured is a gap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without values."""
        super().__init__(parent)
        self._values: deque[float | None] = deque(maxlen=MINUTES * 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def values(self) -> tuple[float | None, ...]:
        """The values in ms, oldest first; None where nothing was measured."""
        return tuple(self._values)

    def add(self, milliseconds: float | None) -> None:
        """Take the value of this second; None if nothing was measured."""
        if milliseconds is None and (not self._values or self._values[-1] is None):
            return
        self._values.append(milliseconds)
        self.update()

    def set_values(self, values: Iterable[float | None]) -> None:
        """Show these values in ms, oldest first, and no others."""
        self._values.clear()
        self._values.extend(values)
        self.update()

    def words(self, language: Language) -> str:
        """Return the bounds between which the line runs."""
        known = [value for value in self._values if value is not None]
        low, high = (milliseconds_text(min(known)), milliseconds_text(max(known))) if known else (NOTHING, NOTHING)
        return pick(WORDS["latency_line"], language).format(minutes=MINUTES, low=low, high=high)

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return the room for a line that one can read: three lines of text high."""
        metrics = self.fontMetrics()
        return QSize(_LETTERS * metrics.averageCharWidth(), 3 * metrics.height())

    @guarded_returning(QSize())
    def minimumSizeHint(self) -> QSize:
        """Return the same height, and half of the width."""
        hint = self.sizeHint()
        return QSize(hint.width() // 2, hint.height())

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the line on the ground of a text field."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        line = self.palette().color(QPalette.ColorRole.Highlight)
        paint_sparkline(painter, self.rect().adjusted(3, 3, -3, -3), self.values, line)
        painter.end()


def milliseconds_text(milliseconds: float | None) -> str:
    """Write a latency: ``0.42 ms``, ``87 ms``, ``1,204 ms``."""
    if milliseconds is None:
        return NOTHING
    return f"{milliseconds:,.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"
