"""Components that nobody can see are given nothing, and after a while nothing is asked for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDockWidget,
    QGraphicsScene,
    QGraphicsView,
    QMainWindow,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import QtWebSocketProxy, Source, SubscriptionState
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import Subscription

LIVE = SubscriptionState.LIVE
LINGER = 0.8


@pytest.fixture
def feed(qapp: QApplication) -> Iterator[Feed]:
    options = SimulatorOptions(snapshot_delays=(0.0, 0.0))
    with feed_of(qapp, options, hidden_linger_s=LINGER) as made:
        yield made


class Panel(QWidget):
    """A widget with a proxy of its own, as an application would write it."""

    def __init__(self, feed: Feed, *codes: str, parent: QWidget | None = None, **options: Any) -> None:
        super().__init__(parent)
        self.proxy = QtWebSocketProxy(parent=self, manager=feed.manager, **options)
        self.got: list[Any] = []
        self.proxy.ticker_received.connect(self.got.append)
        self.prices: Subscription = self.proxy.subscribe_ticker(codes or "KRW-BTC")

    def adds_up(self) -> bool:
        account = self.prices.account
        return account.received == account.delivered + account.coalesced + account.dropped


class Window:
    """A window with a tab that is covered, and one that can be seen."""

    def __init__(self, feed: Feed, **options: Any) -> None:
        self.tabs = QTabWidget()
        self.front, self.back = Panel(feed, "KRW-ETH"), Panel(feed, "KRW-BTC", **options)
        self.tabs.addTab(self.front, "front")
        self.tabs.addTab(self.back, "back")
        self.tabs.setCurrentWidget(self.back)
        self.tabs.show()

    def close(self) -> None:
        self.tabs.close()
        self.tabs.deleteLater()


def codes(feed: Feed) -> set[str]:
    return {code for _, code, _ in feed.served()}


async def rests(panel: Panel) -> None:
    """Wait until nothing more comes for a while."""
    while True:
        before = len(panel.got)
        await asyncio.sleep(0.3)
        if len(panel.got) == before:
            return


@pytest.mark.parametrize("way", ["covered tab", "hidden widget", "hidden window", "minimised window"])
def test_what_is_hidden_rests_is_released_and_is_live_again_with_its_last_value_when_it_is_shown(
    feed: Feed, way: str
) -> None:
    async def main() -> None:
        window = Window(feed)
        somebody = feed.proxy()
        others = await somebody.subscribe_ticker("KRW-XRP")
        await window.back.prices
        await until(lambda: len(window.back.got) > 3)
        await until(lambda: "KRW-ETH" not in codes(feed), "the page in front of which it lies is released")
        if way == "covered tab":
            window.tabs.setCurrentWidget(window.front)
        elif way == "hidden widget":
            window.back.hide()
        elif way == "hidden window":
            window.tabs.hide()
        else:
            window.tabs.showMinimized()
        await rests(window.back)
        last, requests = window.back.got[-1], len(feed.requested())
        assert "KRW-BTC" in codes(feed), "the exchange is still asked for it for a while"
        await until(lambda: "KRW-BTC" not in codes(feed), "it is released")
        assert len(feed.requested()) == requests + 1
        before = others.account.delivered
        await until(lambda: others.account.delivered > before + 5, "nobody else notices")
        assert window.back.got[-1] is last
        shown = len(window.back.got)
        if way == "covered tab":
            window.tabs.setCurrentWidget(window.back)
        elif way == "hidden widget":
            window.back.show()
        elif way == "hidden window":
            window.tabs.show()
        else:
            window.tabs.showNormal()
        await until(lambda: len(window.back.got) > shown, "the last value")
        cached = window.back.got[shown]
        assert cached.source is Source.CACHE
        assert cached.age() > 0.05
        assert cached.timestamp >= last.timestamp
        await until(lambda: window.back.got[-1].source is Source.WEBSOCKET and window.back.prices.state is LIVE, "live")
        if way == "covered tab":
            # Back and forth within the linger: the exchange is asked for the front page's market again, and no more.
            assert len(feed.requested()) <= requests + 3
        assert window.back.adds_up()
        window.close()

    feed.run(main())


def test_a_glance_at_another_tab_costs_no_request(feed: Feed) -> None:
    async def main() -> None:
        window = Window(feed)
        await window.back.prices
        # The other page has rested since it was covered, and is released by now.
        await until(lambda: codes(feed) == {"KRW-BTC"})
        window.back.hide()
        await rests(window.back)
        requests, shown = len(feed.requested()), len(window.back.got)
        window.back.show()
        await until(lambda: len(window.back.got) > shown)
        assert window.back.got[shown].source is Source.CACHE
        await until(lambda: window.back.got[-1].source is Source.WEBSOCKET)
        assert len(feed.requested()) == requests
        window.close()

    feed.run(main())


def test_a_proxy_may_go_on_while_it_is_hidden(feed: Feed) -> None:
    async def main() -> None:
        window = Window(feed, follow_visibility=False)
        await window.back.prices
        window.tabs.setCurrentWidget(window.front)
        await asyncio.sleep(1.5 * LINGER)
        before = len(window.back.got)
        await until(lambda: len(window.back.got) > before + 5)
        assert "KRW-BTC" in codes(feed)
        window.close()

    feed.run(main())


def test_a_window_that_was_never_shown_is_served(feed: Feed) -> None:
    async def main() -> None:
        panel = Panel(feed)
        await panel.prices
        await asyncio.sleep(1.5 * LINGER)
        before = len(panel.got)
        await until(lambda: len(panel.got) > before + 5)
        panel.deleteLater()

    feed.run(main())


def test_own_orders_come_while_nobody_looks(feed: Feed) -> None:
    async def main() -> None:
        window = Window(feed)
        orders: list[object] = []
        await window.back.proxy.subscribe_my_order(callback=orders.append)
        window.tabs.setCurrentWidget(window.front)
        await until(lambda: "KRW-BTC" not in codes(feed), "it is released")
        feed.exchange.place_order("KRW-BTC", "BID", 6000, None)
        await until(lambda: bool(orders), "the order")
        window.close()

    feed.run(main())


def test_a_hidden_component_may_change_its_mind_and_end(feed: Feed) -> None:
    async def main() -> None:
        window = Window(feed)
        await window.back.prices
        window.tabs.setCurrentWidget(window.front)
        await until(lambda: "KRW-BTC" not in codes(feed), "it is released")
        window.back.prices.set_codes("KRW-SOL")
        trades = window.back.proxy.subscribe_trade("KRW-ADA")
        dead = window.back.proxy.subscribe_trade("KRW-DOGE")
        dead.cancel()
        await asyncio.sleep(0.5)
        assert codes(feed) == {"KRW-ETH"}
        window.tabs.setCurrentWidget(window.back)
        await window.back.prices
        await trades
        await until(lambda: {"KRW-SOL", "KRW-ADA"} <= codes(feed))
        window.tabs.setCurrentWidget(window.front)
        await until(lambda: codes(feed) == {"KRW-ETH"}, "it is released")
        window.close()

    feed.run(main())
    assert feed.manager.watched_components == 0


def test_of_fifty_widgets_only_the_ten_that_can_be_seen_cost_anything(feed: Feed) -> None:
    async def main() -> None:
        names = feed.market_codes[:50]
        page = QWidget()
        layout = QVBoxLayout(page)
        panels = [Panel(feed, name) for name in names]
        for panel in panels:
            layout.addWidget(panel)
        page.show()
        for panel in panels:
            await panel.prices
        feed.exchange.set_rate(0)

        async def work() -> int:
            """Return how many events are delivered while each market trades some times."""
            before = sum(panel.prices.account.delivered for panel in panels)
            for _ in range(20):
                for name in names:
                    feed.exchange.trade(name)
                await asyncio.sleep(0.03)
            return sum(panel.prices.account.delivered for panel in panels) - before

        everything = await work()
        assert everything > 500
        for panel in panels[10:]:
            panel.hide()
        await until(lambda: codes(feed) == set(names[:10]), "the exchange holds what can be seen")
        assert await work() <= everything * 0.25
        for panel in panels[10:]:
            panel.show()
        await until(lambda: codes(feed) == set(names), "everything is asked for again")
        await until(lambda: all(panel.prices.state is LIVE for panel in panels), "all are live")
        assert all(panel.adds_up() for panel in panels)
        page.close()
        page.deleteLater()

    feed.run(main())


class Docks:
    """Two docks of a window, one in front of the other as tabs."""

    def __init__(self, panel: Panel) -> None:
        self.window = QMainWindow()
        self.window.resize(500, 400)
        self.docks = []
        for part in (panel, QWidget()):
            dock = QDockWidget(type(part).__name__)
            dock.setWidget(part)
            self.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
            self.docks.append(dock)
        self.window.show()

    def hide(self) -> None:
        self.window.tabifyDockWidget(*self.docks)
        self.docks[1].raise_()

    def show(self) -> None:
        self.docks[0].raise_()


class Pane:
    """A pane of a splitter, which can be closed until it has no width."""

    def __init__(self, panel: Panel) -> None:
        self.window = QSplitter()
        self.window.addWidget(panel)
        self.window.addWidget(QWidget())
        self.window.resize(500, 300)
        self.window.show()

    def hide(self) -> None:
        self.window.setSizes([0, 500])

    def show(self) -> None:
        self.window.setSizes([250, 250])


class Scene:
    """A widget in a graphics scene, seen through a view in a tab."""

    def __init__(self, panel: Panel) -> None:
        panel.resize(100, 50)
        self.scene = QGraphicsScene()
        self.item = self.scene.addWidget(panel)
        self.window = QTabWidget()
        self.window.addTab(QGraphicsView(self.scene), "scene")
        self.window.addTab(QWidget(), "other")
        self.window.show()

    def hide(self) -> None:
        self.window.setCurrentIndex(1)

    def show(self) -> None:
        self.window.setCurrentIndex(0)


@pytest.mark.parametrize("place", [Docks, Pane, Scene])
def test_what_is_covered_is_hidden_though_qt_calls_it_visible(feed: Feed, place: Any) -> None:
    async def main() -> None:
        panel = Panel(feed)
        held = place(panel)
        await until(lambda: panel.got)
        held.hide()
        await until(lambda: not feed.served(), "nothing is asked for it")
        panel.got.clear()
        held.show()
        await until(lambda: feed.served(), "it is served again")
        await until(lambda: panel.prices.state is LIVE and panel.got)
        assert panel.adds_up()
        held.window.close()
        if place is Scene:
            held.scene.clear()

    feed.run(main())


def test_a_widget_without_a_size_that_only_holds_something_is_served(feed: Feed) -> None:
    async def main() -> None:
        window = QWidget()
        window.resize(200, 100)
        holder = Panel(feed, parent=window)
        holder.setFixedSize(0, 0)
        window.show()
        await until(lambda: holder.got)
        await asyncio.sleep(2 * LINGER)
        holder.got.clear()
        await until(lambda: holder.got, "it is served all the time")
        window.close()

    feed.run(main())
