"""What a table paints after a change: the changed cells, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.base.flat_table import FlatCells
from upbit_qt_widgets.base.painted_table import ExposedRow, PaintedTable

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.base.colors import MarketColors

ROWS, COLUMNS = 100, 4
Cells = set[tuple[int, int]]


class Model(QAbstractTableModel):
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else ROWS

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else COLUMNS

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> None:
        return None

    def change(self, *areas: tuple[int, int, int, int]) -> None:
        """Announce areas: first and last row, first and last column."""
        for first, last, left, right in areas:
            self.dataChanged.emit(self.index(first, left), self.index(last, right))


class Table(PaintedTable):
    """Notes which cells it paints, and fills them with a colour of the turn."""

    def __init__(self, model: Model, colors: MarketColors, parent: QWidget) -> None:
        self.cells: list[tuple[int, int]] = []
        self.selected: Container[int] = ()
        self.color = QColor("white")
        super().__init__(model, FlatCells(colors), parent)
        self.measure()

    def measure(self) -> None:
        self.set_row_height(20)

    def paint_rows(self, painter: QPainter, rows: Sequence[ExposedRow], selected: Container[int]) -> None:
        self.selected = selected
        for row in rows:
            for column in row.columns:
                self.cells.append((row.number, column.number))
                painter.fillRect(column.left, row.top, column.width, row.height, self.color)


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def table(qtbot: QtBot, model: Model, colors: MarketColors) -> Iterator[Table]:
    window = QWidget()
    qtbot.addWidget(window)
    made = Table(model, colors, window)
    made.resize(500, 400)
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    painted(made)
    yield made
    window.close()


def painted(table: Table) -> list[tuple[int, int]]:
    """Return what is painted now."""
    table.cells.clear()
    QCoreApplication.processEvents()
    return table.cells


def block(first: int, last: int, left: int, right: int) -> Cells:
    return {(row, column) for row in range(first, last + 1) for column in range(left, right + 1)}


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ([(3, 3, 1, 2)], block(3, 3, 1, 2)),
        ([(3, 4, 1, 2), (7, 7, 0, 0), (9, 9, 3, 3)], block(3, 4, 1, 2) | {(7, 0), (9, 3)}),
        ([(60, 99, 0, 3), (2, 2, 0, 0)], {(2, 0)}),
        ([(90, 99, 0, 3)], set()),
    ],
    ids=["one", "several", "some_are_not_seen", "none_is_seen"],
)
def test_changed_cells_are_painted_once_and_no_others(
    table: Table, model: Model, areas: list[tuple[int, int, int, int]], expected: Cells
) -> None:
    model.change(*areas)
    cells = painted(table)
    assert set(cells) == expected
    assert len(cells) == len(expected)


def test_all_that_is_seen_is_painted_when_the_window_uncovers_it(table: Table) -> None:
    viewport = table.viewport()
    assert viewport is not None
    viewport.update()
    assert set(painted(table)) >= block(0, table.rowAt(viewport.height() - 1), 0, 3)


def test_a_change_and_something_else_are_painted_both(table: Table, model: Model) -> None:
    viewport = table.viewport()
    assert viewport is not None
    model.change((5, 5, 1, 1))
    viewport.update(table.visualRect(model.index(8, 2)))
    assert set(painted(table)) >= {(5, 1), (8, 2)}


def test_a_change_while_it_is_scrolled_shows_the_right_cells(table: Table, model: Model) -> None:
    bar = table.verticalScrollBar()
    assert bar is not None
    table.color = QColor("#00ff00")
    model.change((5, 5, 1, 1))
    bar.setValue(bar.value() + 30)
    painted(table)

    image = table.grab().toImage()
    viewport = table.viewport()
    assert viewport is not None
    place = viewport.mapTo(table, table.visualRect(model.index(5, 1)).center())
    assert image.pixelColor(place) == QColor("#00ff00")


def test_hidden_columns_are_not_painted(table: Table, model: Model) -> None:
    viewport = table.viewport()
    assert viewport is not None
    table.setColumnHidden(2, True)
    # The header lays itself out with the first painting.
    viewport.update()
    painted(table)
    viewport.update()
    assert {column for _, column in painted(table)} == {0, 1, 3}

    model.change((3, 3, 1, 3), (6, 6, 2, 2))
    assert set(painted(table)) == {(3, 1), (3, 3)}


def test_the_chosen_row_is_told(table: Table, model: Model) -> None:
    table.selectRow(4)
    painted(table)
    assert 4 in table.selected
    assert 5 not in table.selected


def test_nothing_is_painted_while_it_is_hidden(table: Table, model: Model) -> None:
    window = table.window()
    assert window is not None
    window.hide()
    model.change((5, 5, 1, 1))
    assert painted(table) == []
    window.show()
    assert (5, 1) in painted(table)
