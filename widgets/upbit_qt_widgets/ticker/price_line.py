"""The small line of the last 24 hours in a ticker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QPainter, QPalette
from PyQt6.QtWidgets import QSizePolicy, QWidget

from upbit_qt_widgets.ticker.sparkline import paint_sparkline
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent

_LETTERS: Final = 18
_LINES: Final = 2


class PriceLine(QWidget):
    """Paints a sparkline as wide as it is, with a dotted baseline where that is within the values."""

    def __init__(self, parent: QWidget) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._values: Sequence[float | None] = ()
        self._baseline: float | None = None
        self._color = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: Sequence[float | None], baseline: float | None, color: QColor) -> None:
        """Show these values, oldest first, in a colour."""
        known = [value for value in values if value is not None]
        if baseline is not None and not (known and min(known) <= baseline <= max(known)):
            baseline = None
        if values != self._values or baseline != self._baseline or color != self._color:
            self._values, self._baseline, self._color = values, baseline, color
            self.update()

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return room for a line that one can read."""
        metrics = self.fontMetrics()
        return QSize(_LETTERS * metrics.averageCharWidth(), _LINES * metrics.height())

    @guarded_returning(QSize())
    def minimumSizeHint(self) -> QSize:
        """Return the height; the line may become narrow."""
        return QSize(0, self.sizeHint().height())

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the line, or nothing."""
        painter = QPainter(self)
        disabled = self.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        color = self._color if self.isEnabled() else disabled
        paint_sparkline(painter, self.rect(), self._values, color, self._baseline)
        painter.end()
