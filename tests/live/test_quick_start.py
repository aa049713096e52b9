"""The first things that the documentation shows, as it shows them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tests.live.conftest import Feed, until
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, SubscriptionState, TickerEvent, WebSocketClientProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import WebSocketConfig


class PricePanel(QWidget):
    """The widget of the quick start."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel("-", self)
        QVBoxLayout(self).addWidget(self.label)
        self.proxy = QtWebSocketProxy(parent=self)
        self.proxy.ticker_received.connect(self.show_price)
        self.prices = self.proxy.subscribe_ticker(["KRW-BTC", "KRW-ETH"])

    def show_price(self, event: TickerEvent) -> None:
        self.label.setText(f"{event.code} {event.trade_price:,.0f}")


@pytest.fixture
def application_manager(config: WebSocketConfig, qapp: object) -> Iterator[GlobalWebSocketManager]:
    manager = GlobalWebSocketManager.get_instance(config)
    yield manager
    manager.shutdown()


def test_a_widget_with_a_proxy_shows_prices_under_plain_qt(
    qtbot: QtBot, application_manager: GlobalWebSocketManager
) -> None:
    panel = PricePanel()
    qtbot.addWidget(panel)

    qtbot.waitUntil(lambda: panel.label.text().startswith("KRW-"))
    qtbot.waitUntil(lambda: panel.prices.state is SubscriptionState.LIVE)

    account = panel.prices.account
    assert account.received == account.delivered + account.coalesced + account.dropped
    assert application_manager.link().sockets_opened == 1


def test_the_older_form_with_a_callback(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GlobalWebSocketManager, "_instance", feed.manager)
    seen: list[tuple[str, float]] = []

    async def main() -> dict[str, object]:
        proxy = WebSocketClientProxy("my_chart_component")
        await proxy.subscribe_ticker(
            ["KRW-BTC", "KRW-ETH"], callback=lambda event: seen.append((event.symbol, event.trade_price))
        )
        await until(lambda: {symbol for symbol, _ in seen} == {"KRW-BTC", "KRW-ETH"})
        manager = GlobalWebSocketManager.get_instance()
        status = await manager.get_health_status()
        await proxy.cleanup()
        return status

    status = feed.run(main())

    assert all(price > 0 for _, price in seen)
    connections, subscriptions = status["connections"], status["subscriptions"]
    assert isinstance(connections, dict)
    assert isinstance(subscriptions, dict)
    assert connections["public"]["state"] == "connected"
    assert subscriptions["topics"] == 2


def test_an_async_callback_runs_one_event_at_a_time(feed: Feed) -> None:
    running = 0
    overlaps = 0
    seen: list[TickerEvent] = []

    async def slow(event: TickerEvent) -> None:
        nonlocal running, overlaps
        running += 1
        overlaps += running > 1
        await asyncio.sleep(0)
        seen.append(event)
        running -= 1

    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_ticker("KRW-BTC", callback=slow)
        await until(lambda: len(seen) > 5)
        proxy.cleanup()

    feed.run(main())

    assert overlaps == 0
    assert [event.timestamp for event in seen] == sorted(event.timestamp for event in seen)


def test_a_proxy_may_be_subscribed_before_any_loop_runs(feed: Feed) -> None:
    proxy = feed.proxy()
    prices = proxy.subscribe_ticker("KRW-BTC")

    async def main() -> None:
        await prices

    feed.run(main())

    assert prices.account.delivered > 0


def test_context_managers_end_the_subscriptions(feed: Feed) -> None:
    async def main() -> None:
        with feed.proxy() as proxy:
            await proxy.subscribe_ticker("KRW-BTC")
        assert proxy.subscriptions == ()
        async with feed.proxy() as other:
            await other.subscribe_trade("KRW-BTC")
        assert other.subscriptions == ()

    feed.run(main())


def test_late_joiners_get_the_last_value_with_its_age(feed: Feed) -> None:
    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        await first.subscribe_ticker("KRW-BTC")
        events: list[TickerEvent] = []
        requests = len(feed.exchange.requests)
        second.subscribe_ticker("KRW-BTC", events.append)
        await until(lambda: events)
        assert events[0].source == "cache"
        assert events[0].stream_type == "SNAPSHOT"
        assert events[0].age() >= 0
        await asyncio.sleep(0)
        assert len(feed.exchange.requests) == requests

    feed.run(main())
