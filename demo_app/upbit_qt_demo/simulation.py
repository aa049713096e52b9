"""The settings that lead to the simulated exchange, and to nothing else."""

from __future__ import annotations

from typing import Final

from upbit_qt_ws import WebSocketConfig

# What every simulated exchange lets in; they open nothing else.
_ACCESS_KEY: Final = "simulated-access-key"
_SECRET_KEY: Final = "simulated-secret-key-of-forty-characters"


def simulated_config(public_url: str, rest_url: str) -> WebSocketConfig:
    """Return settings with all addresses on this machine, whatever the environment says, and the simulated account.

    Args:
        public_url: address of its public socket; the others lie below it, as they do at Upbit.
        rest_url: address of its REST interface.
    """
    return WebSocketConfig(
        public_url=public_url,
        private_url=f"{public_url}/private",
        info_url=f"{public_url}/info",
        rest_url=rest_url,
        access_key=_ACCESS_KEY,
        secret_key=_SECRET_KEY,
    )
