"""The network side: the event loop, the links to the exchange, their recovery and their limits."""

from upbit_qt_ws.network.recovery import EpochManager, RecoveryEngine, RecoveryPolicy

__all__ = ["EpochManager", "RecoveryEngine", "RecoveryPolicy"]
