"""The network side: the event loop, the links to the exchange, their recovery, limits and keys, and REST.

The names below are imported when they are first used, so that a program pays only for what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upbit_qt_ws.network.auth import UpbitAuthenticator
    from upbit_qt_ws.network.clients import UpbitWebSocketPrivateClient, UpbitWebSocketPublicClient
    from upbit_qt_ws.network.dynamic_limiter import (
        AdaptiveStrategy,
        DynamicConfig,
        DynamicRateLimiter,
        get_dynamic_rate_limiter,
    )
    from upbit_qt_ws.network.global_limiter import GlobalRateLimiter, gate_websocket, get_global_rate_limiter
    from upbit_qt_ws.network.jwt_manager import AuthState, JWTManager
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.rate_groups import UpbitRateLimitGroup
    from upbit_qt_ws.network.recovery import EpochManager, RecoveryEngine, RecoveryPolicy
    from upbit_qt_ws.network.rest import UpbitRestClient

_HOME = {
    "AdaptiveStrategy": "dynamic_limiter",
    "ApiKeys": "keys",
    "AuthState": "jwt_manager",
    "DynamicConfig": "dynamic_limiter",
    "DynamicRateLimiter": "dynamic_limiter",
    "EpochManager": "recovery",
    "GlobalRateLimiter": "global_limiter",
    "JWTManager": "jwt_manager",
    "RecoveryEngine": "recovery",
    "RecoveryPolicy": "recovery",
    "UpbitAuthenticator": "auth",
    "UpbitRateLimitGroup": "rate_groups",
    "UpbitRestClient": "rest",
    "UpbitWebSocketPrivateClient": "clients",
    "UpbitWebSocketPublicClient": "clients",
    "gate_websocket": "global_limiter",
    "get_dynamic_rate_limiter": "dynamic_limiter",
    "get_global_rate_limiter": "global_limiter",
}

__all__ = [
    "AdaptiveStrategy",
    "ApiKeys",
    "AuthState",
    "DynamicConfig",
    "DynamicRateLimiter",
    "EpochManager",
    "GlobalRateLimiter",
    "JWTManager",
    "RecoveryEngine",
    "RecoveryPolicy",
    "UpbitAuthenticator",
    "UpbitRateLimitGroup",
    "UpbitRestClient",
    "UpbitWebSocketPrivateClient",
    "UpbitWebSocketPublicClient",
    "gate_websocket",
    "get_dynamic_rate_limiter",
    "get_global_rate_limiter",
]


def __getattr__(name: str) -> object:
    """Import a public name on its first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
