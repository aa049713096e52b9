"""The model of the book, from hand-made events, and the colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.base.colors import ColorScheme, MarketColors, dark_palette, is_dark, light_palette, market_colors
from upbit_qt_widgets.orderbook.orderbook_model import ASK_SIZE, BAR_ROLE, BID_SIZE, DEPTH, PRICE, RATE, OrderbookModel
from upbit_qt_ws import OrderbookEvent, OrderbookUnit

if TYPE_CHECKING:
    from PyQt6.QtCore import QModelIndex
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot


def book(*units: tuple[float, float, float, float]) -> OrderbookEvent:
    return OrderbookEvent(
        type="orderbook", code="KRW-XRP", orderbook_units=tuple(OrderbookUnit(*unit) for unit in units)
    )


def shown(model: OrderbookModel, row: int, column: int) -> str:
    value = model.index(row, column).data()
    assert isinstance(value, str)
    return value


def test_the_best_prices_of_a_book_meet_in_the_middle(colors: MarketColors, qtmodeltester: ModelTester) -> None:
    model = OrderbookModel(colors, "ko")
    model.set_reference(2_000.0)
    model.show(book((2_325.0, 2_324.0, 10.0, 40.0), (2_326.0, 2_323.0, 20.0, 5.0), (0.0, 2_322.0, 0.0, 1.0)))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]

    asks, bids = DEPTH - 1, DEPTH
    assert [shown(model, row, PRICE) for row in (asks - 2, asks - 1, asks, bids, bids + 1, bids + 2)] == [
        "", "2,326", "2,325", "2,324", "2,323", "2,322",
    ]  # fmt: skip
    assert shown(model, asks, ASK_SIZE) == "10.0000"
    assert shown(model, asks, BID_SIZE) == ""
    assert shown(model, bids, BID_SIZE) == "40.0000"
    assert shown(model, bids, RATE) == "+16.20%"
    assert model.index(asks, ASK_SIZE).data(BAR_ROLE) == 0.25
    assert model.index(bids, BID_SIZE).data(BAR_ROLE) == 1.0
    assert shown(model, 0, PRICE) == ""


def test_only_changed_levels_are_announced(colors: MarketColors, qtbot: QtBot) -> None:
    model = OrderbookModel(colors, "en")
    model.show(book((2_325.0, 2_324.0, 10.0, 40.0), (2_326.0, 2_323.0, 20.0, 5.0)))
    runs: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        runs.append((first.row(), last.row()))

    model.dataChanged.connect(note)
    model.show(book((2_325.0, 2_324.0, 11.0, 40.0), (2_326.0, 2_323.0, 20.0, 6.0)))
    assert runs == [(DEPTH - 1, DEPTH - 1), (DEPTH + 1, DEPTH + 1)]
    runs.clear()
    model.show(book((2_327.0, 2_324.0, 11.0, 40.0), (2_328.0, 2_323.0, 20.0, 6.0)))
    assert runs == [(DEPTH - 2, DEPTH - 1)], "neighbours are one run"
    runs.clear()
    model.show(book((2_327.0, 2_324.0, 11.0, 40.0), (2_328.0, 2_323.0, 20.0, 6.0)))
    assert runs == []


def test_a_new_reference_changes_the_rates_and_a_rate_of_nothing_has_no_direction(colors: MarketColors) -> None:
    model = OrderbookModel(colors, "en")
    model.show(book((2_325.0, 2_324.0, 10.0, 40.0)))
    assert shown(model, DEPTH, RATE) == ""

    assert model.set_reference(2_324.05)
    assert not model.set_reference(2_324.05)
    model.show(book((2_325.0, 2_324.0, 10.0, 40.0)))

    assert (shown(model, DEPTH - 1, RATE), shown(model, DEPTH, RATE)) == ("+0.04%", "0.00%")
    assert model.ink(DEPTH - 1, PRICE) == colors.up
    assert model.ink(DEPTH, PRICE) == colors.even


def test_colours_follow_the_palette_and_the_scheme(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setPalette(light_palette())
    light = market_colors(widget)
    widget.setPalette(dark_palette())
    dark = market_colors(widget)
    assert is_dark(dark_palette())
    assert not is_dark(light_palette())
    assert light.up != dark.up
    assert light.of(1.0).red() > light.of(1.0).blue()
    western = market_colors(widget, ColorScheme.WESTERN)
    assert western.up.green() > western.up.red()
    assert dark.of(0.0) == dark.even
