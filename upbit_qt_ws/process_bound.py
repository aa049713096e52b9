"""Objects of Qt that belong to threads of this process, which a forked child does not have."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from PyQt6 import sip

if TYPE_CHECKING:
    from PyQt6.QtCore import QObject

_BOUND: Final[weakref.WeakSet[QObject]] = weakref.WeakSet()


def bind(item: QObject) -> None:
    """Keep an object from being destroyed in a forked child, where Qt would complain that this is another thread."""
    _BOUND.add(item)


def leave_to_parent() -> None:
    """Destroy none of the objects in this process, which is a forked child."""
    for item in list(_BOUND):
        if not sip.isdeleted(item):
            keep_alive(item)


def keep_alive(item: QObject) -> None:
    """Have an object without a parent never be destroyed, whoever lets go of it: it belongs to C++ from now on."""
    sip.transferto(item, None)  # type: ignore[arg-type] # None is for C++ itself.
