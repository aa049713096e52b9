"""A table that paints its rows itself: to ask a delegate for each cell costs several times what the painting does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter, QRegion

from upbit_qt_widgets.base.flat_table import FlatTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


class PaintedTable(FlatTable):
    """Base of the tables with much to paint many times a second.

    What is painted is clipped to what has to be, so a ground may go over cells that need not be painted.
    """

    def __init__(self, model: QAbstractItemModel, cells: FlatCells, parent: QWidget) -> None:
        """Show a model; see :class:`FlatTable`."""
        # What was announced since the last painting: the columns by row, and the same as an area.
        self._changed: dict[int, tuple[int, int]] = {}
        self._changed_area = QRegion()
        super().__init__(model, cells, parent)

    def paint_rows(self, painter: QPainter, rows: Iterator[ExposedRow]) -> None:
        """Paint rows on the ground of the window."""
        raise NotImplementedError

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
        area = QRect(left, top, right - left, bottom - top)
        viewport.update(area)
        self._changed_area += area.intersected(viewport.rect())
        for row in range(first_row, last_row + 1):
            before = self._changed.get(row)
            self._changed[row] = (first, last) if before is None else (min(first, before[0]), max(last, before[1]))

    def paint_all(self, e: QPaintEvent) -> None:
        """Paint what is exposed."""
        region = e.region()
        # PyQt does not tell of which rectangles a region is made, so that it is slow to find out what it exposes.
        # Nearly always it is just what was announced.
        changed, is_known = self._changed, region == self._changed_area
        self._changed, self._changed_area = {}, QRegion()
        painter = QPainter(self.viewport())
        self.paint_rows(painter, self._announced(changed) if is_known else self._exposed(region))
        painter.end()

    def _announced(self, changed: dict[int, tuple[int, int]]) -> Iterator[ExposedRow]:
        shown = [self._column(number) for number in range(self._columns.count())]
        spans: dict[tuple[int, int], list[Column]] = {}
        for row, span in changed.items():
            columns = spans.get(span)
            if columns is None:
                columns = spans[span] = shown[span[0] : span[1] + 1]
            yield ExposedRow(row, self.rowViewportPosition(row), self.rowHeight(row), columns)

    def _exposed(self, region: QRegion) -> Iterator[ExposedRow]:
        bounds, model = region.boundingRect(), self.model()
        first, last = self.rowAt(bounds.top()), self.rowAt(bounds.bottom())
        if first < 0 or model is None:
            return
        if last < 0:
            last = model.rowCount() - 1
        shown = [self._column(number) for number in range(self._columns.count())]
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
