"""A manager that soon lets go of what only hidden widgets want, and of a socket that nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws.testing import SimulatedExchange


@pytest.fixture
def settings() -> dict[str, float]:
    """Further settings of the manager; tests change them by a fixture of the same name."""
    return {}


@pytest.fixture
def manager(
    qapp: QApplication, exchange: SimulatedExchange, settings: dict[str, float]
) -> Iterator[GlobalWebSocketManager]:
    """The application's manager, talking to the exchange."""
    config = WebSocketConfig(
        public_url=exchange.websocket_url,
        rest_url=exchange.rest_url,
        settle_s=0.02,
        first_data_s=0.5,
        retry_base_s=0.05,
        retry_cap_s=0.2,
        hidden_linger_s=0.3,
        linger_s=0.2,
        **settings,  # type: ignore[arg-type]
    )
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()
