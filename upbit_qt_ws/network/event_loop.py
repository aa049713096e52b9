"""An asyncio event loop that Qt drives: asyncio's own scheduling, with Qt's event dispatcher to wait in.

The loop of qasync 0.28 starts a coarse Qt timer for every callback, so callbacks run in no fixed order, cancelled ones
keep their timers, and a ``call_soon`` costs many times what it costs in asyncio. :class:`NetworkEventLoop` keeps the
idea, an asyncio loop inside Qt's, and gives the bookkeeping back to asyncio: its queue of ready callbacks, its heap of
timers, and its ``_run_once``, which is one iteration of the loop. Three things differ from asyncio:

* An iteration never waits. :class:`QtSelector` tells it at once which sockets Qt has found ready.
* Qt gives the loop turns to run iterations, and only when there is something to do: a socket is ready, or
  :class:`WakeUp` was asked. At most one posted event and one timer are outstanding, no event while the loop is idle.
* ``run_forever`` runs Qt's ``exec()``, in which the slots of the thread and the callbacks of asyncio take turns.

A callback may run a nested Qt loop, as a dialog's ``exec()`` in a coroutine does. In the main thread the loop then
takes turns within that callback, so that everything else goes on. Asyncio was not made for that, so three things are
seen to: the current task is set aside; what the turn outside has counted and an inner one has run is not run again; and
the socket whose callback has not returned is left alone.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from time import get_clock_info, perf_counter
from typing import TYPE_CHECKING, Protocol, Self

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEventLoop, QThread

from upbit_qt_ws.nested_tasks import set_aside
from upbit_qt_ws.network.qt_selector import QtSelector, WakeUp
from upbit_qt_ws.network.windows_selector import WindowsSelector
from upbit_qt_ws.qt_binding import choosing_pyqt6

with choosing_pyqt6("QT_API", "pyqt6"):
    import qasync

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    class _Base(asyncio.SelectorEventLoop):
        """What is used of asyncio's private side."""

        _ready: deque[asyncio.Handle]
        _scheduled: list[asyncio.TimerHandle]
        _stopping: bool
        _clock_resolution: float

        def _run_once(self) -> None: ...
        def _call_soon(
            self, callback: Callable[..., object], args: tuple[object, ...], context: Context | None
        ) -> asyncio.Handle: ...

    _Stock = _Base
else:
    _Base = qasync.QSelectorEventLoop
    _Stock = asyncio.SelectorEventLoop

_SLICE = 0.0002
"""How long, in seconds, iterations may follow one another before Qt has its turn, which costs about 4 µs."""


class QtRunner(Protocol):
    """What runs Qt's event loop in a thread: a QCoreApplication, a QThread or a QEventLoop."""

    def exec(self) -> int:
        """Run Qt's event loop until :meth:`exit` is called."""

    def exit(self, returnCode: int = 0, /) -> None:
        """Make :meth:`exec` return."""


