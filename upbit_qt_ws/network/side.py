"""The network side as the GUI thread sees it: start, apply, publish, stop, and the signals that come back."""

from __future__ import annotations

import errno
import itertools
import logging
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.network.questions import Answer
from upbit_qt_ws.network.thread import EngineHost, NetworkThread, not_started
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.process_bound import bind, keep_alive
from upbit_qt_ws.qt_typing import connect_queued
from upbit_qt_ws.system.shortage import NO_DESCRIPTORS, has_descriptors

if TYPE_CHECKING:
    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.questions import Question
    from upbit_qt_ws.outcome import WaitWatch
    from upbit_qt_ws.subscriptions import DesiredState

_log = logging.getLogger(__name__)

_DESCRIPTORS: Final = 8
"""As many file descriptors are taken to be needed to begin with: for the thread, its loop, and what it loads."""

_RETRY_MILLISECONDS: Final = 1000

_STOP_MILLISECONDS: Final = 2000
"""Longest time that stopping may hold up the GUI thread."""


class NetworkSide(QObject):
    """Runs the engine, in a thread of its own or on the application's loop, and talks to it in messages only.

    Everything crosses over queued connections, in both directions and also when both ends live in one thread.

    Signals:
        link_changed: the name of a link and its :class:`LinkStatus`.
        topics_changed: the name of a link and its :class:`TopicNews`.
        measured: the :class:`NetworkVitals` that :meth:`measure` asked for.
        failed: an exception that keeps the engine from running at all.
    """

    link_changed = pyqtSignal(str, object)
    topics_changed = pyqtSignal(str, object)
    measured = pyqtSignal(object)
    failed = pyqtSignal(object)

    _start_requested = pyqtSignal()
    _apply_requested = pyqtSignal(object)
    _publish_requested = pyqtSignal()
    _measure_requested = pyqtSignal()
    _stop_requested = pyqtSignal()
    _keys_requested = pyqtSignal(object)
    _question_asked = pyqtSignal(int, object)
    _reconnect_requested = pyqtSignal(int, str)

    def __init__(self, config: WebSocketConfig, mailbox: Mailbox, watch: WaitWatch) -> None:
        """Wire the two ends up; nothing runs before :meth:`start`.

        Args:
            config: the settings.
            mailbox: where events go.
            watch: finds out whether an answer can come at all.
        """
        super().__init__()
        bind(self)
        self._watch = watch
        self._in_thread = config.loop == "thread"
        self._host = EngineHost(config, mailbox)
        self._thread: NetworkThread | None = None
        self._started = self._is_waiting = False
        self._stopped: Outcome[None] = Outcome(watch)
        self._published: list[Outcome[None]] = []
        self._asked: dict[int, Outcome[Any]] = {}
        self._numbers = itertools.count(1)
        connect_queued(self._start_requested, self._host.start)
        connect_queued(self._apply_requested, self._host.apply)
        connect_queued(self._publish_requested, self._host.publish)
        connect_queued(self._measure_requested, self._host.measure)
        connect_queued(self._stop_requested, self._host.stop)
        connect_queued(self._host.link_changed, self.link_changed)
        connect_queued(self._host.topics_changed, self.topics_changed)
        connect_queued(self._host.measured, self.measured)
        connect_queued(self._host.failed, self.failed)
        connect_queued(self._keys_requested, self._host.set_keys)
        connect_queued(self._question_asked, self._host.ask)
        connect_queued(self._reconnect_requested, self._host.reconnect)
        connect_queued(self._host.answered, self._on_answered)
        connect_queued(self._host.published, self._on_published)
        connect_queued(self._host.stopped, self._on_stopped)

    @property
    def started(self) -> bool:
        """Whether :meth:`start` was called."""
        return self._started

    def start(self) -> None:
        """Start the engine; what is applied before it runs waits for it."""
        self._started = True
        self._begin()

    @pyqtSlot()
    @guarded
    def _begin(self) -> None:
        """Begin, or wait until there is room: Qt ends a program in which it finds no descriptor for a thread."""
        if self._stopped.done:
            return
        if not has_descriptors(_DESCRIPTORS):
            if not self._is_waiting:
                self._is_waiting = True
                self.failed.emit(not_started(OSError(errno.EMFILE, NO_DESCRIPTORS)))
            QTimer.singleShot(_RETRY_MILLISECONDS, self._begin)
            return
        self._is_waiting = False
        if self._in_thread:
            self._thread = NetworkThread(self._host)
            self._thread.start()
        self._start_requested.emit()

    def apply(self, desired: DesiredState) -> None:
        """Make the engine follow the newest desired state."""
        self._apply_requested.emit(desired)

    def set_keys(self, keys: ApiKeys | None) -> None:
        """Use other keys from now on; None for those of the configuration."""
        self._keys_requested.emit(keys)

    def ask(self, question: Question) -> Outcome[Any]:
        """Have a question answered over REST; the outcome is its answer, or the error that it ended with."""
        number, outcome = self._expect()
        if not outcome.done:
            self._question_asked.emit(number, question)
        return outcome

    def reconnect(self, name: str) -> Outcome[None]:
        """Have the connection of a link replaced without a break; the outcome tells when, or why not."""
        number, outcome = self._expect()
        if not outcome.done:
            self._reconnect_requested.emit(number, name)
        return outcome

    def _expect(self) -> tuple[int, Outcome[Any]]:
        """Return the number of a new question and its outcome, which is an error if there is nobody to ask."""
        outcome: Outcome[Any] = Outcome(self._watch)
        number = next(self._numbers)
        if not self._started or self._stopped.done:
            outcome.set_error(UpbitQtError("the manager was shut down: there is nobody to ask"))
        else:
            self._asked[number] = outcome
        return number, outcome

    def publish(self) -> Outcome[None]:
        """Have all links report with fresh counters; the outcome tells when they have."""
        outcome: Outcome[None] = Outcome(self._watch)
        if not self._started or self._stopped.done:
            outcome.set_result(None)
        else:
            self._published.append(outcome)
            self._publish_requested.emit()
        return outcome

    def measure(self) -> None:
        """Have the engine tell what it has measured."""
        self._measure_requested.emit()

    def stop(self) -> Outcome[None]:
        """Close the sockets and end the engine; a network thread has ended when this returns, within 2 s."""
        if not self._started or self._is_waiting or (self._thread is None and self._host.stop_now()):
            self._on_stopped()
        else:
            self._stop_requested.emit()
        if self._thread is not None:
            self._thread.requestInterruption()
            if not self._thread.wait(_STOP_MILLISECONDS):
                _log.critical("the network thread did not end within %d ms", _STOP_MILLISECONDS)
                # A thread that runs must not be destroyed: that would end the process.
                keep_alive(self._thread)
            self._on_stopped()
        return self._stopped

    @pyqtSlot()
    @guarded
    def _on_published(self) -> None:
        waiting, self._published = self._published, []
        for outcome in waiting:
            outcome.set_result(None)

    @pyqtSlot(object)
    @guarded
    def _on_answered(self, answer: Answer) -> None:
        outcome = self._asked.pop(answer.number, None)
        if outcome is None:
            return
        if answer.error is not None:
            outcome.set_error(answer.error)
        else:
            outcome.set_result(answer.value)

    @pyqtSlot()
    @guarded
    def _on_stopped(self) -> None:
        self._on_published()
        for number in tuple(self._asked):
            self._on_answered(Answer(number, error=UpbitQtError("the manager was shut down while it was asked")))
        self._stopped.set_result(None)
