"""An exchange that is away, refuses or says nothing: the link tries for ever, politely, and says why."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import FAST, Feed, until
from upbit_qt_ws import GlobalWebSocketManager, LinkState, LinkStatus, QtWebSocketProxy, SubscriptionState

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_an_exchange_that_is_away_is_tried_again_and_again(qtbot: QtBot, qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(replace(FAST, public_url=f"ws://127.0.0.1:{closed_port()}/websocket/v1"))
    seen: list[LinkStatus] = []
    manager.link_changed.connect(lambda _name, status: seen.append(status))
    proxy = QtWebSocketProxy(manager=manager)
    prices = proxy.subscribe_ticker("KRW-BTC")

    qtbot.waitUntil(lambda: sum(status.state is LinkState.CONNECTING for status in seen) >= 4)

    waits = [status for status in seen if status.state is LinkState.WAITING]
    assert all("could not be opened" in status.reason for status in waits)
    assert prices.state is SubscriptionState.PENDING
    assert manager.link().sockets_opened == 0
    manager.shutdown()


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_refused_handshake_is_named_and_tried_again(feed: Feed, status: int) -> None:
    async def main() -> None:
        feed.exchange.refuse_connections(True, status=status)
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        await until(lambda: f"HTTP {status}" in feed.manager.link().reason)
        feed.exchange.refuse_connections(False)
        await prices

    feed.run(main())


def test_connects_stay_within_the_limit_while_the_exchange_flaps(
    qapp: QApplication, exchange: SimulatedExchange
) -> None:
    """The simulated exchange answers a sixth connect within a second with 429; there must be none."""
    feed = Feed(
        exchange,
        GlobalWebSocketManager(
            replace(FAST, public_url=exchange.websocket_url, retry_base_s=0.0, retry_cap_s=0.001, stable_after_s=0.0)
        ),
        qapp,
    )

    async def main() -> None:
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        for _ in range(8):
            await prices
            epoch = feed.manager.link().epoch
            exchange.drop(abort=True)
            await until(lambda: feed.manager.link().epoch > epoch)
            prices.set_codes("KRW-ETH" if prices.codes == ("KRW-BTC",) else "KRW-BTC")

    feed.run(main())

    assert len(exchange.handshakes) >= 9
    assert {call.status for call in exchange.handshakes} == {101}
    assert not [request for request in exchange.requests if request.error]
    assert not [call for call in exchange.handshakes if call.origin is not None]


def test_an_unwanted_socket_is_closed_after_a_linger_and_opened_again_when_needed(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker("KRW-BTC")
        prices.cancel()
        again = proxy.subscribe_ticker("KRW-BTC")
        await again
        assert len(feed.exchange.requests) == 1
        again.cancel()
        await until(lambda: feed.manager.link().state is LinkState.IDLE)
        # The exchange notices the end of the handshake in a thread of its own.
        await until(lambda: feed.exchange.connections[-1].close_code == 1000)
        await proxy.subscribe_ticker("KRW-ETH")
        assert feed.manager.link().epoch == 2

    feed.run(main())


def test_a_topic_that_falls_silent_does_not_disturb_the_others(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        feed.exchange.silence("KRW-ETH")
        quiet = proxy.subscribe_ticker("KRW-ETH")
        prices = await proxy.subscribe_ticker("KRW-BTC")
        before = prices.account.received
        await until(lambda: prices.account.received > before + 5)
        assert quiet.state is SubscriptionState.PENDING
        assert feed.manager.link().epoch == 1

    feed.run(main())
