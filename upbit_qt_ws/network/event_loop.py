"""An asyncio event loop that Qt drives: asyncio's own scheduling, with Qt's event dispatcher to wait in.

The loop of qasync 0.28 starts a coarse Qt timer for every callback, so callbacks run in no fixed order, cancelled ones
keep their timers, and one ``call_soon`` costs several times what it costs in asyncio. :class:`NetworkEventLoop` keeps
the idea, an asyncio loop inside Qt's, and gives the bookkeeping back to asyncio: its queue of ready callbacks, its
heap of timers and its ``_run_once``, which is one iteration of the loop. Three things are different from asyncio:

* ``_run_once`` does not wait. :class:`_QtSelector` tells it at once which sockets Qt has found ready.
* Qt calls it, through :class:`_WakeUp`, and only when there is something to do: at most one posted event and one
  timer are outstanding, none at all while the loop is idle.
* ``run_forever`` therefore runs Qt's ``exec()``, in which slots, timers and callbacks of asyncio take turns.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import threading
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, Self

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QSocketNotifier, Qt, QThread, pyqtSlot

# isort: split
import qasync  # Once PyQt6 is loaded, since it binds to the Qt that it finds loaded.

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from contextvars import Context

    from _typeshed import FileDescriptorLike
    from PyQt6.QtCore import QTimerEvent

    class _Base(asyncio.SelectorEventLoop):
        """What is used of asyncio's private side; the same in Python 3.11 to 3.14."""

        _ready: deque[asyncio.Handle]
        _scheduled: list[asyncio.TimerHandle]
        _stopping: bool

        def _run_once(self) -> None: ...
        def _call_soon(
            self, callback: Callable[..., object], args: tuple[object, ...], context: Context | None
        ) -> asyncio.Handle: ...

    _Stock = _Base
else:
    _Base = qasync.QSelectorEventLoop
    _Stock = asyncio.SelectorEventLoop

_LONGEST_SLEEP = 24 * 3600.0
"""Seconds; asyncio never sleeps longer either, and Qt counts the milliseconds in 32 bits."""

_SLICE = 0.001
"""How long, in seconds, ready callbacks may run on before Qt gets its turn; the iteration under way is finished."""

_WAKE_UP = QEvent.Type(QEvent.registerEventType())

_DIRECTIONS = (
    (selectors.EVENT_READ, QSocketNotifier.Type.Read),
    (selectors.EVENT_WRITE, QSocketNotifier.Type.Write),
)


class QtRunner(Protocol):
    """What runs Qt's event loop in a thread: a QCoreApplication, a QThread or a QEventLoop."""

    def exec(self) -> int:
        """Run Qt's event loop until :meth:`exit` is called."""

    def exit(self, returnCode: int = 0, /) -> None:
        """Make :meth:`exec` return."""


class _WakeUp(QObject):
    """Has Qt call the loop back: at once, from whichever thread asks for it, or at a given time."""

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__()
        self._turn = turn
        # Held while an event is posted and not yet delivered. Unlike a flag, two threads cannot both find it free.
        self._posted = threading.Lock()
        self._timer = 0
        self._when: float | None = None

    def post(self) -> None:
        """Ask for a turn as soon as possible; may be called from any thread."""
        if self._posted.acquire(blocking=False):
            QCoreApplication.postEvent(self, QEvent(_WAKE_UP))

    def set_timer(self, when: float, now: float) -> None:
        """Ask for a turn at the time ``when`` or up to a millisecond later, in place of an earlier such request."""
        if when != self._when:
            self.stop_timer()
            delay = min(max(0.0, when - now), _LONGEST_SLEEP)
            self._timer = self.startTimer(math.ceil(delay * 1000), Qt.TimerType.PreciseTimer)
            self._when = when

    def stop_timer(self) -> None:
        """Forget the request for a later turn."""
        if self._when is not None:
            self.killTimer(self._timer)
            self._when = None

    def customEvent(self, event: QEvent | None) -> None:
        # Before the turn: what another thread appends from here on may be missed by it and needs an event of its own.
        self._posted.release()
        self._turn()

    def timerEvent(self, event: QTimerEvent | None) -> None:
        self.stop_timer()
        self._turn()


class _Notifier(QSocketNotifier):
    """Tells the selector when a socket is ready in one direction."""

    def __init__(self, fd: int, direction: int, kind: QSocketNotifier.Type, fire: Callable[[_Notifier], None]) -> None:
        super().__init__(fd, kind)
        self.fd = fd
        self.direction = direction
        self._fire = fire
        self.activated.connect(self._activated)

    @pyqtSlot()
    def _activated(self) -> None:
        self._fire(self)


