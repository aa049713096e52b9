"""Widgets whose manager was shut down: they say so, whatever is done to them, and nothing raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QApplication

from tests.widgets.kinds import WIDGETS, Kind, texts
from upbit_qt_ws import ShutDownError, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

CHANGES: dict[str, tuple[str, Any]] = {
    "market": ("market", "KRW-XRP"),
    "markets": ("markets", ["KRW-XRP"]),
    "interval": ("interval", "5m"),
    "quote": ("quote", "BTC"),
    "level": ("level", 0.0),
    "max_rows": ("max_rows", 50),
    "show_closed": ("show_closed", True),
    "language": ("language", "ko"),
}


@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.name)
def test_it_says_so_whatever_is_done_to_it(
    kind: Kind, qtbot: QtBot, exchange: SimulatedExchange, account: GlobalWebSocketManager
) -> None:
    widget = kind.make()
    qtbot.addWidget(widget)
    widget.language = "en"
    widget.show()
    if hasattr(widget, "state"):
        qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE, timeout=10_000)
    states: list[Any] = []
    if hasattr(widget, "state_changed"):
        widget.state_changed.connect(states.append)
    account.shutdown()
    assert any("shut down" in text or "stopped" in text for text in texts(widget))
    if hasattr(widget, "state"):
        assert (widget.state, states) == (SubscriptionState.CLOSED, [SubscriptionState.CLOSED])
    handshakes, calls = len(exchange.handshakes), len(exchange.rest_requests)
    for name, value in CHANGES.values():
        if hasattr(widget, name):
            setattr(widget, name, value)
    for _ in range(2):
        widget.hide()
        widget.resize(500, 400)
        widget.show()
        QApplication.processEvents()
    qtbot.wait(50)
    assert (len(exchange.handshakes), len(exchange.rest_requests)) == (handshakes, calls)
    if kind.has_market:
        assert widget.market == "KRW-XRP"
    if hasattr(widget, "state"):
        assert widget.state is SubscriptionState.CLOSED
        assert not widget.data_state().is_true, "what is shown looks old"


def test_proxies_and_subscriptions_say_so_too(qtbot: QtBot, account: GlobalWebSocketManager) -> None:
    from upbit_qt_ws import QtWebSocketProxy

    proxy = QtWebSocketProxy(manager=account)
    prices = proxy.subscribe_ticker("KRW-BTC")
    orders = proxy.subscribe_my_order()
    qtbot.waitUntil(lambda: prices.state == "live")
    account.shutdown()
    assert (prices.state, orders.state, proxy.subscriptions) == ("closed", "closed", ())
    uses = (
        lambda: proxy.subscribe_ticker("KRW-ETH"),
        lambda: proxy.subscribe_my_asset(),
        lambda: proxy.get_ticker_snapshot("KRW-BTC"),
        lambda: proxy.get_candle_snapshot("KRW-BTC"),
        lambda: proxy.get_my_order_snapshot(),
        lambda: account.reconnect(),
        lambda: account.set_keys("", ""),
        lambda: account.start(),
        lambda: QtWebSocketProxy(manager=account),
    )
    for use in uses:
        with pytest.raises(ShutDownError, match="get a new one from GlobalWebSocketManager"):
            use()
    # What ends something may be called as often as one likes.
    prices.cancel()
    proxy.unsubscribe(prices)
    proxy.unsubscribe_all()
    proxy.cleanup()
    assert account.shutdown().done
    assert account.health_status()["status"]
