"""How events reach the widgets: the mailbox, the frame clock, the fan-out with its policies, and the last values."""

from upbit_qt_ws.delivery.backpressure import (
    BackpressureHandler,
    Policy,
    coalesce_by_symbol,
    drop_oldest,
    throttle,
)
from upbit_qt_ws.delivery.bridge import QtBridgeManager, SignalEmitter
from upbit_qt_ws.delivery.fanout import FanoutHub
from upbit_qt_ws.delivery.frame_clock import FrameClock
from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.delivery.mailbox import Letter, Mailbox
from upbit_qt_ws.delivery.receiver import Account, Delivery, Receiver
from upbit_qt_ws.delivery.routing import DataRoutingEngine

__all__ = [
    "Account",
    "BackpressureHandler",
    "DataRoutingEngine",
    "Delivery",
    "FanoutHub",
    "FrameClock",
    "LastValues",
    "Letter",
    "Mailbox",
    "Policy",
    "QtBridgeManager",
    "Receiver",
    "SignalEmitter",
    "coalesce_by_symbol",
    "drop_oldest",
    "throttle",
]
