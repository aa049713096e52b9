"""A PyQt6 toolkit for live data of the Korean exchange Upbit.

Put a widget of :mod:`upbit_qt_widgets` into a layout, or make a ``QtWebSocketProxy(parent=self)`` in your own widget.
"""

from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.errors import (
    AuthError,
    BackpressureError,
    ConfigurationError,
    NotServedError,
    RecoveryError,
    SubscriptionError,
    UpbitQtError,
    WebSocketConnectionError,
    WrongThreadError,
)
from upbit_qt_ws.events import (
    CandleEvent,
    Change,
    Event,
    OrderbookEvent,
    OrderbookUnit,
    Side,
    Source,
    StreamType,
    TickerEvent,
    TradeEvent,
)
from upbit_qt_ws.health import LinkState, LinkStatus
from upbit_qt_ws.lifecycle import install_excepthook
from upbit_qt_ws.manager import GlobalWebSocketManager
from upbit_qt_ws.proxy import QtWebSocketProxy, WebSocketClientProxy
from upbit_qt_ws.subscription import Subscription
from upbit_qt_ws.subscriptions import SubscriptionState

__version__ = "0.1.0"

__all__ = [
    "AuthError",
    "BackpressureError",
    "CandleEvent",
    "Change",
    "ConfigurationError",
    "Event",
    "GlobalWebSocketManager",
    "LinkState",
    "LinkStatus",
    "NotServedError",
    "OrderbookEvent",
    "OrderbookUnit",
    "QtWebSocketProxy",
    "RecoveryError",
    "Side",
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
]