class NetworkEventLoop(_Base):
    """An asyncio loop inside Qt's event loop, for the main thread or any other.

    While it runs, the slots and timers of the thread run too, and ``asyncio.get_running_loop()`` is valid in them.
    Make, run and close it in one and the same thread; other threads may call ``call_soon_threadsafe`` and nothing else.

    It does what ``asyncio.SelectorEventLoop`` does, and:

    * ``stop()`` works from slots too, and ``run_forever`` also ends when Qt is told to quit its loop.
    * While a callback or a coroutine runs a nested Qt loop, as the ``exec()`` of a dialog does, the others go on if
      this is the main thread; elsewhere none runs until it ends, and none is lost. Such a loop in a slot holds up
      nothing. ``stop()`` waits for the end of nested loops.
    """

    # All that qasync overrides goes back to asyncio, and its constructor is not called: they serve its own timers.
    # A test compares this list with the installed qasync.
    if not TYPE_CHECKING:
        is_running = _Stock.is_running
        run_forever = _Stock.run_forever
        run_until_complete = _Stock.run_until_complete
        call_soon = _Stock.call_soon
        call_later = _Stock.call_later
        call_soon_threadsafe = _Stock.call_soon_threadsafe
        run_in_executor = _Stock.run_in_executor
        set_default_executor = _Stock.set_default_executor
        set_exception_handler = _Stock.set_exception_handler
        default_exception_handler = _Stock.default_exception_handler
        call_exception_handler = _Stock.call_exception_handler
        get_debug = _Stock.get_debug
        set_debug = _Stock.set_debug
        _add_callback = _Stock._add_callback
        _add_reader = _Stock._add_reader
        _add_writer = _Stock._add_writer
        _remove_reader = _Stock._remove_reader
        _remove_writer = _Stock._remove_writer

    def __init__(self, app: QtRunner) -> None:
        """Make a loop for the current thread, which runs in the ``exec()`` of ``app``."""
        self._app = app
        # Dialogs are opened in the main thread; elsewhere the price of being ready for them is saved.
        self._nests = isinstance(app, QCoreApplication)
        # The callbacks that have not returned and run a nested Qt loop, the outermost first.
        self._open: list[asyncio.Handle] = []
        self._depth = 0
        self._wake_up = WakeUp(self._turn, self._timer_turn)
        # Whether the run has begun and its first turn is still to come.
        self._starting = False
        # Whether the loop can take a turn: not before the first of a run, nor during one, nor after the last.
        self._waiting = False
        self._raised: BaseException | None = None
        self._sockets = self._make_sockets()
        _Stock.__init__(self, self._sockets)
        # Asyncio takes timers for due that are as near as this.
        self._clock_resolution = get_clock_info("perf_counter").resolution
        if self._nests:
            self._ready = _Ready(asyncio.Handle(_nothing, (), self))

    def _make_sockets(self) -> QtSelector | WindowsSelector:
        return WindowsSelector(self._wake_up.post) if os.name == "nt" else QtSelector(self._turn)

    @classmethod
    def for_current_thread(cls) -> Self:
        """Make a loop for the current thread: the main one, a QThread (in its ``run()``) or a thread of Python.

        Raises:
            RuntimeError: there is no QCoreApplication.
        """
        app = QCoreApplication.instance()
        if app is None:
            raise RuntimeError("NetworkEventLoop needs Qt's event dispatcher: create a QApplication first")
        thread = QThread.currentThread()
        if thread is app.thread():
            return cls(app)
        # A thread that Qt has not started has a QThread too, but only to look at.
        return cls(thread if thread is not None and sip.ispycreated(thread) else QEventLoop())

    def time(self) -> float:
        """Return the time of the loop's clock, in seconds, of a start that means nothing.

        The monotonic clock that asyncio takes goes in steps of 15.6 ms on Windows before Python 3.13. Timers may come
        early by as much, and a pause between two reads is hardly longer. Elsewhere both are one clock.
        """
        return perf_counter()

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback for a time of the loop's clock, as in asyncio."""
        handle = _Stock.call_at(self, when, callback, *args, context=context)
        if self._waiting and self._scheduled[0] is handle:
            self._wake_up.post()
        return handle

    def stop(self) -> None:
        """End ``run_forever`` after this iteration, or after the next one if none is under way."""
        _Stock.stop(self)
        if self._waiting:
            self._wake_up.post()

    def interrupt(self, error: BaseException) -> None:
        """End ``run_forever`` at once with this error, also when dialogs are open."""
        self._raised = error
        self._app.exit()

    def hold_reading(self, fd: int) -> None:
        """Have the reader of a socket rest until :meth:`release_reading`, whatever comes; cheaper than its removal."""
        self._sockets.hold(fd)

    def release_reading(self, fd: int) -> None:
        """Have the reader of a socket called again; a socket that is gone is no error."""
        self._sockets.release(fd)

    def abort_connections(self) -> None:
        """Abort what is left of connections: those over TLS wait for the other side's goodbye, which may never come."""
        transports: dict[int, asyncio.Transport] = self._transports  # type: ignore[attr-defined]
        for transport in list(transports.values()):
            transport.abort()

    def close(self) -> None:
        """Release everything; once is enough, but twice is fine.

        Raises:
            RuntimeError: the loop runs.
        """
        _Stock.close(self)
        if not sip.isdeleted(self._wake_up):
            # Not left to the garbage collector, because Qt wants its objects destroyed in their own thread.
            sip.delete(self._wake_up)

    def _call_soon(
        self, callback: Callable[..., object], args: tuple[object, ...], context: Context | None
    ) -> asyncio.Handle:
        handle = _Stock._call_soon(self, callback, args, context)
        if self._waiting:
            self._wake_up.post()
        return handle

    def _write_to_self(self) -> None:
        self._wake_up.post()

    def _run_once(self) -> None:
        """Run Qt's loop until this one is to stop; asyncio repeats this until then, which is once."""
        # The first turn is a timer's, since Qt looks at the sockets before its timers: as in asyncio, all sockets that
        # are ready by now belong to the first iteration.
        self._starting = True
        self._sockets.end_turn()
        self._wake_up.set_timer(0.0, 0.0)
        try:
            self._app.exec()
        finally:
            self._starting = self._waiting = False
            self._wake_up.stop_timer()
            # If it is not yet set, something told Qt to quit.
            self._stopping = True
        if self._raised is not None:
            try:
                raise self._raised
            finally:
                self._raised = None

    def _timer_turn(self) -> None:
        if self._starting:
            self._starting = False
            self._waiting = True
        self._turn()

    def _turn(self) -> bool:
        """Take the turn that Qt gives, if possible. An exception that left this method would end the process."""
        is_nested = self._depth > 0
        if is_nested and not (self._nests and not self._stopping and self._raised is None):
            return False
        if not is_nested and not self._waiting:
            return False
        self._waiting = False
        self._depth += 1
        try:
            if is_nested:
                self._take_nested_turn()
            else:
                self._sockets.begin_turn()
                if self._nests:
                    # It comes while this turn lasts only if a callback runs a nested Qt loop.
                    self._wake_up.post()
                self._iterate()
        except BaseException as error:  # SystemExit or KeyboardInterrupt; others end in the exception handler.
            self._waiting = False
            self._raised = error
            self._app.exit()
        finally:
            self._depth -= 1
        return True

    def _take_nested_turn(self) -> None:
        assert isinstance(self._ready, _Ready)
        open_one = self._ready.running
        self._open.append(open_one)
        try:
            self._sockets.begin_nested_turn(self._open, self._ready)
            with set_aside(self):
                self._iterate()
        finally:
            self._open.pop()
            self._ready.running = open_one

    def _iterate(self) -> None:
        """Run iterations until nothing is ready, then have the next turn when there will be something."""
        until = perf_counter() + _SLICE
        _Stock._run_once(self)
        idle = False
        # The last iteration finds nothing ready. It prunes the cancelled timers, so that the loop sleeps for none.
        while not self._stopping and not idle and perf_counter() < until:
            idle = not self._ready
            _Stock._run_once(self)
        if self._stopping:
            if self._depth == 1:
                self._app.exit()
            return
        self._waiting = True
        if self._ready or not idle:
            self._wake_up.post()
        else:
            self._sleep()
        # Last of all: what has become ready meanwhile asks for a turn, which must not be taken back.
        self._sockets.end_turn(self._open)

    def _sleep(self) -> None:
        """Ask for no turn but that of the next timer."""
        if self._scheduled:
            self._wake_up.set_timer(self._scheduled[0].when(), self.time())
        else:
            self._wake_up.stop_timer()
        if self._nests:
            self._wake_up.unpost()
            if self._ready:
                # Another thread has scheduled something, and saw that a turn was asked for already.
                self._wake_up.post()


class _Ready(deque["asyncio.Handle"]):
    """The queue of ready callbacks, of which a nested turn may run some that the turn outside has counted.

    Attributes:
        running: what was taken last.
    """

    def __init__(self, nothing: asyncio.Handle) -> None:
        super().__init__()
        nothing.cancel()
        self._nothing = self.running = nothing

    def popleft(self) -> asyncio.Handle:
        if not self:
            return self._nothing
        self.running = handle = super().popleft()
        return handle


def _nothing() -> None:
    """Is never called."""
