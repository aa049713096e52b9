"""The demo's window in this process, with a simulated exchange, and nothing of whoever works on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication, QToolTip

from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.theme import Theme
from upbit_qt_demo.window import DemoWindow
from upbit_qt_widgets import Favourites
from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

LONG_MS = 20_000


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the choices and stars of a test away from those of the user, and from other tests."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    monkeypatch.setattr(Favourites, "_shared", None)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A running exchange with a lively market."""
    with SimulatedExchange(seed=7, rate=300, options=SimulatorOptions(snapshot_delays=(0.0, 0.0))) as running:
        yield running


@pytest.fixture
def config(exchange: SimulatedExchange) -> WebSocketConfig:
    """The addresses of the exchange, without keys."""
    return WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        info_url=exchange.info_url,
        rest_url=exchange.rest_url,
        settle_s=0.02,
    )


@pytest.fixture
def manager(qapp: QApplication, config: WebSocketConfig) -> Iterator[GlobalWebSocketManager]:
    """The application's manager, talking to the exchange."""
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[None]:
    """Gives the application its palettes back."""
    palette, of_tips = QApplication.palette(), QToolTip.palette()
    yield
    QApplication.setPalette(palette)
    QToolTip.setPalette(of_tips)


@pytest.fixture
def open_window(qtbot: QtBot, manager: GlobalWebSocketManager, looks: None) -> Callable[..., DemoWindow]:
    """Opens windows, and waits until everything in them is there."""

    def open_one(preferences: Preferences | None = None, *, live: bool = False) -> DemoWindow:
        window = DemoWindow(preferences or Preferences(language="en", theme=Theme.DARK), live=live)
        qtbot.addWidget(window)
        window.resize(1366, 720)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: window.panels.chart is not None, timeout=LONG_MS)
        return window

    return open_one


@pytest.fixture
def window(open_window: Callable[..., DemoWindow]) -> DemoWindow:
    """The window, dark and in English."""
    return open_window()
