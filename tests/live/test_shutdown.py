"""Shutting down in any state takes less than 2 s and leaves nothing (invariant 10)."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import FAST, Feed, until
from upbit_qt_ws import GlobalWebSocketManager, LinkState, QtWebSocketProxy, SubscriptionError, UpbitQtError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws.testing import SimulatedExchange

LIMIT = 2.0


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_while_idle_and_twice(qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(FAST)
    assert manager.shutdown().done
    assert manager.shutdown().done
    with pytest.raises(UpbitQtError, match="shut down"):
        QtWebSocketProxy(manager=manager)


def test_while_the_handshake_is_not_answered(qapp: QApplication, silent_server: int) -> None:
    manager = GlobalWebSocketManager(replace(FAST, public_url=f"ws://127.0.0.1:{silent_server}/websocket/v1"))
    QtWebSocketProxy(manager=manager, parent=qapp).subscribe_ticker("KRW-BTC")
    deadline = time.monotonic() + 5
    while manager.link().state is not LinkState.CONNECTING:
        assert time.monotonic() < deadline
        qapp.processEvents()

    started = time.monotonic()
    manager.shutdown()

    assert time.monotonic() - started < LIMIT
    assert manager.link().state is LinkState.STOPPED
    qapp.findChild(QtWebSocketProxy).deleteLater()


def test_while_reconnecting(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_ticker("KRW-BTC")
        feed.exchange.refuse_connections(True)
        feed.exchange.drop(abort=True)
        await until(lambda: feed.manager.link().state is LinkState.WAITING)
        started = time.monotonic()
        await feed.manager.shutdown()
        assert time.monotonic() - started < LIMIT

    feed.run(main())


def test_in_mid_stream_the_socket_is_closed_properly(feed: Feed) -> None:
    async def main() -> float:
        proxy = feed.proxy()
        await proxy.subscribe_ticker("KRW-BTC")
        started = time.monotonic()
        await feed.manager.shutdown()
        return time.monotonic() - started

    assert feed.run(main()) < LIMIT
    deadline = time.monotonic() + 5
    while any(view.open for view in feed.exchange.connections):
        assert time.monotonic() < deadline
    assert feed.exchange.connections[-1].close_code == 1000


def test_what_was_awaited_ends_with_an_error_not_never(feed: Feed) -> None:
    async def main() -> None:
        feed.exchange.refuse_connections(True)
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        waiting = asyncio.ensure_future(_await(prices))
        await asyncio.sleep(0)
        proxy.cleanup()
        with pytest.raises(SubscriptionError, match="cancelled"):
            await waiting

    feed.run(main())


async def _await(subscription: object) -> object:
    return await subscription  # type: ignore[misc]


PROGRAM = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QWidget
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig

app = QApplication([])
manager = GlobalWebSocketManager.get_instance(WebSocketConfig(public_url=sys.argv[1]))
window = QWidget()
proxy = QtWebSocketProxy(parent=window)
prices = proxy.subscribe_ticker("KRW-BTC")
window.show()
how = sys.argv[2]
def end(event):
    proxy.ticker_received.disconnect(end)
    if how == "close":
        window.close()
    elif how == "quit":
        app.quit()
    elif how == "exit":
        sys.exit(0)
proxy.ticker_received.connect(end)
if how == "never-run":
    sys.exit(0)
sys.exit(app.exec())
"""


@pytest.mark.parametrize("how", ["close", "quit", "never-run"])
def test_an_application_ends_cleanly_however_it_ends(exchange: SimulatedExchange, how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM, exchange.websocket_url, how],
        capture_output=True,
        timeout=30,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
