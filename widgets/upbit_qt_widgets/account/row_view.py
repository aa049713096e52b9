"""The table in which the lists of the account are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QRect, Qt, pyqtSignal

from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import PADDING, elided_name, width_of
from upbit_qt_widgets.base.flat_table import FlatCells, FlatTable
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from PyQt6.QtGui import QPainter, QResizeEvent
    from PyQt6.QtWidgets import QStyleOptionViewItem, QWidget

    from upbit_qt_widgets.account.row_model import Row, RowModel
    from upbit_qt_widgets.base.colors import MarketColors

_NAME: Final = 0
_LEAST_NAME: Final = "비트코인 BTC/KRW"
_LEAST_ROWS: Final = 4


class _RowCells(FlatCells):
    """Paints a cell straight from the model's rows: ground, bar, text."""

    def __init__(self, model: RowModel, colors: MarketColors) -> None:
        super().__init__(colors)
        self._model = model
        self.faded_columns: frozenset[int] = frozenset()

    @guarded
    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row, described = self._model.row(index.row()), self._model.columns[column]
        colors, faded = self.colors, self.faded or column in self.faded_columns
        self.paint_ground(painter, option, is_striped=index.row() % 2 == 1)
        if described.has_bar:
            self._paint_bar(painter, rect, row, faded=faded or row.is_past)
        words = row.texts[column]
        if words:
            place = rect.adjusted(PADDING, 0, -PADDING, 0)
            painter.setPen(colors.faded if faded else self._model.ink(row, column))
            metrics, width = option.fontMetrics, place.width()
            if described.is_left:
                shown = elided_name(words, metrics, width)
            else:
                # A number must not look like another one.
                shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
            painter.drawText(place, described.alignment, shown)

    def _paint_bar(self, painter: QPainter, rect: QRect, row: Row, *, faded: bool) -> None:
        width = round((rect.width() - 2) * row.bar)
        if not width:
            return
        tones = {1: self.colors.bid_bar, -1: self.colors.ask_bar}
        color = self.bar_color(tones.get(row.bar_tone, self.colors.selection), faded=faded)
        painter.fillRect(QRect(rect.left() + 1, rect.top() + 3, width, rect.height() - 6), color)


class RowView(FlatTable):
    """Shows the rows of a model, or words in place of them; the first column takes the width that is left.

    Signals:
        chosen: the index of a row that was clicked, or chosen with Enter.
    """

    chosen = pyqtSignal(QModelIndex)

    def __init__(self, model: RowModel, sorted_by: int, colors: MarketColors, parent: QWidget) -> None:
        """Show a model.

        Args:
            model: the rows.
            sorted_by: the column to sort by at first, the largest on top.
            colors: of the palette.
            parent: the widget above it.
        """
        self._row_cells = _RowCells(model, colors)
        self._rows = model
        self._widths: dict[int, int] = {}
        super().__init__(model, self._row_cells, parent)
        self.measure()
        self.set_sortable(sorted_by)
        self.clicked.connect(self.chosen)
        self.activated.connect(self.chosen)

    def set_faded(self, faded: bool, columns: frozenset[int] = frozenset()) -> None:
        """Make all values look old, or only those of some columns, or all true again."""
        super().set_faded(faded)
        if columns != self._row_cells.faded_columns:
            self._row_cells.faded_columns = columns
            self.update_all()

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions of both languages."""
        metrics = self.fontMetrics()
        height = metrics.height() + 10
        self.set_row_height(height)
        self._columns.setMinimumSectionSize(2 * PADDING)
        for number, column in enumerate(self._rows.columns):
            samples = [*column.widest, *(word for key in column.words for word in WORDS[key])]
            width = width_of(metrics, *samples) if samples else 0
            self._widths[number] = max(width, self._columns.caption_width(number))
        self._widths[_NAME] = width_of(metrics, _LEAST_NAME)
        self.setMinimumWidth(2 * self._widths[_NAME] + self.bar_width())
        self.setMinimumHeight(self._columns.sizeHint().height() + _LEAST_ROWS * height)
        self._fit_columns()

    @guarded
    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Show the columns that there is room for, and give the name the width that is left."""
        super().resizeEvent(e)
        self._fit_columns()

    def _fit_columns(self) -> None:
        viewport = self.viewport()
        if viewport is None:
            return
        room, shown = viewport.width(), dict(self._widths)
        for number in sorted(shown, key=lambda number: self._rows.columns[number].spare, reverse=True):
            if sum(shown.values()) <= room or not self._rows.columns[number].spare:
                break
            del shown[number]
        self.show_columns(shown, [_NAME])
