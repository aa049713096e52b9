"""A simulated Upbit for tests, demos and benchmarks; it needs no network and no account.

:class:`SimulatedExchange` runs in a thread of its own, for Qt programs and synchronous tests;
:class:`MockUpbitWebSocketServer` runs in the event loop of an asyncio test. :mod:`upbit_qt_ws.testing.faults` breaks
things between it and a client. Nothing here needs Qt; only :mod:`upbit_qt_ws.testing.pytest_plugin` needs pytest.
"""

from upbit_qt_ws.testing.api_keys import ApiKey
from upbit_qt_ws.testing.exchange import SimulatedMarket
from upbit_qt_ws.testing.options import SimulatorOptions
from upbit_qt_ws.testing.records import ConnectionView, RecordedCall, RecordedRequest, SubscriptionEntry
from upbit_qt_ws.testing.server import MockUpbitWebSocketServer
from upbit_qt_ws.testing.thread import SimulatedExchange

__all__ = [
    "ApiKey",
    "ConnectionView",
    "MockUpbitWebSocketServer",
    "RecordedCall",
    "RecordedRequest",
    "SimulatedExchange",
    "SimulatedMarket",
    "SimulatorOptions",
    "SubscriptionEntry",
]