class _QtSelector(selectors.SelectSelector):
    """Has Qt watch the sockets; what it finds is kept for :meth:`select`, which never waits.

    Of the base class only the register of sockets is used; it makes no system call.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self._wake = wake
        self._notifiers: dict[tuple[int, int], _Notifier] = {}
        self._fired: list[_Notifier] = []

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        key = super().register(fileobj, events, data)
        for direction, kind in _DIRECTIONS:
            if events & direction:
                self._notifiers[key.fd, direction] = _Notifier(key.fd, direction, kind, self._fire)
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        key = super().unregister(fileobj)
        for direction, _ in _DIRECTIONS:
            notifier = self._notifiers.pop((key.fd, direction), None)
            if notifier is not None:
                # The object may live on in the list of the fired, while the descriptor is closed and used anew.
                notifier.setEnabled(False)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        fired, self._fired = self._fired, []
        ready = []
        for notifier in fired:
            # Not if the socket has been unregistered, and perhaps registered again, since.
            if self._notifiers.get((notifier.fd, notifier.direction)) is notifier:
                notifier.setEnabled(True)
                ready.append((self.get_key(notifier.fd), notifier.direction))
        return ready

    def close(self) -> None:
        super().close()
        for notifier in self._notifiers.values():
            notifier.setEnabled(False)
        self._notifiers.clear()
        self._fired.clear()

    def _fire(self, notifier: _Notifier) -> None:
        # Off until the loop takes notice: while a callback runs a nested Qt loop, it cannot, and Qt would ask in vain
        # and without pause.
        notifier.setEnabled(False)
        self._fired.append(notifier)
        self._wake()


class NetworkEventLoop(_Base):
    """An asyncio loop inside Qt's event loop, in the main thread or in a QThread.

    While it runs, slots and Qt timers of the thread run too, with ``asyncio.get_running_loop()`` valid in them. It
    must be made, run and closed in one and the same thread; from others only ``call_soon_threadsafe`` is allowed.

    It behaves as ``asyncio.SelectorEventLoop`` does, with these additions:

    * ``stop()`` may be called from a slot, and when Qt is told to quit, ``run_forever`` returns.
    * While a callback or a coroutine runs a nested Qt loop (the ``exec()`` of a dialog), no other callback runs; none
      is lost. A nested loop in a plain slot delays nothing.
    """

    # qasync's overrides are taken back one by one, and its constructor is not called, since each of them belongs to
    # its own timers. That none is forgotten, also of a later qasync, is a test.
    is_running = _Stock.is_running
    run_forever = _Stock.run_forever
    run_until_complete = _Stock.run_until_complete
    time = _Stock.time
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
    if not TYPE_CHECKING:
        _add_callback = _Stock._add_callback
        _add_reader = _Stock._add_reader
        _add_writer = _Stock._add_writer
        _remove_reader = _Stock._remove_reader
        _remove_writer = _Stock._remove_writer

    def __init__(self, app: QtRunner) -> None:
        """Make a loop for the current thread, which is to run in the ``exec()`` of ``app``."""
        self._app = app
        self._wake_up = _WakeUp(self._turn)
        # Whether Qt has control and may give it to the loop: not while callbacks run, nor after the last of a run.
        self._waiting = False
        self._raised: BaseException | None = None
        _Stock.__init__(self, _QtSelector(self._wake_up.post))

    @classmethod
    def for_current_thread(cls) -> Self:
        """Make a loop for the current thread: the main one, a QThread (in its ``run()``) or a plain Python thread.

        Raises:
            RuntimeError: there is no QCoreApplication.
        """
        app = QCoreApplication.instance()
        if app is None:
            raise RuntimeError("NetworkEventLoop needs Qt's event dispatcher: create a QApplication first")
        thread = QThread.currentThread()
        if thread is app.thread():
            return cls(app)
        # Of a thread that Qt did not start, exec() may not be called.
        return cls(thread if thread is not None and sip.ispycreated(thread) else QEventLoop())

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback for a time of the loop's clock, as in asyncio."""
        handle = _Stock.call_at(self, when, callback, *args, context=context)
        if self._waiting and self._scheduled[0] is handle:
            self._wake_up.post()
        return handle

    def stop(self) -> None:
        """End ``run_forever`` after the current iteration, or after the next one if called before or from a slot."""
        _Stock.stop(self)
        if self._waiting:
            self._wake_up.post()

    def close(self) -> None:
        """Release everything, as in asyncio.

        Raises:
            RuntimeError: the loop runs.
        """
        _Stock.close(self)
        if not sip.isdeleted(self._wake_up):
            # Here and not when the last reference goes: Qt's objects must be destroyed in their own thread.
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
        """Run Qt until the loop is to stop. `run_forever` calls this in a loop, which here goes round once."""
        self._waiting = True
        # A timer, because Qt looks at the sockets before its timers, but after posted events: as in asyncio, sockets
        # that are ready have their callbacks called in the first iteration.
        self._wake_up.set_timer(0.0, 0.0)
        try:
            self._app.exec()
        finally:
            self._waiting = False
            self._wake_up.stop_timer()
            # Set already, unless Qt was told to quit.
            self._stopping = True
        raised, self._raised = self._raised, None
        if raised is not None:
            try:
                raise raised
            finally:
                del raised  # Else the exception, its traceback and this frame would refer to one another.

    def _turn(self) -> None:
        """Run iterations until nothing is ready, then ask Qt for the next turn. No exception may leave this method."""
        if not self._waiting:
            return
        self._waiting = False
        idle = False
        until = perf_counter() + _SLICE
        try:
            _Stock._run_once(self)
            # An iteration that begins with nothing ready prunes the cancelled timers, so that none is slept for.
            while not self._stopping and not idle and perf_counter() < until:
                idle = not self._ready
                _Stock._run_once(self)
        except BaseException as error:  # SystemExit or KeyboardInterrupt; all others end in the exception handler.
            self._raised = error
            self._stopping = True
        if self._stopping:
            self._app.exit()
            return
        self._waiting = True
        if self._ready or not idle:
            self._wake_up.post()
        elif self._scheduled:
            self._wake_up.set_timer(self._scheduled[0].when(), self.time())
        else:
            self._wake_up.stop_timer()
