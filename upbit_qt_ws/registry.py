"""The registry: components and their subscriptions, joined with the routes that deliver to them. GUI thread, no Qt."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.delivery.receiver import Receiver
from upbit_qt_ws.delivery.routing import DataRoutingEngine
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.subscriptions import LevelPolicy, Refusal, SubscriptionState, SubscriptionStateManager
from upbit_qt_ws.wire.indicators import MOST_COMBINATIONS
from upbit_qt_ws.wire.topics import INFO_TYPES, PUBLIC_TYPES, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from upbit_qt_ws.delivery.backpressure import Policy
    from upbit_qt_ws.delivery.fanout import Sink
    from upbit_qt_ws.events import Event
    from upbit_qt_ws.subscriptions import DesiredState, SubscriptionSpec
    from upbit_qt_ws.wire.topics import Topic

_NOBODY: Final = 0
"""The component that streams are kept for after theirs has gone; real ones are counted from 1."""


class ComponentRegistry:
    """Keeps the ledger and the fan-out in step: every change is made in both, at once and synchronously.

    Args:
        level_policy: what happens when one book is wanted at two levels.
        changed: called after each change; it schedules the sending of the merged set.
        frame_wanted: called when values from the cache wait for a late joiner.
        grace: how long the public streams of a component that has gone are kept, in seconds.
        clock: gives monotonic seconds.

    Attributes:
        ledger: who wants what.
        router: who gets what, the last values and the states of the topics.
    """

    def __init__(
        self,
        level_policy: LevelPolicy,
        changed: Callable[[], None],
        frame_wanted: Callable[[], None],
        grace: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with no component."""
        self.ledger = SubscriptionStateManager(level_policy)
        self.router = DataRoutingEngine()
        self._changed = changed
        self._frame_wanted = frame_wanted
        self._numbers = itertools.count(1)
        self._receivers: dict[int, Receiver] = {}
        self._whole: dict[int, tuple[Topic, ...]] = {}
        self._grace = grace
        self._clock = clock
        # What nobody wants any more and is kept for a while: when that ends, by the number in the ledger.
        self._leftovers: dict[int, float] = {}
        self._resting: set[int] = set()
        self._released: set[int] = set()
        self._kept: dict[int, dict[Topic, Event]] = {}
        self._sent_revision = 0
        self._known_rejected: frozenset[Topic] = frozenset()
        self._restarted: list[Topic] = []

    def add(self, sink: Callable[[], Sink | None]) -> int:
        """Enter a component and return its number; ``sink`` is a weak reference to what takes its deliveries."""
        component = next(self._numbers)
        self.router.hub.attach(component, sink)
        return component

    def remove(self, component: int) -> None:
        """End all subscriptions of a component; removing it twice does nothing."""
        self.router.hub.detach(component)
        self._resting.discard(component)
        self._released.discard(component)
        for entry in self.ledger.remove_component(component):
            self._end(self._receivers.pop(entry.id), entry.spec)
            self._keep_for_a_while(entry.spec)
        self._changed()

    def subscribe(self, component: int, spec: SubscriptionSpec, policy: Policy | None = None) -> Receiver:
        """Enter a subscription; without a policy that of its type is taken.

        Raises:
            SubscriptionError: with it, more indicators would be wanted than one request may hold.
        """
        self._check_combinations(spec.topics)
        self._make_room(spec)
        subscription_id = self.ledger.add(component, spec)
        receiver = self._receivers[subscription_id] = Receiver(subscription_id, component, spec, policy)
        self._note_whole(receiver, spec)
        self.router.hub.route(receiver, (), spec.topics)
        receiver.is_paused = component in self._resting and _may_rest(receiver)
        if receiver.is_paused and component in self._released:
            self.ledger.suspend(subscription_id)
        else:
            self._welcome(receiver, spec.topics)
        self._changed()
        return receiver

    def resubscribe(self, receiver: Receiver, before: SubscriptionSpec, after: SubscriptionSpec) -> None:
        """Swap what a subscription asks for in one step.

        Raises:
            SubscriptionError: with it, more indicators would be wanted than one request may hold.
        """
        self._check_combinations(after.topics)
        self._make_room(after)
        self.ledger.replace(receiver.id, after)
        receiver.configure(after)
        self._note_whole(receiver, after)
        self.router.hub.route(receiver, before.topics, after.topics)
        known = set(before.topics)
        self._welcome(receiver, [topic for topic in after.topics if topic not in known])
        self._changed()

    def unsubscribe(self, receiver: Receiver, spec: SubscriptionSpec) -> None:
        """End a subscription."""
        self.ledger.remove(receiver.id)
        self._end(self._receivers.pop(receiver.id), spec)
        self._changed()

    def close(self) -> None:
        """End all subscriptions of all components, for good."""
        self._grace = 0.0
        for component in {receiver.component for receiver in self._receivers.values()}:
            self.remove(component)
        for number in tuple(self._leftovers):
            self._let_go(number)

    def _end(self, receiver: Receiver, spec: SubscriptionSpec) -> None:
        self._whole.pop(receiver.id, None)
        self._kept.pop(receiver.id, None)
        self.router.hub.close(receiver, spec.topics)
        ended = None if receiver.on_end is None else receiver.on_end()
        if ended is not None:
            ended()

    # -- components that nobody can see -----------------------------------------------------------------------

    def rest(self, component: int) -> None:
        """Deliver nothing public to a component for the time being; own orders and balances go on."""
        self._resting.add(component)
        for receiver in self._public_receivers(component):
            receiver.is_paused = True
            receiver.give_up()
        self._changed()

    def release(self, component: int) -> None:
        """Have nothing asked for a component that rests, and keep the last values for it."""
        self._released.add(component)
        for receiver in self._public_receivers(component):
            topics = self.ledger.subscription(receiver.id).spec.topics
            values = ((topic, self.router.last_values.for_joiner(topic)) for topic in topics)
            self._kept[receiver.id] = {topic: event for topic, event in values if event is not None}
            self.ledger.suspend(receiver.id)
        self._changed()

    def wake(self, component: int) -> None:
        """Deliver to a component again: the last values first, with their age."""
        self._resting.discard(component)
        self._released.discard(component)
        for receiver in self._public_receivers(component):
            receiver.is_paused = False
            self.ledger.resume(receiver.id)
            self._welcome(
                receiver, self.ledger.subscription(receiver.id).spec.topics, self._kept.pop(receiver.id, None)
            )
        self._changed()

    def quiet_topics(self) -> frozenset[Topic]:
        """Return the topics that are wanted by components that rest, or by none any more, and by no other."""
        unseen = self.router.hub.unseen() if self._resting else frozenset()
        left = (self.ledger.subscription(number).spec.topics for number in self._leftovers)
        return unseen.union(topic for topics in left for topic in topics if not self.router.hub.wants(topic))

    def _public_receivers(self, component: int) -> list[Receiver]:
        receivers = (self._receivers[entry.id] for entry in self.ledger.of_component(component))
        return [receiver for receiver in receivers if _may_rest(receiver)]

    # -- components that have gone ----------------------------------------------------------------------------

    def expire(self) -> None:
        """Let go of what has been kept long enough for components that have gone; called regularly."""
        now = self._clock()
        for number in [number for number, until in self._leftovers.items() if until <= now]:
            self._let_go(number)

    def _keep_for_a_while(self, spec: SubscriptionSpec) -> None:
        """Have the streams go on that only this subscription wanted: the window may be opened again at once."""
        left = [topic for topic in spec.topics if self.ledger.subscribers(topic) <= self._leftovers.keys()]
        if left and self._grace > 0.0 and spec.type in PUBLIC_TYPES and spec.stream & Stream.REALTIME:
            kept = msgspec.structs.replace(spec, codes=tuple(topic.code for topic in left), stream=Stream.REALTIME)
            self._leftovers[self.ledger.add(_NOBODY, kept)] = self._clock() + self._grace

    def _make_room(self, spec: SubscriptionSpec) -> None:
        """Let go of books at another level than somebody wants now."""
        if spec.type != "orderbook" or not self._leftovers:
            return
        for number in tuple(self._leftovers):
            kept = self.ledger.subscription(number).spec
            if kept.type == spec.type and kept.level != spec.level and not set(kept.codes).isdisjoint(spec.codes):
                self._let_go(number)

    def _let_go(self, number: int) -> None:
        del self._leftovers[number]
        self.ledger.remove(number)
        self._changed()

    # -- what is asked of the mailbox -------------------------------------------------------------------------

    def whole_topics(self) -> frozenset[Topic]:
        """Return the topics of which somebody wants every event."""
        return frozenset(topic for topics in self._whole.values() for topic in topics)

    def _note_whole(self, receiver: Receiver, spec: SubscriptionSpec) -> None:
        if receiver.is_whole:
            self._whole[receiver.id] = spec.topics

    def topic_state(self, topic: Topic) -> SubscriptionState:
        """Return how a topic stands."""
        if topic in self.ledger.rejected:
            return SubscriptionState.REJECTED
        return self.router.states.state(topic)

    def refusal(self, topic: Topic) -> Refusal | None:
        """Return why a topic is rejected, with the way out; None if it is not."""
        if topic in self.ledger.rejected:
            return Refusal(
                f"the order book of {topic.code} is already subscribed with another level",
                hint="cancel that subscription first, or allow both with level_policy='send_both'",
            )
        return self.router.states.refusal(topic)

    def current(self, topic: Topic) -> Event | None:
        """Return the newest value of a topic as one from the cache, if a live stream keeps it up to date, else None."""
        want = self.ledger.want(topic)
        if want is None or not want.stream & Stream.REALTIME or self.topic_state(topic) is not SubscriptionState.LIVE:
            return None
        if not self.router.hub.is_seen(topic):
            # It comes, but nobody is woken for it, so the newest value may still be on its way.
            return None
        return self.router.last_values.for_joiner(topic)

    def take_desired(self) -> DesiredState | None:
        """Return the merged set if it has changed since the last call."""
        if self.ledger.revision == self._sent_revision:
            return None
        self._sent_revision = self.ledger.revision
        return self.ledger.desired()

    def take_rejected(self) -> tuple[Topic, ...]:
        """Return the topics that were rejected, or are no longer, since the last call."""
        before, self._known_rejected = self._known_rejected, self.ledger.rejected
        return tuple(sorted(before ^ self._known_rejected))

    def counts(self) -> dict[str, object]:
        """Return how many components, subscriptions and topics there are, and how many topics are in each state."""
        topics = self.ledger.desired().wants
        states = [self.topic_state(topic) for topic in (*topics, *self.ledger.rejected)]
        return {
            "components": self.ledger.components - bool(self._leftovers),
            "subscriptions": len(self.ledger.subscriptions) - len(self._leftovers),
            "topics": len(topics),
            "states": {state.value: states.count(state) for state in SubscriptionState if state in states},
        }

    def take_restarted(self) -> tuple[Topic, ...]:
        """Return the topics whose state changed since the last call, because a new snapshot of them is asked for."""
        restarted, self._restarted = self._restarted, []
        return tuple(restarted)

    def _welcome(self, receiver: Receiver, topics: Iterable[Topic], kept: Mapping[Topic, Event] | None = None) -> None:
        topics = tuple(topics)
        if self.router.welcome(receiver, topics, kept or {}):
            self._frame_wanted()
        # Nothing keeps these up to date; what is known of them is shown, but only the new snapshot makes them live.
        wants = ((topic, self.ledger.want(topic)) for topic in topics)
        single = [topic for topic, want in wants if want is not None and want.stream is Stream.SNAPSHOT]
        self._restarted += self.router.states.restart(single)

    def _check_combinations(self, topics: tuple[Topic, ...]) -> None:
        if not any(topic.type.startswith(INFO_TYPES) for topic in topics):
            return
        known = {topic for topic in self.ledger.desired().wants if topic.type.startswith(INFO_TYPES)}
        total = len(known.union(topics))
        if total > MOST_COMBINATIONS:
            raise SubscriptionError(
                f"{total} indicators would be subscribed, and the exchange serves at most {MOST_COMBINATIONS} "
                "(markets times indicators): cancel some first"
            )


def _may_rest(receiver: Receiver) -> bool:
    """Only public data: an order that is filled meanwhile, or a signal, is not told again."""
    return receiver.type in PUBLIC_TYPES
