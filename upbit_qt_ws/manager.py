"""The manager: one per application, owner of the ledger, the network side and the delivery to the GUI."""

from __future__ import annotations

import functools
import threading
import time
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from PyQt6.QtCore import QCoreApplication, QObject, QThread, pyqtSignal, pyqtSlot

from upbit_qt_ws.application_life import ApplicationLife, is_forked
from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.ctrl_c import INTERRUPTS
from upbit_qt_ws.delivery import QtBridgeManager
from upbit_qt_ws.delivery.frame_clock import LOW_LATENCY_RATE
from upbit_qt_ws.errors import ConfigurationError, ShutDownError, WrongThreadError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.health import LinkState, LinkStatus
from upbit_qt_ws.health.callbacks import SlowCalls
from upbit_qt_ws.health_methods import HealthMethods
from upbit_qt_ws.lifecycle import ComponentLifecycleManager
from upbit_qt_ws.loop_witness import LoopWitness
from upbit_qt_ws.monitoring import HealthMonitor
from upbit_qt_ws.network.keys import ApiKeys
from upbit_qt_ws.network.side import NetworkSide
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.process_bound import bind
from upbit_qt_ws.qt_typing import connect_queued
from upbit_qt_ws.registry import ComponentRegistry
from upbit_qt_ws.snapshots import SnapshotService
from upbit_qt_ws.subscriptions import LevelPolicy
from upbit_qt_ws.visibility import VisibilityWatcher
from upbit_qt_ws.wire.topics import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from upbit_qt_ws.delivery.fanout import Sink
    from upbit_qt_ws.health.vitals import NetworkVitals
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.wire.topics import Topic


_OF_PARENT: Final = (
    "this process was forked from one in which the toolkit runs, and has neither its threads nor its sockets: use it "
    "in the parent only, or start child processes with multiprocessing.get_context('spawn')"
)


def _check_application() -> None:
    if is_forked():
        raise ShutDownError(_OF_PARENT)
    application = QCoreApplication.instance()
    if application is None:
        raise ConfigurationError("there is no QApplication yet: make it before the first widget or proxy")
    if QThread.currentThread() is not application.thread():
        raise WrongThreadError(
            f"the first proxy was made in the thread {threading.current_thread().name!r}: make it in the GUI thread, "
            "where the QApplication was made, and hand data over to other threads with signals"
        )


