"""Answers that come later, for widgets that may be gone by then."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from PyQt6 import sip

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.outcome import Outcome


def deliver(outcome: Outcome[Any], method: Callable[..., None], *context: object) -> None:
    """Call a widget's method with the outcome once that is decided, unless the widget is gone.

    Args:
        outcome: what is waited for.
        method: a bound method of a QObject; called with the outcome and the context.
        context: what was asked, for the method to see whether it is still what it wants to know.
    """
    reference = weakref.WeakMethod(method)

    def settle() -> None:
        bound: Any = reference()
        if bound is not None and not sip.isdeleted(bound.__self__):
            bound(outcome, *context)

    outcome.add_done_callback(settle)
