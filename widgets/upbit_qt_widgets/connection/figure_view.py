"""The table in which the rows of the panel are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QResizeEvent

from upbit_qt_widgets.base.cells import PADDING, width_of
from upbit_qt_widgets.base.flat_table import FlatCells, FlatTable
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QStyleOptionViewItem, QWidget

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.connection.figure_model import FigureModel

_DOT: Final = 8
_AIR: Final = 8
_LEAST_LETTERS: Final = 18


class _FigureCells(FlatCells):
    """Paints a cell straight from the model's rows: ground, dot, text, and a fainter line below."""

    def __init__(self, model: FigureModel, colors: MarketColors) -> None:
        super().__init__(colors)
        self._model = model

    @guarded
    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row, described, colors = self._model.row(index.row()), self._model.columns[index.column()], self.colors
        self.paint_ground(painter, option)
        place = rect.adjusted(PADDING, 0, -PADDING, 0)
        if column == 0 and row.dot:
            self._paint_dot(painter, place, QColor(row.dot))
            place.setLeft(place.left() + _DOT + 6)
        metrics, mode = option.fontMetrics, Qt.TextElideMode.ElideRight
        if row.below and not described.widest:
            below = QRect(place)
            place.setBottom(place.center().y())
            below.setTop(place.bottom() + 1)
            painter.setPen(colors.faint)
            painter.drawText(below, described.alignment, metrics.elidedText(row.below, mode, below.width()))
        painter.setPen(colors.faded if row.is_past else colors.even)
        painter.drawText(place, described.alignment, metrics.elidedText(row.texts[column], mode, place.width()))

    @staticmethod
    def _paint_dot(painter: QPainter, place: QRect, color: QColor) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QRect(place.left(), place.center().y() - _DOT // 2 + 1, _DOT, _DOT))
        painter.restore()


class FigureView(FlatTable):
    """Shows the rows of a model, or words in place of them; one column takes the width that is left."""

    def __init__(
        self,
        model: FigureModel,
        colors: MarketColors,
        parent: QWidget,
        *,
        lines: int = 1,
        least_rows: int = 2,
        is_whole: bool = False,
    ) -> None:
        """Show a model.

        Args:
            model: the rows.
            colors: of the palette.
            parent: the widget above it.
            lines: of text in a row.
            least_rows: how many rows there is always room for.
            is_whole: whether there are never more rows than that.
        """
        self._lines = lines
        self._least_rows = least_rows
        self._is_whole = is_whole
        self._least_wide = 0
        self._numbered = tuple(enumerate(model.columns))
        super().__init__(model, _FigureCells(model, colors), parent)
        if is_whole:
            # Rows neither come nor go.
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.measure()

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        metrics = self.fontMetrics()
        self.set_row_height(self._lines * metrics.height() + _AIR)
        self._columns.setMinimumSectionSize(2 * PADDING)
        self._least_wide = _LEAST_LETTERS * metrics.averageCharWidth()
        for number, column in self._numbered:
            if column.widest:
                width = max(width_of(metrics, *column.widest), self._columns.caption_width(number))
                self._columns.resizeSection(number, width)
        self.setMinimumWidth(2 * self._least_wide)
        self.setMinimumHeight(self.height_of(self._least_rows))
        self._fit_columns()

    def height_of(self, rows: int) -> int:
        """Return how high the view is when it shows so many rows, in pixels."""
        row = self._lines * self.fontMetrics().height() + _AIR
        return self._columns.sizeHint().height() + rows * row + 2 * self.frameWidth()

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return the room for some rows; where there are never more, exactly that for all of them."""
        if not self._is_whole:
            return QSize(super().sizeHint().width(), self.height_of(2 * self._least_rows))
        bar, viewport = self.horizontalScrollBar(), self.viewport()
        scrolls = viewport is not None and self._columns.length() > viewport.width()
        height = self.height_of(self._least_rows) + (bar.sizeHint().height() if bar is not None and scrolls else 0)
        return QSize(super().sizeHint().width(), height)

    @guarded
    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Give one column the width that is left."""
        super().resizeEvent(e)
        self._fit_columns()

    def _fit_columns(self) -> None:
        viewport = self.viewport()
        widths = [self._columns.sectionSize(number) if column.widest else 0 for number, column in self._numbered]
        if viewport is not None:
            wide = next(number for number, column in self._numbered if not column.widest)
            # When there is not room for all, one scrolls: no figure may lose a digit.
            self._columns.resizeSection(wide, max(self._least_wide, viewport.width() - sum(widths)))
            if self._is_whole:
                # All rows are seen above the bar by which one scrolls, too.
                self.setMinimumHeight(self.sizeHint().height())
            self.updateGeometry()
