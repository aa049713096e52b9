"""The ledger: which component wants which topics, and the merged set that follows from it.

It lives on the GUI side. Changes are applied at once and synchronously; the merged set is kept up to date
topic by topic, so a change costs what it touches and not what is subscribed.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.subscriptions.merge import book_level_losers, merge_wants
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Iterable


class LevelPolicy(enum.StrEnum):
    """What happens when one code's book is wanted at two grouping levels at once (rule R6).

    What Upbit does with both in one request is not documented. ``FIRST_WINS`` sends only the level that was
    asked for first and rejects the other with a reason; ``SEND_BOTH`` sends both.
    """

    FIRST_WINS = "first_wins"
    SEND_BOTH = "send_both"


class SubscriptionSpec(msgspec.Struct, frozen=True, gc=False):
    """What one subscription asks for: one event type, its codes in the caller's order, and options.

    Attributes:
        type: the type of its topics: Upbit's event type, for candles with the interval (``candle.1m``), for indicators
            with their parameters.
        codes: market codes, or categories of announcements, each once; empty for everything that a private type has.
        stream: which kind of events the subscriber wants to see.
        units: depth of an order book, 0 for other types.
        level: grouping level of an order book in KRW, 0 for none.
        body: the text of announcements is wanted too.
    """

    type: str
    codes: tuple[str, ...]
    stream: Stream = Stream.BOTH
    units: int = 0
    level: float = 0.0
    body: bool = False

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics, in the order of the codes."""
        return tuple(Topic(self.type, code, self.level) for code in self.codes or ("",))

    @property
    def want(self) -> Want:
        """What the subscription wants of each of its topics."""
        return Want(self.stream, self.units, self.body)


class ComponentSubscription(msgspec.Struct, frozen=True, gc=False):
    """One line of the ledger: a component (a proxy) and what one of its subscriptions asks for."""

    id: int
    component: int
    spec: SubscriptionSpec


class DesiredState(msgspec.Struct, frozen=True):
    """What all components together want: immutable, so it may cross to the network thread.

    Attributes:
        revision: counts the changes, so that a later state is told from an earlier one.
        wants: every wanted topic with what is wanted of it.
    """

    revision: int
    wants: Mapping[Topic, Want]


