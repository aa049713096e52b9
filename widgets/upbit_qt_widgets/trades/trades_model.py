"""The tape as a table model: what comes and goes is announced as contiguous rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from upbit_qt_widgets.base.cells import LEFT, RIGHT
from upbit_qt_widgets.base.formatting import price_text
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.runs import runs
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.trades.tape import Tape
from upbit_qt_widgets.trades.tape_row import AMOUNT, PRICE, SIDE, SIZE, TIME, GapRow, TapeRow, TradeRow
from upbit_qt_widgets.trades.words import WORDS
from upbit_qt_ws.guard import guarded_returning
from upbit_qt_ws.wire.markets import base_of, quote_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.trades.tape import Edit
    from upbit_qt_ws import TradeEvent

CAPTIONS: Final = ("time", "price", "size", "amount", "side")
ALIGNMENTS: Final = (LEFT, RIGHT, RIGHT, RIGHT, LEFT)
_TIPS: Final = {TIME: "time_tip", PRICE: "price_tip"}


class TradesModel(QAbstractTableModel):
    """The newest trades of a market, the newest on top, and the gaps between them.

    Attributes:
        tape: what is shown; only the model changes it.
    """

    def __init__(self, colors: MarketColors, language: Language, max_rows: int, parent: QObject | None = None) -> None:
        """Start with no market."""
        super().__init__(parent)
        self.tape = Tape(max_rows)
        self._colors = colors
        self._language = language
        self._grid = PriceGrid("")
        self._limit = 0.0
        self._today = 0
        self._gap_ends: dict[int, int | None] = {}

    @guarded_returning(0)
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many trades and gaps there are."""
        return 0 if parent is not None and parent.isValid() else len(self.tape.rows)

    @guarded_returning(0)
    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the columns: time, price, size, amount, side."""
        return 0 if parent is not None and parent.isValid() else len(CAPTIONS)

    @guarded_returning(None)
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns, which stand as their cells do, with the currencies."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            caption = pick(WORDS[CAPTIONS[section]], self._language)
            code = self._grid.code
            if not code or section not in (SIZE, AMOUNT):
                return caption
            gap = "" if self._language == "ko" else " "
            return f"{caption}{gap}({base_of(code) if section == SIZE else quote_of(code)})"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[section]
        if role == Qt.ItemDataRole.ToolTipRole and section in _TIPS:
            return pick(WORDS[_TIPS[section]], self._language)
        return None

    @guarded_returning(None)
    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.tape.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column]
        if isinstance(row, GapRow):
            return self._gap_data(index.row(), column, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.ink(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self.ground(row)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return row.tip(self._language)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken(column, self._language)
        return None

    def _gap_data(self, number: int, column: int, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.gap_words(number) if column == TIME else ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self.gap_words(number)
        return self._colors.warn if role == Qt.ItemDataRole.ForegroundRole else None

    # -- for the delegate, which paints without asking for a dozen roles ---------------------------------------

    def row(self, number: int) -> TapeRow:
        """Return what a row shows."""
        return self.tape.rows[number]

    def ink(self, row: TradeRow, column: int) -> QColor:
        """Return the text colour of a cell: prices tell their direction, sizes the side of the taker."""
        if column == TIME:
            return self._colors.faint
        return self._colors.of(row.tone if column == PRICE else row.side)

    def ground(self, row: TradeRow) -> QColor | None:
        """Return the ground of a large trade."""
        if not row.is_large:
            return None
        if not row.side:
            return self._colors.stripe
        return self._colors.flash_up if row.side > 0 else self._colors.flash_down

    def gap_words(self, number: int, *, short: bool = False) -> str:
        """Return what the gap of that row says."""
        row = self.tape.rows[number]
        assert isinstance(row, GapRow)
        return row.words(self.tape.time_above(number), self._language, self._today, short=short)

    # -- changes ----------------------------------------------------------------------------------------------

    def set_market(self, grid: PriceGrid, limit: float) -> None:
        """Empty the tape for another market.

        Args:
            grid: of its prices.
            limit: the amount from which on a trade is large, 0 for none.
        """
        self.beginResetModel()
        self.tape.clear()
        self._grid, self._limit = grid, limit
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(CAPTIONS) - 1)

    def add(self, trades: Iterable[TradeEvent]) -> None:
        """Put in what the stream has told, in its order."""
        self._edit(self.tape.add(trades))

    def join(self, page: Sequence[TradeEvent]) -> None:
        """Put in the newest trades as REST tells them; see :meth:`Tape.join`."""
        self._edit(self.tape.join(page))

    def mark(self, since: int) -> None:
        """Show that trades are missing after the one at ``since``, in ms since 1970 UTC."""
        self._edit(self.tape.mark(since))

    def give_up(self) -> None:
        """Show all gaps that are only suspected yet."""
        self._edit(self.tape.give_up())

    def set_max_rows(self, max_rows: int) -> None:
        """Have room for so many trades."""
        self._edit(self.tape.set_max_rows(max_rows))

    def set_limit(self, limit: float) -> None:
        """Take another amount from which on a trade is large, 0 for none."""
        self._limit = limit
        changed = []
        for number, row in enumerate(self.tape.rows):
            if isinstance(row, TradeRow) and row.is_large != self._is_large(row):
                row.is_large = not row.is_large
                changed.append(number)
        self._announce(changed)

    def set_grid(self, grid: PriceGrid) -> None:
        """Write prices with the decimals of this grid; call it again when the grid has learned something."""
        self._grid = grid
        changed = []
        for number, row in enumerate(self.tape.rows):
            if isinstance(row, TradeRow):
                before, row.texts[PRICE] = row.texts[PRICE], price_text(grid, row.trade.trade_price)
                if row.texts[PRICE] != before:
                    changed.append(number)
        self._announce(changed)

    def set_today(self, today: int) -> None:
        """Take the number of the present Korean day: trades of other days have their date."""
        if today != self._today:
            self._today = today
            self._write_all()

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        self._write_all()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(CAPTIONS) - 1)

    def _edit(self, edits: Iterable[Edit]) -> None:
        tape, nowhere = self.tape, QModelIndex()
        for edit in edits:
            if not edit.rows:
                self.beginRemoveRows(nowhere, edit.first, edit.first + edit.removed - 1)
                tape.apply(edit)
                self.endRemoveRows()
                continue
            for row in edit.rows:
                if isinstance(row, TradeRow):
                    row.is_large = self._is_large(row)
                    row.write(self._grid, self._language, self._today)
            self.beginInsertRows(nowhere, edit.first, edit.first + len(edit.rows) - 1)
            tape.apply(edit)
            self.endInsertRows()
        self._announce_gaps()
        if tape.renewed:
            renewed = {id(row) for row in tape.renewed}
            tape.renewed.clear()
            self._announce(number for number, row in enumerate(tape.rows) if id(row) in renewed)

    def _announce_gaps(self) -> None:
        """A gap ends with the trade above it, which may be another one now."""
        if not (self.tape.has_gaps or self._gap_ends):
            return
        numbers = {number: id(self.tape.rows[number]) for number in self.tape.gaps()}
        before, self._gap_ends = self._gap_ends, {row: self.tape.time_above(number) for number, row in numbers.items()}
        self._announce(number for number, row in numbers.items() if self._gap_ends[row] != before.get(row))

    def _is_large(self, row: TradeRow) -> bool:
        return 0.0 < self._limit <= row.amount

    def _write_all(self) -> None:
        for row in self.tape.rows:
            if isinstance(row, TradeRow):
                row.write(self._grid, self._language, self._today)
        self._announce(range(len(self.tape.rows)))

    def _announce(self, numbers: Iterable[int]) -> None:
        for first, last in runs(numbers):
            self.dataChanged.emit(self.index(first, TIME), self.index(last, SIDE))
