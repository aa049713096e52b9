"""The table in which an order book is painted: best prices in the middle, bars behind the sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHeaderView, QWidget

from upbit_qt_widgets.base.cells import PADDING, width_of
from upbit_qt_widgets.base.colors import over
from upbit_qt_widgets.base.flat_table import FlatCells
from upbit_qt_widgets.base.numerals import Numerals
from upbit_qt_widgets.base.painted_table import PaintedTable
from upbit_qt_widgets.orderbook.orderbook_model import (
    ALIGNMENTS,
    ASK_SIZE,
    BID_SIZE,
    DEPTH,
    PRICE,
    RATE,
    OrderbookModel,
)
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from PyQt6.QtGui import QColor, QPainter, QResizeEvent

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.painted_table import Column, ExposedRow

_ROWS: Final = 2 * DEPTH
_WIDEST: Final = ("3,703,703,670", "0.00000140", "+100,000.00%")
_LEAST_ROWS: Final = 10


class _BookCells(FlatCells):
    """Paints rows straight from the model's: grounds, bars, texts, each kind for all rows before the next."""

    def __init__(self, model: OrderbookModel, colors: MarketColors) -> None:
        super().__init__(colors)
        self._model = model
        self._grounds: tuple[MarketColors, QColor, QColor] | None = None
        self.numerals = Numerals(QFont())

    def paint_rows(self, painter: QPainter, rows: Sequence[ExposedRow], selected: Container[int], width: int) -> None:
        """Paint the exposed cells of rows, from the top to the bottom, in a view of this width."""
        colors = self.colors
        if self._grounds is None or self._grounds[0] is not colors:
            self._grounds = colors, over(colors.base, colors.ask_ground), over(colors.base, colors.bid_ground)
        _, ask_ground, bid_ground = self._grounds
        asks = [row for row in rows if row.number < DEPTH]
        bids = rows[len(asks) :]
        for side, ground in ((asks, ask_ground), (bids, bid_ground)):
            if side:
                painter.fillRect(0, side[0].top, width, side[-1].top + side[-1].height - side[0].top, ground)
        for row in rows:
            if row.number in selected:
                painter.fillRect(0, row.top, width, row.height, colors.selection)
        if bids and bids[0].number == DEPTH:
            painter.fillRect(0, bids[0].top, width, 1, colors.line)
        for side, size_column, bar in ((asks, ASK_SIZE, colors.ask_bar), (bids, BID_SIZE, colors.bid_bar)):
            for column, places in _columns_of(side):
                cells = [side[place] for place in places]
                if column.number == size_column:
                    self._paint_sizes(painter, column, cells, bar)
                elif column.number in (PRICE, RATE):
                    self._paint_prices(painter, column, cells)

    def _paint_sizes(self, painter: QPainter, column: Column, rows: Sequence[ExposedRow], color: QColor) -> None:
        """Asks grow to the left, bids to the right."""
        number, left, width = column
        bars, texts, level_of = [], [], self._model.level
        for row, top, height, _ in rows:
            level = level_of(row)
            texts.append((top, height, level.size_text))
            long = round(width * level.share)
            if long:
                bars.append(QRect(left + width - long if number == ASK_SIZE else left, top + 2, long, height - 3))
        if bars:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.bar_color(color, faded=self.faded))
            painter.drawRects(*bars)
        painter.setPen(self.colors.faded if self.faded else self.colors.even)
        self.numerals.paint_column(painter, left + PADDING, width - 2 * PADDING, ALIGNMENTS[number], texts)

    def _paint_prices(self, painter: QPainter, column: Column, rows: Sequence[ExposedRow]) -> None:
        number, left, width = column
        inks: dict[int, list[tuple[float, float, str]]] = {}
        for row, top, height, _ in rows:
            level = self._model.level(row)
            words = level.price_text if number == PRICE else level.rate_text
            inks.setdefault(level.rate, []).append((top, height, words))
        for direction, texts in inks.items():
            painter.setPen(self.colors.faded if self.faded else self.colors.of(direction))
            self.numerals.paint_column(painter, left + PADDING, width - 2 * PADDING, ALIGNMENTS[number], texts)


def _columns_of(rows: Sequence[ExposedRow]) -> Iterator[tuple[Column, Sequence[int]]]:
    """Yield the exposed columns, each with the places of its rows in ``rows``."""
    if rows and all(row.columns is rows[0].columns for row in rows):
        for column in rows[0].columns:
            yield column, range(len(rows))
        return
    for column in dict.fromkeys(column for row in rows for column in row.columns):
        yield column, [place for place, row in enumerate(rows) if column in row.columns]


class OrderbookView(PaintedTable):
    """Fits an even number of whole rows into its height and keeps the best prices in the middle."""

    def __init__(self, model: OrderbookModel, colors: MarketColors, parent: QWidget) -> None:
        """Show a model."""
        self._book = model
        self._row_height = 0
        self._book_cells = _BookCells(model, colors)
        super().__init__(model, self._book_cells, parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        viewport = self.viewport()
        if viewport is not None:
            # The rows fill it, and their grounds are opaque.
            viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
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

    @guarded
    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Fit the rows, and centre."""
        super().resizeEvent(e)
        self._fit_rows()
        self.centre()

    def measure(self) -> None:
        """Fit rows and columns to the font."""
        metrics = self.fontMetrics()
        self._book_cells.numerals = Numerals(self.font())
        self._row_height = metrics.height() + 5
        column = width_of(metrics, *_WIDEST)
        self._columns.setMinimumSectionSize(column)
        self.setMinimumWidth(self._book.columnCount() * column + 2 * self.frameWidth() + self.bar_width())
        self.setMinimumHeight(_LEAST_ROWS * self._row_height + self._columns.sizeHint().height())
        self._fit_rows()
        self.centre()

    def paint_rows(self, painter: QPainter, rows: Sequence[ExposedRow], selected: Container[int]) -> None:
        """Paint levels."""
        viewport = self.viewport()
        if viewport is not None:
            self._book_cells.paint_rows(painter, rows, selected, viewport.width())

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
