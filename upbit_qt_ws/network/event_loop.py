"""The asyncio event loop of the network thread: qasync's place in Qt, asyncio's own scheduling.

qasync starts one coarse Qt timer for each callback: 14 µs a ``call_soon``, order not first in first out, delays cut
to whole milliseconds, cancelled timeouts that stay, ``call_soon`` from another thread lost without a word. Here
the ready queue, the timer heap and the whole life cycle are those of the standard library, inherited and unchanged;
Qt is asked for two things only: one posted event while callbacks are ready, and one precise timer for the earliest
of the later ones. While nothing is due, nothing wakes up.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Protocol

import qasync
from PyQt6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEvent, QEventLoop, QObject, QSocketNotifier, Qt, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_LONGEST_TIMER_MS = 24 * 60 * 60 * 1000
_TURN = QEvent.Type(QEvent.registerEventType())


class _Application(Protocol):
    """What is asked of a Qt application, or of what stands for one in another thread."""

    def exec(self) -> int: ...
    def exit(self, returnCode: int = 0) -> None: ...


class _ThreadApplication:
    """Stands for the application in a thread that is not the main one: a plain Qt event loop."""

    def __init__(self) -> None:
        self._loop = QEventLoop()

    def exec(self) -> int:
        return self._loop.exec()

    def exit(self, returnCode: int = 0) -> None:
        self._loop.exit(returnCode)

    def eventDispatcher(self) -> QAbstractEventDispatcher | None:
        return QAbstractEventDispatcher.instance()


class _Driver(QObject):
    """Takes the posted event and the timer, and has the loop do one turn."""

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__()
        self._turn = turn
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(turn)

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == _TURN:
            self._turn()
            return True
        return super().event(event)


class NetworkEventLoop(qasync.QSelectorEventLoop):  # type: ignore[misc]  # qasync ships no types
    """An asyncio loop on Qt's event dispatcher with the scheduling of the standard library.

    It must be made, run and closed in one thread. ``asyncio.get_running_loop()`` is valid in callbacks, in tasks,
    and in slots of QObjects that live in that thread, while it runs.
    """

    # Everything that qasync replaced by Qt timers and signals, and that is scheduling, is the standard library's
    # again. What stays qasync's: its construction, and how it is closed.
    run_forever = asyncio.BaseEventLoop.run_forever
    run_until_complete = asyncio.BaseEventLoop.run_until_complete
    is_running = asyncio.BaseEventLoop.is_running
    time = asyncio.BaseEventLoop.time
    call_later = asyncio.BaseEventLoop.call_later
    call_soon = asyncio.BaseEventLoop.call_soon
    run_in_executor = asyncio.BaseEventLoop.run_in_executor
    set_default_executor = asyncio.BaseEventLoop.set_default_executor
    set_exception_handler = asyncio.BaseEventLoop.set_exception_handler
    default_exception_handler = asyncio.BaseEventLoop.default_exception_handler
    call_exception_handler = asyncio.BaseEventLoop.call_exception_handler
    get_debug = asyncio.BaseEventLoop.get_debug
    set_debug = asyncio.BaseEventLoop.set_debug

    def __init__(self, app: _Application | None = None) -> None:
        """Make a loop for the current thread.

        Args:
            app: the application whose ``exec()`` the loop runs; the process's QApplication if None.
        """
        self._driver = _Driver(self._on_turn)
        self._turn_posted = False
        self._timer_set_for = math.inf
        self._fatal: BaseException | None = None
        self._application: _Application = app or QCoreApplication.instance()  # type: ignore[assignment]
        super().__init__(self._application)
        # The selector is never asked what is ready: notifiers tell.
        self._selector.select = _nothing_ready

    @classmethod
    def for_current_thread(cls) -> NetworkEventLoop:
        """Make a loop for the current thread, which need not be the one of the application."""
        return cls(_ThreadApplication())

    # -- one turn ---------------------------------------------------------------------------------------------

    def _run_once(self) -> None:
        """Run Qt's event loop until :meth:`stop`; the standard library's ``run_forever`` calls this once."""
        if not self._stopping:
            self._request_turn()
            self._application.exec()
        # Qt may have been told to end by somebody else, for example by QApplication.quit().
        self._stopping = True
        if self._fatal is not None:
            fatal, self._fatal = self._fatal, None
            raise fatal

    def _on_turn(self) -> None:
        """Do one iteration of the standard library's loop, called by Qt."""
        # This order is what makes call_soon_threadsafe safe: whoever appends after it posts an event of its own.
        self._turn_posted = False
        self._timer_set_for = math.inf
        if not self.is_running():
            return
        self._guard(lambda: asyncio.BaseEventLoop._run_once(self))
        if self._stopping:
            self._application.exit()
        elif self._ready:
            self._request_turn()
        self._set_timer()

    def _guard(self, step: Callable[[], None]) -> None:
        """Call ``step``; what stops the loop leaves through run_forever, not through Qt, which would abort."""
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt and SystemExit, ordinary ones are handled
            self._fatal = self._fatal or error
            self._stopping = True
            self._application.exit()

    def _request_turn(self) -> None:
        if not self._turn_posted:
            self._turn_posted = True
            QCoreApplication.postEvent(self._driver, QEvent(_TURN))

    def _set_timer(self) -> None:
        """Have the one timer run out when the earliest of the later callbacks is due, never before."""
        when = self._scheduled[0]._when if self._scheduled else math.inf
        if when == self._timer_set_for:
            return
        self._timer_set_for = when
        if when == math.inf:
            self._driver.timer.stop()
        else:
            self._driver.timer.start(min(max(0, math.ceil((when - self.time()) * 1000)), _LONGEST_TIMER_MS))

    # -- what asks for a turn ---------------------------------------------------------------------------------

    def _call_soon(self, callback: Callable[..., object], args: Any, context: Context | None) -> asyncio.Handle:
        handle = asyncio.BaseEventLoop._call_soon(self, callback, args, context)
        self._request_turn()
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Like ``call_soon``, from any thread; a posted event wakes Qt's loop, no self-pipe is needed."""
        self._check_closed()
        return self._call_soon(callback, args, context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call at a time of the loop's clock; equal times keep their order."""
        timer = asyncio.BaseEventLoop.call_at(self, when, callback, *args, context=context)
        if when < self._timer_set_for and self.is_running():
            self._set_timer()
        return timer

    def stop(self) -> None:
        """Stop after the current iteration."""
        asyncio.BaseEventLoop.stop(self)
        self._request_turn()

    # -- sockets ----------------------------------------------------------------------------------------------

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> asyncio.Handle:
        return self._watch(self._read_notifiers, QSocketNotifier.Type.Read, fd, callback, args)

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> asyncio.Handle:
        return self._watch(self._write_notifiers, QSocketNotifier.Type.Write, fd, callback, args)

    def _remove_reader(self, fd: Any) -> bool:
        return self._unwatch(self._read_notifiers, fd)

    def _remove_writer(self, fd: Any) -> bool:
        return self._unwatch(self._write_notifiers, fd)

    def _watch(
        self, notifiers: dict[int, _Notifier], kind: QSocketNotifier.Type, fd: Any, callback: Callable[..., object], args: Any
    ) -> asyncio.Handle:
        self._check_closed()
        number = _fileno(fd)
        self._unwatch(notifiers, number)
        handle = asyncio.Handle(callback, args, self, None)
        notifiers[number] = _Notifier(number, kind, handle, self._guard)
        return handle

    def _unwatch(self, notifiers: dict[int, _Notifier], fd: Any) -> bool:
        if self.is_closed():
            return False
        notifier = notifiers.pop(_fileno(fd), None)
        if notifier is None:
            return False
        notifier.end()
        return True

    def close(self) -> None:
        """Release everything; closing twice does nothing."""
        if not self.is_closed() and not self.is_running():
            self._driver.timer.stop()
            for notifiers in (self._read_notifiers, self._write_notifiers):
                for number in list(notifiers):
                    self._unwatch(notifiers, number)
        super().close()


class _Notifier:
    """Calls back when a socket is ready. Qt reports again as long as it stays ready, as a selector would."""

    def __init__(
        self, number: int, kind: QSocketNotifier.Type, handle: asyncio.Handle, guard: Callable[[Callable[[], None]], None]
    ) -> None:
        self._handle = handle
        self._guard = guard
        self._notifier = QSocketNotifier(number, kind)
        self._notifier.activated.connect(self._on_activated)

    def _on_activated(self) -> None:
        if not self._handle.cancelled():
            self._guard(self._handle._run)

    def end(self) -> None:
        self._handle.cancel()
        self._notifier.setEnabled(False)
        self._notifier.activated.disconnect(self._on_activated)
        # It may be its own callback that ends it, and Qt still has to return through it.
        self._notifier.deleteLater()


def _fileno(fd: Any) -> int:
    return fd if isinstance(fd, int) else int(fd.fileno())


def _nothing_ready(timeout: float | None = None) -> list[Any]:
    return []
