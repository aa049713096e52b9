"""An order book as rows: asks from the highest down to the best, then bids from the best down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from upbit_qt_widgets.formatting import percent_text, price_text, size_text
from upbit_qt_widgets.texts import Language, text

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.colors import MarketColors
    from upbit_qt_ws import OrderbookEvent

DEPTH: Final = 30
"""Levels of each side; what a shallower book does not have stays empty."""

ASK_SIZE, PRICE, RATE, BID_SIZE = range(4)
_HEADERS: Final = ("ask_size", "price", "rate", "bid_size")

BAR_ROLE: Final = Qt.ItemDataRole.UserRole
"""Share of the largest size in the book, 0 to 1; None in cells without a bar."""

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_CENTER = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
_ALIGNMENTS: Final = (_RIGHT, _RIGHT, _CENTER, _LEFT)


class _Row(NamedTuple):
    """What one level shows; texts are made once, when the level changes."""

    price: float
    size: float
    price_text: str = ""
    size_text: str = ""
    rate: float | None = None
    rate_text: str = ""
    share: float = 0.0


_EMPTY: Final = _Row(0.0, 0.0)


class OrderbookModel(QAbstractTableModel):
    """The rows of one book; only those that changed are announced, as contiguous runs."""

    def __init__(self, colors: MarketColors, language: Language, parent: QObject | None = None) -> None:
        """Start with an empty book."""
        super().__init__(parent)
        self._rows: list[_Row] = [_EMPTY] * (2 * DEPTH)
        self._reference: float | None = None
        self._colors = colors
        self._language = language

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the rows of both sides together."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the columns: ask size, price, rate, bid size."""
        return 0 if parent is not None and parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return text(_HEADERS[section], self._language)
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        is_ask = index.row() < DEPTH
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(row, column, is_ask)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENTS[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._colors.ask_ground if is_ask else self._colors.bid_ground
        if role == BAR_ROLE:
            return row.share if column == (ASK_SIZE if is_ask else BID_SIZE) else None
        return None

    def show(self, event: OrderbookEvent | None) -> None:
        """Show a book; None empties it."""
        rows = self._rows_of(event) if event is not None else [_EMPTY] * (2 * DEPTH)
        before, self._rows = self._rows, rows
        start: int | None = None
        for number in range(len(rows) + 1):
            changed = number < len(rows) and rows[number] != before[number]
            if changed and start is None:
                start = number
            elif not changed and start is not None:
                self.dataChanged.emit(self.index(start, 0), self.index(number - 1, BID_SIZE))
                start = None

    def set_reference(self, price: float | None) -> bool:
        """Take the close of the previous day, against which the rates are; tell whether it is another one."""
        changed = price != self._reference
        self._reference = price
        return changed

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, BID_SIZE))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, BID_SIZE)

    def _rows_of(self, event: OrderbookEvent) -> list[_Row]:
        units = event.orderbook_units[:DEPTH]
        largest = max((max(unit.ask_size, unit.bid_size) for unit in units), default=0.0)
        asks = [self._row(event.code, unit.ask_price, unit.ask_size, largest) for unit in units]
        bids = [self._row(event.code, unit.bid_price, unit.bid_size, largest) for unit in units]
        padding = [_EMPTY] * (DEPTH - len(units))
        return [*padding, *reversed(asks), *bids, *padding]

    def _row(self, code: str, price: float, size: float, largest: float) -> _Row:
        if price == 0:
            # Upbit pads a thin side with price 0 and size 0.
            return _EMPTY
        rate = None if not self._reference else price / self._reference - 1
        return _Row(
            price,
            size,
            price_text(code, price),
            size_text(size),
            rate,
            "" if rate is None else percent_text(rate),
            round(size / largest, 3) if largest else 0.0,
        )

    @staticmethod
    def _shown(row: _Row, column: int, is_ask: bool) -> str:
        if column == PRICE:
            return row.price_text
        if column == RATE:
            return row.rate_text
        return row.size_text if (column == ASK_SIZE) == is_ask else ""

    def _ink(self, row: _Row, column: int) -> QColor | None:
        if column not in (PRICE, RATE):
            return None
        # A rate that is written as 0.00% has no direction.
        return self._colors.of(row.rate if row.rate_text != "0.00%" else 0.0)
