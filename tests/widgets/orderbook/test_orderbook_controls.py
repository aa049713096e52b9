"""Grouping levels and cumulative sizes, chosen by mouse, keyboard and property on the simulated exchange."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QCheckBox, QComboBox

from upbit_qt_widgets import OrderbookWidget
from upbit_qt_widgets.orderbook.orderbook_model import ASK_SIZE, BID_SIZE, DEPTH
from upbit_qt_widgets.orderbook.orderbook_view import OrderbookView
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionError, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def levels_on_the_wire(exchange: SimulatedExchange) -> set[tuple[str, float]]:
    return {
        (entry.code, float(entry.level))
        for view in exchange.connections
        if view.open
        for entry in view.subscription
        if entry.type == "orderbook"
    }


def choice(book: OrderbookWidget) -> QComboBox:
    found = book.findChild(QComboBox)
    assert found is not None
    return found


def view(book: OrderbookWidget) -> OrderbookView:
    found = book.findChild(OrderbookView)
    assert found is not None
    return found


def prices(book: OrderbookWidget) -> list[float]:
    model = view(book)._book
    return [model.level(row).price for row in range(2 * DEPTH) if model.level(row).price]


@pytest.fixture
def book(qtbot: QtBot, manager: GlobalWebSocketManager) -> OrderbookWidget:
    made = OrderbookWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.language = "en"
    made.resize(460, 600)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: bool(prices(made)) and choice(made).count() > 1)
    return made


def test_a_level_chosen_by_keyboard_is_what_the_exchange_sends(
    qtbot: QtBot, book: OrderbookWidget, exchange: SimulatedExchange
) -> None:
    assert choice(book).itemText(0) == "None"
    assert choice(book).itemText(1) == "10,000"
    told: list[float] = []
    book.level_changed.connect(told.append)

    qtbot.keyClick(choice(book), Qt.Key.Key_Down)  # type: ignore[no-untyped-call]

    assert told == [10_000.0]
    qtbot.waitUntil(lambda: levels_on_the_wire(exchange) == {("KRW-BTC", 10_000.0)})
    qtbot.waitUntil(lambda: bool(prices(book)) and all(price % 10_000 == 0 for price in prices(book)))
    assert book.state is SubscriptionState.LIVE


def test_the_place_in_the_book_is_kept_when_the_level_changes(qtbot: QtBot, book: OrderbookWidget) -> None:
    bar = view(book).verticalScrollBar()
    assert bar is not None
    bar.setValue(3)

    book.level = 10_000.0

    qtbot.waitUntil(lambda: bool(prices(book)) and all(price % 10_000 == 0 for price in prices(book)))
    assert bar.value() == 3


def test_another_market_is_not_grouped(qtbot: QtBot, book: OrderbookWidget, exchange: SimulatedExchange) -> None:
    book.level = 10_000.0
    qtbot.waitUntil(lambda: levels_on_the_wire(exchange) == {("KRW-BTC", 10_000.0)})

    book.market = "KRW-XRP"

    assert book.level == 0.0
    assert choice(book).currentText() == "None"
    qtbot.waitUntil(lambda: levels_on_the_wire(exchange) == {("KRW-XRP", 0.0)})
    qtbot.waitUntil(lambda: "10,000" not in [choice(book).itemText(n) for n in range(choice(book).count())])


def test_a_market_without_levels_has_no_choice(qtbot: QtBot, book: OrderbookWidget) -> None:
    book.market = "BTC-ETH"
    qtbot.waitUntil(lambda: bool(prices(book)))
    assert choice(book).isHidden()


def test_a_level_that_cannot_be_is_refused_and_changes_nothing(book: OrderbookWidget) -> None:
    with pytest.raises(SubscriptionError, match="-1"):
        book.set_level(-1.0)
    book.market = "BTC-ETH"
    with pytest.raises(SubscriptionError, match="KRW"):
        book.set_level(10_000.0)
    assert book.level == 0.0


def test_a_level_given_before_the_market_is_kept(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    made = OrderbookWidget()
    qtbot.addWidget(made)
    made.level = 10_000.0
    made.market = "KRW-BTC"
    assert made.level == 10_000.0
    made.market = "KRW-ETH"
    assert made.level == 0.0


def test_a_second_level_of_the_same_book_says_why_it_is_refused(
    qtbot: QtBot, book: OrderbookWidget, exchange: SimulatedExchange
) -> None:
    second = OrderbookWidget("KRW-BTC")
    qtbot.addWidget(second)
    second.language = "en"
    second.level = 10_000.0
    second.show()

    qtbot.waitUntil(lambda: second.state is SubscriptionState.REJECTED)
    assert "level" in second._state_line.toolTip()
    assert book.state is SubscriptionState.LIVE
    second.level = 0.0
    qtbot.waitUntil(lambda: second.state is SubscriptionState.LIVE)


def test_cumulative_sizes_by_mouse(qtbot: QtBot, book: OrderbookWidget) -> None:
    box = book.findChild(QCheckBox)
    assert box is not None
    model = view(book)._book

    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))  # type: ignore[no-untyped-call]

    assert book.cumulative
    assert model.headerData(ASK_SIZE, Qt.Orientation.Horizontal) == "Ask sum"
    assert book._event is not None
    units = book._event.orderbook_units
    assert [model.level(DEPTH + n).size for n in range(len(units))] == list(accumulate(u.bid_size for u in units))
    assert [model.level(DEPTH - 1 - n).size for n in range(len(units))] == list(accumulate(u.ask_size for u in units))
    largest = max(model.level(0).size, model.level(2 * DEPTH - 1).size)
    assert model.level(0).share == pytest.approx(model.level(0).size / largest, abs=0.001)

    book.cumulative = False
    assert model.level(DEPTH).size == units[0].bid_size
    assert model.headerData(BID_SIZE, Qt.Orientation.Horizontal) == "Bid size"


def test_both_choices_can_be_hidden(book: OrderbookWidget) -> None:
    book.controls_shown = False
    assert not choice(book).isVisible()
    book.controls_shown = True
    assert choice(book).isVisible()
