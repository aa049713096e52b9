"""The tickers of many markets as a table model."""

from __future__ import annotations

import time
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSlot

from upbit_qt_widgets.base.cells import CENTRE, LEFT, RIGHT
from upbit_qt_widgets.base.formatting import turnover_unit
from upbit_qt_widgets.base.labels import tip_text
from upbit_qt_widgets.base.market_notes import market_notes
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.runs import runs
from upbit_qt_widgets.base.texts import Language, pick, text
from upbit_qt_widgets.markets.market_row import CHANGE, FLASH_SECONDS, NAME, PRICE, RATE, STAR, TURNOVER, MarketRow
from upbit_qt_widgets.markets.words import WORDS
from upbit_qt_ws.guard import guarded, guarded_returning
from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from PyQt6.QtGui import QColor

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.markets.search import SearchKey
    from upbit_qt_ws import TickerEvent
    from upbit_qt_ws.wire.rest_records import MarketInfo

_HEADERS: Final = ("name", "price", "rate", "change", "turnover")
_ALIGNMENTS: Final = (CENTRE, LEFT, RIGHT, RIGHT, RIGHT, RIGHT)

CODE_ROLE: Final = Qt.ItemDataRole.UserRole
"""The market code of the row."""


class MarketModel(QAbstractTableModel):
    """Rows that keep their places until :meth:`sort`; a frame's changes are announced as contiguous runs.

    Attributes:
        seen: tells the rows that the view shows at this moment; None announces all rows alike. What changes above or
            below them is announced as one stretch each, for there is nothing to be painted.
    """

    def __init__(self, colors: MarketColors, language: Language, parent: QObject | None = None) -> None:
        """Start without markets."""
        super().__init__(parent)
        self._colors = colors
        self._language = language
        self.seen: Callable[[], range] | None = None
        self._markets: list[MarketInfo] = []
        self._rows: list[MarketRow] = []
        self._numbers: dict[str, int] = {}
        self._only_quote = ""
        self._starred: Container[str] = ()
        self._flashing: set[MarketRow] = set()
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.setInterval(int(FLASH_SECONDS * 1000))
        self._flash_end.timeout.connect(self._end_due_flashes)

    @guarded_returning(0)
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many markets there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    @guarded_returning(0)
    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the columns: star, name, price, rate, change, turnover."""
        return 0 if parent is not None and parent.isValid() else TURNOVER + 1

    @guarded_returning(None)
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns, which stand as their cells do."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if section == STAR:
                return ""
            caption = text(_HEADERS[section - 1], self._language)
            if section != TURNOVER or not self._only_quote:
                return caption
            gap = "" if self._language == "ko" else " "
            return f"{caption}{gap}({turnover_unit(self._only_quote, self._language)})"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENTS[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == STAR:
            return pick(WORDS["star"], self._language)
        return None

    @guarded_returning(None)
    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENTS[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self.ink(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self.flash_ground(row, column)
        if role == CODE_ROLE:
            return row.market.market
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_text(self._tool_tip(row))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self._tool_tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == STAR:
            return pick(WORDS["star"], self._language) if row.is_starred else ""
        return None

    @property
    def markets(self) -> list[MarketInfo]:
        """The listed markets, in the order in which they were given."""
        return self._markets

    # -- for the delegate, which paints without asking for a dozen roles ---------------------------------------

    def row(self, number: int) -> MarketRow:
        """Return what a row shows."""
        row = self._rows[number]
        if not row.is_written:
            row.write_values(self._language, self._only_quote)
        return row

    def number_of(self, code: str) -> int | None:
        """Return the row of a market; None if it is not listed."""
        return self._numbers.get(code)

    def search_key(self, number: int) -> SearchKey:
        """Return what a search looks at in a row."""
        return self._rows[number].search

    def ink(self, row: MarketRow, column: int) -> QColor:
        """Return the text colour of a cell: prices tell their direction, and old values that they are old."""
        if row.unserved or row.halt:
            return self._colors.faded
        if column == STAR:
            return self._colors.star if row.is_starred else self._colors.faint
        return self._colors.of(row.change) if column in (PRICE, RATE, CHANGE) else self._colors.even

    def flash_ground(self, row: MarketRow, column: int) -> QColor | None:
        """Return the ground of a price that has just moved."""
        if not row.flash or column != PRICE:
            return None
        return self._colors.flash_up if row.flash > 0 else self._colors.flash_down

    @guarded
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by their raw values. A fifth of what a sorting proxy costs, which asks for each value anew."""
        rows = sorted(self._rows, key=lambda row: row.sort_value(column), reverse=order == Qt.SortOrder.DescendingOrder)
        if rows == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [self._rows[index.row()].market.market for index in before]
        self._rows = rows
        self._number_rows()
        after = [self.index(self._numbers[code], index.column()) for code, index in zip(moved, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # -- changes ----------------------------------------------------------------------------------------------

    def set_markets(self, markets: Iterable[MarketInfo], grid: Callable[[str], PriceGrid] = PriceGrid) -> None:
        """Show other markets. Those that were shown before keep their values, the others wait for their tickers.

        Args:
            markets: what to list.
            grid: returns the price grid of a code.
        """
        self.stop_flashes()
        self.beginResetModel()
        events = {row.market.market: row.event for row in self._rows}
        self._markets = list(markets)
        self._rows = [MarketRow(info, events.get(info.market), grid(info.market)) for info in self._markets]
        self._number_rows()
        quotes = {quote_of(code) for code in self._numbers}
        self._only_quote = quotes.pop() if len(quotes) == 1 else ""
        self._write_all()
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, TURNOVER, TURNOVER)

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        self._write_all()
        self._announce(range(len(self._rows)), NAME, TURNOVER)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, TURNOVER)

    def set_starred(self, codes: Container[str]) -> None:
        """Show which markets are starred."""
        self._starred = codes
        changed = [number for number, row in enumerate(self._rows) if row.is_starred != (row.market.market in codes)]
        for number in changed:
            self._rows[number].star(self._rows[number].market.market in codes)
        self._announce(changed, STAR, STAR)

    def write_prices(self, codes: Container[str]) -> None:
        """Write the prices of some markets anew, because their grids have learned something."""
        changed = []
        for number, row in enumerate(self._rows):
            if row.event is not None and row.market.market in codes:
                row.is_written = False
                changed.append(number)
        self._announce(changed, PRICE, CHANGE)

    def set_unserved(self, codes: Container[str]) -> None:
        """Fade the markets about which the exchange sends nothing, and only those."""
        changed = [number for number, row in enumerate(self._rows) if row.unserved != (row.market.market in codes)]
        for number in changed:
            self._rows[number].unserved = not self._rows[number].unserved
        self._announce(changed, NAME, TURNOVER)

    def set_halts(self, halts: Mapping[str, str]) -> None:
        """Fade the markets in which nobody can trade, and say why in a badge.

        Args:
            halts: why, by code; see :func:`~upbit_qt_widgets.base.market_notes.halt_of`.
        """
        changed = [number for number, row in enumerate(self._rows) if row.halt != halts.get(row.market.market, "")]
        for number in changed:
            row = self._rows[number]
            row.halt = halts.get(row.market.market, "")
            row.write_name(self._language, self._only_quote)
        self._announce(changed, NAME, TURNOVER)

    def show(self, events: Iterable[TickerEvent], *, flash: bool = True) -> None:
        """Show the tickers of a frame; a price that moved flashes."""
        flash_until = time.monotonic() + FLASH_SECONDS if flash else None
        numbers, rows, flashing = self._numbers, self._rows, self._flashing
        dirty: set[int] = set()
        served: set[int] = set()
        for event in events:
            number = numbers.get(event.code)
            if number is None:
                continue
            row = rows[number]
            if row.take(event, flash_until):
                flashing.add(row)
            dirty.add(number)
            if row.unserved:
                row.unserved = False
                served.add(number)
        self._announce(dirty, PRICE, TURNOVER)
        self._announce(served, NAME, NAME)
        if self._flashing and not self._flash_end.isActive():
            self._flash_end.start()

    def stop_flashes(self) -> None:
        """End all flashes now; nothing runs any more until a price moves."""
        self._flash_end.stop()
        self._end_flashes(set(self._flashing))

    @pyqtSlot()
    @guarded
    def _end_due_flashes(self) -> None:
        now = time.monotonic()
        self._end_flashes({row for row in self._flashing if row.flash_until <= now})
        if self._flashing:
            self._flash_end.start()

    def _end_flashes(self, rows: set[MarketRow]) -> None:
        for row in rows:
            row.flash = 0
        self._flashing -= rows
        self._announce([self._numbers[row.market.market] for row in rows], PRICE, PRICE)

    def _number_rows(self) -> None:
        self._numbers = {row.market.market: number for number, row in enumerate(self._rows)}

    def _write_all(self) -> None:
        for row in self._rows:
            row.write_name(self._language, self._only_quote)
            row.star(row.market.market in self._starred)
            row.is_written = False

    def _announce(self, numbers: Iterable[int], first_column: int, last_column: int) -> None:
        # Not index(), which asks back for the size of the table; most signals are about rows that nobody sees.
        make, announce = self.createIndex, self.dataChanged.emit
        for first, last in self._stretches(sorted(numbers)):
            announce(make(first, first_column), make(last, last_column))

    def _stretches(self, numbers: list[int]) -> Iterator[tuple[int, int]]:
        """Yield the first and the last row of each run; of all that is not seen, one stretch above and one below."""
        if not numbers:
            return
        seen = range(len(self._rows)) if self.seen is None else self.seen()
        start, end = bisect_left(numbers, seen.start), bisect_left(numbers, seen.stop)
        if start:
            yield numbers[0], numbers[start - 1]
        yield from runs(numbers[start:end])
        if end < len(numbers):
            yield numbers[end], numbers[-1]

    def _tool_tip(self, row: MarketRow) -> str:
        market = row.market
        parts = list(dict.fromkeys(filter(None, (market.name("ko"), market.name("en"), market.market))))
        parts += market_notes(market, row.event, self._language)
        if row.unserved:
            parts.append(text("state.not_served", self._language))
        return " · ".join(map(one_line, parts))
