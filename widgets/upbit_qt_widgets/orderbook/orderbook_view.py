"""The table in which an order book is painted: best prices in the middle, bars behind the sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QRect, Qt
from PyQt6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from upbit_qt_widgets.base.cells import PADDING, width_of
from upbit_qt_widgets.base.flat_table import FlatCells, FlatTable
from upbit_qt_widgets.orderbook.orderbook_model import ALIGNMENTS, ASK_SIZE, DEPTH, OrderbookModel

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor, QPainter, QResizeEvent

    from upbit_qt_widgets.base.colors import MarketColors

_ROWS: Final = 2 * DEPTH
_WIDEST: Final = ("116,539,000", "0.00000140", "+100.00%")
_LEAST_ROWS: Final = 10


class _BookCells(FlatCells):
    """Paints a cell straight from the model's rows: ground, bar, text."""

    def __init__(self, model: OrderbookModel, colors: MarketColors) -> None:
        super().__init__(colors)
        self._model = model

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        row, column, rect = index.row(), index.column(), option.rect
        colors, model, is_ask = self.colors, self._model, index.row() < DEPTH
        self.paint_ground(painter, option, colors.ask_ground if is_ask else colors.bid_ground)
        if row == DEPTH:
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), colors.line)
        if column == model.size_column(row):
            self._paint_bar(painter, rect, model.level(row).share, colors.ask_bar if is_ask else colors.bid_bar, column)
        words = model.words(row, column)
        if words:
            painter.setPen(colors.faded if self.faded else model.ink(row, column))
            painter.drawText(rect.adjusted(PADDING, 0, -PADDING, 0), ALIGNMENTS[column], words)

    def _paint_bar(self, painter: QPainter, rect: QRect, share: float, color: QColor, column: int) -> None:
        """Asks grow to the left, bids to the right."""
        width = round(rect.width() * share)
        if not width:
            return
        left = rect.right() + 1 - width if column == ASK_SIZE else rect.left()
        place = QRect(left, rect.top() + 2, width, rect.height() - 3)
        painter.fillRect(place, self.bar_color(color, faded=self.faded))


class OrderbookView(FlatTable):
    """Fits an even number of whole rows into its height and keeps the best prices in the middle."""

    def __init__(self, model: OrderbookModel, colors: MarketColors, parent: QWidget) -> None:
        """Show a model."""
        self._book = model
        self._row_height = 0
        super().__init__(model, _BookCells(model, colors), parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.measure()

    @property
    def is_blank(self) -> bool:
        """Whether no level has a price; the rows are always there."""
        return self._book.is_empty

    def centre(self) -> None:
        """Bring the best prices to the middle."""
        bar, viewport = self.verticalScrollBar(), self.viewport()
        if bar is not None and viewport is not None:
            bar.setValue(self.rowViewportPosition(DEPTH) + bar.value() - viewport.height() // 2)

    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Fit the rows, and centre."""
        super().resizeEvent(e)
        self._fit_rows()
        self.centre()

    def measure(self) -> None:
        """Fit rows and columns to the font."""
        metrics = self.fontMetrics()
        self._row_height = metrics.height() + 5
        column = width_of(metrics, *_WIDEST)
        self._columns.setMinimumSectionSize(column)
        self.setMinimumWidth(self._book.columnCount() * column + 2 * self.frameWidth() + self.bar_width())
        self.setMinimumHeight(_LEAST_ROWS * self._row_height + self._columns.sizeHint().height())
        self._fit_rows()
        self.centre()

    def _fit_rows(self) -> None:
        """Give the rows heights that fill the view without a clipped row; a pixel more here and there is not seen."""
        viewport, rows = self.viewport(), self.verticalHeader()
        if viewport is None or rows is None or viewport.height() < 2:
            return
        height = viewport.height()
        shown = min(_ROWS, max(2, height // self._row_height // 2 * 2))
        each, rest = divmod(height, shown)
        above = rest // 2
        higher = range(DEPTH - above, DEPTH + rest - above)
        rows.setDefaultSectionSize(each)
        for row in range(_ROWS):
            wanted = each + (row in higher)
            if self.rowHeight(row) != wanted:
                rows.resizeSection(row, wanted)
        # The scroll range must be known before the middle is set.
        self.updateGeometries()
