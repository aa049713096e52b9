"""Windows that come and go with many widgets: nothing of them is left, and the exchange hears of it once."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject
from PyQt6.QtWidgets import QWidget

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import QtWebSocketProxy, SubscriptionState
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import GlobalWebSocketManager, TickerEvent

WIDGETS, TOPICS, CYCLES = 1000, 300, 1000
MOST_GROWTH_MB = 1.0


class Panel(QWidget):
    """A widget with a proxy of its own, as an application would write it."""

    def __init__(self, manager: GlobalWebSocketManager, code: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.proxy = QtWebSocketProxy(parent=self, manager=manager)
        self.proxy.ticker_received.connect(self.show_price)
        self.prices = self.proxy.subscribe_ticker(code)

    def show_price(self, event: TickerEvent) -> None:
        self.setWindowTitle(f"{event.code} {event.trade_price:,.0f}")


def close(window: QWidget) -> None:
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)


WAYS: dict[str, Callable[[QWidget], None]] = {"closed and deleted": close, "deleted": sip.delete}


@pytest.fixture
def feed(qapp: QApplication) -> Iterator[Feed]:
    qapp.setQuitOnLastWindowClosed(False)
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0)), linger_s=0.0) as made:
        yield made
    qapp.setQuitOnLastWindowClosed(True)


@pytest.mark.parametrize("way", list(WAYS))
def test_a_window_with_a_thousand_widgets_ends_with_one_request_at_most(feed: Feed, way: str) -> None:
    async def main() -> None:
        somebody = feed.proxy()
        trades = await somebody.subscribe_trade("KRW-BTC")
        codes = feed.market_codes[:TOPICS]
        window = QWidget()
        panels = [Panel(feed.manager, codes[number % TOPICS], window) for number in range(WIDGETS)]
        window.show()
        await until(lambda: all(panel.prices.state is SubscriptionState.LIVE for panel in panels), "all are live")
        requests = len(feed.requested())
        panels.clear()
        WAYS[way](window)
        assert feed.manager.watched_components == 1
        await until(lambda: feed.served() == {("trade", "KRW-BTC", 0.0)}, "the exchange holds the rest")
        assert len(feed.requested()) == requests + 1
        await asyncio.sleep(0.3)
        assert len(feed.requested()) == requests + 1
        assert trades.state is SubscriptionState.LIVE

    feed.run(main())


def test_after_many_windows_everything_is_as_before(feed: Feed) -> None:
    async def main() -> None:
        manager = feed.manager
        codes = feed.market_codes[:20]

        async def cycles(count: int) -> None:
            for number in range(count):
                window = QWidget()
                for step in range(3):
                    Panel(manager, codes[(number + step) % len(codes)], window)
                window.show()
                if number % 10 == 0:
                    await asyncio.sleep(0.01)
                close(window)

        def counts() -> dict[str, int]:
            gc.collect()
            hub = manager.registry.router.hub
            return {
                "components": manager.watched_components,
                "subscriptions": len(manager.registry.ledger.subscriptions),
                "routes": len(hub._routes),
                "sinks": len(hub._sinks),
                "objects": len(manager.findChildren(QObject)),
                "receivers of errors": manager.receivers(manager.error_occurred),
                "tasks": len(asyncio.all_tasks()),
                "proxies": sum(type(item) is QtWebSocketProxy for item in gc.get_objects()),
            }

        await cycles(10)
        before = counts()
        await cycles(200)
        assert counts() == before
        assert before["components"] == before["proxies"] == before["routes"] == 0

    feed.run(main())


def test_a_thousand_windows_later_the_process_has_not_grown(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0))) as feed:
        config = feed.manager.config
        program = [sys.executable, __file__, config.public_url, config.rest_url]
        done = subprocess.run(program, capture_output=True, text=True, timeout=50, check=False)
        feed.run(_nothing())
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < MOST_GROWTH_MB


def test_a_window_that_is_opened_again_finds_its_streams(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0)), reopen_grace_s=0.6) as feed:

        async def main() -> None:
            somebody = feed.proxy()
            await somebody.subscribe_trade("KRW-XRP")
            panel = Panel(feed.manager, "KRW-BTC")
            await panel.prices
            await panel.proxy.subscribe_orderbook("KRW-ETH")
            await until(lambda: panel.prices.account.delivered > 3)
            requests = len(feed.requested())
            close(panel)
            await asyncio.sleep(0.3)
            assert feed.manager.registry.counts()["components"] == 1
            again = Panel(feed.manager, "KRW-BTC")
            await again.prices
            await until(lambda: again.prices.account.delivered > 3)
            assert len(feed.requested()) == requests
            await until(lambda: ("orderbook", "KRW-ETH", 0.0) not in feed.served(), "what nobody opened again ends")
            assert ("ticker", "KRW-BTC", 0.0) in feed.served()
            # A book at another level does not wait for one that is only kept.
            other = Panel(feed.manager, "KRW-XRP")
            await other.proxy.subscribe_orderbook("KRW-BTC")
            close(other)
            await again.proxy.subscribe_orderbook("KRW-BTC", level=100_000)
            close(again)

        feed.run(main())


async def _nothing() -> None:
    """The feed is there for the other process."""


def _measure(public_url: str, rest_url: str) -> None:
    """Open and close windows in a process of its own; print by how many MB it has grown."""
    import psutil
    import qasync
    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig

    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    manager = GlobalWebSocketManager(WebSocketConfig(public_url=public_url, rest_url=rest_url))
    process = psutil.Process()

    async def cycles(count: int) -> float:
        for number in range(count):
            panel = Panel(manager, ("KRW-BTC", "KRW-ETH", "KRW-XRP")[number % 3])
            panel.show()
            await asyncio.sleep(0.001)
            close(panel)
        gc.collect()
        return process.memory_info().rss / 2**20

    async def main() -> float:
        # Python 3.13 still makes room once after the first thousand; then nothing grows.
        before = await cycles(2 * CYCLES)
        growth = await cycles(CYCLES) - before
        await manager.shutdown()
        return growth

    with qasync.QEventLoop(application, already_running=False) as loop:
        sys.stdout.write(str(loop.run_until_complete(main())))


if __name__ == "__main__":
    _measure(*sys.argv[1:])
