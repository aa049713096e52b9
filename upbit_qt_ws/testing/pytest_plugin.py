"""Fixtures for tests of programs that use the toolkit.

Put this into your ``conftest.py``::

    pytest_plugins = ["upbit_qt_ws.testing.pytest_plugin"]

It needs pytest, which comes with the extra ``testing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.errors import MissingExtraError
from upbit_qt_ws.testing.faults import FaultProxy
from upbit_qt_ws.testing.thread import SimulatedExchange

try:
    import pytest
except ImportError as error:
    raise MissingExtraError("the plug-in for pytest", library="pytest", extra="testing", error=error) from error

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def simulated_exchange() -> Iterator[SimulatedExchange]:
    """A running exchange with 200 trades a second."""
    with SimulatedExchange(rate=200) as exchange:
        yield exchange


@pytest.fixture
def fault_proxy(simulated_exchange: SimulatedExchange) -> Iterator[FaultProxy]:
    """A proxy in front of that exchange, which can break the connections."""
    with FaultProxy(simulated_exchange) as proxy:
        yield proxy


@pytest.fixture
def upbit_config(simulated_exchange: SimulatedExchange, fault_proxy: FaultProxy) -> WebSocketConfig:
    """Settings that lead through the proxy, with the keys of the simulated account and short waiting times."""
    return config_through(simulated_exchange, fault_proxy)


def config_through(exchange: SimulatedExchange, proxy: FaultProxy, **changes: object) -> WebSocketConfig:
    """Return settings that lead to an exchange through a proxy, with short waiting times.

    Args:
        exchange: whose keys are used.
        proxy: in front of it.
        changes: other settings, by their names.
    """
    options = exchange.server.options
    settings: dict[str, object] = {
        "public_url": proxy.websocket_url,
        "private_url": proxy.private_url,
        "info_url": proxy.info_url,
        "rest_url": proxy.rest_url,
        "access_key": options.access_key,
        "secret_key": options.secret_key,
        "settle_s": 0.02,
        "settle_max_s": 0.1,
        "linger_s": 0.2,
        "reopen_grace_s": 0.0,
        "retry_base_s": 0.05,
        "retry_cap_s": 0.5,
        "stable_after_s": 1.0,
        "connect_timeout_s": 2.0,
        "ping_interval_s": 1.0,
        "ping_timeout_s": 1.0,
        "silence_s": 1.0,
        "probe_timeout_s": 1.0,
        "stall_s": 1.0,
        "stall_patience_s": 0.5,
        "audit_every_s": 5.0,
        "audit_grace_s": 0.5,
        "list_after_s": 0.5,
        "list_every_s": 5.0,
        "first_data_s": 2.0,
        "fallback_after_s": 1.0,
        "fallback_every_s": 0.5,
    }
    return WebSocketConfig(**{**settings, **changes})  # type: ignore[arg-type]
