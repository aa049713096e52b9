"""The panel in a window, on the simulated exchange."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QLabel, QPushButton, QTableView

from tests.widgets.paints import Paints
from upbit_qt_widgets import TickerWidget, dark_palette, light_palette
from upbit_qt_widgets.connection.health_panel import HealthPanel
from upbit_qt_widgets.connection.latency_line import LatencyLine
from upbit_qt_ws import ConfigurationError, GlobalWebSocketManager, LinkState, QtWebSocketProxy, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def made(qtbot: QtBot, language: str = "en") -> HealthPanel:
    panel = HealthPanel()
    qtbot.addWidget(panel)
    panel.language = language
    panel.resize(800, 650)
    return panel


def words(panel: HealthPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel))


def table(panel: HealthPanel, name: str) -> list[list[str]]:
    view = next(view for view in panel.findChildren(QTableView) if view.accessibleName() == name)
    model = view.model()
    assert model is not None
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def clock(panel: HealthPanel) -> QTimer:
    (found,) = [timer for timer in panel.findChildren(QTimer) if timer.parent() is panel]
    return found


def tick(panel: HealthPanel) -> None:
    """A second has passed."""
    clock(panel).timeout.emit()


def button(panel: HealthPanel) -> QPushButton:
    found = panel.findChild(QPushButton)
    assert found is not None
    return found


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_panel_shows_links_and_components_whose_figures_add_up(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    panel, ticker = made(qtbot), TickerWidget("KRW-BTC")
    qtbot.addWidget(ticker)
    panel.show()
    assert "there is no connection yet" in words(panel)
    assert table(panel, "Events by component") == []
    ticker.show()
    somebody = QtWebSocketProxy("no window", manager=manager)
    somebody.subscribe_ticker(["KRW-ETH"])
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE and manager.account.delivered > 20)

    tick(panel)

    assert [row[1] for row in table(panel, "Link")] == ["connected", "idle", "idle"]
    assert "healthy" in words(panel)
    assert "components 2 · subscriptions 2 · topics 2" in words(panel)
    assert "live 2" in words(panel)
    rows = table(panel, "Events by component")
    assert [row[0] for row in rows] == ["TickerWidget", "others, also those that have ended"]
    for row in rows:
        received, delivered, coalesced, dropped = map(number, row[2:])
        assert received == delivered + coalesced + dropped > 0
    ticker.close()
    somebody.cleanup()


def test_a_hidden_panel_rests_and_catches_up(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    panel, ticker = made(qtbot), TickerWidget("KRW-BTC")
    qtbot.addWidget(ticker)
    assert manager.watched_components == 0
    assert not clock(panel).isActive()
    with qtbot.waitExposed(panel):
        panel.show()
    assert clock(panel).isActive()
    assert clock(panel).interval() == 1000
    panel.hide()
    assert not clock(panel).isActive()
    painted = Paints(panel)
    ticker.show()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    assert not painted.heights
    assert table(panel, "Events by component") == []

    panel.show()

    assert table(panel, "Events by component")[0][0] == "TickerWidget"


def test_an_outage_is_told_in_the_row_of_its_link(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    panel, ticker = made(qtbot, "ko"), TickerWidget("KRW-BTC")
    qtbot.addWidget(ticker)
    panel.show()
    ticker.show()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.STALE)

    tick(panel)

    assert table(panel, "연결")[0][1] in ("연결 중", "재연결 대기")
    assert "정상 | 연결이 끊겨 다시 연결하는 중입니다" in words(panel)
    assert "오래됨 1" in words(panel)


def test_the_panel_says_that_the_manager_has_stopped(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    panel = made(qtbot)
    panel.show()
    with QtWebSocketProxy(manager=manager) as proxy:
        proxy.subscribe_ticker(["KRW-BTC"])
        qtbot.waitUntil(lambda: manager.link().state is LinkState.CONNECTED)
        tick(panel)
        assert "0.0/s" in words(panel)
    manager.shutdown()
    assert "stopped | the connections were shut down" in words(panel)
    assert [row[1] for row in table(panel, "Link")] == ["stopped"] * 3
    assert "0.0/s" not in words(panel), "nothing is measured any more"
    assert not clock(panel).isActive()
    panel.hide()
    panel.show()
    assert not clock(panel).isActive()


def test_the_button_copies_what_is_so_now(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    panel = made(qtbot)
    panel.show()
    with QtWebSocketProxy(manager=manager) as proxy:
        proxy.subscribe_ticker(["KRW-BTC"])
        button(panel).setFocus()
        width = button(panel).width()

        qtbot.keyClick(button(panel), Qt.Key.Key_Space)  # type: ignore[no-untyped-call]

    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    told = json.loads(clipboard.text())
    assert told["health"]["subscriptions"]["components"] == 1
    assert told["versions"]["Python"]
    assert button(panel).text() == "Copied"
    tick(panel)
    assert button(panel).text() == "Copied", "for one second at least"
    tick(panel)
    assert (button(panel).text(), button(panel).width()) == ("Copy diagnostics", width)


def test_a_preview_needs_no_manager_and_speaks_both_languages(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GlobalWebSocketManager, "_instance", None)
    panel = made(qtbot, "ko")
    told: list[str] = []
    panel.language_changed.connect(told.append)
    panel.preview()
    panel.show()
    assert "저하 | 이벤트가 1.3초 늦게 도착합니다 (95%)" in words(panel)
    assert table(panel, "경보")[0][0] == "진행 중"
    assert "412.6/초" in words(panel)
    line = panel.findChild(LatencyLine)
    assert line is not None
    assert line.accessibleName() == "수신 지연"
    assert "24 ms – 107 ms" in line.accessibleDescription()

    panel.language = "en"

    assert "degraded | events are 1.3 s old" in words(panel)
    assert table(panel, "Link")[1][:2] == ["Private", "not authorised"]
    assert table(panel, "Events by component")[0][0] == "CandleChartWidget"
    assert line.accessibleName() == "Latency"
    assert told == ["en"]
    assert GlobalWebSocketManager._instance is None
    assert not clock(panel).isActive()
    with pytest.raises(ConfigurationError, match="'fr'"):
        panel.language = "fr"


def test_the_panel_follows_a_change_between_light_and_dark(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.preview()
    panel.setPalette(light_palette())
    panel.show()
    view = next(view for view in panel.findChildren(QTableView) if view.accessibleName() == "Link")
    viewport = view.viewport()
    assert viewport is not None

    def ink() -> int:
        image = viewport.grab().toImage()
        grey = [image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)]
        return max(abs(pixel.lightness() - grey[-1].lightness()) for pixel in grey)

    assert ink() > 150
    panel.setPalette(dark_palette())
    assert viewport.grab().toImage().pixelColor(2, 2).lightness() < 60
    assert ink() > 150


def test_the_line_of_latencies_has_a_gap_for_what_was_not_measured(qtbot: QtBot) -> None:
    line = LatencyLine()
    qtbot.addWidget(line)
    line.add(None)
    assert not line.values
    for value in (12.0, None, None, 0.4):
        line.add(value)
    assert list(line.values) == [12.0, None, 0.4]
    assert line.words("en") == "last 5 min: 0.4 ms – 12 ms"
    line.set_values([5.0] * 400)
    assert len(line.values) == 300