class SubscriptionStateManager:
    """Keeps the subscriptions of all components and merges them.

    Reference counts are exact by construction: a topic is wanted as long as the set of the subscriptions that
    want it is not empty.
    """

    def __init__(self, level_policy: LevelPolicy = LevelPolicy.FIRST_WINS) -> None:
        """Start empty."""
        self._level_policy = level_policy
        self._ids = itertools.count(1)
        self._turns = itertools.count(1)
        self._subscriptions: dict[int, ComponentSubscription] = {}
        self._suspended: set[int] = set()
        self._by_component: dict[int, set[int]] = {}
        self._by_topic: dict[Topic, dict[int, Want]] = {}
        self._book_levels: dict[str, set[Topic]] = {}
        self._wants: dict[Topic, Want] = {}
        self._revision = 0
        self._rejected: frozenset[Topic] = frozenset()

    def add(self, component: int, spec: SubscriptionSpec) -> int:
        """Enter a subscription and return its id; ids grow in the order of asking."""
        subscription_id = next(self._ids)
        self._subscriptions[subscription_id] = ComponentSubscription(subscription_id, component, spec)
        self._by_component.setdefault(component, set()).add(subscription_id)
        self._update(subscription_id, (), spec.topics, spec.want)
        return subscription_id

    def replace(self, subscription_id: int, spec: SubscriptionSpec) -> None:
        """Swap what a subscription asks for in one step; it keeps its place in the order of asking.

        Raises:
            SubscriptionError: there is no such subscription (any more).
        """
        entry = self._entry(subscription_id)
        self._subscriptions[subscription_id] = ComponentSubscription(subscription_id, entry.component, spec)
        if subscription_id not in self._suspended:
            self._update(subscription_id, entry.spec.topics, spec.topics, spec.want)

    def suspend(self, subscription_id: int) -> None:
        """Have nothing asked for it until it is resumed; suspending twice does nothing more.

        Raises:
            SubscriptionError: there is no such subscription (any more).
        """
        entry = self._entry(subscription_id)
        if subscription_id not in self._suspended:
            self._suspended.add(subscription_id)
            self._update(subscription_id, entry.spec.topics, (), entry.spec.want)

    def resume(self, subscription_id: int) -> None:
        """Ask for it again; resuming what is not suspended does nothing.

        Raises:
            SubscriptionError: there is no such subscription (any more).
        """
        entry = self._entry(subscription_id)
        if subscription_id in self._suspended:
            self._suspended.discard(subscription_id)
            self._update(subscription_id, (), entry.spec.topics, entry.spec.want)

    def remove(self, subscription_id: int) -> None:
        """Strike a subscription out.

        Raises:
            SubscriptionError: there is no such subscription (any more).
        """
        entry = self._entry(subscription_id)
        del self._subscriptions[subscription_id]
        siblings = self._by_component[entry.component]
        siblings.discard(subscription_id)
        if not siblings:
            del self._by_component[entry.component]
        if subscription_id in self._suspended:
            self._suspended.discard(subscription_id)
        else:
            self._update(subscription_id, entry.spec.topics, (), entry.spec.want)

    def remove_component(self, component: int) -> tuple[ComponentSubscription, ...]:
        """Strike out all subscriptions of a component and return them; none is no error."""
        entries = self.of_component(component)
        for entry in entries:
            self.remove(entry.id)
        return entries

    def of_component(self, component: int) -> tuple[ComponentSubscription, ...]:
        """Return the subscriptions of a component, in the order of asking."""
        return tuple(self._subscriptions[key] for key in sorted(self._by_component.get(component, ())))

    def subscription(self, subscription_id: int) -> ComponentSubscription:
        """Return one line of the ledger.

        Raises:
            SubscriptionError: there is no such subscription (any more).
        """
        return self._entry(subscription_id)

    @property
    def subscriptions(self) -> tuple[ComponentSubscription, ...]:
        """All lines of the ledger in the order of asking."""
        return tuple(self._subscriptions[key] for key in sorted(self._subscriptions))

    @property
    def components(self) -> int:
        """How many components have a subscription."""
        return len(self._by_component)

    @property
    def revision(self) -> int:
        """Grows with every change of the merged set; equal revisions mean equal sets."""
        return self._revision

    @property
    def rejected(self) -> frozenset[Topic]:
        """Order book topics that are not asked for because another level of the same code came first."""
        return self._rejected

    def subscribers(self, topic: Topic) -> frozenset[int]:
        """Return the ids of the subscriptions that want ``topic``."""
        return frozenset(self._by_topic.get(topic, ()))

    def want(self, topic: Topic) -> Want | None:
        """Return what all subscriptions together want of ``topic``; None if it is not asked for."""
        return self._wants.get(topic)

    def desired(self) -> DesiredState:
        """Return the merged set as it is now."""
        return DesiredState(self._revision, MappingProxyType(dict(self._wants)))

    def _entry(self, subscription_id: int) -> ComponentSubscription:
        try:
            return self._subscriptions[subscription_id]
        except KeyError:
            raise SubscriptionError(f"subscription {subscription_id} is closed: subscribe again") from None

    def _update(self, subscription_id: int, before: Iterable[Topic], after: Iterable[Topic], want: Want) -> None:
        """Move a subscription from the topics ``before`` to those ``after`` and merge what that touches."""
        held = {topic: self._by_topic[topic].pop(subscription_id) for topic in before}
        for topic in held:
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        touched = dict.fromkeys(held)
        turn = next(self._turns) if want.stream is Stream.SNAPSHOT else 0
        for topic in after:
            # One that goes on wanting the topic has had its snapshot, or still waits for it.
            mine = want._replace(turn=held[topic].turn or turn if topic in held else turn)
            self._by_topic.setdefault(topic, {})[subscription_id] = mine if turn else want
            touched[topic] = None
        books = [topic for topic in touched if topic.type == "orderbook"]
        if books and self._level_policy is LevelPolicy.FIRST_WINS:
            touched.update(dict.fromkeys(self._settle_levels(books)))
        # Every topic is merged, not only those up to the first that changed.
        changed = [topic for topic in touched if self._merge(topic)]
        if changed:
            self._revision += 1

    def _merge(self, topic: Topic) -> bool:
        """Bring the merged want of one topic up to date and tell whether it changed."""
        before = self._wants.get(topic)
        holders = self._by_topic.get(topic)
        if not holders or topic in self._rejected:
            self._wants.pop(topic, None)
            return before is not None
        merged = merge_wants(holders.values())
        self._wants[topic] = merged
        return merged != before

    def _settle_levels(self, touched: Iterable[Topic]) -> set[Topic]:
        """Decide anew which levels of these books are sent; return the topics whose fate changed."""
        for topic in touched:
            levels = self._book_levels.setdefault(topic.code, set())
            (levels.add if topic in self._by_topic else levels.discard)(topic)
        changed: set[Topic] = set()
        for code in {topic.code for topic in touched}:
            levels = self._book_levels[code]
            if not levels:
                del self._book_levels[code]
            losers = book_level_losers({topic: self._by_topic[topic] for topic in levels})
            changed |= losers ^ {topic for topic in self._rejected if topic.code == code}
        self._rejected = self._rejected ^ changed
        return changed
