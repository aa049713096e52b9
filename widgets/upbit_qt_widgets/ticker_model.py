"""The tickers of many markets as rows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSlot

from upbit_qt_widgets.formatting import arrow, percent_text, price_text, turnover_text
from upbit_qt_widgets.texts import Language, text
from upbit_qt_ws.wire.markets import base_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_widgets.colors import MarketColors
    from upbit_qt_ws import TickerEvent

NAME, PRICE, CHANGE, TURNOVER = range(4)
_HEADERS: Final = ("name", "price", "change", "turnover")

SORT_ROLE: Final = Qt.ItemDataRole.UserRole
"""The raw value: sorting texts would put 9 over 10."""

CODE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The market code of the row."""

SEARCH_ROLE: Final = Qt.ItemDataRole.UserRole + 2
"""Everything that a search may match, in lower case."""

_FLASH_SECONDS: Final = 0.25
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class Market(NamedTuple):
    """A market with its names."""

    code: str
    korean_name: str
    english_name: str


class _Row:
    """One market; texts are made once, when a value changes."""

    __slots__ = ("change", "flash_until", "market", "price", "raw", "search", "texts")

    def __init__(self, market: Market, name: str) -> None:
        self.market = market
        self.search = " ".join(market).lower()
        self.texts = [name, "", "", ""]
        self.raw: list[Any] = [name, 0.0, 0.0, 0.0]
        self.price = 0.0
        self.change = 0.0
        self.flash_until = 0.0


class TickerModel(QAbstractTableModel):
    """Rows in a fixed order; a frame's changes are announced as contiguous runs."""

    def __init__(self, colors: MarketColors, language: Language, parent: QObject | None = None) -> None:
        """Start without markets."""
        super().__init__(parent)
        self._colors = colors
        self._language = language
        self._rows: list[_Row] = []
        self._numbers: dict[str, int] = {}
        self._events: dict[str, TickerEvent] = {}
        self._flashing: set[int] = set()
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.timeout.connect(self._end_flashes)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many markets there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the columns: name, price, change, turnover."""
        return 0 if parent is not None and parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the captions of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return text(_HEADERS[section], self._language)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == NAME else _RIGHT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column == NAME else _RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colors.of(row.change) if column in (PRICE, CHANGE) else None
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._colors.flash if column == PRICE and index.row() in self._flashing else None
        if role == SORT_ROLE:
            return row.raw[column]
        if role == CODE_ROLE:
            return row.market.code
        if role == SEARCH_ROLE:
            return row.search
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.market.korean_name} · {row.market.english_name} · {row.market.code}"
        return None

    def set_markets(self, markets: Iterable[Market]) -> None:
        """Show other markets, without values until tickers come."""
        self.beginResetModel()
        self._rows = [_Row(market, self._name(market)) for market in markets]
        self._numbers = {row.market.code: number for number, row in enumerate(self._rows)}
        self._events = {}
        self._flashing.clear()
        self.endResetModel()

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        for row in self._rows:
            row.texts[NAME] = row.raw[NAME] = self._name(row.market)
        self.show(self._events.values(), flash=False)
        if self._rows:
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self._rows) - 1, TURNOVER))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, TURNOVER)

    def show(self, events: Iterable[TickerEvent], *, flash: bool = True) -> None:
        """Show the tickers of a frame; a price that moved flashes."""
        now = time.monotonic()
        dirty: set[int] = set()
        for event in events:
            number = self._numbers.get(event.code)
            if number is None:
                continue
            self._events[event.code] = event
            self._set(self._rows[number], event)
            dirty.add(number)
            row = self._rows[number]
            if flash and row.price and row.price != event.trade_price:
                row.flash_until = now + _FLASH_SECONDS
                self._flashing.add(number)
            row.price = event.trade_price
        self._announce(dirty, TURNOVER)
        if self._flashing and not self._fade.isActive():
            self._fade.start(int(_FLASH_SECONDS * 1000))

    def _set(self, row: _Row, event: TickerEvent) -> None:
        code, rate = event.code, event.signed_change_rate
        row.change = event.signed_change_price or 0.0
        row.texts[PRICE] = price_text(code, event.trade_price)
        row.texts[CHANGE] = " ".join(filter(None, (arrow(row.change), percent_text(rate))))
        row.texts[TURNOVER] = turnover_text(code, event.acc_trade_price_24h, self._language)
        row.raw[PRICE], row.raw[CHANGE], row.raw[TURNOVER] = (
            event.trade_price,
            rate or 0.0,
            event.acc_trade_price_24h or 0.0,
        )

    def _name(self, market: Market) -> str:
        name = market.korean_name if self._language == "ko" else market.english_name
        return f"{name} {base_of(market.code)}" if name else market.code

    def _announce(self, dirty: set[int], last_column: int) -> None:
        """Emit one change per contiguous run of rows."""
        start = previous = -2
        for number in sorted(dirty):
            if number != previous + 1:
                if start >= 0:
                    self.dataChanged.emit(self.index(start, PRICE), self.index(previous, last_column))
                start = number
            previous = number
        if start >= 0:
            self.dataChanged.emit(self.index(start, PRICE), self.index(previous, last_column))

    @pyqtSlot()
    def _end_flashes(self) -> None:
        now = time.monotonic()
        ended = {number for number in self._flashing if self._rows[number].flash_until <= now}
        self._flashing -= ended
        self._announce(ended, PRICE)
        if self._flashing:
            self._fade.start(int(_FLASH_SECONDS * 1000))
