"""The table in which an order book is painted: best prices in the middle, bars behind the sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QModelIndex, QRect, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from upbit_qt_widgets.base.cells import PADDING, FlatHeader, width_of
from upbit_qt_widgets.orderbook.orderbook_model import ALIGNMENTS, ASK_SIZE, DEPTH, OrderbookModel

if TYPE_CHECKING:
    from upbit_qt_widgets.base.colors import MarketColors

_ROWS: Final = 2 * DEPTH
_WIDEST: Final = ("116,539,000", "0.00000140", "+100.00%")
_LEAST_ROWS: Final = 10
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value
_ACTIVE: Final = QStyle.StateFlag.State_Active.value
_FADED_ALPHA: Final = 0.45


class _BookCells(QStyledItemDelegate):
    """Paints a cell straight from the model's rows: ground, bar, text; a third of what the general delegate costs."""

    def __init__(self, model: OrderbookModel, colors: MarketColors, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.colors = colors
        self.faded = False

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        row, column, rect = index.row(), index.column(), option.rect
        colors, model, is_ask = self.colors, self._model, index.row() < DEPTH
        state = option.state.value
        if state & _SELECTED:
            # The style has filled the selected row with a colour on which red and blue cannot be read.
            painter.fillRect(rect, colors.base)
        painter.fillRect(rect, colors.ask_ground if is_ask else colors.bid_ground)
        if row == DEPTH:
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), colors.line)
        if column == model.size_column(row):
            self._paint_bar(painter, rect, model.level(row).share, colors.ask_bar if is_ask else colors.bid_bar, column)
        if state & _SELECTED and state & _ACTIVE:
            painter.fillRect(rect, colors.selection)
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
        if self.faded:
            color = QColor(color)
            color.setAlphaF(color.alphaF() * _FADED_ALPHA)
        painter.fillRect(QRect(left, rect.top() + 2, width, rect.height() - 3), color)


class OrderbookView(QTableView):
    """Fits an even number of whole rows into its height and keeps the best prices in the middle."""

    def __init__(self, model: OrderbookModel, colors: MarketColors, parent: QWidget) -> None:
        """Show a model."""
        super().__init__(parent)
        self._cells = _BookCells(model, colors, self)
        self._message = ""
        self._book = model
        self._columns = FlatHeader(self)
        self.setHorizontalHeader(self._columns)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that the columns keep their widths; the rows do not depend on it.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._measure()

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._cells.colors = colors
        self._update_all()

    def set_faded(self, faded: bool) -> None:
        """Make the book look old, or true again."""
        if faded != self._cells.faded:
            self._cells.faded = faded
            self._update_all()

    def set_message(self, message: str) -> None:
        """Take words that are shown in place of an empty book."""
        if message != self._message:
            self._message = message
            self._update_all()

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

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._measure()
            self._fit_rows()
            self.centre()

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Paint the book, or why there is none."""
        super().paintEvent(e)
        viewport = self.viewport()
        if self._message and viewport is not None and self._book.is_empty:
            painter = QPainter(viewport)
            painter.setPen(self._cells.colors.faint)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(viewport.rect().adjusted(PADDING, 0, -PADDING, 0), flags, self._message)
            painter.end()

    def _measure(self) -> None:
        metrics = self.fontMetrics()
        self._row_height = metrics.height() + 5
        column = width_of(metrics, *_WIDEST)
        self._columns.setMinimumSectionSize(column)
        bar = self.verticalScrollBar()
        frame = 2 * self.frameWidth() + (bar.sizeHint().width() if bar is not None else 0)
        self.setMinimumWidth(self._book.columnCount() * column + frame)
        self.setMinimumHeight(_LEAST_ROWS * self._row_height + self._columns.sizeHint().height())

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

    def _update_all(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()
