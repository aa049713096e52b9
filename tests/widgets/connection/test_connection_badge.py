"""The connection's state in a status bar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QTimer

from upbit_qt_widgets import ConnectionBadge, TickerWidget
from upbit_qt_widgets.base.state_line import GREY, RED
from upbit_qt_widgets.connection.link_text import badge_tip, badge_words, clock_text, state_color
from upbit_qt_ws import (
    ConfigurationError,
    GlobalWebSocketManager,
    LinkState,
    LinkStatus,
    QtWebSocketProxy,
    SubscriptionState,
)

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_ws.testing import SimulatedExchange


def made(qtbot: QtBot, manager: GlobalWebSocketManager | None = None) -> ConnectionBadge:
    badge = ConnectionBadge(manager=manager)
    qtbot.addWidget(badge)
    badge.language = "en"
    return badge


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
    assert "since " in badge.toolTip()
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


def test_a_badge_asks_for_no_manager_before_it_is_shown(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GlobalWebSocketManager, "_instance", None)
    badge = made(qtbot)
    badge.link = "private"
    badge.language = "ko"
    badge.preview()
    badge.show()

    assert GlobalWebSocketManager._instance is None
    assert badge.accessibleName() == "연결 상태 (내 계정): 연결됨"
    assert "48,213" in badge.toolTip()


def test_a_badge_that_is_given_a_manager_follows_that_one(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    badge = made(qtbot, manager)
    with QtWebSocketProxy(manager=manager) as proxy:
        proxy.subscribe_ticker(["KRW-BTC"])
        qtbot.waitUntil(lambda: badge.accessibleName() == "Connection: connected")
        badge.preview()
        exchange.refuse_connections(True)
        exchange.drop(abort=True)
        qtbot.waitUntil(lambda: manager.link().state is not LinkState.CONNECTED)
        assert badge.accessibleName() == "Connection: connected", "a preview follows nobody"


def test_the_badge_says_that_the_manager_has_stopped(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    badge = made(qtbot)
    badge.show()
    assert badge.accessibleName() == "Connection: idle"

    manager.shutdown()

    assert badge.accessibleName() == "Connection: stopped"
    badge.hide()
    badge.show()
    assert badge.accessibleName() == "Connection: stopped"


def test_each_badge_shows_its_own_link(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    badge, private = made(qtbot), made(qtbot)
    told: list[str] = []
    private.link_changed.connect(told.append)
    private.link = "private"
    private.link = "private"
    assert told == ["private"]
    badge.show()
    private.show()

    with QtWebSocketProxy(manager=manager) as proxy:
        proxy.subscribe_my_order()
        qtbot.waitUntil(lambda: "not authorised" in private.text())
        assert private.accessibleName() == "Connection (Private): not authorised"
        assert "reason: " in private.toolTip()
        assert badge.accessibleName() == "Connection: idle"

        private.link = "public"
        assert private.accessibleName() == "Connection: idle"


def test_what_a_badge_does_not_know_is_refused_and_changes_nothing(qtbot: QtBot) -> None:
    badge = made(qtbot)
    languages: list[str] = []
    badge.language_changed.connect(languages.append)
    with pytest.raises(ConfigurationError, match="'prices'"):
        badge.link = "prices"
    with pytest.raises(ConfigurationError, match="'fr'"):
        badge.language = "fr"
    assert (badge.link, badge.language, languages) == ("public", "en", [])
    badge.language = "ko"
    assert languages == ["ko"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_state_of_a_link_has_words(language: Language) -> None:
    words = [badge_words(LinkStatus(state=state), language, 0, None) for state in LinkState]
    assert all(words)
    assert len(set(words)) == len(LinkState)


def test_only_refused_keys_are_an_illness() -> None:
    assert state_color(LinkState.UNAUTHORIZED, retries=False) == GREY
    assert state_color(LinkState.UNAUTHORIZED, retries=True) == RED


def test_the_tool_tip_tells_since_when_why_and_what_to_do_and_quotes_no_markup() -> None:
    status = LinkStatus(
        state=LinkState.WAITING, since=100.0, reason="<b>no route</b>", hint="check the cable", retry_at=112.5, frames=7
    )
    noon = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)

    lines = badge_tip("public", status, "en", 110.0, noon).split("<br>")

    assert lines[:5] == [
        "Public: reconnecting",
        "since 11:59:50",
        "reason: &lt;b&gt;no route&lt;/b&gt;",
        "what to do: check the cable",
        "next attempt in 3 s",
    ]
    assert "Frames: 7" in lines
    assert clock_text(2 * 86_400, noon) == "2026-11-18 12:00"
