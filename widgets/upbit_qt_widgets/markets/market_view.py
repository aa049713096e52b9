"""The table in which many tickers are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from upbit_qt_widgets.base.cells import LEFT, PADDING, RIGHT, FlatHeader, width_of
from upbit_qt_widgets.markets.market_model import SEARCH_ROLE
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, TURNOVER

if TYPE_CHECKING:
    from PyQt6.QtGui import QPainter

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.markets.market_model import MarketModel

_WIDEST: Final = {
    PRICE: ("116,539,000", "0.00000140"),
    RATE: ("▲ +100.00%",),
    CHANGE: ("+10,000,000", "+0.00000140"),
    TURNOVER: ("1,000,000",),
}
_LEAST_NAME: Final = "비트코인 BTC"
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value


class SearchedMarkets(QSortFilterProxyModel):
    """The rows that a search finds, in the order of the source, which does the sorting."""

    def __init__(self, source: MarketModel, parent: QObject) -> None:
        """Show all rows of ``source`` for now."""
        super().__init__(parent)
        self._source = source
        self.setSourceModel(source)
        self.setDynamicSortFilter(False)
        self.setFilterRole(SEARCH_ROLE)
        self.setFilterKeyColumn(NAME)
        self.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Have the source sort its rows."""
        self._source.sort(column, order)


class _MarketCells(QStyledItemDelegate):
    """Paints a cell straight from the model's rows; a third of what the general delegate costs."""

    def __init__(self, source: MarketModel, shown: SearchedMarkets, colors: MarketColors, view: QWidget) -> None:
        super().__init__(view)
        self._source = source
        self._shown = shown
        self.colors = colors
        self.faded = False

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row = self._source.row(self._shown.mapToSource(index).row())
        selected = option.state.value & _SELECTED
        # The style has filled the selected row with a colour on which red and blue cannot be read.
        if selected or index.row() % 2:
            painter.fillRect(rect, self.colors.stripe if index.row() % 2 else self.colors.base)
        flash = None if self.faded else self._source.flash_ground(row, column)
        if flash is not None:
            painter.fillRect(rect, flash)
        if selected:
            painter.fillRect(rect, self.colors.selection)
        words = row.texts[column]
        if not words:
            return
        painter.setPen(self.colors.faded if self.faded else self._source.ink(row, column))
        place = rect.adjusted(PADDING, 0, -PADDING, 0)
        if column == NAME:  # The code at its end must stay.
            words = option.fontMetrics.elidedText(words, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, LEFT if column == NAME else RIGHT, words)


class MarketView(QTableView):
    """Shows a ticker model through a model that sorts and filters it; the name takes the width that is left."""

    def __init__(self, source: MarketModel, shown: SearchedMarkets, colors: MarketColors, parent: QWidget) -> None:
        """Show ``source`` as ``shown`` orders it."""
        super().__init__(parent)
        self._cells = _MarketCells(source, shown, colors, self)
        self._shown = shown
        self._columns = FlatHeader(self)
        self._columns.setSectionsClickable(True)
        self.setHorizontalHeader(self._columns)
        self.setModel(shown)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Always there, so that the columns keep their widths while one searches.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setTabKeyNavigation(False)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self._columns.setSortIndicator(TURNOVER, Qt.SortOrder.DescendingOrder)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.measure()
        self.setSortingEnabled(True)

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._cells.colors = colors
        self._update_all()

    def set_faded(self, faded: bool) -> None:
        """Make all values look old, or true again."""
        if faded != self._cells.faded:
            self._cells.faded = faded
            self._update_all()

    def sort_again(self) -> None:
        """Bring the rows into the order that the header shows."""
        self._shown.sort(self._columns.sortIndicatorSection(), self._columns.sortIndicatorOrder())

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        metrics = self.fontMetrics()
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(metrics.height() + 10)
        self._columns.setMinimumSectionSize(width_of(metrics, _LEAST_NAME))
        for column, samples in _WIDEST.items():
            self._columns.resizeSection(column, max(width_of(metrics, *samples), self._columns.caption_width(column)))

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self.measure()

    def _update_all(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()