class GlobalWebSocketManager(HealthMethods, QObject):
    """Owns who wants what, and the connections that carry it: one public, and a private and an info one if wanted.

    Applications rarely need it: the first proxy starts it, and it ends with the QApplication object or with the
    interpreter, however many event loops run before. All methods belong to the GUI thread. While it runs, Ctrl-C ends
    the event loop with 130, unless the program handles it itself or ``handle_interrupts`` is off.

    Signals:
        link_changed: the name of a link (``"public"``, ``"private"``, ``"info"``) and its :class:`LinkStatus`.
        topics_changed: a tuple of the topics whose state changed.
        error_occurred: an exception that keeps the network side from running.
        alert_changed: an :class:`upbit_qt_ws.health.Alert` that was just raised or resolved.
        stopped: it was shut down, and nothing comes any more.

    Attributes:
        config: the settings.
        registry: the components with their subscriptions, for the proxies.
        snapshots: the newest values once, from the cache or over REST.
        slow_calls: callbacks that have kept the window busy for too long.
        witness: finds out whether Qt's event loop runs.
    """

    link_changed = pyqtSignal(str, object)
    topics_changed = pyqtSignal(object)
    error_occurred = pyqtSignal(object)
    alert_changed = pyqtSignal(object)
    stopped = pyqtSignal()

    _commit_requested = pyqtSignal()

    _instance: ClassVar[GlobalWebSocketManager | None] = None

    @classmethod
    def get_instance(cls, config: WebSocketConfig | None = None) -> GlobalWebSocketManager:
        """Return the application's manager, made at the first call.

        Args:
            config: settings for the first call; the defaults and the environment if None.

        Raises:
            ConfigurationError: there is a manager already, and its settings differ from ``config``.
        """
        manager = GlobalWebSocketManager._instance
        if manager is None or manager.is_shut_down:
            manager = GlobalWebSocketManager._instance = cls(config)
        elif config is not None and config != manager.config:
            raise ConfigurationError(
                f"the manager already runs with {manager.config}: give the settings to the first get_instance(), "
                "before the first widget or proxy is made"
            )
        return manager

    def __init__(self, config: WebSocketConfig | None = None) -> None:
        """Set everything up; nothing is opened before :meth:`start`.

        Raises:
            ConfigurationError: there is no QApplication yet.
            WrongThreadError: this is not the GUI thread.
            ShutDownError: this process was forked from one in which a manager ran.
        """
        _check_application()
        super().__init__()
        bind(self)
        self.config = WebSocketConfig.load() if config is None else config
        self._owner_thread = threading.get_ident()
        self.registry = ComponentRegistry(
            LevelPolicy(self.config.level_policy),
            self._schedule_commit,
            self._request_frame,
            self.config.reopen_grace_s,
        )
        self._health = HealthMonitor(self.config, self.registry.router, self)
        self._bridge = QtBridgeManager(
            self.registry.router,
            self._health.monitor.frames,
            frame_rate=LOW_LATENCY_RATE if self.config.low_latency else self.config.frame_rate,
            ring_size=self.config.ring_size,
        )
        self._lifecycle = ComponentLifecycleManager()
        self._visibility = VisibilityWatcher(self.config.hidden_linger_s, self)
        self.witness = LoopWitness(self)
        watch = self.witness.within(self.config.snapshot_timeout_s)
        self._network = NetworkSide(self.config, self._bridge.mailbox, watch)
        self.snapshots = SnapshotService(
            self.registry, self._network.ask, self.witness, self.config.snapshot_timeout_s, self
        )
        self._links = {endpoint.value: LinkStatus(since=time.monotonic()) for endpoint in Endpoint}
        self.slow_calls = SlowCalls(self.config.slow_callback_s)
        self._commit_pending = False
        self._stopped: Outcome[None] | None = None
        self._life = ApplicationLife(self.shutdown, self._on_forked)
        connect_queued(self._commit_requested, self._commit)
        self._bridge.topics_changed.connect(self._announce)
        self._network.link_changed.connect(self._on_link_changed)
        self._network.topics_changed.connect(self._on_topics_changed)
        self._network.measured.connect(self._on_measured)
        self._network.failed.connect(self.error_occurred)
        self._health.watch(self._network)
        self._health.alert_changed.connect(self.alert_changed)
        self._health.beat.connect(self._on_beat)

    # -- running ----------------------------------------------------------------------------------------------

    @property
    def is_shut_down(self) -> bool:
        """Whether :meth:`shutdown` was called; a manager does not start again."""
        return self._stopped is not None

    def start(self) -> None:
        """Start the network side; starting twice does nothing. No event loop needs to run yet.

        Raises:
            ShutDownError: the manager was shut down.
        """
        self.check_thread()
        self.check_running()
        if self._network.started:
            return
        self._life.begin()
        if self.config.handle_interrupts:
            INTERRUPTS.acquire()
        self._network.start()

    def check_running(self) -> None:
        """Check that the manager has not ended.

        Raises:
            ShutDownError: it was shut down, or this process was forked from that in which it runs.
        """
        if self._stopped is None:
            return
        if is_forked():
            raise ShutDownError(_OF_PARENT)
        raise ShutDownError(
            "the manager was shut down: get a new one from GlobalWebSocketManager.get_instance(), and make new widgets "
            "and proxies"
        )

    def shutdown(self) -> Outcome[None]:
        """Close the sockets, end the network side and deliver nothing more; calling it twice does nothing more.

        All subscriptions are closed then, and using their proxies raises :class:`ShutDownError`. With a network thread
        it returns when that has ended, within 2 s. On the application's own loop it returns at once while that loop
        runs, and the outcome, which may be awaited, tells when the sockets are closed.
        """
        if self._stopped is not None:
            return self._stopped
        # First of all, so that nothing is wanted of the network any more.
        stopped = self._stopped = Outcome[None](self.witness.within(self.config.snapshot_timeout_s))
        self._bridge.stop()
        self.snapshots.stop()
        self._health.stop()
        self._visibility.stop()
        self._lifecycle.stop()
        self._life.finish()
        if self._network.started and self.config.handle_interrupts:
            INTERRUPTS.release()
        self.registry.close()
        ended = self._network.stop()
        ended.add_done_callback(functools.partial(stopped.set_result, None))
        stopped.add_done_callback(self._on_stopped)
        return stopped

    def _on_forked(self) -> None:
        """This is a forked child now, in which nothing of the network side exists."""
        self._stopped = Outcome()
        self._stopped.set_result(None)
        self._lifecycle.stop()

    def set_keys(self, access_key: str, secret_key: str) -> None:
        """Use these API keys from now on; what was refused for want of keys is tried again at once.

        Empty strings mean those of the configuration again.

        Raises:
            ConfigurationError: a key is misspelt, or only one of the two is given.
        """
        self.check_thread()
        self.check_running()
        self._network.set_keys(ApiKeys(access_key, secret_key) if access_key or secret_key else None)

    def reconnect(self, name: str = "public") -> Outcome[None]:
        """Replace the connection of a link by a new one, which delivers everything before the old one is closed.

        Without a connection, the next attempt is made at once, and the outcome does not wait for it.

        Args:
            name: ``"public"``, ``"private"`` or ``"info"``.

        Returns:
            When it is done; awaiting it raises RecoveryError if no new connection could be made. The old one is kept
            then, if it is still there.

        Raises:
            ConfigurationError: there is no link of that name.
        """
        self.check_thread()
        self.check_running()
        if name not in self._links:
            raise ConfigurationError(f"there is no link {name!r}: choose one of {', '.join(self._links)}")
        return self._network.reconnect(name)

    def _on_stopped(self) -> None:
        for name, status in self._links.items():
            self._links[name] = msgspec.structs.replace(
                status, state=LinkState.STOPPED, since=time.monotonic(), reason="", retry_at=None
            )
        self.stopped.emit()

    def check_thread(self) -> None:
        """Check that the caller is in the GUI thread.

        Raises:
            WrongThreadError: it is not.
        """
        if threading.get_ident() != self._owner_thread:
            raise WrongThreadError(
                f"called from thread {threading.current_thread().name!r}: proxies and the manager belong to the GUI "
                "thread; reach it with a signal or QMetaObject.invokeMethod"
            )

    # -- for the proxies --------------------------------------------------------------------------------------

    def add_component(self, owner: QObject, sink: Callable[[], Sink | None]) -> int:
        """Enter a component that lives as long as ``owner``; return its number.

        Args:
            owner: the proxy; when it is destroyed its subscriptions end.
            sink: a weak reference to what takes its deliveries.
        """
        component = self.registry.add(sink)
        self._lifecycle.watch(owner, functools.partial(self.remove_component, component))
        return component

    def follow_visibility(self, component: int, owner: Callable[[], QObject | None]) -> None:
        """Serve a component only while the widget that owns it can be seen.

        Args:
            component: its number.
            owner: a weak reference to the proxy.
        """
        self._visibility.watch(component, owner)

    def remove_component(self, component: int) -> None:
        """End all subscriptions of a component; removing it twice does nothing."""
        self._visibility.forget(component)
        self.registry.remove(component)

    def forget_owner(self, owner: QObject) -> None:
        """Watch a proxy no longer, because it has cleaned up itself."""
        self._lifecycle.forget(owner)

    # -- what the visibility watcher asks for -----------------------------------------------------------------

    def rest(self, components: Sequence[int]) -> None:
        """Deliver nothing public to components that nobody can see."""
        for component in components:
            self.registry.rest(component)

    def release(self, components: Sequence[int]) -> None:
        """Have the exchange asked for nothing public on behalf of components that nobody can see."""
        self._deliver_waiting()
        for component in filter(self._visibility.follows, components):
            self.registry.release(component)

    def wake(self, components: Sequence[int]) -> None:
        """Serve components again that can be seen, with the last values before they are painted."""
        self._deliver_waiting()
        for component in filter(self._visibility.follows, components):
            self.registry.wake(component)
        if self._stopped is None:
            self._bridge.flush()

    def _deliver_waiting(self) -> None:
        """Have the last values up to date, also of topics that nobody is woken for."""
        if self._stopped is None:
            self._bridge.mailbox.keep_quiet(frozenset())
            self._bridge.flush()

    def _request_frame(self) -> None:
        self._bridge.request_frame()

    def _schedule_commit(self) -> None:
        """Have all changes of this turn of the event loop sent as one state."""
        if not self._commit_pending and self._stopped is None:
            self._commit_pending = True
            self._commit_requested.emit()

    @pyqtSlot()
    @guarded
    def _commit(self) -> None:
        self._commit_pending = False
        self._bridge.mailbox.keep_all(self.registry.whole_topics())
        self._bridge.mailbox.keep_quiet(self.registry.quiet_topics())
        desired = self.registry.take_desired()
        if desired is not None:
            self._network.apply(desired)
        changed = self.registry.take_rejected() + self.registry.take_restarted()
        if changed:
            self._announce(changed)

    # -- news from the network side ---------------------------------------------------------------------------

    @pyqtSlot(str, object)
    @guarded
    def _on_link_changed(self, name: str, status: LinkStatus) -> None:
        if self._stopped is not None:
            return
        self._links[name] = status
        self._health.note(self._links, time.monotonic())
        if status.state is not LinkState.CONNECTED:
            stale = self.registry.router.states.lost(Endpoint(name), status.epoch)
            if stale:
                self._announce(stale)
        self.link_changed.emit(name, status)

    @pyqtSlot(object)
    @guarded
    def _on_measured(self, vitals: NetworkVitals) -> None:
        """Take the links' counters, which move without a change that would be told."""
        if self._stopped is None:
            self._links.update(vitals.links)

    @pyqtSlot(str, object)
    @guarded
    def _on_topics_changed(self, name: str, news: TopicNews) -> None:
        router, states, when = self.registry.router, self.registry.router.states, news.when
        changed = router.retire(news.retired, when) + states.not_served(news.not_served, when)
        changed += states.refused(news.refused, when) + states.asked_again(news.asked_again, when)
        changed += states.confirmed(news.confirmed, when) + states.missing(news.missing + news.unheard, when)
        if changed:
            self._announce(changed)
        if news.gaps:
            router.hub.announce_gaps(news.gaps)

    @pyqtSlot()
    @guarded
    def _on_beat(self) -> None:
        self.slow_calls.turned_at = time.perf_counter()
        self._visibility.look()
        self.registry.expire()

    @pyqtSlot(object)
    @guarded
    def _announce(self, topics: tuple[Topic, ...]) -> None:
        self.registry.router.hub.announce(topics)
        self.topics_changed.emit(topics)
