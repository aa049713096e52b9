"""Rows of figures as a table model: the links, the alerts and the components of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from upbit_qt_widgets.base.cells import LEFT, RIGHT
from upbit_qt_widgets.base.labels import tip_text
from upbit_qt_widgets.base.runs import runs
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class FigureColumn(NamedTuple):
    """One column.

    Attributes:
        caption: key of its words.
        widest: texts that must have room; none lets the column take the width that is left.
        is_left: whether it is aligned to the left, as words are; figures are to the right.
        tip: key of the words of its header's tool tip; empty for none.
    """

    caption: str
    widest: tuple[str, ...] = ()
    is_left: bool = False
    tip: str = ""

    @property
    def alignment(self) -> int:
        """How cells and caption stand."""
        return LEFT if self.is_left else RIGHT


class FigureRow(NamedTuple):
    """What one row shows, made once for each change.

    Attributes:
        key: tells the rows apart.
        texts: by column.
        raw: by column, what they are sorted by.
        tip: of the tool tip, as plain text.
        dot: colour of the dot before the first text, which only repeats what the words say; empty for none.
        below: a second line under the text of the column that takes the width that is left.
        is_past: whether it is about something that is over.
    """

    key: str
    texts: tuple[str, ...]
    raw: tuple[Any, ...]
    tip: str = ""
    dot: str = ""
    below: str = ""
    is_past: bool = False


class FigureModel(QAbstractTableModel):
    """Rows in the order in which they are given, or sorted by a column; changes are announced as contiguous runs."""

    def __init__(self, columns: Sequence[FigureColumn], language: Language, parent: QObject | None = None) -> None:
        """Start without rows."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self._language = language
        self._rows: list[FigureRow] = []
        self._sorted_by: int | None = None
        self._is_descending = False

    @guarded_returning(0)
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    @guarded_returning(0)
    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    @guarded_returning(None)
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns, which stand as their cells do."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return pick(WORDS[column.caption], self._language)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.alignment
        if role == Qt.ItemDataRole.ToolTipRole and column.tip:
            return pick(WORDS[column.tip], self._language)
        return None

    @guarded_returning(None)
    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.columns[index.column()].alignment
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(row.tip)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.tip
        return None

    def row(self, number: int) -> FigureRow:
        """Return what a row shows, for the delegate, which paints without asking for a dozen roles."""
        return self._rows[number]

    @guarded
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by their raw values, now and whenever others are shown."""
        if 0 <= column < len(self.columns):
            self._sorted_by, self._is_descending = column, order == Qt.SortOrder.DescendingOrder
            self._order(self._in_order(self._rows))

    def set_language(self, language: Language) -> None:
        """Show the captions in another language; the rows come anew."""
        self._language = language
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def show(self, rows: Iterable[FigureRow]) -> None:
        """Show these rows; one with a known key is the same row with other figures."""
        wanted = {row.key: row for row in rows}
        gone = [number for number, row in enumerate(self._rows) if row.key not in wanted]
        for first, last in sorted(runs(gone), reverse=True):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        self._change([wanted[row.key] for row in self._rows])
        present = {row.key for row in self._rows}
        new = [row for key, row in wanted.items() if key not in present]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()
        self._order(self._in_order(list(wanted.values())))

    def _change(self, rows: list[FigureRow]) -> None:
        dirty = [number for number, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
        self._rows = rows
        for first, last in runs(dirty):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def _in_order(self, rows: list[FigureRow]) -> list[FigureRow]:
        if self._sorted_by is None:
            return rows
        column = self._sorted_by
        return sorted(rows, key=lambda row: row.raw[column], reverse=self._is_descending)

    def _order(self, rows: list[FigureRow]) -> None:
        if rows == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [self._rows[index.row()].key for index in before]
        self._rows = rows
        numbers = {row.key: number for number, row in enumerate(rows)}
        after = [self.index(numbers[key], index.column()) for key, index in zip(moved, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
