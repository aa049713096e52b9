"""Hours and days of the exchange that pass in a moment, and a window that has seen them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws import QtWebSocketProxy

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

_SLACK_MS = 5_000


def now_of(exchange: SimulatedExchange) -> int:
    """Return what the exchange's clock shows, in ms since 1970 UTC."""
    return exchange.call(lambda: exchange.server.market.now_ms)


def let_pass(
    qtbot: QtBot, exchange: SimulatedExchange, manager: GlobalWebSocketManager, seconds: int, trades: int
) -> None:
    """Let time pass on the exchange, and wait until the manager knows it.

    It is not known by itself: a clock that leaps for a single message is not believed, and this machine's shows nothing
    of it. So another component asks, as there would have been messages if the time had really passed.
    """
    exchange.call(lambda: exchange.server.market.advance(seconds, trades=trades))
    other = QtWebSocketProxy(manager=manager)
    answer = other.get_candle_snapshot("KRW-BTC", "1m", 1)
    qtbot.waitUntil(lambda: answer.done)
    qtbot.waitUntil(lambda: abs((manager.exchange_time() or 0) - now_of(exchange)) < _SLACK_MS)
    other.deleteLater()
