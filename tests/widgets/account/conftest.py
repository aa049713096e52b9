"""A manager whose account is that of the simulated exchange, and windows to put its widgets into."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from upbit_qt_widgets import light_palette
from upbit_qt_widgets.account.private_widget import PrivateWidget
from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

Shown = TypeVar("Shown", bound=PrivateWidget)


@pytest.fixture
def options() -> SimulatorOptions:
    """How the exchange behaves."""
    return SimulatorOptions(snapshot_delays=(0.0, 0.0))


@pytest.fixture
def exchange(options: SimulatorOptions) -> Iterator[SimulatedExchange]:
    """A running exchange that trades only when a test says so: its own trades would fill the orders."""
    with SimulatedExchange(seed=7, rate=0, options=options) as running:
        yield running


@pytest.fixture
def has_keys() -> bool:
    """Whether the manager has keys from the beginning."""
    return True


@pytest.fixture
def manager(
    qapp: QApplication, exchange: SimulatedExchange, options: SimulatorOptions, has_keys: bool
) -> Iterator[GlobalWebSocketManager]:
    """The application's manager, talking to the exchange with the weakest of its keys."""
    access_key, secret_key = options.access_key, options.secret_key
    for key in options.keys:
        access_key, secret_key = key.access_key, key.secret_key
    config = WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        settle_s=0.02,
        settle_max_s=0.1,
        first_data_s=0.5,
        retry_base_s=0.05,
        retry_cap_s=0.2,
        access_key=access_key if has_keys else "",
        secret_key=secret_key if has_keys else "",
    )
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens the second for which questions are collected."""
    monkeypatch.setattr("upbit_qt_widgets.account.private_widget._SOON_SECONDS", 0.2)


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Callable[[Shown], Shown]:
    """Shows a widget in English and wide enough for all its columns."""

    def shown(widget: Shown) -> Shown:
        qtbot.addWidget(widget)
        widget.setPalette(light_palette())
        widget.language = "en"
        widget.resize(1100, 300)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return shown


def calls(exchange: SimulatedExchange, path: str) -> int:
    """Return how many REST calls of this path there were."""
    return sum(call.path.partition("?")[0].endswith(path) for call in exchange.rest_requests)


def colorful(widget: PrivateWidget) -> int:
    """Return the saturation of the strongest colour of the rows."""
    viewport = widget.focusProxy()
    assert viewport is not None
    image = viewport.grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return max(pixel.saturation() for pixel in pixels)
