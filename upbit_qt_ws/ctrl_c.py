"""Ctrl-C in a Qt program: it ends the event loop with 130, and what the program does after ``exec()`` still runs.

Python raises ``KeyboardInterrupt`` in whatever Python code runs next. While Qt's event loop runs, that is some slot or
event handler, the toolkit's own timers first of all; and it may be raised before the first line of a guard, from where
it gets into Qt and aborts the process. So while a manager runs, the signal is handled before it becomes an exception,
as ``asyncio.run()`` does it: only if the program has no handler of its own, and only as long as a manager runs.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSocketNotifier, QThread, pyqtSignal, pyqtSlot

from upbit_qt_ws.guard import guarded
from upbit_qt_ws.interrupts import EXIT_CODE, end_loops, interrupt_again, is_guard, is_in_guard
from upbit_qt_ws.qt_typing import connect_queued

if TYPE_CHECKING:
    from types import FrameType

_STUCK_SECONDS: Final = 1.0
"""When the loop has not ended so long after Ctrl-C, code of the program keeps it, and the next one interrupts that."""


class InterruptHandler:
    """Handles Ctrl-C while at least one manager runs. In the main thread only; elsewhere it does nothing."""

    def __init__(self) -> None:
        """Handle nothing yet."""
        self._users = 0
        self._asked_at: float | None = None
        self._waker: _Waker | None = None

    def acquire(self) -> None:
        """Handle Ctrl-C from now on, unless the program has a handler of its own."""
        self._users += 1
        if self._users == 1 and _is_main() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._asked_at = None
            self._waker = _Waker(self)
            signal.signal(signal.SIGINT, self._interrupted)

    def release(self) -> None:
        """Handle it no longer once nobody else wants that; a handler that the program has set meanwhile stays."""
        self._users = max(0, self._users - 1)
        if self._users or not _is_main():
            return
        if signal.getsignal(signal.SIGINT) == self._interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._waker is not None:
            self._waker.close()
            self._waker = None

    def goes_on(self) -> None:
        """An event loop runs, so nothing keeps the program busy: Ctrl-C ends the loop once more."""
        self._asked_at = None

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        """Take Ctrl-C; Python calls this between two instructions of ``frame``, and raises there what this raises."""
        thread = QThread.currentThread()
        if thread is None or thread.loopLevel() == 0:
            if not is_in_guard(frame):
                signal.default_int_handler(number, frame)
            # A program that calls processEvents() itself is within a slot of ours just now.
            interrupt_again()
            return
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at >= _STUCK_SECONDS and not is_guard(frame):
            signal.default_int_handler(number, frame)
        if self._waker is not None:
            self._waker.looked_for.emit()
        loop: Any = asyncio._get_running_loop()
        if hasattr(loop, "interrupt"):
            # The toolkit's own loop raises it out of run_forever(), as those of asyncio do.
            loop.interrupt(KeyboardInterrupt())
        end_loops(EXIT_CODE)


class _Waker(QObject):
    """Wakes Qt when a signal comes: Python handles it between two of its own instructions, and Qt may sleep for long.

    A program without a file descriptor left starts as well. There Ctrl-C is handled with the next Python code that
    runs, as a timer's: the toolkit has one each second.

    Signals:
        looked_for: emitted by the handler, received when an event loop runs.
    """

    looked_for = pyqtSignal()

    def __init__(self, handler: InterruptHandler) -> None:
        super().__init__()
        self._handler = handler
        connect_queued(self.looked_for, self._on_loop)
        self._ends: tuple[socket.socket, socket.socket] | None = None
        with suppress(OSError):
            self._ends = socket.socketpair()
        if self._ends is None:
            return
        reader, writer = self._ends
        for end in self._ends:
            end.setblocking(False)
        self._notifier = QSocketNotifier(sip.voidptr(reader.fileno()), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        if before != -1:
            # The program has one already, which wakes it.
            signal.set_wakeup_fd(before)

    def close(self) -> None:
        if self._ends is None:
            return
        current = signal.set_wakeup_fd(-1)
        if current not in (-1, self._ends[1].fileno()):
            signal.set_wakeup_fd(current)
        self._notifier.setEnabled(False)
        for end in self._ends:
            end.close()

    @pyqtSlot()
    @guarded
    def _drain(self) -> None:
        if self._ends is None:
            return
        with suppress(OSError):
            while self._ends[0].recv(64):
                pass

    @pyqtSlot()
    @guarded
    def _on_loop(self) -> None:
        self._handler.goes_on()


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


INTERRUPTS: Final = InterruptHandler()
"""That of this process."""
