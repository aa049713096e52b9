"""The table in which the rows of the panel are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt
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

if TYPE_CHECKING:
    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.connection.figure_model import FigureModel

_DOT: Final = 8
_AIR: Final = 8
_LEAST_LETTERS: Final = 18
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value


class _FigureCells(QStyledItemDelegate):
    """Paints a cell straight from the model's rows: ground, dot, text, and a fainter line below."""

    def __init__(self, model: FigureModel, colors: MarketColors, view: QWidget) -> None:
        super().__init__(view)
        self._model = model
        self.colors = colors

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row, described, colors = self._model.row(index.row()), self._model.columns[index.column()], self.colors
        if option.state.value & _SELECTED:
            # The style has filled the selected row with a colour on which the dots cannot be seen.
            painter.fillRect(rect, colors.base)
            painter.fillRect(rect, colors.selection)
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


class FigureView(QTableView):
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
        super().__init__(parent)
        self._cells = _FigureCells(model, colors, self)
        self._figures = model
        self._lines = lines
        self._least_rows = least_rows
        self._message = ""
        self._is_whole = is_whole
        self._least_wide = 0
        self._numbered = tuple(enumerate(model.columns))
        self._columns = FlatHeader(self)
        self.setHorizontalHeader(self._columns)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Always there where rows come and go, so that the columns keep their widths.
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_whole else Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(bar)
        self.setTabKeyNavigation(False)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.measure()

    def set_sortable(self, column: int) -> None:
        """Let a click on a caption sort the rows; at first they are sorted by this column, the smallest on top."""
        self._columns.setSectionsClickable(True)
        self._columns.setSortIndicator(column, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._cells.colors = colors
        self._update_all()

    def set_message(self, message: str) -> None:
        """Take words that are shown while there are no rows."""
        if message != self._message:
            self._message = message
            self._update_all()

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        metrics = self.fontMetrics()
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(self._lines * metrics.height() + _AIR)
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

    def sizeHint(self) -> QSize:
        """Return the room for some rows; where there are never more, exactly that for all of them."""
        if not self._is_whole:
            return QSize(super().sizeHint().width(), self.height_of(2 * self._least_rows))
        bar = self.horizontalScrollBar()
        scrolls = bar is not None and bar.maximum() > 0
        return QSize(
            super().sizeHint().width(),
            self.height_of(self._least_rows) + (bar.sizeHint().height() if bar is not None and scrolls else 0),
        )

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
            self.updateGeometry()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self.measure()

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Paint the rows, or why there are none."""
        super().paintEvent(e)
        viewport = self.viewport()
        if self._message and viewport is not None and not self._figures.rowCount():
            painter = QPainter(viewport)
            painter.setPen(self._cells.colors.faint)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(viewport.rect().adjusted(PADDING, 0, -PADDING, 0), flags, self._message)
            painter.end()

    def _update_all(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()
