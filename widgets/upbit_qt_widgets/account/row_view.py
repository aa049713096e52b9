"""The table in which the lists of the account are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QModelIndex, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import PADDING, FlatHeader, width_of

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from upbit_qt_widgets.account.row_model import Row, RowModel
    from upbit_qt_widgets.base.colors import MarketColors

_NAME: Final = 0
_LEAST_NAME: Final = "비트코인 BTC/KRW"
_LEAST_ROWS: Final = 4
_WIDEST_MESSAGE: Final = "0" * 72
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value
_ACTIVE: Final = QStyle.StateFlag.State_Active.value
_FADED_ALPHA: Final = 0.45


class _RowCells(QStyledItemDelegate):
    """Paints a cell straight from the model's rows: ground, bar, text."""

    def __init__(self, model: RowModel, colors: MarketColors, view: QWidget) -> None:
        super().__init__(view)
        self._model = model
        self.colors = colors
        self.faded = False
        self.faded_columns: frozenset[int] = frozenset()

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        rect, column = option.rect, index.column()
        row, described = self._model.row(index.row()), self._model.columns[column]
        colors, faded = self.colors, self.faded or column in self.faded_columns
        state = option.state.value
        # The style has filled the selected row with a colour on which red and blue cannot be read.
        if state & _SELECTED or index.row() % 2:
            painter.fillRect(rect, colors.stripe if index.row() % 2 else colors.base)
        if state & _SELECTED and state & _ACTIVE:
            painter.fillRect(rect, colors.selection)
        if described.has_bar:
            self._paint_bar(painter, rect, row, faded=faded or row.is_past)
        words = row.texts[column]
        if words:
            place = rect.adjusted(PADDING, 0, -PADDING, 0)
            painter.setPen(colors.faded if faded else self._model.ink(row, column))
            # The code at the end of a name must stay, and a number must not look like another one.
            mode = Qt.TextElideMode.ElideMiddle if described.is_left else Qt.TextElideMode.ElideRight
            painter.drawText(place, described.alignment, option.fontMetrics.elidedText(words, mode, place.width()))

    def _paint_bar(self, painter: QPainter, rect: QRect, row: Row, *, faded: bool) -> None:
        width = round((rect.width() - 2) * row.bar)
        if not width:
            return
        tones = {1: self.colors.bid_bar, -1: self.colors.ask_bar}
        color = QColor(tones.get(row.bar_tone, self.colors.selection))
        if faded:
            color.setAlphaF(color.alphaF() * _FADED_ALPHA)
        painter.fillRect(QRect(rect.left() + 1, rect.top() + 3, width, rect.height() - 6), color)


class RowView(QTableView):
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
        super().__init__(parent)
        self._cells = _RowCells(model, colors, self)
        self._rows = model
        self._message = self._hint = ""
        self._widths: dict[int, int] = {}
        self._columns = FlatHeader(self)
        self._columns.setSectionsClickable(True)
        self.setHorizontalHeader(self._columns)
        self.setModel(model)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Always there, so that the columns keep their widths while rows come and go.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setTabKeyNavigation(False)
        self._columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._columns.setSortIndicator(sorted_by, Qt.SortOrder.DescendingOrder)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.measure()
        self.setSortingEnabled(True)
        self.clicked.connect(self.chosen)
        self.activated.connect(self.chosen)

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._cells.colors = colors
        self._update_all()

    def set_faded(self, faded: bool, columns: frozenset[int] = frozenset()) -> None:
        """Make all values look old, or only those of some columns, or all true again."""
        if (faded, columns) != (self._cells.faded, self._cells.faded_columns):
            self._cells.faded, self._cells.faded_columns = faded, columns
            self._update_all()

    def set_message(self, message: str, hint: str = "") -> None:
        """Take words that are shown while there are no rows, and below them what to do about it."""
        if (message, hint) != (self._message, self._hint):
            self._message, self._hint = message, hint
            self.describe()
            self._update_all()

    def describe(self) -> None:
        """Tell those who cannot see it what stands in place of the rows."""
        spoken = "" if self._rows.rowCount() else " ".join(filter(None, (self._message, self._hint)))
        if spoken != self.accessibleDescription():
            self.setAccessibleDescription(spoken)

    def sort_again(self) -> None:
        """Bring the rows into the order that the header shows."""
        self._rows.sort(self._columns.sortIndicatorSection(), self._columns.sortIndicatorOrder())

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions of both languages."""
        metrics = self.fontMetrics()
        height = metrics.height() + 10
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(height)
        self._columns.setMinimumSectionSize(2 * PADDING)
        for number, column in enumerate(self._rows.columns):
            samples = [*column.widest, *(word for key in column.words for word in WORDS[key])]
            width = width_of(metrics, *samples) if samples else 0
            self._widths[number] = max(width, self._columns.caption_width(number))
        bar = self.verticalScrollBar()
        self._widths[_NAME] = width_of(metrics, _LEAST_NAME)
        self.setMinimumWidth(2 * self._widths[_NAME] + (bar.sizeHint().width() if bar is not None else 0))
        self.setMinimumHeight(self._columns.sizeHint().height() + _LEAST_ROWS * height)
        self._fit_columns()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self.measure()

    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Show the columns that there is room for, and give the name the width that is left."""
        super().resizeEvent(e)
        self._fit_columns()

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Paint the rows, or why there are none."""
        super().paintEvent(e)
        viewport = self.viewport()
        if not self._message or viewport is None or self._rows.rowCount():
            return
        painter = QPainter(viewport)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        inner = viewport.rect().adjusted(2 * PADDING, 0, -2 * PADDING, 0)
        # Long lines are hard to read.
        aside = max(0, inner.width() - self.fontMetrics().horizontalAdvance(_WIDEST_MESSAGE)) // 2
        inner.adjust(aside, 0, -aside, 0)
        words = painter.boundingRect(inner, flags, self._message)
        hint = painter.boundingRect(inner, flags, self._hint) if self._hint else QRect()
        gap = PADDING if self._hint else 0
        top = max(PADDING, (inner.height() - words.height() - gap - hint.height()) // 2)
        painter.setPen(self._cells.colors.even if self._hint else self._cells.colors.faint)
        painter.drawText(inner.adjusted(0, top, 0, 0), flags, self._message)
        if self._hint:
            painter.setPen(self._cells.colors.faint)
            painter.drawText(inner.adjusted(0, top + words.height() + gap, 0, 0), flags, self._hint)
        painter.end()

    def _fit_columns(self) -> None:
        viewport = self.viewport()
        if viewport is None:
            return
        room = viewport.width()
        shown = dict(self._widths)
        for number in sorted(shown, key=lambda number: self._rows.columns[number].spare, reverse=True):
            if sum(shown.values()) <= room or not self._rows.columns[number].spare:
                break
            del shown[number]
        shown[_NAME] += max(0, room - sum(shown.values()))
        for number in self._widths:
            self._columns.setSectionHidden(number, number not in shown)
            if number in shown:
                self._columns.resizeSection(number, shown[number])

    def _update_all(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()
