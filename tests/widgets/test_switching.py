"""Markets that are switched to and fro quickly, and half of the exchange that does not answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from tests.helpers.numpy import HAS_NUMPY
from tests.widgets.kinds import OF_ONE_MARKET, Kind, texts
from upbit_qt_widgets import MarketLink, MarketTable, TickerStrip, TickerWidget
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

ONE_MARKET = pytest.mark.parametrize("kind", OF_ONE_MARKET, ids=lambda kind: kind.name)
TO_AND_FRO = ["KRW-ETH", "KRW-XRP", "KRW-BTC", "BTC-ETH"] * 5
LAST = "KRW-SOL"


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Callable[..., None]:
    windows: list[QWidget] = []

    def shown(*widgets: Any) -> None:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        column = QVBoxLayout(window)
        for widget in widgets:
            widget.language = "en"
            column.addWidget(widget)
        with qtbot.waitExposed(window):
            window.show()

    return shown


def said(widget: QWidget) -> str:
    line = widget.findChild(StateLine)
    assert line is not None
    return line.accessibleName()


def wanted(exchange: SimulatedExchange) -> set[str]:
    return {entry.code for view in exchange.connections if view.open for entry in view.subscription}


@ONE_MARKET
@pytest.mark.parametrize("turns", [False, True], ids=["one_turn", "many_turns"])
def test_a_market_that_is_switched_to_and_fro_ends_on_the_last_one(
    kind: Kind, turns: bool, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    widget = kind.cls("KRW-BTC")
    show(widget)
    qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE)
    requests = len(exchange.requests)
    told: list[str] = []
    widget.market_changed.connect(told.append)
    began = time.monotonic()

    for market in (*TO_AND_FRO, LAST):
        widget.market = market
        if turns:
            QApplication.processEvents()

    assert told == [*TO_AND_FRO, LAST]
    took = time.monotonic() - began
    qtbot.waitUntil(lambda: wanted(exchange) == {LAST})
    qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE and said(widget) == "live")
    assert widget.market == LAST
    # What is wanted is asked for when it has not changed for a moment, and some turns may take that long; but never
    # more often than the exchange allows.
    assert len(exchange.requests) - requests <= (5 + 5 * took if turns else 1)
    assert not [request for request in exchange.requests if request.error]


def test_lists_that_are_switched_to_and_fro_end_on_the_last_one(
    qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    strip, table = TickerStrip(), MarketTable(markets=[*dict.fromkeys(TO_AND_FRO), LAST])
    strip.markets = ["KRW-BTC"]
    show(strip, table)
    qtbot.waitUntil(lambda: strip.state is SubscriptionState.LIVE and table.state is SubscriptionState.LIVE)
    requests = len(exchange.requests)

    for market, quote in zip(TO_AND_FRO, ["BTC", "USDT", "", "KRW"] * 5, strict=True):
        strip.markets = [market, LAST]
        table.quote = quote
    table.quote = "BTC"
    strip.markets = [LAST]

    qtbot.waitUntil(lambda: wanted(exchange) == {LAST, "BTC-ETH"})
    qtbot.waitUntil(lambda: strip.state is SubscriptionState.LIVE and table.state is SubscriptionState.LIVE)
    assert len(exchange.requests) - requests == 1
    assert table.codes() == ("BTC-ETH",)


def test_linked_widgets_are_switched_to_and_fro_together(
    qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    link = MarketLink("KRW-BTC")
    widgets = [kind.cls() for kind in OF_ONE_MARKET]
    for widget in widgets:
        link.add(widget)
    show(*widgets)
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in widgets))
    requests = len(exchange.requests)

    for place, market in enumerate((*TO_AND_FRO, LAST)):
        widgets[place % len(widgets)].market = market

    assert {widget.market for widget in widgets} == {LAST} == {link.market}
    qtbot.waitUntil(lambda: wanted(exchange) == {LAST})
    qtbot.waitUntil(lambda: all(said(widget) == "live" for widget in widgets))
    assert len(exchange.requests) - requests == 1


def words(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@ONE_MARKET
def test_while_rest_is_down_the_stream_is_live_and_what_rest_tells_comes_later(
    kind: Kind, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    if HAS_NUMPY:
        monkeypatch.setattr("upbit_qt_widgets.chart.candle_chart._RETRY_MILLISECONDS", (100,))
    monkeypatch.setattr("upbit_qt_widgets.base.candle_question._RETRY_SECONDS", (0.1,))
    monkeypatch.setattr("upbit_qt_widgets.base.market_directory._RETRY_MILLISECONDS", (100,))
    other = kind.cls("KRW-BTC")
    show(other)
    qtbot.waitUntil(lambda: other.state is SubscriptionState.LIVE)
    # The socket that is open stays open.
    exchange.refuse_connections(True, status=503)

    widget = kind.cls("KRW-XRP")
    show(widget)

    qtbot.waitUntil(lambda: said(widget).startswith("live"))
    assert said(other).startswith("live")
    if kind.name == "CandleChartWidget":
        qtbot.waitUntil(lambda: widget.candle_count > 0)
        assert widget.candle_count < 10
    exchange.refuse_connections(False)
    if kind.name == "CandleChartWidget":
        qtbot.waitUntil(lambda: widget.candle_count > 100)
    if isinstance(widget, TickerWidget):
        qtbot.waitUntil(lambda: "High (24 h)" in words(widget))
    qtbot.waitUntil(lambda: said(widget) == "live")


@ONE_MARKET
def test_while_the_socket_is_down_nothing_is_called_live(
    kind: Kind, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    widget = kind.cls("KRW-XRP")
    show(widget)
    qtbot.waitUntil(lambda: said(widget) == "live")

    exchange.refuse_sockets("/websocket/v1")
    exchange.drop(abort=True)

    qtbot.waitUntil(lambda: said(widget).startswith("not connected"))
    assert "last value" in said(widget)
    # Another market is chosen meanwhile: what REST tells of it is shown as what it is.
    widget.market = LAST
    qtbot.waitUntil(lambda: said(widget).startswith("not connected"))
    assert "live" not in list(texts(widget))
    exchange.refuse_sockets(None)
    qtbot.waitUntil(lambda: said(widget) == "live")
    assert wanted(exchange) == {LAST}
