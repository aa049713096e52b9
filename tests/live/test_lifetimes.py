"""Components die in every way a QObject can; nothing is left of them, and the stream ends (invariant 6)."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject
from PyQt6.QtWidgets import QPushButton, QWidget

from tests.live.conftest import Feed, until
from upbit_qt_ws import QtWebSocketProxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws import GlobalWebSocketManager, TickerEvent


class Panel(QWidget):
    """A widget as people write them: it refers to its proxy, its subscription, and itself in a callback."""

    def __init__(self, manager: GlobalWebSocketManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.last: TickerEvent | None = None
        self.proxy = QtWebSocketProxy(parent=self, manager=manager)
        self.proxy.ticker_received.connect(self.show_price)
        self.prices = self.proxy.subscribe_ticker("KRW-BTC", self.show_price)

    def show_price(self, event: TickerEvent) -> None:
        self.last = event


class CyclicPanel(Panel):
    """One lambda that captures the widget makes a cycle that only the collector can break."""

    def __init__(self, manager: GlobalWebSocketManager, parent: QWidget | None = None) -> None:
        super().__init__(manager, parent)
        self.button = QPushButton(self)
        self.button.clicked.connect(lambda: self.show_price)
        self.own = self.proxy.subscribe_ticker("KRW-ETH", lambda event: self.show_price(event))


def by_reference_count(manager: GlobalWebSocketManager) -> None:
    Panel(manager)


def by_the_collector(manager: GlobalWebSocketManager) -> None:
    panel = Panel(manager)
    panel.me = panel  # type: ignore[attr-defined]


def by_the_collector_with_a_lambda(manager: GlobalWebSocketManager) -> None:
    CyclicPanel(manager)


def by_its_parent(manager: GlobalWebSocketManager) -> None:
    parent = QWidget()
    panel = Panel(manager, parent)
    sip.delete(parent)
    assert sip.isdeleted(panel)


def by_delete_later(manager: GlobalWebSocketManager) -> None:
    panel = Panel(manager)
    panel.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert sip.isdeleted(panel)


def by_the_collector_in_another_thread(manager: GlobalWebSocketManager) -> None:
    owner = QObject()
    QtWebSocketProxy(parent=owner, manager=manager).subscribe_ticker("KRW-BTC")
    owner.me = owner  # type: ignore[attr-defined]


def as_a_plain_object(manager: GlobalWebSocketManager) -> None:
    owner = QObject()
    QtWebSocketProxy(parent=owner, manager=manager).subscribe_ticker("KRW-BTC")


def without_a_parent(manager: GlobalWebSocketManager) -> None:
    QtWebSocketProxy(manager=manager).subscribe_ticker("KRW-BTC", print, error_handler=print)


def by_cleanup_and_then_for_real(manager: GlobalWebSocketManager) -> None:
    panel = Panel(manager)
    panel.proxy.cleanup()


def collect() -> None:
    gc.collect()


def collect_in_another_thread() -> None:
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()


DEATHS = [
    (by_reference_count, None),
    (by_the_collector, collect),
    (by_the_collector_with_a_lambda, collect),
    (by_its_parent, None),
    (by_delete_later, None),
    (by_the_collector_in_another_thread, collect_in_another_thread),
    (as_a_plain_object, None),
    (without_a_parent, None),
    (by_cleanup_and_then_for_real, None),
]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("death", "collected"), DEATHS)
def test_a_thousand_deaths_leave_nothing(
    feed: Feed, death: Callable[[GlobalWebSocketManager], None], collected: Callable[[], None] | None
) -> None:
    manager = feed.manager
    registry = manager.registry

    async def main() -> None:
        keeper = feed.proxy("keeper")
        await keeper.subscribe_ticker("KRW-XRP")
        watched = manager.watched_components
        receivers = manager.receivers(manager.error_occurred)
        # Nothing may die earlier than it is meant to, and in another way.
        gc.disable()
        try:
            for number in range(1000):
                death(manager)
                if collected is None:
                    assert registry.ledger.components == 1, "released at once"
                if number % 50 == 49:
                    if collected is not None:
                        collected()
                    await asyncio.sleep(0)
        finally:
            gc.enable()
        await until(lambda: registry.ledger.components == 1, "all components are gone from the ledger")
        assert manager.watched_components == watched
        assert manager.receivers(manager.error_occurred) == receivers
        assert len(registry.ledger.desired().wants) == 1
        await until(lambda: feed.served() == {("ticker", "KRW-XRP", 0.0)}, "the exchange serves only the keeper")

    feed.run(main())

    assert len(feed.exchange.handshakes) == 1


def test_the_manager_may_go_before_its_components(feed: Feed) -> None:
    panels: list[Panel] = []

    async def main() -> None:
        panels.append(Panel(feed.manager))
        await panels[0].prices

    feed.run(main())
    panels[0].prices.cancel()
    panels[0].proxy.cleanup()
    panels[0].close()
    panels.clear()


def test_a_component_destroyed_while_its_event_is_queued_gets_nothing(feed: Feed) -> None:
    doomed: list[Panel] = []

    def kill(_event: TickerEvent) -> None:
        while doomed:
            sip.delete(doomed.pop())

    async def main() -> None:
        killer = feed.proxy("killer")
        await killer.subscribe_ticker("KRW-BTC", kill)
        panel = Panel(feed.manager)
        await until(lambda: panel.prices.account.delivered)
        delivered = panel.prices.account.delivered
        doomed.append(panel)
        await until(lambda: not doomed)
        account = panel.prices.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        assert account.delivered >= delivered
        assert account.dropped >= 1
        total = feed.manager.account
        assert total.received == total.delivered + total.coalesced + total.dropped

    feed.run(main())
