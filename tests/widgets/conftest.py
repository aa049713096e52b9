"""A simulated exchange and the application's manager, for widgets that find it by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets import Favourites, MarketLink
from upbit_qt_widgets.base.colors import MarketColors, market_colors
from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A running exchange with a lively market."""
    with SimulatedExchange(seed=7, rate=300, options=SimulatorOptions(snapshot_delays=(0.0, 0.0))) as running:
        yield running


@pytest.fixture
def manager(qapp: QApplication, exchange: SimulatedExchange) -> Iterator[GlobalWebSocketManager]:
    """The application's manager, talking to the exchange."""
    config = WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        settle_s=0.02,
        first_data_s=0.5,
        retry_base_s=0.05,
        retry_cap_s=0.2,
    )
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()


@pytest.fixture
def account(manager: GlobalWebSocketManager, exchange: SimulatedExchange) -> GlobalWebSocketManager:
    """The application's manager with keys that may do everything."""
    options = exchange.server.options
    manager.set_keys(options.access_key, options.secret_key)
    return manager


@pytest.fixture
def colors(qtbot: QtBot) -> MarketColors:
    """The colours of a widget with the application's palette."""
    widget = QWidget()
    qtbot.addWidget(widget)
    return market_colors(widget)


@pytest.fixture(autouse=True)
def nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the stars of a test away from those of whoever works on this machine, and from other tests."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    monkeypatch.setattr(Favourites, "_shared", None)
    monkeypatch.setattr(MarketLink, "_of_colors", {})
