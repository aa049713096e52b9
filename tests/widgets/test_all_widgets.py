"""One window with every widget: one public and one private connection, one market, and nothing left when it closes."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, Qt
from PyQt6.QtWidgets import QGridLayout, QTableView, QWidget

from tests.helpers.numpy import HAS_NUMPY
from tests.widgets.kinds import OF_ONE_MARKET, WIDGETS, texts
from upbit_qt_widgets import Favourites, MarketLink, MarketTable, dark_palette, light_palette
from upbit_qt_widgets.markets.market_model import CODE_ROLE
from upbit_qt_widgets.markets.market_row import NAME
from upbit_qt_ws import GlobalWebSocketManager, LinkState, QtWebSocketProxy, SubscriptionState, WebSocketConfig
from upbit_qt_ws.wire.topics import PRIVATE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

PUBLIC, PRIVATE = "/websocket/v1", "/websocket/v1/private"

Topics = set[tuple[str, str]]


class Window(QWidget):
    """A trader's screen. The table leads all widgets of one market."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.widgets = {kind.name: kind.make() for kind in WIDGETS if kind.name != "MarketTable"}
        self.table = self.widgets["MarketTable"] = MarketTable(favourites=Favourites(codes=["KRW-BTC"]))
        self.link = MarketLink(parent=self)
        layout = QGridLayout(self)
        for number, widget in enumerate(self.widgets.values()):
            layout.addWidget(widget, number // 4, number % 4)
        for kind in OF_ONE_MARKET:
            self.link.add(self.widgets[kind.name])
        self.link.add(self.table)
        self.resize(1800, 1100)

    @property
    def states(self) -> dict[str, SubscriptionState]:
        """How the data of each widget stands that has some."""
        return {name: widget.state for name, widget in self.widgets.items() if hasattr(widget, "state")}

    @property
    def wanted(self) -> Topics:
        """What all widgets want together."""
        proxies = self.findChildren(QtWebSocketProxy)
        return {
            (subscription.spec.type, code)
            for proxy in proxies
            for subscription in proxy.subscriptions
            for code in subscription.spec.codes or ("",)
        }


def is_live(window: Window) -> bool:
    return all(state is SubscriptionState.LIVE for state in window.states.values())


def served(exchange: SimulatedExchange, *paths: str) -> Topics:
    """Return what the exchange holds for open connections of these paths."""
    views = [view for view in exchange.connections if view.open and view.path in paths]
    return {(entry.type, entry.code) for view in views for entry in view.subscription}


def topics_of(code: str) -> Topics:
    """Return what the widgets of one market want of it at least."""
    return {("orderbook", code), ("trade", code), *([("candle.1m", code)] if HAS_NUMPY else [])}


def opened(exchange: SimulatedExchange, path: str) -> int:
    return sum(view.path == path for view in exchange.connections)


@pytest.fixture
def manager(qapp: QApplication, exchange: SimulatedExchange) -> Iterator[GlobalWebSocketManager]:
    """The application's manager with keys, and little patience with what nobody wants any more."""
    options = exchange.server.options
    config = WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        access_key=options.access_key,
        secret_key=options.secret_key,
        settle_s=0.02,
        linger_s=0.3,
        reopen_grace_s=0.1,
    )
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()


@pytest.fixture
def window(qtbot: QtBot, manager: GlobalWebSocketManager) -> Window:
    made = Window()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: is_live(made), timeout=15_000)
    return made


def test_all_widgets_share_one_public_and_one_private_connection(
    qtbot: QtBot, window: Window, exchange: SimulatedExchange
) -> None:
    qtbot.waitUntil(lambda: served(exchange, PUBLIC, PRIVATE) == window.wanted)

    assert [opened(exchange, path) for path in (PUBLIC, PRIVATE)] == [1, 1]
    assert len(exchange.handshakes) == 2
    public, private = served(exchange, PUBLIC), served(exchange, PRIVATE)
    assert public == {topic for topic in window.wanted if topic[0] not in PRIVATE_TYPES}
    assert topics_of("KRW-BTC") < public
    assert private == {("myOrder", ""), ("myAsset", "")}
    entries = [entry for view in exchange.connections for entry in view.subscription]
    assert len(entries) == len(public | private), "nothing is asked for twice"


def test_the_table_leads_all_widgets_to_another_market(
    qtbot: QtBot, window: Window, exchange: SimulatedExchange
) -> None:
    view = window.table.findChild(QTableView)
    assert view is not None
    model, viewport = view.model(), view.viewport()
    assert model is not None
    assert viewport is not None
    seen = [model.index(row, NAME) for row in range(view.rowAt(viewport.height() - 1))]
    chosen = next(index for index in seen if index.data(CODE_ROLE) != "KRW-BTC")
    code = chosen.data(CODE_ROLE)

    place = view.visualRect(chosen).center()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]

    assert {window.widgets[kind.name].market for kind in OF_ONE_MARKET} == {code}
    qtbot.waitUntil(lambda: is_live(window) and served(exchange, PUBLIC, PRIVATE) == window.wanted, timeout=15_000)
    assert topics_of(code) < served(exchange, PUBLIC)
    assert ("orderbook", "KRW-BTC") not in served(exchange, PUBLIC)
    assert len(exchange.handshakes) == 2


def test_all_widgets_live_in_both_languages_light_and_dark(qtbot: QtBot, window: Window) -> None:
    for dark in (False, True):
        window.setPalette(dark_palette() if dark else light_palette())
        for language, word in (("ko", "실시간"), ("en", "live")):
            for widget in window.widgets.values():
                widget.language = language
            assert any(word in said for said in texts(window))
            for name, widget in window.widgets.items():
                ground = widget.grab().toImage().pixelColor(1, widget.height() - 2)
                assert (ground.lightness() < 128) is dark, name
    assert is_live(window)


def test_a_closed_window_leaves_nothing_behind(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    # That no timer, thread or window is left is watched after every test.
    ended: list[object] = []
    for turn in (1, 2):
        window = Window()
        window.destroyed.connect(ended.append)
        with qtbot.waitExposed(window):
            window.show()
        qtbot.waitUntil(lambda window=window: is_live(window), timeout=15_000)  # type: ignore[misc]
        assert manager.watched_components > 0

        window.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        del window
        gc.collect()

        assert len(ended) == turn
        assert manager.watched_components == 0
        assert not [found for found in gc.get_objects() if type(found) is QtWebSocketProxy]
        qtbot.waitUntil(lambda: not any(view.open for view in exchange.connections), timeout=10_000)
        qtbot.waitUntil(lambda: manager.link().state is LinkState.IDLE)
