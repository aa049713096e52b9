"""Faults between a client and the simulated exchange: a proxy that breaks bytes, and scripts that break things in time.

One seed makes one script, and playing it writes one transcript. See ``docs/testing.md``.
"""

from upbit_qt_ws.testing.faults.authority import Authority
from upbit_qt_ws.testing.faults.player import FaultPlayer
from upbit_qt_ws.testing.faults.proxy import FaultProxy
from upbit_qt_ws.testing.faults.script import FaultScript, Step
from upbit_qt_ws.testing.faults.transcript import Transcript
from upbit_qt_ws.testing.faults.vocabulary import Fault, FaultKind

__all__ = ["Authority", "Fault", "FaultKind", "FaultPlayer", "FaultProxy", "FaultScript", "Step", "Transcript"]
