"""The depth chart on the simulated exchange: alone, and beside an order book whose level the user chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QTabWidget, QWidget

from tests.widgets.paints import Paints
from upbit_qt_widgets import OrderbookWidget
from upbit_qt_widgets.depth.canvas import DepthCanvas
from upbit_qt_widgets.depth.depth_chart import DepthChartWidget
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, SubscriptionError, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def canvas_of(widget: DepthChartWidget) -> DepthCanvas:
    found = widget.findChild(DepthCanvas)
    assert found is not None
    return found


def prices(widget: DepthChartWidget) -> tuple[float, ...]:
    curve = canvas_of(widget).curve
    return curve.bids.prices + curve.asks.prices


def is_grouped(widget: DepthChartWidget, level: float) -> bool:
    return bool(prices(widget)) and all(price % level == 0 for price in prices(widget))


def choice(book: OrderbookWidget) -> QComboBox:
    found = book.findChild(QComboBox)
    assert found is not None
    return found


def books_on_the_wire(exchange: SimulatedExchange) -> set[tuple[str, float]]:
    return {
        (entry.code, float(entry.level))
        for view in exchange.connections
        if view.open
        for entry in view.subscription
        if entry.type == "orderbook"
    }


@pytest.fixture
def depth(qtbot: QtBot, manager: GlobalWebSocketManager) -> DepthChartWidget:
    made = DepthChartWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.language = "en"
    made.resize(500, 320)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: bool(prices(made)))
    return made


def test_it_lives_by_itself_on_the_order_book_alone(depth: DepthChartWidget, exchange: SimulatedExchange) -> None:
    assert depth.state is SubscriptionState.LIVE
    assert books_on_the_wire(exchange) == {("KRW-BTC", 0.0)}
    types = {entry.type for view in exchange.connections for entry in view.subscription}
    # All widgets of one market hear its ticker, which tells of trading that is suspended.
    assert types - {"ticker"} == {"orderbook"}
    curve = canvas_of(depth).curve
    assert (len(curve.bids.prices), len(curve.asks.prices)) == (30, 30)
    assert curve.bids.prices[0] < curve.asks.prices[0]
    event = depth._event
    assert event is not None
    assert curve.asks.total == pytest.approx(event.total_ask_size)
    assert curve.bids.total == pytest.approx(event.total_bid_size)


def test_another_market_is_shown_without_a_trace_of_the_old_one(qtbot: QtBot, depth: DepthChartWidget) -> None:
    depth.market = "KRW-XRP"
    assert prices(depth) == ()
    qtbot.waitUntil(lambda: bool(prices(depth)))
    assert max(prices(depth)) < 100_000
    assert canvas_of(depth).seen.high < 100_000
    assert canvas_of(depth).accessibleName() == "Depth chart XRP/KRW"


@pytest.mark.parametrize("depth_first", [True, False])
def test_beside_an_order_book_both_stay_live_at_the_level_that_the_user_picks(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange, depth_first: bool
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    if depth_first:
        depth, book = DepthChartWidget("KRW-BTC"), OrderbookWidget("KRW-BTC")
    else:
        book, depth = OrderbookWidget("KRW-BTC"), DepthChartWidget("KRW-BTC")
    for widget in (depth, book) if depth_first else (book, depth):
        layout.addWidget(widget)
    book.level_changed.connect(depth.set_level)
    window.resize(1000, 600)
    with qtbot.waitExposed(window):
        window.show()
    both = (book, depth)
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in both))
    qtbot.waitUntil(lambda: choice(book).count() > 2)
    refused: list[SubscriptionState] = []
    for widget in both:
        widget.state_changed.connect(refused.append)

    for level in (10_000.0, 100_000.0):
        qtbot.keyClick(choice(book), Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
        assert (book.level, depth.level) == (level, level)
        qtbot.waitUntil(lambda: books_on_the_wire(exchange) == {("KRW-BTC", level)})
        qtbot.waitUntil(lambda: is_grouped(depth, level))
        qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in both))

    qtbot.keyClick(choice(book), Qt.Key.Key_Home)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: books_on_the_wire(exchange) == {("KRW-BTC", 0.0)})
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in both))
    assert SubscriptionState.REJECTED not in refused
    assert len(exchange.handshakes) == 1


def test_a_chart_that_leads_takes_the_order_book_along(
    qtbot: QtBot, depth: DepthChartWidget, exchange: SimulatedExchange
) -> None:
    book = OrderbookWidget("KRW-BTC")
    qtbot.addWidget(book)
    book.level_changed.connect(depth.set_level)
    depth.level_changed.connect(book.set_level)
    book.show()
    qtbot.waitUntil(lambda: book.state is SubscriptionState.LIVE)

    depth.level = 10_000.0

    assert book.level == 10_000.0
    qtbot.waitUntil(lambda: books_on_the_wire(exchange) == {("KRW-BTC", 10_000.0)})
    qtbot.waitUntil(lambda: is_grouped(depth, 10_000.0))
    qtbot.waitUntil(lambda: book.state is SubscriptionState.LIVE)


def test_a_level_of_its_own_beside_another_one_is_refused_with_a_reason(
    qtbot: QtBot, depth: DepthChartWidget, exchange: SimulatedExchange
) -> None:
    second = DepthChartWidget("KRW-BTC")
    qtbot.addWidget(second)
    second.language = "en"
    second.level = 10_000.0
    second.show()

    qtbot.waitUntil(lambda: second.state is SubscriptionState.REJECTED)
    assert "level" in second._state_line.toolTip()
    assert canvas_of(second)._message == "the exchange refuses this subscription"
    assert depth.state is SubscriptionState.LIVE
    second.level = 0.0
    qtbot.waitUntil(lambda: bool(prices(second)))


def test_the_level_is_that_of_one_market(qtbot: QtBot, depth: DepthChartWidget, exchange: SimulatedExchange) -> None:
    told: list[float] = []
    depth.level_changed.connect(told.append)
    depth.level = 10_000.0
    qtbot.waitUntil(lambda: is_grouped(depth, 10_000.0))

    depth.market = "BTC-ETH"

    assert depth.level == 0.0
    assert told == [10_000.0, 0.0]
    qtbot.waitUntil(lambda: books_on_the_wire(exchange) == {("BTC-ETH", 0.0)})
    with pytest.raises(SubscriptionError, match="KRW"):
        depth.set_level(10_000.0)
    with pytest.raises(SubscriptionError, match="-1"):
        depth.set_level(-1.0)
    assert depth.level == 0.0


def test_a_market_that_is_not_served_is_said_in_place_of_a_book(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    made = DepthChartWidget("KRW-NOSUCH")
    qtbot.addWidget(made)
    made.language = "en"
    made.show()
    qtbot.waitUntil(lambda: made.state is SubscriptionState.NOT_SERVED)
    assert canvas_of(made)._message == "the exchange does not serve this market"


def test_a_lost_connection_greys_the_book_until_it_is_back(
    qtbot: QtBot, depth: DepthChartWidget, exchange: SimulatedExchange
) -> None:
    canvas = canvas_of(depth)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: canvas._painter.faded)
    assert "ago" in depth._state_line.accessibleName()
    assert prices(depth), "the last book is still shown"

    exchange.refuse_connections(False)

    qtbot.waitUntil(lambda: depth.state is SubscriptionState.LIVE)
    assert not canvas._painter.faded


def test_a_hidden_chart_keeps_still_while_data_flows(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    made = DepthChartWidget("KRW-BTC")
    tabs.addTab(made, "depth")
    tabs.addTab(QWidget(), "empty")
    with qtbot.waitExposed(tabs):
        tabs.show()
    qtbot.waitUntil(lambda: bool(prices(made)))
    tabs.setCurrentIndex(1)
    painted, before, frames = Paints(canvas_of(made)), canvas_of(made).curve, manager.frames
    somebody = QtWebSocketProxy(manager=manager)
    somebody.subscribe_orderbook(["KRW-BTC", "KRW-ETH"])

    qtbot.waitUntil(lambda: manager.frames > frames + 10)

    assert canvas_of(made).curve is before
    assert painted.heights == []
    tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: canvas_of(made).curve is not before)
    somebody.cleanup()


def test_a_click_in_the_live_chart_chooses_a_price_of_the_book(qtbot: QtBot, depth: DepthChartWidget) -> None:
    canvas = canvas_of(depth)
    chosen: list[float] = []
    depth.price_clicked.connect(chosen.append)
    place = canvas.scale.plot.center().toPoint()
    place.setX(place.x() + canvas.width() // 6)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]
    assert len(chosen) == 1
    assert chosen[0] in canvas.curve.asks.prices
