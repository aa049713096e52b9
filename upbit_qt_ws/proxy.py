"""The proxy: live data for one component, with no connection code, no threads and no clean-up."""

from __future__ import annotations

import inspect
import itertools
import logging
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from PyQt6 import sip
from PyQt6.QtCore import QMetaMethod, QObject, pyqtBoundSignal, pyqtSignal

from upbit_qt_ws.callbacks import CallbackRunner, OwnersMethod
from upbit_qt_ws.delivery.backpressure import check_policy
from upbit_qt_ws.delivery.parked import ParkedDeliveries
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.manager import GlobalWebSocketManager
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.snapshot_methods import SnapshotMethods
from upbit_qt_ws.subscribe_methods import SubscribeMethods, with_codes
from upbit_qt_ws.subscription import Subscription
from upbit_qt_ws.subscriptions import Refusal, SubscriptionSpec, SubscriptionState
from upbit_qt_ws.system.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from upbit_qt_ws.delivery import Delivery
    from upbit_qt_ws.delivery.backpressure import Policy
    from upbit_qt_ws.events import Event
    from upbit_qt_ws.subscriptions import Gap
    from upbit_qt_ws.wire.topics import Topic

_log = logging.getLogger(__name__)
_numbers = itertools.count(1)
_BATCH: Final = "batch_received"
_QUIET: Final = 600.0
"""An error of a callback that was not raised for so long is news for the log again, in seconds."""


