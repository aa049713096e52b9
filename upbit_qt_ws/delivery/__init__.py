"""How events reach the widgets: the mailbox, the frame clock, the fan-out and the last values."""

from upbit_qt_ws.delivery.bridge import QtBridgeManager, SignalEmitter
from upbit_qt_ws.delivery.fanout import Account, Delivery, FanoutHub, Receiver
from upbit_qt_ws.delivery.frame_clock import FrameClock
from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.delivery.mailbox import Letter, Mailbox
from upbit_qt_ws.delivery.routing import DataRoutingEngine

__all__ = [
    "Account",
    "DataRoutingEngine",
    "Delivery",
    "FanoutHub",
    "FrameClock",
    "LastValues",
    "Letter",
    "Mailbox",
    "QtBridgeManager",
    "Receiver",
    "SignalEmitter",
]
