"""A PyQt6 toolkit for live data of the Korean exchange Upbit.

Put a widget of :mod:`upbit_qt_widgets` into a layout, or make a ``QtWebSocketProxy(parent=self)`` in your own widget.

The names below are imported when they are first used: the wire format and the simulated exchange need no Qt, and a
program that uses only those does not load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.backpressure import coalesce_by_symbol, drop_oldest, throttle
    from upbit_qt_ws.errors import (
        AuthError,
        BackpressureError,
        CallbackError,
        ConfigurationError,
        MissingExtraError,
        NoEventLoopError,
        NotServedError,
        RateLimitedError,
        RecoveryError,
        RestError,
        ShutDownError,
        SnapshotTimeoutError,
        SubscriptionError,
        UpbitQtError,
        WebSocketConnectionError,
        WrongThreadError,
    )
    from upbit_qt_ws.events import (
        AnnouncementEvent,
        Asset,
        CandleEvent,
        Change,
        Event,
        IndicatorEvent,
        IndicatorSignalEvent,
        MyAssetEvent,
        MyOrderEvent,
        OrderbookEvent,
        OrderbookUnit,
        Side,
        Source,
        StreamType,
        TickerEvent,
        TradeEvent,
    )
    from upbit_qt_ws.health.status import LinkState, LinkStatus
    from upbit_qt_ws.lifecycle import install_excepthook
    from upbit_qt_ws.manager import GlobalWebSocketManager
    from upbit_qt_ws.proxy import QtWebSocketProxy, WebSocketClientProxy
    from upbit_qt_ws.subscription import Subscription
    from upbit_qt_ws.subscriptions.gaps import Gap
    from upbit_qt_ws.subscriptions.states import SubscriptionState

__version__ = "0.1.0"

__all__ = [
    "AnnouncementEvent",
    "Asset",
    "AuthError",
    "BackpressureError",
    "CallbackError",
    "CandleEvent",
    "Change",
    "ConfigurationError",
    "Event",
    "Gap",
    "GlobalWebSocketManager",
    "IndicatorEvent",
    "IndicatorSignalEvent",
    "LinkState",
    "LinkStatus",
    "MissingExtraError",
    "MyAssetEvent",
    "MyOrderEvent",
    "NoEventLoopError",
    "NotServedError",
    "OrderbookEvent",
    "OrderbookUnit",
    "QtWebSocketProxy",
    "RateLimitedError",
    "RecoveryError",
    "RestError",
    "ShutDownError",
    "Side",
    "SnapshotTimeoutError",
    "Source",
    "StreamType",
    "Subscription",
    "SubscriptionError",
    "SubscriptionState",
    "TickerEvent",
    "TradeEvent",
    "UpbitQtError",
    "WebSocketClientProxy",
    "WebSocketConfig",
    "WebSocketConnectionError",
    "WrongThreadError",
    "__version__",
    "coalesce_by_symbol",
    "drop_oldest",
    "install_excepthook",
    "throttle",
]

_HOME = {
    "WebSocketConfig": "config",
    "Gap": "subscriptions.gaps",
    "LinkState": "health.status",
    "LinkStatus": "health.status",
    "coalesce_by_symbol": "delivery.backpressure",
    "drop_oldest": "delivery.backpressure",
    "install_excepthook": "lifecycle",
    "throttle": "delivery.backpressure",
    "GlobalWebSocketManager": "manager",
    "QtWebSocketProxy": "proxy",
    "WebSocketClientProxy": "proxy",
    "Subscription": "subscription",
    "SubscriptionState": "subscriptions.states",
}


def __getattr__(name: str) -> object:
    """Import a public name on its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME.get(name) or ("errors" if name.endswith("Error") else "events")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
