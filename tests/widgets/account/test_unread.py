"""What of the account cannot be read is told: no list of money looks whole that is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QTableView

from tests.widgets.kinds import texts
from upbit_qt_widgets import MyAssetsWidget, MyOrdersWidget
from upbit_qt_widgets.account.totals import Totals
from upbit_qt_widgets.base.state_line import StateLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

    Show = Callable[[Any], Any]


def said(widget: QWidget) -> str:
    line = widget.findChild(StateLine)
    assert line is not None
    return line.accessibleName()


def rows(widget: QWidget) -> int:
    view = widget.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    return model.rowCount()


def inks(widget: QWidget) -> set[str]:
    """Return the colours of the words of the totals."""
    totals = widget.findChild(Totals)
    assert totals is not None
    return {label.palette().windowText().color().name() for label in totals.findChildren(QLabel)}


def spoil(path: str, key: str, value: str, field: str, odd: object) -> Callable[[str, str], str]:
    """Return an edit that gives one field of one row of a reply an odd value."""

    def edit(asked: str, body: str) -> str:
        if asked != path:
            return body
        return json.dumps([{**row, field: odd} if row[key] == value else row for row in json.loads(body)])

    return edit


@pytest.mark.parametrize("odd", ["NaN", "-1", None, [], "1E-999999"])
def test_a_balance_that_cannot_be_read_is_named_and_the_total_is_grey(
    odd: object, qtbot: QtBot, show: Show, exchange: SimulatedExchange
) -> None:
    widget = show(MyAssetsWidget())
    qtbot.waitUntil(lambda: rows(widget) >= 3 and "not counted" not in said(widget))
    before, colors = rows(widget), inks(widget)
    exchange.edit_replies(spoil("/accounts", "currency", "BTC", "balance", odd))
    widget.ask_now()
    qtbot.waitUntil(lambda: said(widget).endswith("not counted, not readable: BTC"))
    assert rows(widget) == before - 1
    assert inks(widget) > colors, "the sums are grey"
    widget.language = "ko"
    assert said(widget).endswith("읽지 못한 BTC 제외")
    exchange.edit_replies(None)
    widget.ask_now()
    qtbot.waitUntil(lambda: "BTC" not in said(widget))
    assert rows(widget) == before
    assert inks(widget) == colors


def test_a_change_of_a_balance_that_cannot_be_read_is_told_until_rest_has_told_it(
    qtbot: QtBot, show: Show, exchange: SimulatedExchange
) -> None:
    widget = show(MyAssetsWidget())
    qtbot.waitUntil(lambda: rows(widget) >= 3)
    exchange.edit_replies(spoil("/accounts", "currency", "ETH", "locked", "much"))
    exchange.edit_frames(lambda text: text.replace('"balance"', '"balance_"') if "myAsset" in text else text)
    exchange.place_order("KRW-ETH", "BID", 500_000)
    qtbot.waitUntil(lambda: "not readable: " in said(widget))
    exchange.edit_frames(None)
    exchange.edit_replies(None)
    widget.ask_now()
    qtbot.waitUntil(lambda: "not readable" not in said(widget))


def opened(widget: MyOrdersWidget, count: int, more: str = "") -> Callable[[], bool]:
    """Return a condition: the line of the state ends with so many open orders."""
    return lambda: said(widget).endswith(f" {count} open{more}")


def test_an_order_that_cannot_be_read_is_counted_and_does_not_count_as_ended(
    qtbot: QtBot, show: Show, exchange: SimulatedExchange
) -> None:
    widget = show(MyOrdersWidget())
    # The account has two orders already.
    qtbot.waitUntil(opened(widget, 2))
    exchange.place_order("KRW-BTC", "BID", 1_000_000, 0.01)
    uuid = exchange.place_order("KRW-ETH", "BID", 1_000, 10)
    qtbot.waitUntil(opened(widget, 4))
    exchange.edit_replies(spoil("/orders/open", "uuid", uuid, "state", {"is": "odd"}))
    widget.ask_now()
    qtbot.waitUntil(opened(widget, 4, " · 1 not readable"))
    assert "Closed" not in set(texts(widget, cells=True))
    widget.language = "ko"
    assert said(widget).endswith("미체결 4 · 읽지 못한 주문 1건")
    exchange.edit_replies(None)
    widget.ask_now()
    qtbot.waitUntil(lambda: said(widget).endswith("미체결 4"))


def test_orders_of_which_only_some_can_be_read_are_not_all_orders(
    qtbot: QtBot, show: Show, exchange: SimulatedExchange
) -> None:
    uuid = exchange.place_order("KRW-DOGE", "BID", 100, 100)
    exchange.edit_replies(spoil("/orders/open", "uuid", uuid, "ord_type", 5))
    widget = show(MyOrdersWidget())
    qtbot.waitUntil(opened(widget, 2, " · 1 not readable"))
    widget.market = "KRW-DOGE"
    assert said(widget).endswith(" · 0 open · 1 not readable"), "it may be one of this market"


def test_what_an_order_can_do_without_is_a_dash(qtbot: QtBot, show: Show, exchange: SimulatedExchange) -> None:
    odd = {"side": "both", "price": "-1", "volume": "NaN", "created_at": "yesterday", "market": "KRW-<b>x"}

    def edit(path: str, body: str) -> str:
        return json.dumps([{**row, **odd} for row in json.loads(body)]) if path == "/orders/open" else body

    exchange.edit_replies(edit)
    widget = show(MyOrdersWidget())
    qtbot.waitUntil(opened(widget, 2))
    told: list[str] = []
    widget.market_selected.connect(told.append)
    view = widget.findChild(QTableView)
    cells = [str(view.model().index(0, column).data()) for column in range(view.model().columnCount())]
    assert cells[1] == cells[3] == cells[8] == "–"
    view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    view.chosen.emit(view.model().index(0, 0))
    assert told == [], "there is no market of that code to go to"
