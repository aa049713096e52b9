"""Widgets that nobody sees rest: no clock runs, nothing is painted; when they are shown they catch up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QTableView, QTabWidget, QVBoxLayout, QWidget

from tests.widgets.paints import Paints
from upbit_qt_widgets import ConnectionBadge, MarketDirectory, MarketTable, OrderbookWidget, TickerWidget
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


class Page(QWidget):
    """All widgets on one page."""

    def __init__(self) -> None:
        super().__init__()
        self.table = MarketTable(markets=["KRW-BTC", "KRW-XRP", "KRW-ETH"])
        self.ticker = TickerWidget("KRW-BTC")
        self.book = OrderbookWidget("KRW-BTC")
        self.badge = ConnectionBadge()
        layout = QVBoxLayout(self)
        for widget in (self.table, self.ticker, self.book, self.badge):
            layout.addWidget(widget)
            widget.language = "en"
        self.painted = [Paints(item) for item in (self.badge, *self.findChildren(QWidget))]

    def paints(self) -> int:
        return sum(len(painted.heights) for painted in self.painted)

    def clocks(self) -> list[QTimer]:
        return [timer for timer in self.findChildren(QTimer) if timer.isActive()]

    def texts(self) -> list[str]:
        models = [view.model() for view in self.findChildren(QTableView)]
        return [
            str(model.index(row, column).data())
            for model in models
            if model is not None
            for row in range(model.rowCount())
            for column in range(model.columnCount())
        ]

    def words(self) -> list[str]:
        return [line.accessibleName() for line in self.findChildren(StateLine)]


@pytest.fixture
def tabs(qtbot: QtBot, manager: GlobalWebSocketManager) -> QTabWidget:
    """Two pages, the first of which is seen."""
    made = QTabWidget()
    qtbot.addWidget(made)
    made.addTab(QWidget(), "empty")
    made.resize(600, 900)
    return made


@pytest.fixture
def page(qtbot: QtBot, tabs: QTabWidget, manager: GlobalWebSocketManager) -> Page:
    """A page that was seen live."""
    made = Page()
    tabs.addTab(made, "data")
    tabs.setCurrentWidget(made)
    with qtbot.waitExposed(tabs):
        tabs.show()
    widgets = (made.table, made.ticker, made.book)
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in widgets))
    # Names and price units come once, whether anybody looks or not.
    directory = MarketDirectory.of(manager)
    qtbot.waitUntil(lambda: directory.market("KRW-BTC") is not None)
    qtbot.waitUntil(lambda: all(directory.levels(code) for code in made.table.codes()))
    return made


def test_a_page_that_was_never_seen_opens_nothing(
    qtbot: QtBot, tabs: QTabWidget, exchange: SimulatedExchange, manager: GlobalWebSocketManager
) -> None:
    page = Page()
    tabs.addTab(page, "data")
    with qtbot.waitExposed(tabs):
        tabs.show()
    assert manager.watched_components == 0
    assert not exchange.handshakes
    assert page.clocks() == []


def test_hidden_widgets_keep_still_while_data_flows(
    qtbot: QtBot, tabs: QTabWidget, page: Page, manager: GlobalWebSocketManager
) -> None:
    qtbot.waitUntil(lambda: page.table._model._flash_end.isActive())
    tabs.setCurrentIndex(0)
    assert page.clocks() == []
    texts, paints, frames = page.texts(), page.paints(), manager.frames
    somebody = QtWebSocketProxy(manager=manager)
    somebody.subscribe_ticker(["KRW-BTC", "KRW-ETH"])

    qtbot.waitUntil(lambda: manager.frames > frames + 20)

    assert page.clocks() == []
    assert page.texts() == texts
    assert page.paints() == paints
    tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.texts() != texts)
    qtbot.waitUntil(lambda: page.paints() > paints)
    somebody.cleanup()


def test_hidden_widgets_keep_still_while_the_connection_is_lost(
    qtbot: QtBot, tabs: QTabWidget, page: Page, exchange: SimulatedExchange
) -> None:
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: "attempt" in page.badge.text())
    assert {type(timer.parent()) for timer in page.clocks()} >= {StateLine, ConnectionBadge}

    tabs.setCurrentIndex(0)

    assert page.clocks() == []
    paints = page.paints()
    connections = {request.connection_id for request in exchange.requests}
    exchange.refuse_connections(False)
    # What only hidden widgets want wakes nobody, so they may hear of the new connection when they are shown.
    qtbot.waitUntil(lambda: {request.connection_id for request in exchange.requests} > connections)
    assert page.clocks() == []
    assert page.paints() == paints
    tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: all(words.startswith("live") for words in page.words()))


def test_a_market_chosen_while_hidden_is_there_when_shown(
    qtbot: QtBot, tabs: QTabWidget, page: Page, exchange: SimulatedExchange
) -> None:
    tabs.setCurrentIndex(0)
    page.book.market = "KRW-XRP"
    page.table.quote = "BTC"
    tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.book.state is SubscriptionState.LIVE)
    assert page.words()[0] == "no market is chosen"
