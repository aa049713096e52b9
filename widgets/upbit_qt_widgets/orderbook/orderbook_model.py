"""An order book as rows: asks from the highest down to the best, then bids from the best down."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from upbit_qt_widgets.base.cells import LEFT, RIGHT
from upbit_qt_widgets.base.formatting import percent_text, price_text, size_text
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.runs import runs
from upbit_qt_widgets.base.texts import Language, text
from upbit_qt_ws.guard import guarded_returning

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_ws import OrderbookEvent

DEPTH: Final = 30
"""Levels of each side; what a shallower book does not have stays empty."""

ASK_SIZE, PRICE, RATE, BID_SIZE = range(4)
_HEADERS: Final = ("ask_size", "price", "rate", "bid_size")
_SUMMED: Final = {"ask_size": "ask_sum", "bid_size": "bid_sum"}
ALIGNMENTS: Final = (RIGHT, RIGHT, RIGHT, LEFT)

BAR_ROLE: Final = Qt.ItemDataRole.UserRole
"""Share of the largest size in the book that is shown, 0 to 1; None in cells without a bar."""


class Level(NamedTuple):
    """What one row shows; texts are made once, when a value changes.

    Attributes:
        price: 0 for an empty row.
        size: in the base currency; of this level, or of all from the best price to this one.
        reference: the close of the previous day that ``rate`` is against; None when it is not known.
        share: of the largest size in the book, 0 to 1.
        rate: -1, 0 or 1, the direction of the price against ``reference`` as it is written in ``rate_text``.
    """

    price: float
    size: float
    reference: float | None = None
    share: float = 0.0
    price_text: str = ""
    size_text: str = ""
    rate_text: str = ""
    rate: int = 0


_EMPTY: Final = Level(0.0, 0.0)
_MOST_KEPT: Final = 512


class OrderbookModel(QAbstractTableModel):
    """The rows of one book; only what changed is announced, as contiguous runs."""

    def __init__(self, colors: MarketColors, language: Language, parent: QObject | None = None) -> None:
        """Start with an empty book."""
        super().__init__(parent)
        self._levels: list[Level] = [_EMPTY] * (2 * DEPTH)
        self._reference: float | None = None
        # Texts of prices and of their rates, and their directions, on this grid and against this reference.
        self._prices: dict[float, tuple[str, str, int]] = {}
        self._grid: PriceGrid | None = None
        self._is_cumulative = False
        self._colors = colors
        self._language = language

    @guarded_returning(0)
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the rows of both sides together."""
        return 0 if parent is not None and parent.isValid() else len(self._levels)

    @guarded_returning(0)
    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the columns: ask size, price, rate, bid size."""
        return 0 if parent is not None and parent.isValid() else len(_HEADERS)

    @guarded_returning(None)
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns, which stand as their cells do."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            key = _HEADERS[section]
            return text(_SUMMED.get(key, key) if self._is_cumulative else key, self._language)
        return ALIGNMENTS[section] if role == Qt.ItemDataRole.TextAlignmentRole else None

    @guarded_returning(None)
    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.ink(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._colors.ask_ground if row < DEPTH else self._colors.bid_ground
        if role == BAR_ROLE:
            return self.level(row).share if column == self.size_column(row) else None
        return None

    # -- for the delegate, which paints without asking for a dozen roles ---------------------------------------

    def level(self, row: int) -> Level:
        """Return the level of a row."""
        return self._levels[row]

    @staticmethod
    def size_column(row: int) -> int:
        """Return the column in which a row shows its size."""
        return ASK_SIZE if row < DEPTH else BID_SIZE

    def words(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        level = self._levels[row]
        if column == PRICE:
            return level.price_text
        if column == RATE:
            return level.rate_text
        return level.size_text if column == self.size_column(row) else ""

    def ink(self, row: int, column: int) -> QColor:
        """Return the text colour of a cell: prices and rates tell their direction."""
        return self._colors.of(self._levels[row].rate) if column in (PRICE, RATE) else self._colors.even

    # -- changes ----------------------------------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether no level has a price."""
        return not any(level.price for level in self._levels)

    def show(self, event: OrderbookEvent | None) -> None:
        """Show a book; None empties it."""
        before = self._levels
        after = self._levels = [_EMPTY] * (2 * DEPTH) if event is None else self._levels_of(event)
        prices, sizes = [], []
        for row, (old, new) in enumerate(zip(before, after, strict=True)):
            if new is old:
                continue
            if new.price_text != old.price_text or new.rate_text != old.rate_text:
                prices.append(row)
            if new.size_text != old.size_text or new.share != old.share:
                sizes.append(row)
        # Not index(), which asks back for the size of the table.
        make, announce = self.createIndex, self.dataChanged.emit
        for first, last in runs(prices):
            announce(make(first, PRICE), make(last, RATE))
        for rows, column in (([r for r in sizes if r < DEPTH], ASK_SIZE), ([r for r in sizes if r >= DEPTH], BID_SIZE)):
            for first, last in runs(rows):
                announce(make(first, column), make(last, column))

    def set_reference(self, price: float | None) -> bool:
        """Take the close of the previous day, against which the rates are; tell whether it is another one."""
        changed = price != self._reference
        self._reference = price
        if changed:
            self._prices.clear()
        return changed

    def set_grid(self, grid: PriceGrid) -> None:
        """Write prices with the decimals of this grid; call it again when the grid has learned something."""
        self._grid = grid
        self._prices.clear()
        self._levels = [
            level._replace(price_text=price_text(grid, level.price)) if level.price else level for level in self._levels
        ]
        self.dataChanged.emit(self.index(0, PRICE), self.index(len(self._levels) - 1, PRICE))

    def set_cumulative(self, cumulative: bool) -> None:
        """Show sums of all sizes from the best price to a level from the next book on, or the level's own size."""
        self._is_cumulative = cumulative
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, BID_SIZE)

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._levels) - 1, BID_SIZE))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, BID_SIZE)

    def _levels_of(self, event: OrderbookEvent) -> list[Level]:
        units = event.orderbook_units[:DEPTH]
        ask_sizes, bid_sizes = [unit.ask_size for unit in units], [unit.bid_size for unit in units]
        if self._is_cumulative:
            ask_sizes, bid_sizes = list(accumulate(ask_sizes)), list(accumulate(bid_sizes))
        largest = max((*ask_sizes, *bid_sizes), default=0.0)
        levels = [_EMPTY] * (2 * DEPTH)
        grid = self._grid
        if grid is None or grid.code != event.code:
            self._grid = PriceGrid(event.code)
            self._prices.clear()
        before, reference, prices = self._levels, self._reference, self._prices
        # In place, because it is done for 60 levels a frame.
        for depth, unit in enumerate(units):
            for row, price, size in (
                (DEPTH - 1 - depth, unit.ask_price, ask_sizes[depth]),
                (DEPTH + depth, unit.bid_price, bid_sizes[depth]),
            ):
                # Upbit pads a thin side with price 0 and size 0.
                if not price:
                    continue
                old, share = before[row], round(size / largest, 3) if largest else 0.0
                is_same = price == old.price and reference == old.reference
                if is_same and size == old.size and share == old.share:
                    levels[row] = old
                    continue
                words, rate_words, rate = old[4], old[6], old[7]
                if not is_same:
                    words, rate_words, rate = prices.get(price) or self._write_price(price)
                size_words = old.size_text if size == old.size else size_text(size)
                levels[row] = Level(price, size, reference, share, words, size_words, rate_words, rate)
        return levels

    def _write_price(self, price: float) -> tuple[str, str, int]:
        """Return the texts of a price and of its rate, and its direction; most come again in a moment."""
        assert self._grid is not None
        if len(self._prices) >= _MOST_KEPT:
            self._prices.clear()
        change = price / self._reference - 1 if self._reference else None
        rate_text = "" if change is None else percent_text(change)
        # A rate that is written as 0.00% has no direction.
        rate = 0 if change is None or rate_text == "0.00%" else (1 if change > 0 else -1)
        found = self._prices[price] = price_text(self._grid, price), rate_text, rate
        return found
