"""The guard around everything that Qt calls: slots, event handlers, paint events, timers, methods of models.

PyQt ends the process when an exception leaves one of these. So each of ours is guarded: what it raises is noted once
for each place (:mod:`upbit_qt_ws.faults`), the widget shows that something is wrong, and the program goes on. A test
finds those without a guard.

``KeyboardInterrupt`` and ``SystemExit`` end the event loop instead, see :mod:`upbit_qt_ws.interrupts`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from PyQt6 import sip
from PyQt6.QtCore import QObject

from upbit_qt_ws.faults import FAULTS
from upbit_qt_ws.interrupts import add_guard, leave

if TYPE_CHECKING:
    from collections.abc import Callable

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MARK: Final = "__guarded__"
_DEEPEST: Final = 50


def guarded(function: Callable[_P, None]) -> Callable[_P, None]:
    """Guard a function that returns nothing."""
    return _guard(function, None)


def guarded_returning(otherwise: object) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Guard a function that returns something.

    Args:
        otherwise: what to return when it fails. Qt must take it: to a size it takes no None, to a pointer it does.
    """

    def decorate(function: Callable[_P, _T]) -> Callable[_P, _T]:
        return _guard(function, otherwise)

    return decorate


def guarded_setter(function: Callable[_P, None]) -> Callable[_P, None]:
    """Guard a public slot that refuses bad values: who calls it gets the error, and a signal that does ends nothing.

    Qt cannot be told of the error, so a signal with a bad value is noted as a failure of the slot.
    """
    inner = _guard(function, None)

    @functools.wraps(function)
    def guard(*args: _P.args, **kwargs: _P.kwargs) -> None:
        receiver: Any = args[0]
        if receiver.sender() is None:
            function(*args, **kwargs)
        else:
            inner(*args, **kwargs)

    return _marked(guard)  # type: ignore[no-any-return]


def is_guarded(function: object) -> bool:
    """Tell whether a function has a guard."""
    return bool(getattr(function, _MARK, False))


def _guard(function: Callable[_P, _T], otherwise: object) -> Callable[_P, _T]:
    @functools.wraps(function)
    def guard(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            note_failure(function, error, args[0] if args else None)
        except BaseException as error:
            leave(error)
        return otherwise  # type: ignore[return-value] # As the caller has promised.

    return _marked(guard)  # type: ignore[no-any-return]


def _marked(guard: Any) -> Any:
    setattr(guard, _MARK, True)
    add_guard(guard.__code__)
    return guard


def note_failure(function: Callable[..., object], error: Exception, owner: object) -> None:
    """Note that a guarded function has failed, and let the widget that it belongs to show it.

    Args:
        function: what failed.
        error: what it raised.
        owner: the object that it is a method of; the next one upwards with a method ``show_fault`` is told.
    """
    fault = FAULTS.note(function.__qualname__, error)
    try:
        item: object = owner
        for _ in range(_DEEPEST):
            if not isinstance(item, QObject) or sip.isdeleted(item):
                return
            show = getattr(item, "show_fault", None)
            if callable(show):
                show(fault)
                return
            item = item.parent()
    except Exception as second:
        FAULTS.note("show_fault", second)
