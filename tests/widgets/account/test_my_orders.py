"""The list of own orders in a window, on the simulated exchange."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QPoint, Qt, QTimer
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QTableView

from tests.widgets.account.conftest import calls, colorful
from tests.widgets.paints import Paints
from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_widgets.account.my_orders import MyOrdersWidget
from upbit_qt_widgets.account.order_row import (
    AVERAGE,
    FILLED,
    NAME,
    PRICE,
    SIDE,
    STATE,
    TIME,
    TYPE,
    VOLUME,
)
from upbit_qt_widgets.account.row_view import RowView
from upbit_qt_widgets.base.cells import FlatHeader
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_ws import BackpressureError, GlobalWebSocketManager, SubscriptionError, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

    Show = Callable[[MyOrdersWidget], MyOrdersWidget]


def view(widget: MyOrdersWidget) -> RowView:
    found = widget.findChild(RowView)
    assert found is not None
    return found


def column(widget: MyOrdersWidget, number: int) -> list[str]:
    model = view(widget).model()
    assert model is not None
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def row(widget: MyOrdersWidget, number: int = 0) -> dict[int, str]:
    model = view(widget).model()
    assert model is not None
    return {place: str(model.index(number, place).data()) for place in range(model.columnCount())}


def tip(widget: MyOrdersWidget, number: int = 0) -> str:
    model = view(widget).model()
    assert model is not None
    return str(model.index(number, NAME).data(Qt.ItemDataRole.ToolTipRole))


def line(widget: MyOrdersWidget) -> str:
    found = widget.findChild(StateLine)
    assert found is not None
    return found.accessibleName()


def click(qtbot: QtBot, widget: MyOrdersWidget, number: int) -> None:
    table = view(widget)
    model = table.model()
    assert model is not None
    place = table.visualRect(model.index(number, PRICE)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]


@pytest.fixture
def orders(qtbot: QtBot, show: Show) -> MyOrdersWidget:
    """A list that has been read and is live."""
    widget = show(MyOrdersWidget())
    qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE and len(column(widget, NAME)) == 2)
    qtbot.waitUntil(lambda: not widget._is_asking and widget._due is None)
    return widget


def test_the_open_orders_of_the_account_are_there_with_their_names(orders: MyOrdersWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: set(column(orders, NAME)) == {"Bitcoin BTC/KRW", "Ethereum ETH/KRW"})
    assert column(orders, STATE) == ["Open", "Open"]
    assert set(column(orders, VOLUME)) == {"0.001", "0.05"}
    assert line(orders) == "live · 2 open"


def test_an_order_is_shown_from_its_placing_to_its_fill(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    exchange.place_order("KRW-XRP", "BID", "2000", "100.5")
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 3)
    assert column(orders, TIME)[0] == max(column(orders, TIME))
    placed = row(orders)
    assert (placed[SIDE], placed[TYPE], placed[PRICE], placed[VOLUME]) == ("Buy", "Limit", "2,000", "100.5")
    assert (placed[FILLED], placed[AVERAGE], placed[STATE]) == ("0%", "–", "Open")

    exchange.trade("KRW-XRP", price=2000, side="ASK", volume=40.2)
    qtbot.waitUntil(lambda: row(orders)[STATE] == "Part filled")
    # Price and volume are still those of the order, and not of the fill.
    part = row(orders)
    assert (part[PRICE], part[VOLUME], part[FILLED], part[AVERAGE]) == ("2,000", "100.5", "40%", "2,000")
    assert "filled 40.2 XRP · remaining 60.3 XRP" in tip(orders)

    exchange.trade("KRW-XRP", price=1999, side="ASK", volume=1.0)
    qtbot.waitUntil(lambda: row(orders)[STATE] == "Filled")
    assert row(orders)[FILLED] == "100%"
    assert line(orders) == "live · 2 open"


def test_a_cancelled_order_stays_faded_unless_closed_ones_are_not_wanted(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    uuid = exchange.place_order("KRW-XRP", "BID", "2000", "100")
    exchange.cancel_order(uuid)
    qtbot.waitUntil(lambda: column(orders, STATE) == ["Cancelled", "Open", "Open"])
    changes: list[bool] = []
    orders.show_closed_changed.connect(changes.append)

    orders.show_closed = False

    assert column(orders, STATE) == ["Open", "Open"]
    orders.show_closed = True
    assert column(orders, STATE) == ["Cancelled", "Open", "Open"]
    assert changes == [False, True]


def test_amounts_are_exact_to_the_last_digit(qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange) -> None:
    amount = "1386929.37231066"
    exchange.push_order(
        {
            "code": "BTC-XRP",
            "uuid": "exact",
            "ask_bid": "ASK",
            "order_type": "limit",
            "state": "wait",
            "price": Decimal("0.00001943"),
            "volume": Decimal(amount),
            "remaining_volume": Decimal(amount),
            "executed_volume": Decimal(0),
            "order_timestamp": 4_000_000_000_000,
        }
    )
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 3)
    assert (row(orders)[PRICE], row(orders)[VOLUME]) == ("0.00001943", "1,386,929.37231066")
    assert row(orders)[TIME] == "10-02 16:06:40"


def test_the_limit_of_an_order_that_was_first_heard_of_by_a_fill_is_asked_for(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange, soon: None
) -> None:
    asked = calls(exchange, "/orders/open")
    exchange.push_order(
        {
            "code": "KRW-XRP",
            "uuid": "from elsewhere",
            "ask_bid": "BID",
            "order_type": "limit",
            "state": "trade",
            "price": Decimal(1999),
            "volume": Decimal(1),
            "remaining_volume": Decimal(9),
            "executed_volume": Decimal(1),
            "order_timestamp": 4_000_000_000_000,
        }
    )
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 3)
    assert (row(orders)[PRICE], row(orders)[VOLUME]) == ("–", "10")
    qtbot.waitUntil(lambda: calls(exchange, "/orders/open") == asked + 1)


def test_a_market_filters_and_leaves_no_trace_of_the_others(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    changed: list[str] = []
    orders.market_changed.connect(changed.append)
    orders.market = "KRW-ETH"
    assert column(orders, VOLUME) == ["0.05"]
    assert line(orders) == "live · 1 open"
    exchange.place_order("KRW-XRP", "BID", "2000", "100")
    exchange.place_order("KRW-ETH", "BID", "3000000", "0.01")
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 2)
    assert set(column(orders, VOLUME)) == {"0.05", "0.01"}
    orders.market = "KRW-SOL"
    assert column(orders, NAME) == []
    assert view(orders).accessibleDescription() == "there are no orders in SOL/KRW"
    with pytest.raises(SubscriptionError, match="'xrp'"):
        orders.market = "xrp"
    orders.market = ""
    assert len(column(orders, NAME)) == 4
    assert changed == ["KRW-ETH", "KRW-SOL", ""]


def test_a_row_leads_to_its_market_by_mouse_and_by_keyboard(qtbot: QtBot, orders: MyOrdersWidget) -> None:
    chosen: list[str] = []
    orders.market_selected.connect(chosen.append)
    orders.setFocus()
    codes = ["KRW-" + name.split()[-1].partition("/")[0] for name in column(orders, NAME)]
    click(qtbot, orders, 1)
    qtbot.keyClick(view(orders), Qt.Key.Key_Up)  # type: ignore[no-untyped-call]
    qtbot.keyClick(view(orders), Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert chosen == [codes[1], codes[0]]


def test_a_click_on_a_caption_sorts_by_raw_values(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    exchange.place_order("KRW-XRP", "BID", "999", "100")
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 3)
    header = view(orders).findChild(FlatHeader)
    assert header is not None
    place = QPoint(header.sectionViewportPosition(PRICE) + 30, header.height() // 2)
    orders_seen = set()
    for _ in range(2):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]
        prices = [float(words.replace(",", "")) for words in column(orders, PRICE)]
        descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        assert prices == sorted(prices, reverse=descending)
        orders_seen.add(tuple(prices))
    assert len(orders_seen) == 2


def test_what_happened_to_orders_during_an_outage_is_shown_after_it(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    heard = exchange.place_order("KRW-XRP", "BID", "2000", "100")
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 3)
    told_by_rest = exchange.call(lambda: exchange.server._account.open_orders[0].uuid)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: orders.state is SubscriptionState.STALE)
    assert colorful(orders) < 100
    for uuid in (heard, told_by_rest):
        exchange.cancel_order(uuid)
    exchange.refuse_connections(False)

    # Nobody tells how an order ended that the stream never told of.
    qtbot.waitUntil(lambda: sorted(column(orders, STATE)) == ["Cancelled", "Closed", "Open"])

    closed = column(orders, STATE).index("Closed")
    assert tip(orders, closed).endswith("it was filled or cancelled while there was no connection")
    qtbot.waitUntil(lambda: line(orders) == "live · 1 open")


def test_lost_events_have_the_orders_read_again(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    asked = calls(exchange, "/orders/open")
    proxy = orders._proxy
    assert proxy is not None
    proxy.error_occurred.emit(SubscriptionError("of something else"))
    proxy.error_occurred.emit(BackpressureError("3 events were dropped"))
    qtbot.waitUntil(lambda: calls(exchange, "/orders/open") == asked + 1)


def test_a_failed_answer_is_told_and_asked_for_again(
    qtbot: QtBot, exchange: SimulatedExchange, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upbit_qt_widgets.account.private_widget._RETRY_SECONDS", (0.3,))
    exchange.refuse_connections(True, status=503)
    orders = show(MyOrdersWidget())
    qtbot.waitUntil(lambda: view(orders).accessibleDescription().startswith("the orders could not be loaded"))
    qtbot.waitUntil(orders._next.isActive)
    orders.hide()
    assert not orders._next.isActive()
    orders.show()
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: len(column(orders, NAME)) == 2)


def test_an_account_without_orders_says_so_and_not_before_it_is_known(
    qtbot: QtBot, exchange: SimulatedExchange, show: Show
) -> None:
    for order in exchange.call(lambda: exchange.server._account.open_orders):
        exchange.cancel_order(order.uuid)
    orders = show(MyOrdersWidget())
    assert view(orders).accessibleDescription() == "loading the orders …"
    qtbot.waitUntil(lambda: view(orders).accessibleDescription() == "there are no orders")
    orders.show_closed = False
    assert view(orders).accessibleDescription() == "there are no open orders"
    orders.language = "ko"
    assert view(orders).accessibleDescription() == "미체결 주문이 없습니다"


def test_a_connection_that_was_shut_down_is_not_waited_for(
    qtbot: QtBot, show: Show, manager: GlobalWebSocketManager
) -> None:
    orders = show(MyOrdersWidget())
    assert view(orders).accessibleDescription() == "loading the orders …"
    manager.shutdown()
    qtbot.waitUntil(lambda: line(orders) == "the connection was shut down")
    assert view(orders).accessibleDescription() == "the connection was shut down"


def test_a_list_that_nobody_sees_asks_and_paints_nothing_and_catches_up(
    qtbot: QtBot, orders: MyOrdersWidget, exchange: SimulatedExchange
) -> None:
    asked = calls(exchange, "/orders/open")
    orders.hide()
    painted = [Paints(item) for item in (orders, *orders.findChildren(QTableView))]
    assert [timer for timer in orders.findChildren(QTimer) if timer.isActive()] == []
    exchange.place_order("KRW-XRP", "BID", "2000", "100")
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: orders.state is not SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: orders.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: len(orders._orders) == 3)
    assert len(column(orders, NAME)) == 2
    assert sum(len(item.heights) for item in painted) == 0
    assert [timer for timer in orders.findChildren(QTimer) if timer.isActive()] == []

    orders.show()

    assert len(column(orders, NAME)) == 3
    qtbot.waitUntil(lambda: calls(exchange, "/orders/open") > asked)


def test_a_list_that_was_never_seen_opens_nothing(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    orders = MyOrdersWidget()
    qtbot.addWidget(orders)
    orders.market = "KRW-BTC"
    assert (manager.watched_components, exchange.handshakes, exchange.rest_requests) == (0, (), ())


@pytest.mark.parametrize("palette", [light_palette, dark_palette])
def test_the_sample_has_both_languages_and_both_colour_schemes(
    qtbot: QtBot, palette: Callable[[], Any], manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    orders = MyOrdersWidget()
    qtbot.addWidget(orders)
    orders.setPalette(palette())
    orders.language = "ko"
    orders.preview()
    orders.resize(1100, 300)
    orders.show()
    assert row(orders)[NAME] == "비트코인 BTC/KRW"
    assert set(column(orders, STATE)) == {"대기", "일부 체결", "예약", "체결", "취소"}
    buy = _ink(orders)
    orders.color_scheme = "western"
    assert _ink(orders) != buy
    orders.language = "en"
    assert set(column(orders, SIDE)) == {"Buy", "Sell"}
    assert view(orders).accessibleName() == "My orders"
    assert not exchange.rest_requests


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [420, 640, 1100])
def test_no_word_is_cut_and_what_has_no_room_is_left_out(qtbot: QtBot, language: str, width: int) -> None:
    orders = MyOrdersWidget()
    qtbot.addWidget(orders)
    orders.language = language
    orders.preview()
    orders.resize(width, 300)
    orders.show()
    table = view(orders)
    header = table.findChild(FlatHeader)
    assert header is not None
    shown = [place for place in range(header.count()) if not header.isSectionHidden(place)]
    assert {NAME, SIDE, PRICE, VOLUME, FILLED, STATE} <= set(shown)
    assert (len(shown) == header.count()) == (width == 1100)
    for place in shown[1:]:
        widest = max(table.fontMetrics().horizontalAdvance(words) for words in column(orders, place))
        assert widest + 16 <= header.sectionSize(place)
        assert header.caption_width(place) <= header.sectionSize(place)


def _ink(orders: MyOrdersWidget) -> QColor:
    model = view(orders).model()
    assert model is not None
    ink = model.index(0, SIDE).data(Qt.ItemDataRole.ForegroundRole)
    assert isinstance(ink, QColor)
    return ink
