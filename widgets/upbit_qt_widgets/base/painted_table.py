"""A table that paints its rows itself: to ask a delegate for each cell costs several times what the painting does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter, QRegion

from upbit_qt_widgets.base.flat_table import FlatTable
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from PyQt6.QtCore import QAbstractItemModel, QModelIndex
    from PyQt6.QtGui import QPaintEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.flat_table import FlatCells


class Column(NamedTuple):
    """Where a column stands, in pixels of the viewport."""

    number: int
    left: int
    width: int


class ExposedRow(NamedTuple):
    """A row of which cells have to be painted.

    Attributes:
        number: of the row.
        top: in pixels of the viewport.
        height: in pixels.
        columns: those whose cells have to be painted, in the order in which they stand; never empty.
    """

    number: int
    top: int
    height: int
    columns: Sequence[Column]

    @property
    def rect(self) -> QRect:
        """The place from the first of the columns to the last one, which may hold others between them."""
        first, last = self.columns[0], self.columns[-1]
        left = min(first.left, last.left)
        return QRect(left, self.top, max(first.left + first.width, last.left + last.width) - left, self.height)


class _Area(NamedTuple):
    """Neighbouring cells."""

    place: QRect
    first_row: int
    last_row: int
    first_column: int
    last_column: int


class PaintedTable(FlatTable):
    """Base of the tables with much to paint many times a second."""

    def __init__(self, model: QAbstractItemModel, cells: FlatCells, parent: QWidget) -> None:
        """Show a model; see :class:`FlatTable`."""
        # What was announced since the last painting.
        self._changed: list[_Area] = []
        super().__init__(model, cells, parent)

    def paint_rows(self, painter: QPainter, rows: Sequence[ExposedRow], selected: Container[int]) -> None:
        """Paint rows; may be called several times for one painting, and not for no rows.

        The painter is clipped to what has to be painted, so a ground may go over cells that need not be.

        Args:
            painter: of the viewport.
            rows: from the top to the bottom.
            selected: the numbers of selected rows.
        """
        raise NotImplementedError

    @guarded
    def dataChanged(self, topLeft: QModelIndex, bottomRight: QModelIndex, roles: Iterable[int] = ()) -> None:
        """Have changed cells painted, and only those.

        Qt 6.11 paints a line of pixels of the next row too, which costs that row; and all rows that are seen when more
        than 200 cells have changed, seen or not.
        """
        viewport = self.viewport()
        if viewport is None or not self.isVisible():
            return
        first_row, last_row = topLeft.row(), bottomRight.row()
        top = self.rowViewportPosition(first_row)
        bottom = self.rowViewportPosition(last_row) + self.rowHeight(last_row)
        if bottom <= 0 or top >= viewport.height():
            return
        first, last = topLeft.column(), bottomRight.column()
        one, other = self.columnViewportPosition(first), self.columnViewportPosition(last)
        left, right = min(one, other), max(one + self.columnWidth(first), other + self.columnWidth(last))
        place = QRect(left, top, right - left, bottom - top)
        viewport.update(place)
        self._changed.append(_Area(place, first_row, last_row, first, last))

    def paint_all(self, e: QPaintEvent) -> None:
        """Paint what is exposed."""
        region, viewport = e.region(), self.viewport()
        changed, self._changed = self._changed, []
        if viewport is None:
            return
        # PyQt does not tell of which rectangles a region is made, so that it is slow to find out what it exposes.
        # Nearly always it is just what was announced.
        announced = QRegion()
        for area in changed:
            announced += area.place
        painter, selection = QPainter(viewport), self.selectionModel()
        selected: set[int] = set()
        if selection is not None and selection.hasSelection():
            selected = {index.row() for index in selection.selectedRows()}
        if announced.intersected(viewport.rect()) == region:
            columns = [self._column(number) for number in range(self._columns.count())]
            for area in changed:
                # One by one: within a clip of many rectangles Qt paints grounds and letters far slower.
                rows = self._rows_of(area, columns, viewport.height())
                if rows:
                    painter.setClipRect(area.place)
                    self.paint_rows(painter, rows, selected)
        else:
            rows = list(self._exposed(region))
            if rows:
                self.paint_rows(painter, rows, selected)
        painter.end()

    def _rows_of(self, area: _Area, columns: Sequence[Column], bottom: int) -> list[ExposedRow]:
        rows, top = [], self.rowViewportPosition(area.first_row)
        exposed = [each for each in columns[area.first_column : area.last_column + 1] if each.width]
        if not exposed:
            return []
        for row in range(area.first_row, area.last_row + 1):
            height = self.rowHeight(row)
            if top + height > 0:
                rows.append(ExposedRow(row, top, height, exposed))
            top += height
            if top >= bottom:
                break
        return rows

    def _exposed(self, region: QRegion) -> Iterator[ExposedRow]:
        bounds, model = region.boundingRect(), self.model()
        first, last = self.rowAt(bounds.top()), self.rowAt(bounds.bottom())
        if first < 0 or model is None:
            return
        if last < 0:
            last = model.rowCount() - 1
        shown = [each for each in map(self._column, range(self._columns.count())) if each.width]
        is_whole = region.rectCount() == 1
        for row in range(first, last + 1):
            top, height = self.rowViewportPosition(row), self.rowHeight(row)
            met = [
                each
                for each in shown
                if (bounds if is_whole else region).intersects(QRect(each.left, top, each.width, height))
            ]
            if met:
                yield ExposedRow(row, top, height, met)

    def _column(self, number: int) -> Column:
        return Column(number, self.columnViewportPosition(number), self.columnWidth(number))