class QtWebSocketProxy(SubscribeMethods, SnapshotMethods, QObject):
    """Gives a component its own view of the one connection that the application has.

    Make it with the widget as parent and subscribe; it ends with the widget. The first proxy starts the
    manager. Proxies and subscriptions may be made before any event loop runs. All methods belong to the GUI thread,
    and all signals and callbacks come in it, at most once a frame.

    Signals:
        ticker_received, trade_received, orderbook_received, candle_received: one event of that type.
        my_order_received, my_asset_received, announcement_received: one event of that type.
        indicator_received: one event of an indicator, or of an indicator's signal.
        batch_received: a tuple of all events of the frame, after the single ones; made for tables.
        state_changed: a :class:`Subscription` of this proxy whose state changed.
        gap_detected: a :class:`Gap`: an outage may have cost a topic of this proxy something.
        error_occurred: an exception that a callback raised, that tells of codes of this proxy which are refused or not
            served, or that keeps the network side from running.

    Args:
        name: shown in logs; made up if None.
        parent: the QObject whose end is the proxy's end; without one, the proxy ends when nobody refers to it.
        manager: the manager to use; the application's if None.
        follow_visibility: while the widget that owns the proxy is hidden, minimised or in a covered tab, deliver
            nothing public, and after 5 s (``hidden_linger_s``) have nothing asked for it; shown again, it has the last
            values at once. False serves it all the time.
    """

    ticker_received = pyqtSignal(object)
    trade_received = pyqtSignal(object)
    orderbook_received = pyqtSignal(object)
    candle_received = pyqtSignal(object)
    my_order_received = pyqtSignal(object)
    my_asset_received = pyqtSignal(object)
    announcement_received = pyqtSignal(object)
    indicator_received = pyqtSignal(object)
    batch_received = pyqtSignal(object)
    state_changed = pyqtSignal(object)
    gap_detected = pyqtSignal(object)
    error_occurred = pyqtSignal(object)

    def __init__(
        self,
        name: str | None = None,
        *,
        parent: QObject | None = None,
        manager: GlobalWebSocketManager | None = None,
        follow_visibility: bool = True,
    ) -> None:
        """Enter the component with the manager, and start that if it does not run yet."""
        # First of all: what is refused makes no object of Qt.
        chosen = manager or GlobalWebSocketManager.get_instance()
        chosen.start()
        super().__init__(parent)
        self._manager = chosen
        self._name = name or f"proxy-{next(_numbers)}"
        self.setObjectName(self._name)
        self._subscriptions: dict[int, Subscription] = {}
        # The signals that somebody is connected to, by type; None for those that nobody is.
        self._heard: dict[str, pyqtBoundSignal | None] = {}
        # Whether any subscription was about the account, whose lost events are told.
        self._has_own = False
        self._cleaned_up: Outcome[None] | None = None
        self._is_delivering = self._is_unparking = False
        self._parked: ParkedDeliveries | None = None
        self._slow_calls = self._manager.slow_calls
        self._complaints: Repeats | None = None  # Made when there is something to complain of.
        self._component = self._manager.add_component(self, weakref.ref(self))
        if follow_visibility:
            self._manager.follow_visibility(self._component, weakref.ref(self))
        self._manager.error_occurred.connect(self.error_occurred)
        # Bound signals are looked up once, not once an event.
        self._signals = {
            "ticker": self.ticker_received,
            "trade": self.trade_received,
            "orderbook": self.orderbook_received,
            "myOrder": self.my_order_received,
            "myAsset": self.my_asset_received,
            "announcement": self.announcement_received,
            "indicator": self.indicator_received,
            "indicator_signal": self.indicator_received,
        }

    @property
    def name(self) -> str:
        """The component's name."""
        return self._name

    @property
    def manager(self) -> GlobalWebSocketManager:
        """The manager that serves this proxy."""
        return self._manager

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The open subscriptions, in the order in which they were made."""
        return tuple(self._subscriptions.values())

    # -- subscriptions ----------------------------------------------------------------------------------------

    def unsubscribe(self, subscription: Subscription) -> None:
        """End one subscription of this proxy.

        Raises:
            SubscriptionError: it belongs to another proxy. One that is closed already is no error.
        """
        if subscription.state is not SubscriptionState.CLOSED:
            if subscription.receiver.id not in self._subscriptions:
                raise SubscriptionError(f"{subscription!r} does not belong to the proxy {self._name!r}")
            subscription.cancel()

    def unsubscribe_all(self) -> None:
        """End all subscriptions of this proxy; it may subscribe again."""
        for subscription in self.subscriptions:
            subscription.cancel()

    def cleanup(self) -> Outcome[None]:
        """End all subscriptions for good; cleaning up twice does nothing more. The result may be awaited.

        It is called by itself when the proxy is destroyed. Subscribing afterwards raises SubscriptionError.
        """
        if self._cleaned_up is None:
            self._manager.check_thread()
            self._cleaned_up = Outcome()
            if not sip.isdeleted(self):
                self._manager.forget_owner(self)
                self._manager.error_occurred.disconnect(self.error_occurred)
            self._manager.remove_component(self._component)
            self._subscriptions.clear()
            self._cleaned_up.set_result(None)
        return self._cleaned_up

    def __enter__(self) -> Self:
        """Use it for the time of a ``with`` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clean up."""
        self.cleanup()

    async def __aenter__(self) -> Self:
        """Use it for the time of an ``async with`` block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clean up."""
        await self.cleanup()

    def _subscribe(
        self,
        spec: SubscriptionSpec,
        callback: Callable[[Any], object] | None,
        error_handler: Callable[[Exception], object] | None,
        policy: Policy | None,
        concurrency: int,
    ) -> Subscription:
        self._check_open()
        region = self._manager.config.region
        if spec.level and region != "kr":
            raise SubscriptionError(
                f"order book level {spec.level:g} is served in Korea only, and the region is {region!r}"
            )
        if callback is not None and not callable(callback):
            raise SubscriptionError(f"callback {callback!r} cannot be called: give a function of one event")
        if error_handler is not None and not callable(error_handler):
            raise SubscriptionError(
                f"error_handler {error_handler!r} cannot be called: give a function of one exception"
            )
        if policy is not None:
            check_policy(policy, spec.type)
        if type(concurrency) is not int or concurrency < 1:
            raise SubscriptionError(f"concurrency {concurrency!r}: give a whole number of events from 1")
        receiver = self._manager.registry.subscribe(self._component, spec, policy)
        runner = None
        if callback is not None:
            handler = None if error_handler is None else self._without_cycle(error_handler)
            supervisor = _Supervisor(self)
            pause_after = self._manager.config.pause_after_failures
            runner = CallbackRunner(
                self._without_cycle(callback), handler, supervisor, receiver, pause_after, concurrency
            )
        watch = self._manager.witness.within(self._manager.config.first_data_s)
        subscription = Subscription(spec, receiver, runner, weakref.ref(self), watch)
        receiver.on_end = weakref.WeakMethod(subscription._ended)
        self._subscriptions[receiver.id] = subscription
        self._has_own = self._has_own or receiver.is_own
        subscription._refresh()
        return subscription

    def _without_cycle(self, function: Callable[[Any], object]) -> Callable[[Any], object]:
        """Hold methods of the objects that own this proxy weakly, so that these die with their last reference."""
        if inspect.ismethod(function):
            owner = self.parent()
            while owner is not None:
                if owner is function.__self__:
                    return OwnersMethod(function)
                owner = owner.parent()
        return function

    def _check_open(self) -> None:
        self._manager.check_thread()
        if self._cleaned_up is not None:
            raise SubscriptionError(f"the proxy {self._name!r} was cleaned up: make a new one")
        if sip.isdeleted(self):
            raise SubscriptionError(f"the proxy {self._name!r} was destroyed with its parent: make a new one")
        self._manager.check_running()

    # -- for the subscriptions --------------------------------------------------------------------------------

    def swap_codes(self, subscription: Subscription, codes: str | Iterable[str]) -> None:
        """Swap the codes of one subscription; use :meth:`Subscription.set_codes`."""
        self._check_open()
        before = subscription.spec
        after = with_codes(before, codes)
        if after == before:
            return
        self._manager.registry.resubscribe(subscription.receiver, before, after)
        subscription._renew(after)
        self._refresh(subscription)

    def cancel_subscription(self, subscription: Subscription) -> None:
        """End one subscription; use :meth:`Subscription.cancel`."""
        self._manager.check_thread()
        if subscription.receiver.id in self._subscriptions:
            self._manager.registry.unsubscribe(subscription.receiver, subscription.spec)

    def subscription_ended(self, subscription: Subscription) -> None:
        """Forget a subscription that is closed; called by it."""
        if self._subscriptions.pop(subscription.receiver.id, None) is not None and self._is_alive():
            self.state_changed.emit(subscription)

    def topic_state(self, topic: Topic) -> SubscriptionState:
        """Return how a topic stands."""
        return self._manager.registry.topic_state(topic)

    def refusal(self, topic: Topic) -> Refusal | None:
        """Return why a topic is rejected."""
        return self._manager.registry.refusal(topic)

    # -- delivery ---------------------------------------------------------------------------------------------

    def deliver(self, batch: list[Delivery]) -> None:
        """Deliver a frame to this component; called by the manager.

        Two subscriptions of one proxy may want the same event: each has its callback called, the signals are
        emitted once. What comes while a callback or slot of this component runs a nested Qt loop waits for its end.
        """
        if self._is_delivering:
            self._park(batch)
            return
        self._is_delivering = True
        shown: dict[int, Event] = {}
        heard = self._heard
        alive = self._is_alive()
        try:
            for receiver, generation, event in batch:
                subscription = self._subscriptions.get(receiver.id)
                if subscription is None or generation != receiver.generation:
                    # Cancelled, swapped or destroyed by a callback of this very frame.
                    receiver.dropped += 1
                    continue
                receiver.delivered += 1
                if subscription.runner is not None:
                    subscription.runner.call(event)
                    alive = self._is_alive()
                if not alive or id(event) in shown:
                    continue
                if receiver.policy.interval and not self._is_quickest(subscription, event):
                    continue
                shown[id(event)] = event
                kind = event.type
                if kind not in heard:
                    self._hear(kind)
                signal = heard[kind]
                if signal is not None:
                    alive = self._emit(signal, event, kind)
            if shown and alive and heard[_BATCH] is not None:
                alive = self._emit(self.batch_received, tuple(shown.values()), _BATCH)
            if alive and self._has_own:
                self._tell_lost()
        finally:
            self._is_delivering = False
        if self._parked is not None and not self._is_unparking:
            self._unpark()

    def _park(self, batch: list[Delivery]) -> None:
        """Keep a frame that has come while a callback or slot of the one before runs a nested Qt loop."""
        if self._parked is None:
            self._parked = ParkedDeliveries()
        self._parked.add(batch)

    def _unpark(self) -> None:
        """Deliver what was kept, and what was kept while that was delivered, and so on."""
        self._is_unparking = True
        try:
            while self._parked is not None:
                parked, self._parked = self._parked, None
                self.deliver(parked.take())
        finally:
            self._is_unparking = False

    @guarded
    def connectNotify(self, signal: QMetaMethod) -> None:
        """Look anew who listens."""
        self._forget_listeners()

    @guarded
    def disconnectNotify(self, signal: QMetaMethod) -> None:
        """Look anew who listens."""
        self._forget_listeners()

    def _forget_listeners(self) -> None:
        # Qt may call this while the object is made or destroyed. In place, because a frame may be under way.
        heard = getattr(self, "_heard", None)
        if heard is not None:
            heard.clear()
            heard[_BATCH] = self.batch_received

    def _hear(self, kind: str) -> None:
        """Find out whether anybody listens to a type of events: to emit a signal costs more than all the rest."""
        signal = self._signals.get(kind, self.candle_received)  # Candles have nine types.
        self._heard[kind] = signal if self.receivers(signal) else None
        self._heard[_BATCH] = self.batch_received if self.receivers(self.batch_received) else None

    def _emit(self, signal: pyqtBoundSignal, argument: object, what: str) -> bool:
        """Emit a signal, note slots that take long, and tell whether more may be emitted."""
        began = time.perf_counter()
        signal.emit(argument)
        took = time.perf_counter() - began
        if took > self._slow_calls.limit and self._slow_calls.turned_at < began:
            self._note_slow(what, took)
        return self._is_alive()

    def _tell_lost(self) -> None:
        for subscription in self.subscriptions:
            lost = subscription._take_lost()
            if lost is not None and self._is_alive():
                self._complain(str(lost))
                self.error_occurred.emit(lost)

    def _note_slow(self, what: str, seconds: float) -> None:
        if self._slow_calls.note(f"{self._name}: slots of {what}", seconds):
            _log.warning("the slots of %s of %s kept the window busy for %.0f ms", what, self._name, seconds * 1000)

    def _is_quickest(self, subscription: Subscription, event: Event) -> bool:
        """Tell whether no other subscription of this proxy tells the event sooner: signals come once, and in order."""
        code = getattr(event, "code", "")
        mine = (subscription.receiver.policy.interval, subscription.receiver.id)
        return all(
            mine <= (other.receiver.policy.interval, other.receiver.id)
            for other in self._subscriptions.values()
            if other.spec.type == subscription.spec.type and code in other.spec.codes
        )

    def report(self, error: Exception, withheld: int = 0) -> None:
        """Log what a callback raised unless it says nothing new, and emit it; called by the subscriptions."""
        more = f", and {withheld} times more before" if withheld else ""
        self._complain(f"a callback of {self._name} failed{more}", error)
        if self._is_alive():
            self.error_occurred.emit(error)

    def _complain(self, what: str, error: Exception | None = None) -> None:
        if self._complaints is None:
            self._complaints = Repeats(_QUIET)
        kind = what if error is None else f"{type(error).__name__}: {error}"
        line = self._complaints.complain(what, time.monotonic(), kind=kind)
        if line is not None:
            _log.error("%s", line, exc_info=error)

    def topics_changed(self, topics: frozenset[Topic]) -> None:
        """Look at the states of the subscriptions anew; called by the manager."""
        for subscription in self.subscriptions:
            if not topics.isdisjoint(subscription.spec.topics):
                self._refresh(subscription)

    def gaps_found(self, gaps: tuple[Gap, ...]) -> None:
        """Tell of gaps; called by the manager."""
        for gap in gaps:
            if self._is_alive():
                self.gap_detected.emit(gap)

    def _refresh(self, subscription: Subscription) -> None:
        if subscription._refresh() and self._is_alive():
            self.state_changed.emit(subscription)
        complaint = subscription._complaint()
        if complaint is not None and self._is_alive():
            self.error_occurred.emit(complaint)

    def _is_alive(self) -> bool:
        """Whether signals may be emitted: a callback may have cleaned up or destroyed its own proxy."""
        return self._cleaned_up is None and not sip.isdeleted(self)


class _Supervisor:
    """Reports to a proxy that its subscriptions must not keep alive."""

    def __init__(self, proxy: QtWebSocketProxy) -> None:
        self._proxy = weakref.ref(proxy)
        self._name = proxy.name
        self._slow_calls = proxy.manager.slow_calls
        self.slow_after = self._slow_calls.limit

    def failed(self, error: Exception, withheld: int = 0) -> None:
        proxy = self._proxy()
        if proxy is not None:
            proxy.report(error, withheld)

    def slow(self, name: str, began: float, seconds: float) -> None:
        if self._slow_calls.turned_at < began and self._slow_calls.note(f"{self._name}: {name}", seconds):
            _log.warning("the callback %s of %s kept the window busy for %.0f ms", name, self._name, seconds * 1000)


WebSocketClientProxy = QtWebSocketProxy
"""The older name of :class:`QtWebSocketProxy`."""
