"""``KeyboardInterrupt`` and ``SystemExit`` where Qt has called: they end the event loop, and do not get into Qt.

An exception that leaves a slot or an event handler ends the process, these two as well. What they mean is that the
event loop is to end, and that what the program does after it is still to run.
"""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QCoreApplication, QThread

if TYPE_CHECKING:
    from types import CodeType, FrameType

EXIT_CODE: Final = 130
"""What the event loop returns after Ctrl-C: 128 and the number of the signal, as shells have it."""

_AGAIN_SECONDS: Final = 0.02

_GUARDS: Final[set[CodeType]] = set()
"""The code of all guards."""


def add_guard(code: CodeType) -> None:
    """Know the code of a guard: Qt has called what runs below it."""
    _GUARDS.add(code)


def is_in_guard(frame: FrameType | None) -> bool:
    """Tell whether Qt has called what runs in ``frame``, through a guard."""
    while frame is not None:
        if frame.f_code in _GUARDS:
            return True
        frame = frame.f_back
    return False


def is_guard(frame: FrameType | None) -> bool:
    """Tell whether a guard itself runs in ``frame``, which may not have come to its ``try`` yet."""
    return frame is not None and frame.f_code in _GUARDS


def leave(error: BaseException) -> None:
    """End the event loop because what Qt has called raised this.

    Args:
        error: ``SystemExit`` ends it with its own code, anything else as Ctrl-C does.
    """
    if not leave_loops(error):
        interrupt_again()


def leave_loops(error: BaseException) -> bool:
    """End the event loops of this thread, if one runs, as this means it; see :func:`leave`. Tell whether one does."""
    return end_loops(_exit_code(error))


def end_loops(code: int) -> bool:
    """End all event loops of this thread, also nested ones.

    Args:
        code: what ``exec()`` returns.

    Returns:
        False if none runs, as in a program that calls ``processEvents()`` itself.
    """
    thread = QThread.currentThread()
    if thread is None or thread.loopLevel() == 0:
        return False
    QCoreApplication.exit(code)
    return True


def interrupt_again() -> None:
    """Have Ctrl-C come once more in a moment, when code may be running that is free to raise it."""
    timer = threading.Timer(_AGAIN_SECONDS, _thread.interrupt_main)
    timer.daemon = True
    timer.name = "upbit_qt_ws interrupt"
    timer.start()


def _exit_code(error: BaseException) -> int:
    """Return the code that Python itself would end with."""
    if not isinstance(error, SystemExit):
        return EXIT_CODE
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    with contextlib.suppress(Exception):
        sys.stderr.write(f"{error.code}\n")
    return 1
