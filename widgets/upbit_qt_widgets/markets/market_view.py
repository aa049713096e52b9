"""The table in which many tickers are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QObject, QRect, QSortFilterProxyModel, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QFont, QFontMetrics, QPainter
from PyQt6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from upbit_qt_widgets.base.cells import CENTRE, LEFT, PADDING, RIGHT, width_of
from upbit_qt_widgets.base.flat_table import FlatCells, FlatTable
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, STAR, TURNOVER
from upbit_qt_widgets.markets.search import matches

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.markets.market_model import MarketModel
    from upbit_qt_widgets.markets.market_row import MarketRow

_WIDEST: Final = {
    STAR: ("★",),
    PRICE: ("116,539,000", "0.00000140"),
    RATE: ("▲ +100.00%",),
    CHANGE: ("+10,000,000", "+0.00000140"),
    TURNOVER: ("1,000,000",),
}
_LEAST_NAME: Final = "비트코인 BTC"
_BADGE_AIR: Final = 4


class SearchedMarkets(QSortFilterProxyModel):
    """The rows that a search finds, in the order of the source, which does the sorting."""

    def __init__(self, source: MarketModel, parent: QObject) -> None:
        """Show all rows of ``source`` for now."""
        super().__init__(parent)
        self._source = source
        self.query = ""
        self.setSourceModel(source)
        self.setDynamicSortFilter(False)

    @pyqtSlot(str)
    def set_query(self, query: str) -> None:
        """Show only what is found; see :mod:`upbit_qt_widgets.markets.search`."""
        self.query = query
        self.invalidateFilter()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Tell whether a row is found."""
        return not self.query or matches(self._source.row(source_row).search, self.query)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Have the source sort its rows."""
        self._source.sort(column, order)


class _MarketCells(FlatCells):
    """Paints a cell straight from the model's rows."""

    def __init__(self, source: MarketModel, shown: SearchedMarkets, colors: MarketColors) -> None:
        super().__init__(colors)
        self._source = source
        self._shown = shown
        self.badge_font = QFont()

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row = self._source.row(self._shown.mapToSource(index).row())
        flash = None if self.faded else self._source.flash_ground(row, column)
        self.paint_ground(painter, option, flash, is_striped=index.row() % 2 == 1)
        words = row.texts[column]
        if not words:
            return
        painter.setPen(self.colors.faded if self.faded else self._source.ink(row, column))
        if column == STAR:
            painter.drawText(rect, CENTRE, words)
            return
        place = rect.adjusted(PADDING, 0, -PADDING, 0)
        if column == NAME:
            if row.badge:
                place.setRight(place.right() - self._paint_badge(painter, place, row))
            # The code at its end must stay.
            words = option.fontMetrics.elidedText(words, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, LEFT if column == NAME else RIGHT, words)

    def _paint_badge(self, painter: QPainter, place: QRect, row: MarketRow) -> int:
        """Paint the word of a warning at the right end of a cell; return the width that it takes."""
        metrics = QFontMetrics(self.badge_font)
        width = metrics.horizontalAdvance(row.badge) + 2 * _BADGE_AIR
        height = metrics.height() + 2
        frame = QRect(place.right() - width + 1, place.center().y() - height // 2, width, height)
        painter.save()
        painter.setFont(self.badge_font)
        painter.setPen(self.colors.faded if self.faded else self.colors.warn)
        painter.drawRoundedRect(frame, 3, 3)
        painter.drawText(frame, CENTRE, row.badge)
        painter.restore()
        return width + _BADGE_AIR


class MarketView(FlatTable):
    """Shows the found rows of a model; the name takes the width that is left.

    Signals:
        star_clicked: the code of a market whose star was clicked, or switched with the key F.
        chosen: the index of a row that was clicked elsewhere, or chosen with Enter.
    """

    star_clicked = pyqtSignal(QModelIndex)
    chosen = pyqtSignal(QModelIndex)

    def __init__(self, source: MarketModel, shown: SearchedMarkets, colors: MarketColors, parent: QWidget) -> None:
        """Show ``source`` as ``shown`` orders it."""
        self._market_cells = _MarketCells(source, shown, colors)
        super().__init__(shown, self._market_cells, parent)
        self._columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.measure()
        self.set_sortable(TURNOVER)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        metrics = self.fontMetrics()
        small = QFont(self.font())
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.8))
        self._market_cells.badge_font = small
        self.set_row_height(metrics.height() + 10)
        self._columns.setMinimumSectionSize(width_of(metrics, "★"))
        for column, samples in _WIDEST.items():
            self._columns.resizeSection(column, max(width_of(metrics, *samples), self._columns.caption_width(column)))
        widths = sum(self._columns.sectionSize(column) for column in (STAR, PRICE, RATE))
        self.setMinimumWidth(widths + width_of(metrics, _LEAST_NAME) + self.bar_width())

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Switch the star of the current row with F."""
        if e is not None and e.key() == Qt.Key.Key_F and not e.modifiers() and self.currentIndex().isValid():
            self.star_clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(e)

    @pyqtSlot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        (self.star_clicked if index.column() == STAR else self.chosen).emit(index)

    @pyqtSlot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        # A double click on a star is two clicks on it.
        if index.column() != STAR:
            self.chosen.emit(index)
