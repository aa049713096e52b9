"""The table of ready-made rows: it keeps rows, sorts raw values and announces what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from upbit_qt_widgets.account.order_row import COLUMNS, PRICE, SIDE, OrderRow
from upbit_qt_widgets.account.own_orders import OwnOrders
from upbit_qt_widgets.account.row_model import RowModel
from upbit_qt_widgets.account.samples import sample_orders

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

    from upbit_qt_widgets.base.colors import MarketColors

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def rows() -> list[OrderRow]:
    """Rows of the sample orders, the newest last."""
    orders = OwnOrders()
    for event in sample_orders():
        orders.take(event)
    made = [OrderRow(order) for order in orders]
    for row in made:
        row.write(row.order, "", "en")
    return made


@pytest.fixture
def model(colors: MarketColors, rows: list[OrderRow]) -> RowModel:
    made = RowModel(COLUMNS, colors, "en")
    made.set_rows(rows)
    return made


def cells(model: RowModel, column: int) -> list[str]:
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_it_is_a_proper_model_also_when_rows_come_and_go(
    model: RowModel, rows: list[OrderRow], qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.set_rows(rows[::2])
    model.set_rows(rows[1:5])
    model.sort(PRICE, DESCENDING)
    assert {model.row(number).key for number in range(model.rowCount())} == {row.key for row in rows[1:5]}
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_prices_are_sorted_as_numbers_and_those_without_one_come_last(model: RowModel) -> None:
    model.sort(PRICE, DESCENDING)
    assert cells(model, PRICE) == ["115,900,000", "3,451,000", "2,251", "0.01217", "0.00001926", "–", "–"]
    model.sort(PRICE, ASCENDING)
    assert cells(model, PRICE)[-1] == "115,900,000"


def test_the_chosen_row_stays_chosen_when_it_moves(model: RowModel) -> None:
    model.sort(PRICE, DESCENDING)
    chosen = QPersistentModelIndex(model.index(0, PRICE))
    model.sort(PRICE, ASCENDING)
    assert (chosen.row(), chosen.data()) == (model.rowCount() - 1, "115,900,000")


def test_only_runs_of_changed_rows_are_announced(model: RowModel, rows: list[OrderRow]) -> None:
    told: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        told.append((first.row(), last.row()))

    model.dataChanged.connect(note)
    stranger = OrderRow(rows[0].order)
    model.announce([rows[4], rows[0], rows[1], stranger])
    assert told == [(0, 1), (4, 4)]


def test_a_side_has_the_colour_of_its_direction_and_what_has_ended_has_none(
    model: RowModel, colors: MarketColors
) -> None:
    inks = {
        (row.order.is_open, str(index.data())): index.data(Qt.ItemDataRole.ForegroundRole)
        for number in range(model.rowCount())
        for index in [model.index(number, SIDE)]
        if isinstance(row := model.row(number), OrderRow)
    }
    assert inks == {
        (True, "Buy"): colors.up,
        (True, "Sell"): colors.down,
        (False, "Buy"): colors.faded,
        (False, "Sell"): colors.faded,
    }
