"""The table that every contender fills: 200 markets, eight columns, of which a ticker changes two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetrics, QPaintEvent
from PyQt6.QtWidgets import QHeaderView, QTableView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADERS: Final = ("Market", "Price", "Change", "Open", "High", "Low", "Close before", "52-week high")
_FIRST, _LAST = 1, 2
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY, _FOREGROUND, _ALIGNMENT = (
    int(role)
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.TextAlignmentRole)
)
_ROLES = [_DISPLAY, _FOREGROUND]


class Quote(NamedTuple):
    """What a row shows, whatever the contender's own events look like."""

    code: str
    price: float
    rate: float
    open: float
    high: float
    low: float
    before: float
    highest: float


class Model(QAbstractTableModel):
    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self._numbers = {code: number for number, code in enumerate(codes)}
        self._texts = [[code, *[""] * 7] for code in codes]
        self._inks = [0] * len(codes)
        self._brushes = (QBrush(QColor("#404040")), QBrush(QColor("#c84a31")), QBrush(QColor("#1261c4")))
        self._quotes: list[Quote | None] = [None] * len(codes)
        self.filled = 0

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._texts)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if role == _DISPLAY and orientation == Qt.Orientation.Horizontal:
            return HEADERS[section]
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        if role == _DISPLAY:
            return self._texts[index.row()][index.column()]
        if role == _FOREGROUND:
            return self._brushes[self._inks[index.row()]] if _FIRST <= index.column() <= _LAST else None
        if role == _ALIGNMENT:
            return _RIGHT if index.column() else None
        return None

    def show(self, quote: Quote) -> None:
        """Show one quote now."""
        row = self._write(quote)
        self.dataChanged.emit(self.index(row, _FIRST), self.index(row, _LAST), _ROLES)

    def show_all(self, quotes: Iterable[Quote]) -> None:
        """Show the quotes of a frame: one announcement for each run of rows."""
        start = previous = -2
        for row in sorted(map(self._write, quotes)):
            if row > previous + 1:
                if start >= 0:
                    self.dataChanged.emit(self.index(start, _FIRST), self.index(previous, _LAST), _ROLES)
                start = row
            previous = row
        if start >= 0:
            self.dataChanged.emit(self.index(start, _FIRST), self.index(previous, _LAST), _ROLES)

    def _write(self, quote: Quote) -> int:
        row = self._numbers[quote.code]
        texts, before = self._texts[row], self._quotes[row]
        self._quotes[row] = quote
        texts[1] = f"{quote.price:,.10g}"
        texts[2] = f"{quote.rate:+.2%}"
        self._inks[row] = 1 if quote.rate > 0 else 2 if quote.rate < 0 else 0
        if before is None:
            self.filled += 1
        if before is None or before[3:] != quote[3:]:
            texts[3:] = [f"{value:,.10g}" for value in quote[3:]]
        return row


class Table(QTableView):
    """The table in a window of its own, of which about 35 rows can be seen.

    Attributes:
        frames: how often it was painted.
    """

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self.frames = 0
        self.quotes = Model(codes)
        self.setModel(self.quotes)
        metrics = QFontMetrics(self.font())
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(metrics.height() + 6)
        rows.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column in range(len(HEADERS)):
            columns.resizeSection(column, metrics.horizontalAdvance("000,000,000.00"))
        self.resize(1000, 700)

    def paintEvent(self, e: QPaintEvent | None) -> None:
        self.frames += 1
        super().paintEvent(e)
