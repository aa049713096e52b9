"""The connection's state in a status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer

from upbit_qt_widgets import ConnectionBadge, TickerWidget
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def test_the_badge_follows_an_outage_with_reason_and_attempts(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    badge, ticker = ConnectionBadge(), TickerWidget("KRW-BTC")
    for widget in (badge, ticker):
        qtbot.addWidget(widget)
        widget.language = "en"
        widget.show()
    clock = badge.findChild(QTimer)
    assert clock is not None
    assert "idle" in badge.text()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    assert badge.accessibleName() == "Connection: connected"
    assert not clock.isActive()

    exchange.refuse_connections(True)
    exchange.drop(abort=True)

    qtbot.waitUntil(lambda: "attempt 3" in badge.text())
    assert "ago" in badge.text()
    assert "reason: " in badge.toolTip()
    assert clock.isActive()
    badge.hide()
    assert not clock.isActive()
    badge.show()
    assert clock.isActive()
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: badge.accessibleName() == "Connection: connected")
    assert not clock.isActive()
    badge.language = "ko"
    assert badge.accessibleName() == "연결 상태: 연결됨"
