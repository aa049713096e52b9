"""Objects of Qt in a forked child: they belong to threads and locks of its parent, and must not be destroyed.

A child has only the thread that forked. Qt complains when an object of another thread is destroyed in it; and a lock
that another thread of the parent held just then is never released, so that destroying any object may wait for ever.
"""

from __future__ import annotations

import atexit
import gc
import weakref
from types import BuiltinFunctionType
from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QObject

_BOUND: Final[weakref.WeakSet[QObject]] = weakref.WeakSet()


def bind(item: QObject) -> None:
    """Have an object of another thread never be destroyed in a forked child."""
    _BOUND.add(item)


def keep_alive(item: QObject) -> None:
    """Have an object without a parent never be destroyed, whoever lets go of it: it belongs to C++ from now on."""
    sip.transferto(item, None)  # type: ignore[arg-type] # None is for C++ itself.


def leave_to_parent() -> None:
    """Destroy no object of Qt in this process, which is a forked child."""
    for item in list(_BOUND):
        if not sip.isdeleted(item):
            keep_alive(item)
    # At the end of the interpreter PyQt destroys the application and all other objects, and Python lets go of the rest.
    atexit.unregister(_PyQtsCleanUp())  # type: ignore[arg-type] # It is compared, and never called.
    atexit.register(_leave_all)


class _PyQtsCleanUp:
    """Equals the function that PyQt has registered with ``atexit``, to which nobody else has a reference."""

    __hash__ = None  # type: ignore[assignment] # As for every class with an __eq__ alone.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BuiltinFunctionType) and other.__name__ == "_qtcore_cleanup"


def _leave_all() -> None:
    for item in gc.get_objects():
        # Not isinstance(), which asks objects that pretend to be others.
        if issubclass(type(item), QObject) and not sip.isdeleted(item) and sip.ispyowned(item):
            keep_alive(item)
