"""Where the engine lives: in a network thread with a loop of its own, or on the application's loop.

:class:`EngineHost` is the Qt face of the engine. All of its slots are called over queued connections and all of
its signals are received over queued connections, in both modes, so the two modes behave alike.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, QThread, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_ws.errors import ConfigurationError, UpbitQtError, WebSocketConnectionError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.network.questions import Answer
from upbit_qt_ws.process_bound import bind
from upbit_qt_ws.system.shortage import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import pyqtBoundSignal

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.engine import FeedEngine
    from upbit_qt_ws.network.event_loop import NetworkEventLoop
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.network.questions import Question
    from upbit_qt_ws.subscriptions import DesiredState

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 1.0
"""How long after it could not be started the network side is started again, in seconds."""
_LOOK_MILLISECONDS: Final = 100
_PATIENT_LOOKS: Final = 20
"""So many times no asyncio loop is found before that is told: an application may be about to start one."""


class EngineHost(QObject):
    """Runs the engine in the thread that this object lives in, on whichever asyncio loop runs there.

    A thread of its own has one loop. An application may run several one after the other, or none yet, for example
    while a log-in dialog is open: then the engine waits for one, and is made anew when its loop was closed. Only the
    newest desired state counts, so nothing is lost by that.

    Signals:
        link_changed: the name of a link and its :class:`LinkStatus`.
        topics_changed: the name of a link and its :class:`TopicNews`.
        answered: the :class:`Answer` to a question.
        published: all links have just reported, see :meth:`publish`.
        measured: the :class:`NetworkVitals` that :meth:`measure` asked for.
        failed: an exception that keeps the engine from running at all for now.
        stopped: the engine has ended; no socket and no task is left.

    Attributes:
        end: called together with ``stopped``, in the thread of the engine.
    """

    link_changed = pyqtSignal(str, object)
    topics_changed = pyqtSignal(str, object)
    answered = pyqtSignal(object)
    published = pyqtSignal()
    measured = pyqtSignal(object)
    failed = pyqtSignal(object)
    stopped = pyqtSignal()

    def __init__(self, config: WebSocketConfig, mailbox: Mailbox) -> None:
        """Keep the settings; the engine is made by :meth:`start`, in the thread where it is to run."""
        super().__init__()
        bind(self)
        self._config = config
        self._mailbox = mailbox
        self.end: Callable[[], None] | None = None
        # Before that, this object lives in the GUI thread, whichever it is to run in.
        self._is_started = False
        self._engine: FeedEngine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._keys: ApiKeys | None = None
        self._desired: DesiredState | None = None
        self._waiting: list[tuple[int, Question]] = []
        self._looking: QTimer | None = None
        self._looks = 0
        self._obstacle: UpbitQtError | None = None
        self._stopping: asyncio.Task[None] | None = None

    @pyqtSlot()
    @guarded
    def start(self) -> None:
        """Start the engine on the loop that runs in this thread, or as soon as one does."""
        self._is_started = True
        if self._running() is None:
            self._look_for_loop()

    def tell(self, error: UpbitQtError) -> None:
        """Tell why the engine cannot be started now, once for each reason; it is tried again."""
        if str(error) != str(self._obstacle):
            self.failed.emit(error)
        self._obstacle = error
        waiting, self._waiting = self._waiting, []
        for number, _ in waiting:
            self._answered(Answer(number, error=error))

    @pyqtSlot(object)
    @guarded
    def apply(self, desired: DesiredState) -> None:
        """Make the engine follow the newest desired state, as soon as it runs."""
        self._desired = desired
        engine = self._running()
        if engine is not None:
            engine.apply(desired)

    @pyqtSlot(object)
    @guarded
    def set_keys(self, keys: ApiKeys | None) -> None:
        """Use other keys from now on, or from the start if the engine has not been started."""
        self._keys = keys
        engine = self._running()
        if engine is not None:
            engine.set_keys(keys)

    @pyqtSlot(int, object)
    @guarded
    def ask(self, number: int, question: Question) -> None:
        """Answer a question; ``answered`` tells the answer."""
        engine = self._running()
        if engine is not None:
            engine.ask(number, question)
        elif self._obstacle is not None:
            self._answered(Answer(number, error=self._obstacle))
        else:
            self._waiting.append((number, question))

    @pyqtSlot(int, str)
    @guarded
    def reconnect(self, number: int, name: str) -> None:
        """Replace the connection of a link; ``answered`` tells when that is done."""
        engine = self._running()
        if engine is not None:
            engine.reconnect(number, name)
        else:
            self._answered(Answer(number, error=self._obstacle or _no_loop()))

    @pyqtSlot()
    @guarded
    def publish(self) -> None:
        """Report the state of all links with fresh counters, then ``published``."""
        engine = self._running()
        if engine is not None:
            engine.publish()
        self.published.emit()

    @pyqtSlot()
    @guarded
    def measure(self) -> None:
        """Tell what the engine has measured; ``measured`` has it."""
        engine = self._running()
        if engine is not None:
            self.measured.emit(engine.vitals())

    # -- the engine and its loop ------------------------------------------------------------------------------

    def _running(self) -> FeedEngine | None:
        """Return the engine, made for the loop that runs now if there is none for it; None without a loop."""
        loop = _running_loop()
        if not self._is_started or self._stopping is not None or loop is None or loop is self._loop:
            return self._engine
        # Imported here and in NetworkThread.run: while the network thread loads all this, the window is made.
        try:
            from upbit_qt_ws.network.engine import FeedEngine
        except (ImportError, OSError, MemoryError) as error:
            self.tell(not_started(error))
            self._look_for_loop()
            return None
        self._obstacle = None
        epochs = {} if self._engine is None else self._engine.epochs
        if self._engine is not None:
            self._engine.abandon()
        self._stop_looking()
        self._loop = loop
        engine = self._engine = FeedEngine(
            self._config,
            self._mailbox,
            self._link_changed,
            self._topics_changed,
            self._answered,
            ended=self._engine_ended,
            epochs=epochs,
        )
        engine.start()
        if self._keys is not None:
            engine.set_keys(self._keys)
        if self._desired is not None:
            engine.apply(self._desired)
        waiting, self._waiting = self._waiting, []
        for number, question in waiting:
            engine.ask(number, question)
        return engine

    def _engine_ended(self) -> None:
        """The engine was ended by its loop, or by a defect: make it anew on the next loop, or on this one."""
        self._loop = None
        self._look_for_loop()

    def _look_for_loop(self) -> None:
        if self._looking is None:
            self._looks = 0
            self._looking = QTimer(self)
            self._looking.setInterval(_LOOK_MILLISECONDS)
            self._looking.timeout.connect(self._look)
        self._looking.start()

    @pyqtSlot()
    @guarded
    def _look(self) -> None:
        self._looks += 1
        if self._running() is None and _running_loop() is None and self._looks == _PATIENT_LOOKS:
            self.tell(_no_loop())

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.stop()
            self._looking.deleteLater()
            self._looking = None

    # -- the end ----------------------------------------------------------------------------------------------

    @pyqtSlot()
    @guarded
    def stop(self) -> None:
        """Stop the engine; ``stopped`` tells when that is done. Stopping twice does nothing more."""
        self._is_started = False
        self._stop_looking()
        if self._engine is None or self._loop is None:
            self._ended()
        elif self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop(self._engine))

    def stop_now(self) -> bool:
        """Stop the engine although its loop does not run; False if that runs, so that :meth:`stop` has to be used.

        Only for an engine in the GUI thread.
        """
        loop = self._loop
        if loop is not None and loop is _running_loop():
            return False
        self._is_started = False
        self._stop_looking()
        if self._engine is not None and loop is not None and not loop.is_closed() and not loop.is_running():
            loop.run_until_complete(self._engine.stop())
        elif self._engine is not None:
            self._engine.abandon()
        self._engine = self._loop = None
        self._ended()
        return True

    async def _stop(self, engine: FeedEngine) -> None:
        try:
            await engine.stop()
        finally:
            self._ended()

    def _ended(self) -> None:
        self.stopped.emit()
        if self.end is not None:
            self.end()

    def _link_changed(self, name: str, status: LinkStatus) -> None:
        self._emit(self.link_changed, name, status)

    def _topics_changed(self, name: str, news: TopicNews) -> None:
        self._emit(self.topics_changed, name, news)

    def _answered(self, answer: Answer) -> None:
        self._emit(self.answered, answer)

    def _emit(self, signal: pyqtBoundSignal, *arguments: object) -> None:
        # Tasks of a loop that was closed end when they are collected, and this object may be gone by then.
        if not sip.isdeleted(self):
            signal.emit(*arguments)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _no_loop() -> ConfigurationError:
    return ConfigurationError(
        "loop 'application' needs an asyncio loop that runs in the GUI thread (qasync), and none does: start one, or "
        "use loop='thread'"
    )


class NetworkThread(QThread):
    """A thread with an asyncio loop for the engine host.

    It has no Qt parent: a parent would destroy a running thread, which aborts the process.
    """

    def __init__(self, host: EngineHost) -> None:
        """Move the host here; its slots run once the thread runs."""
        super().__init__()
        bind(self)
        self.setObjectName("upbit_qt_ws network")
        self._host = host
        host.moveToThread(self)

    @guarded
    def run(self) -> None:
        """Run the loop until the host has stopped."""
        while (loop := self._make_loop()) is None:
            if self.isInterruptionRequested():
                return
            self.msleep(round(_RETRY_SECONDS * 1000))
        asyncio.set_event_loop(loop)
        # Not a connection of the signal: to make one here could block for ever, see qt_selector.
        self._host.end = loop.stop
        try:
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.abort_connections()
            loop.run_until_complete(_let_go())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def _make_loop(self) -> NetworkEventLoop | None:
        """Return a loop for this thread; None if the computer has not what it takes now, which is told."""
        try:
            import psutil  # noqa: F401 - the GUI thread measures with it soon, and should not wait for the import

            from upbit_qt_ws.network.event_loop import NetworkEventLoop

            return NetworkEventLoop.for_current_thread()
        except (ImportError, OSError, MemoryError) as error:
            # An exception that leaves the thread would end the whole program.
            self._host.tell(not_started(error))
            return None


def not_started(error: BaseException) -> WebSocketConnectionError:
    """Return what to tell of an error that keeps the network side from running; it is tried again."""
    why = shortage_in(error) or f"{type(error).__name__}: {error}"
    return WebSocketConnectionError(f"the network cannot be started now: {why}; it is tried again")


async def _let_go() -> None:
    """Let aborted connections close their sockets, which they do in the next turns; over TLS there are two layers."""
    for _ in range(3):
        await asyncio.sleep(0)
