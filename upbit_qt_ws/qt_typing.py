"""What PyQt6 can do and its type stubs do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6 import sip
from PyQt6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import QObject, pyqtBoundSignal


def connect_queued(signal: pyqtBoundSignal, slot: Callable[..., object] | pyqtBoundSignal) -> None:
    """Connect so that the slot runs in a later turn of its thread's event loop, also within one thread."""
    signal.connect(slot, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]


def connect_direct(signal: pyqtBoundSignal, slot: Callable[..., object]) -> None:
    """Connect so that the slot runs within the emission, in whichever thread that is."""
    signal.connect(slot, Qt.ConnectionType.DirectConnection)  # type: ignore[call-arg]


def address_of(instance: QObject) -> int:
    """Return the address of the C++ object, which is the same for every Python wrapper of it."""
    address: Any = sip.unwrapinstance(instance)  # type: ignore[func-returns-value]
    return int(address)
