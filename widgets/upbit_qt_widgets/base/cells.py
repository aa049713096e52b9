"""What the painted cells of all tables share: padding, alignment, and the flat header above them."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPalette
from PyQt6.QtWidgets import QHeaderView, QWidget

from upbit_qt_ws.guard import guarded, guarded_returning

PADDING: Final = 8
"""Air at both sides of a cell and of its caption, in pixels."""

_ELLIPSIS: Final = "…"

RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter)
LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def width_of(metrics: QFontMetrics, *samples: str) -> int:
    """Return the width of a column that has to show each of these texts, in pixels."""
    return max(metrics.horizontalAdvance(sample) for sample in samples) + 2 * PADDING + 2


def elided_name(words: str, metrics: QFontMetrics, width: int) -> str:
    """Return a name with a code at its end as it fits into a width: the name loses letters, the code none.

    Args:
        words: ``비트코인 BTC``, for example.
        metrics: of the font.
        width: in pixels.
    """
    if metrics.horizontalAdvance(words) <= width:
        return words
    name, _, code = words.rpartition(" ")
    room = width - metrics.horizontalAdvance(f" {code}")
    if name and room >= metrics.horizontalAdvance(_ELLIPSIS):
        return f"{metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)} {code}"
    return metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, width)


class FlatHeader(QHeaderView):
    """A header whose captions stand exactly above the cells, also beside the arrow of the sorted column.

    The arrow ↓ stands for descending, ↑ for ascending; ▲ and ▼ mean prices.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a horizontal header."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)

    @guarded
    def paintSection(self, painter: QPainter | None, rect: QRect, logicalIndex: int) -> None:
        """Paint one caption."""
        if painter is None:
            return
        palette = self.palette()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.AlternateBase))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), palette.color(QPalette.ColorRole.Mid))
        model = self.model()
        if model is None:
            return
        alignment = model.headerData(logicalIndex, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        place = rect.adjusted(PADDING, 0, -PADDING, 0)
        words = self.fontMetrics().elidedText(self.caption(logicalIndex), Qt.TextElideMode.ElideRight, place.width())
        if words != _ELLIPSIS:
            painter.drawText(place, LEFT if alignment is None else int(alignment), words)

    def caption(self, section: int) -> str:
        """Return the words above a column, with the arrow if it is the sorted one."""
        words = self._words(section)
        if not self.isSortIndicatorShown() or self.sortIndicatorSection() != section:
            return words
        return f"{words} {'↑' if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else '↓'}"

    def caption_width(self, section: int) -> int:
        """Return the width that a caption needs, with the arrow that any column may get."""
        return width_of(self.fontMetrics(), f"{self._words(section)} ↓")

    @guarded_returning(QSize())
    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        """Return the size of a caption with its arrow; the height is that of a row with some air."""
        return QSize(self.caption_width(logicalIndex), self.fontMetrics().height() + 10)

    def _words(self, section: int) -> str:
        model = self.model()
        return "" if model is None else str(model.headerData(section, self.orientation()))
