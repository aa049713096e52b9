"""Rows of ready-made texts as a table model: what the lists of the account have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import LEFT, RIGHT
from upbit_qt_widgets.base.labels import tip_text
from upbit_qt_widgets.base.runs import runs
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.base.colors import MarketColors


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Attributes:
        caption: key of its words.
        widest: texts that it must have room for; the words of keys beside them.
        words: keys of all words that it may show.
        is_left: whether it begins at the left; numbers end at the right.
        has_bar: whether the row's share is painted behind its text.
        tip: key of what a tool tip of its caption says; empty for none.
        spare: 0 for what is always shown; of the others, those with the largest number are left out first where there
            is too little room.
    """

    caption: str
    widest: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    is_left: bool = False
    has_bar: bool = False
    tip: str = ""
    spare: int = 0

    @property
    def alignment(self) -> int:
        """Where its texts stand."""
        return LEFT if self.is_left else RIGHT


class Row:
    """What one row shows, written once when it changes.

    Attributes:
        key: tells it from the others.
        code: the market to go to from here; empty for none.
        texts: by column.
        raw: by column, to sort by: sorting texts would put 9 over 10.
        tones: by column, which colour the text has: 1 that of up, -1 that of down, 0 that of all others.
        bar: how long the bar is, from 0 to 1.
        bar_tone: its colour, as in ``tones``.
        is_past: whether it is about something that has ended.
    """

    __slots__ = ("bar", "bar_tone", "code", "is_past", "key", "raw", "texts", "tones")

    def __init__(self, key: str, columns: int) -> None:
        """Make an empty row."""
        self.key = key
        self.code = ""
        self.texts = [""] * columns
        self.raw: list[Any] = [""] * columns
        self.tones = [0] * columns
        self.bar = 0.0
        self.bar_tone = 0
        self.is_past = False

    def tip(self, language: Language) -> str:
        """Return what a tool tip says of the row."""
        raise NotImplementedError


class RowModel(QAbstractTableModel):
    """Rows that keep their places until :meth:`sort`; changes are announced as contiguous runs."""

    def __init__(
        self, columns: Sequence[Column], colors: MarketColors, language: Language, parent: QObject | None = None
    ) -> None:
        """Start without rows."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self._colors = colors
        self._language = language
        self._rows: list[Row] = []

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
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.columns[column].alignment
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.ink(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(row.tip(self._language))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.tip(self._language)
        return None

    # -- for the delegate, which paints without asking for a dozen roles ---------------------------------------

    def row(self, number: int) -> Row:
        """Return what a row shows."""
        return self._rows[number]

    def ink(self, row: Row, column: int) -> QColor:
        """Return the text colour of a cell."""
        return self._colors.faded if row.is_past else self._colors.of(row.tones[column])

    # -- changes ----------------------------------------------------------------------------------------------

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language; the rows have been written anew."""
        self._colors, self._language = colors, language
        self.announce(self._rows)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def set_rows(self, rows: Iterable[Row]) -> bool:
        """Show these rows; those that were shown before keep their places. Tell whether there are others now."""
        wanted = {row.key: row for row in rows}
        present = {row.key for row in self._rows}
        gone = [number for number, row in enumerate(self._rows) if wanted.get(row.key) is not row]
        for first, last in sorted(runs(gone), reverse=True):
            self.beginRemoveRows(QModelIndex(), first, last)
            present.difference_update(row.key for row in self._rows[first : last + 1])
            del self._rows[first : last + 1]
            self.endRemoveRows()
        new = [row for key, row in wanted.items() if key not in present]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()
        return bool(gone or new)

    def announce(self, rows: Iterable[Row]) -> None:
        """Tell that these rows have been written anew; those that are not shown are left alone."""
        changed = {id(row) for row in rows}
        for first, last in runs(number for number, row in enumerate(self._rows) if id(row) in changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    @guarded
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by their raw values."""
        if not 0 <= column < len(self.columns):
            return
        rows = sorted(self._rows, key=lambda row: row.raw[column], reverse=order == Qt.SortOrder.DescendingOrder)
        if rows == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [self._rows[index.row()] for index in before]
        self._rows = rows
        numbers = {id(row): number for number, row in enumerate(rows)}
        after = [self.index(numbers[id(row)], index.column()) for row, index in zip(moved, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
