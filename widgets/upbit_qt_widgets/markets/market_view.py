"""The table in which many tickers are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QObject, QRect, QSortFilterProxyModel, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QFont, QFontMetrics, QPainter

from upbit_qt_widgets.base.cells import CENTRE, LEFT, PADDING, RIGHT, elided_name, width_of
from upbit_qt_widgets.base.flat_table import FlatCells
from upbit_qt_widgets.base.numerals import Numerals
from upbit_qt_widgets.base.painted_table import PaintedTable
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, STAR, TURNOVER
from upbit_qt_widgets.markets.search import matches
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from PyQt6.QtGui import QColor, QKeyEvent, QResizeEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.painted_table import ExposedRow
    from upbit_qt_widgets.markets.market_model import MarketModel
    from upbit_qt_widgets.markets.market_row import MarketRow

_WIDEST: Final = {
    STAR: ("★",),
    PRICE: ("116,539,000", "0.00000140"),
    RATE: ("▲ +100.00%",),
    CHANGE: ("+10,000,000", "+0.00000140"),
    TURNOVER: ("1,000,000",),
}
_SPARE: Final = (CHANGE, TURNOVER)
"""What is left out, in this order, where there is not room for all."""
_LEAST_NAME: Final = "비트코인 BTC"
_USUAL_NAME: Final = "도지코인 DOGE"
_BADGE_AIR: Final = 4
_MOST_KEPT: Final = 1024


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
    @guarded
    def set_query(self, query: str) -> None:
        """Show only what is found; see :mod:`upbit_qt_widgets.markets.search`."""
        self.query = query
        self.invalidateFilter()

    @guarded_returning(False)
    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Tell whether a row is found."""
        return not self.query or matches(self._source.search_key(source_row), self.query)

    @guarded
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Have the source sort its rows."""
        self._source.sort(column, order)


class _MarketCells(FlatCells):
    """Paints a row straight from the model's."""

    def __init__(self, source: MarketModel, colors: MarketColors) -> None:
        super().__init__(colors)
        self._source = source
        self._elided: dict[tuple[str, int], str] = {}
        self.set_font(QFont())

    def set_font(self, font: QFont) -> None:
        """Take the font of the table."""
        self._badge_font = QFont(font)
        self._badge_font.setPointSizeF(max(6.0, font.pointSizeF() * 0.8))
        self._metrics, self._badge_metrics = QFontMetrics(font), QFontMetrics(self._badge_font)
        self._numerals = Numerals(font)
        self._elided.clear()

    def paint_row(self, painter: QPainter, exposed: ExposedRow, row: MarketRow, *, is_selected: bool) -> None:
        """Paint the exposed cells of a row."""
        number, top, height, columns = exposed
        colors, texts, paint = self.colors, row.texts, self._numerals.paint
        if number % 2:
            painter.fillRect(exposed.rect, colors.stripe)
        pen: QColor | None = None
        for column, left, width in columns:
            if row.flash and column == PRICE and not self.faded:
                painter.fillRect(left, top, width, height, colors.flash_up if row.flash > 0 else colors.flash_down)
            if is_selected:
                painter.fillRect(left, top, width, height, colors.selection)
            words = texts[column]
            if not words:
                continue
            ink = colors.faded if self.faded else self._source.ink(row, column)
            if ink is not pen:
                painter.setPen(ink)
                pen = ink
            if column > NAME:
                paint(painter, left + PADDING, top, width - 2 * PADDING, height, RIGHT, words)
            elif column == NAME:
                self._paint_name(painter, QRect(left + PADDING, top, width - 2 * PADDING, height), words, row)
            else:
                paint(painter, left, top, width, height, CENTRE, words)

    def _paint_name(self, painter: QPainter, place: QRect, words: str, row: MarketRow) -> None:
        if row.badge:
            place.setRight(place.right() - self._paint_badge(painter, place, row))
        key = words, place.width()
        elided = self._elided.get(key)
        if elided is None:
            if len(self._elided) >= _MOST_KEPT:
                self._elided.clear()
            elided = self._elided[key] = elided_name(words, self._metrics, place.width())
        painter.drawText(place, LEFT, elided)

    def _paint_badge(self, painter: QPainter, place: QRect, row: MarketRow) -> int:
        """Paint the word of a warning at the right end of a cell; return the width that it takes."""
        metrics = self._badge_metrics
        width = metrics.horizontalAdvance(row.badge) + 2 * _BADGE_AIR
        height = metrics.height() + 2
        frame = QRect(place.right() - width + 1, place.center().y() - height // 2, width, height)
        painter.save()
        painter.setFont(self._badge_font)
        painter.setPen(self.colors.faded if self.faded else self.colors.warn)
        painter.drawRoundedRect(frame, 3, 3)
        painter.drawText(frame, CENTRE, row.badge)
        painter.restore()
        return width + _BADGE_AIR


class MarketView(PaintedTable):
    """Shows the found rows of a model; the name takes the width that is left.

    Signals:
        star_clicked: the code of a market whose star was clicked, or switched with the key F.
        chosen: the index of a row that was clicked elsewhere, or chosen with Enter.
    """

    star_clicked = pyqtSignal(QModelIndex)
    chosen = pyqtSignal(QModelIndex)

    def __init__(self, source: MarketModel, shown: SearchedMarkets, colors: MarketColors, parent: QWidget) -> None:
        """Show ``source`` as ``shown`` orders it."""
        self._source = source
        self._shown = shown
        self._market_cells = _MarketCells(source, colors)
        self._widths: dict[int, int] = {}
        super().__init__(shown, self._market_cells, parent)
        self.measure()
        self.set_sortable(TURNOVER)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)
        source.seen = self._seen_rows

    def _seen_rows(self) -> range:
        """Return the rows of the model that are seen now; all of them while a search may have any of them seen."""
        viewport, count = self.viewport(), self._source.rowCount()
        if self._shown.query or viewport is None:
            return range(count)
        last = self.rowAt(viewport.height() - 1)
        return range(max(0, self.rowAt(0)), last + 1 if last >= 0 else count)

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        metrics = self.fontMetrics()
        self._market_cells.set_font(self.font())
        self.set_row_height(metrics.height() + 10)
        self._columns.setMinimumSectionSize(width_of(metrics, "★"))
        for column, samples in _WIDEST.items():
            self._widths[column] = max(width_of(metrics, *samples), self._columns.caption_width(column))
        self._widths[NAME] = width_of(metrics, _LEAST_NAME)
        least = sum(self._widths[column] for column in (STAR, NAME, PRICE, RATE))
        self.setMinimumWidth(least + self.bar_width() + 2 * self.frameWidth())
        self._fit_columns()

    def make_room(self, row: int) -> None:
        """Widen the columns that the figures of a row of the model do not fit into, until they are measured anew."""
        metrics, texts = self.fontMetrics(), self._source.row(row).texts
        for column in (PRICE, RATE, CHANGE, TURNOVER):
            if width_of(metrics, texts[column]) > self._widths[column]:
                self._widths[column] = width_of(metrics, texts[column])
                self._fit_columns()

    @guarded
    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Show the columns that there is room for, and give the name the width that is left."""
        super().resizeEvent(e)
        self._fit_columns()

    def _fit_columns(self) -> None:
        viewport, shown = self.viewport(), dict(self._widths)
        if viewport is None:
            return
        more = width_of(self.fontMetrics(), _USUAL_NAME) - shown[NAME]
        for column in _SPARE:
            if sum(shown.values()) + more > viewport.width():
                del shown[column]
        self.show_columns(shown, [NAME])

    def paint_rows(self, painter: QPainter, rows: Sequence[ExposedRow], selected: Container[int]) -> None:
        """Paint markets."""
        shown, source, cells = self._shown, self._source, self._market_cells
        is_searched = bool(shown.query)
        for exposed in rows:
            number = exposed.number
            if is_searched:
                number = shown.mapToSource(shown.index(number, 0)).row()
            cells.paint_row(painter, exposed, source.row(number), is_selected=exposed.number in selected)

    @guarded
    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Switch the star of the current row with F."""
        if e is not None and e.key() == Qt.Key.Key_F and not e.modifiers() and self.currentIndex().isValid():
            self.star_clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(e)

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_clicked(self, index: QModelIndex) -> None:
        (self.star_clicked if index.column() == STAR else self.chosen).emit(index)

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_activated(self, index: QModelIndex) -> None:
        # A double click on a star is two clicks on it.
        if index.column() != STAR:
            self.chosen.emit(index)
