"""Where the engine lives: in a network thread with a loop of its own, or on the application's loop.

:class:`EngineHost` is the Qt face of the engine. All of its slots are called over queued connections and all of
its signals are received over queued connections, in both modes, so the two modes behave alike.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QThread, pyqtSignal, pyqtSlot

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.exchange_clock import ClockReading
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.engine import FeedEngine
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.network.questions import Answer, Question
    from upbit_qt_ws.subscriptions import DesiredState

_log = logging.getLogger(__name__)


class EngineHost(QObject):
    """Runs the engine in the thread that this object lives in.

    Signals:
        link_changed: the name of a link and its :class:`LinkStatus`.
        topics_changed: the name of a link and its :class:`TopicNews`.
        answered: the :class:`Answer` to a question.
        clock_told: the :class:`ClockReading` of the exchange's clock, which is another one now.
        published: all links have just reported, see :meth:`publish`.
        measured: the :class:`NetworkVitals` that :meth:`measure` asked for.
        failed: an exception that keeps the engine from running at all.
        stopped: the engine has ended; no socket and no task is left.

    Attributes:
        end: called together with ``stopped``, in the thread of the engine.
    """

    link_changed = pyqtSignal(str, object)
    topics_changed = pyqtSignal(str, object)
    answered = pyqtSignal(object)
    clock_told = pyqtSignal(object)
    published = pyqtSignal()
    measured = pyqtSignal(object)
    failed = pyqtSignal(object)
    stopped = pyqtSignal()

    def __init__(self, config: WebSocketConfig, mailbox: Mailbox) -> None:
        """Keep the settings; the engine is made by :meth:`start`, in the thread where it is to run."""
        super().__init__()
        self._config = config
        self._mailbox = mailbox
        self.end: Callable[[], None] | None = None
        self._engine: FeedEngine | None = None
        self._keys: ApiKeys | None = None
        self._stopping: asyncio.Task[None] | None = None

    @pyqtSlot()
    def start(self) -> None:
        """Start the engine on the loop that runs in this thread."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.failed.emit(
                ConfigurationError(
                    "loop 'application' needs an asyncio loop that runs in the GUI thread (qasync): "
                    "start one, or use loop='thread'"
                )
            )
            return
        # Imported here and in NetworkThread.run: while the network thread loads all this, the window is made.
        from upbit_qt_ws.network.engine import FeedEngine

        self._engine = FeedEngine(
            self._config, self._mailbox, self._link_changed, self._topics_changed, self._answered, self._clock_told
        )
        self._engine.start()
        if self._keys is not None:
            # They were given before anybody subscribed to anything.
            self._engine.set_keys(self._keys)

    @pyqtSlot(object)
    def apply(self, desired: DesiredState) -> None:
        """Make the engine follow the newest desired state."""
        if self._engine is not None:
            self._engine.apply(desired)

    @pyqtSlot(object)
    def set_keys(self, keys: ApiKeys | None) -> None:
        """Use other keys from now on, or from the start if the engine has not been started."""
        self._keys = keys
        if self._engine is not None:
            self._engine.set_keys(keys)

    @pyqtSlot(int, object)
    def ask(self, number: int, question: Question) -> None:
        """Answer a question; ``answered`` tells the answer."""
        if self._engine is not None:
            self._engine.ask(number, question)

    @pyqtSlot(int, str)
    def reconnect(self, number: int, name: str) -> None:
        """Replace the connection of a link; ``answered`` tells when that is done."""
        if self._engine is not None:
            self._engine.reconnect(number, name)

    @pyqtSlot()
    def publish(self) -> None:
        """Report the state of all links with fresh counters, then ``published``."""
        if self._engine is not None:
            self._engine.publish()
        self.published.emit()

    @pyqtSlot()
    def measure(self) -> None:
        """Tell what the engine has measured; ``measured`` has it."""
        if self._engine is not None:
            self.measured.emit(self._engine.vitals())

    @pyqtSlot()
    def stop(self) -> None:
        """Stop the engine; ``stopped`` tells when that is done. Stopping twice does nothing more."""
        if self._engine is None:
            self._ended()
        elif self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop(self._engine))

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
        self.link_changed.emit(name, status)

    def _topics_changed(self, name: str, news: TopicNews) -> None:
        self.topics_changed.emit(name, news)

    def _answered(self, answer: Answer) -> None:
        self.answered.emit(answer)

    def _clock_told(self, reading: ClockReading) -> None:
        self.clock_told.emit(reading)


class NetworkThread(QThread):
    """A thread with an asyncio loop for the engine host.

    It has no Qt parent: a parent would destroy a running thread, which aborts the process.
    """

    def __init__(self, host: EngineHost) -> None:
        """Move the host here; its slots run once the thread runs."""
        super().__init__()
        self.setObjectName("upbit_qt_ws network")
        self._host = host
        host.moveToThread(self)

    def run(self) -> None:
        """Run the loop until the host has stopped."""
        import psutil  # noqa: F401 - the GUI thread measures with it soon, and should not wait for the import

        from upbit_qt_ws.network.event_loop import NetworkEventLoop

        loop = NetworkEventLoop.for_current_thread()
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


async def _let_go() -> None:
    """Let aborted connections close their sockets, which they do in the next turns; over TLS there are two layers."""
    for _ in range(3):
        await asyncio.sleep(0)
