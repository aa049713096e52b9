"""What all painted tables share: flat rows and header, words in place of no rows, and how old values look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QAbstractItemModel, QEvent, QRect, Qt, pyqtSlot
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QTableView, QWidget

from upbit_qt_widgets.base.cells import PADDING, FlatHeader
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PyQt6.QtGui import QPaintEvent
    from PyQt6.QtWidgets import QStyleOptionViewItem

    from upbit_qt_widgets.base.colors import MarketColors

_WIDEST_MESSAGE: Final = "0" * 72
"""Longer lines are hard to read."""

_FADED_ALPHA: Final = 0.45
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value


class FlatCells(QStyledItemDelegate):
    """Base of the delegates that paint straight from the rows of a model; a third of what the general one costs.

    Attributes:
        colors: of the palette.
        faded: whether all values look old.
    """

    def __init__(self, colors: MarketColors) -> None:
        """Take colours; the view becomes the parent."""
        super().__init__()
        self.colors = colors
        self.faded = False

    def paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, tint: QColor | None = None, *, is_striped: bool = False
    ) -> None:
        """Paint what is below a cell's text.

        The style has filled the selected row with a colour on which red and blue cannot be read, so that is covered.

        Args:
            painter: of the view.
            option: of the cell.
            tint: over the usual ground; None for none.
            is_striped: whether the ground is that of every other row.
        """
        state, rect = option.state.value, option.rect
        if is_striped or state & _SELECTED:
            painter.fillRect(rect, self.colors.stripe if is_striped else self.colors.base)
        if tint is not None:
            painter.fillRect(rect, tint)
        if state & _SELECTED:
            painter.fillRect(rect, self.colors.selection)

    def bar_color(self, color: QColor, *, faded: bool) -> QColor:
        """Return the colour of a bar, paler where its value is old."""
        if not faded:
            return color
        pale = QColor(color)
        pale.setAlphaF(pale.alphaF() * _FADED_ALPHA)
        return pale


class FlatTable(QTableView):
    """Base of the tables: single rows are chosen, columns have fixed widths, and Tab leaves the table.

    While there is nothing to show it shows a message, and below that what to do about it.
    """

    def __init__(self, model: QAbstractItemModel, cells: FlatCells, parent: QWidget) -> None:
        """Show a model; the subclass measures its columns."""
        super().__init__(parent)
        self._cells = cells
        self._message = self._hint = ""
        cells.setParent(self)
        self._columns = FlatHeader(self)
        self.setHorizontalHeader(self._columns)
        self.setModel(model)
        self.setItemDelegate(cells)
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
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self.describe)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setMinimumSectionSize(1)
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        raise NotImplementedError

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show but the message."""
        model = self.model()
        return model is None or not model.rowCount()

    def set_sortable(self, column: int, order: Qt.SortOrder = Qt.SortOrder.DescendingOrder) -> None:
        """Let a click on a caption sort the rows; at first they are sorted by this column, the largest on top."""
        self._columns.setSectionsClickable(True)
        self._columns.setSortIndicator(column, order)
        self.setSortingEnabled(True)

    def sort_again(self) -> None:
        """Bring the rows into the order that the header shows."""
        model = self.model()
        if model is not None:
            model.sort(self._columns.sortIndicatorSection(), self._columns.sortIndicatorOrder())

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._cells.colors = colors
        self.update_all()

    def set_faded(self, faded: bool) -> None:
        """Make all values look old, or true again."""
        if faded != self._cells.faded:
            self._cells.faded = faded
            self.update_all()

    def set_message(self, message: str, hint: str = "") -> None:
        """Take words that are shown while there is nothing else, and below them what to do about it."""
        if (message, hint) != (self._message, self._hint):
            self._message, self._hint = message, hint
            self.describe()
            self.update_all()

    @pyqtSlot()
    @guarded
    def describe(self) -> None:
        """Tell those who cannot see it what stands in place of the rows."""
        spoken = " ".join(filter(None, (self._message, self._hint))) if self.is_blank else ""
        if spoken != self.accessibleDescription():
            self.setAccessibleDescription(spoken)

    def set_row_height(self, height: int) -> None:
        """Give all rows a height in pixels."""
        rows = self.verticalHeader()
        if rows is not None:
            rows.setDefaultSectionSize(height)

    def show_columns(self, widths: Mapping[int, int], wide: Sequence[int]) -> None:
        """Show these columns and no others; when there is not room for all of them, the table scrolls sideways.

        Args:
            widths: by column, in pixels.
            wide: those that divide what is left of the width.
        """
        viewport = self.viewport()
        if viewport is None:
            return
        each, rest = divmod(max(0, viewport.width() - sum(widths.values())), len(wide))
        for column in range(self._columns.count()):
            self._columns.setSectionHidden(column, column not in widths)
            if column in widths:
                more = each + (rest if column == wide[-1] else 0) if column in wide else 0
                self._columns.resizeSection(column, widths[column] + more)

    def bar_width(self) -> int:
        """Return the width of the vertical scroll bar, in pixels."""
        bar = self.verticalScrollBar()
        return 0 if bar is None else bar.sizeHint().width()

    def update_all(self) -> None:
        """Paint all cells anew."""
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self.measure()

    @guarded
    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Paint the rows, or why there are none."""
        if e is not None:
            self.paint_all(e)
        if self._message and self.is_blank:
            self._paint_message()

    def paint_all(self, e: QPaintEvent) -> None:
        """Paint what is exposed: by the delegate, cell by cell."""
        super().paintEvent(e)

    def _paint_message(self) -> None:
        viewport = self.viewport()
        if viewport is None:
            return
        painter = QPainter(viewport)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        inner = viewport.rect().adjusted(2 * PADDING, 0, -2 * PADDING, 0)
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
