"""The settings of the demo without --live lead to the simulated exchange and nowhere else."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from upbit_qt_demo.simulation import simulated_config
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    import pytest

    from upbit_qt_ws.testing import SimulatedExchange


def test_all_addresses_and_the_keys_are_those_of_the_simulated_exchange(
    exchange: SimulatedExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PUBLIC", "PRIVATE", "INFO"):
        monkeypatch.setenv(f"UPBIT_WEBSOCKET_{name}_URL", "wss://api.upbit.com/websocket/v1")
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "a-real-key")
    monkeypatch.setenv("UPBIT_SECRET_KEY", "a-real-secret")

    config = simulated_config(exchange.websocket_url, exchange.rest_url)

    assert (config.public_url, config.private_url) == (exchange.websocket_url, exchange.private_url)
    assert (config.info_url, config.rest_url) == (exchange.info_url, exchange.rest_url)
    options = SimulatorOptions()
    assert (config.access_key, config.secret_key) == (options.access_key, options.secret_key)
    addresses = [getattr(config, item.name) for item in fields(config) if item.name.endswith("_url")]
    assert {urlsplit(address).hostname for address in addresses} == {"127.0.0.1"}
