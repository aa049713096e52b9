"""How each topic stands, seen from the data: pending, live, stale, not served, rejected.

A topic is live only because data of the newest connection has been delivered for it, never because a socket is
open; it is stale from the moment that connection is lost until the next one has brought data.

Data and news of the network come to the GUI thread by different ways, so each says when it became true (:class:`When`),
and what is older than the newest that is known of a topic is ignored.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from upbit_qt_ws.wire.topics import Endpoint, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.wire.topics import Topic


class SubscriptionState(enum.StrEnum):
    """The state of one topic, and of a subscription as a whole.

    ``PENDING``: asked for, no data yet; ``LIVE``: data of the current connection has come; ``STALE``: the connection
    is lost, the last value is old; ``NOT_SERVED``: the exchange has stayed silent (it may still begin to serve);
    ``REJECTED``: not asked for, because it contradicts an earlier subscription or the exchange refuses it;
    ``CLOSED``: cancelled.
    """

    PENDING = "pending"
    LIVE = "live"
    STALE = "stale"
    NOT_SERVED = "not_served"
    REJECTED = "rejected"
    CLOSED = "closed"


_WORST_FIRST = (
    SubscriptionState.PENDING,
    SubscriptionState.STALE,
    SubscriptionState.LIVE,
    SubscriptionState.NOT_SERVED,
    SubscriptionState.REJECTED,
)


def overall(states: Iterable[SubscriptionState]) -> SubscriptionState:
    """Return the state of a subscription from those of its topics.

    It is pending while any topic is, stale while any is, and live when every topic that the exchange serves is
    live; not served or rejected only when no topic is any better.
    """
    present = set(states)
    return next((state for state in _WORST_FIRST if state in present), SubscriptionState.CLOSED)


class Refusal(msgspec.Struct, frozen=True):
    """Why a topic is rejected; immutable, since it crosses between the threads.

    Attributes:
        reason: in plain words.
        name: the exchange's own name of the error; empty when there is none.
        hint: what to do about it, in plain words; empty when there is nothing to say.
        is_auth: it is about the keys or their permissions.
    """

    reason: str
    name: str = ""
    hint: str = ""
    is_auth: bool = False


class When(NamedTuple):
    """When something became true of a topic.

    Attributes:
        epoch: the connection by which that is known, which comes first.
        at: in ns of the monotonic clock.
    """

    epoch: int
    at: int


_NEVER: Final = When(0, 0)


@dataclass(slots=True)
class _Entry:
    state: SubscriptionState
    when: When
    epoch: int = 0
    refusal: Refusal | None = None


class TopicStates:
    """The states of all topics that are on the wire or have been reported on."""

    def __init__(self) -> None:
        """Start with every topic pending."""
        self._entries: dict[Topic, _Entry] = {}
        self._lost: dict[Endpoint, int] = {}

    def state(self, topic: Topic) -> SubscriptionState:
        """Return how a topic stands; one that is not known is pending."""
        entry = self._entries.get(topic)
        return SubscriptionState.PENDING if entry is None else entry.state

    def knows(self, topic: Topic) -> bool:
        """Tell whether anything has been heard of a topic since it is on the wire."""
        return topic in self._entries

    def epoch(self, topic: Topic) -> int:
        """Return the newest connection that has delivered data of a topic; 0 for none."""
        entry = self._entries.get(topic)
        return 0 if entry is None else entry.epoch

    def data(self, topic: Topic, when: When) -> bool:
        """Data has come; tell whether that changed the state."""
        entry, epoch = self._entries.get(topic), when[0]
        if entry is None:
            entry = self._entries[topic] = _Entry(SubscriptionState.PENDING, when)
        elif when < entry.when:
            return False
        entry.when = when
        if entry.state is SubscriptionState.LIVE and entry.epoch == epoch:
            return False
        entry.epoch = epoch
        if epoch <= self._lost.get(endpoint_of(topic.type), 0):
            # Left over in the mailbox from a connection that is gone: worth showing, but old.
            changed = entry.state is not SubscriptionState.STALE
            entry.state = SubscriptionState.STALE
            return changed
        changed = entry.state is not SubscriptionState.LIVE
        entry.state, entry.refusal = SubscriptionState.LIVE, None
        return changed

    def stood_in(self, topic: Topic) -> bool:
        """REST has told a value, while no connection may serve the topic; tell whether that changed the state.

        There is something to show then, and it grows old.
        """
        entry = self._entries.setdefault(topic, _Entry(SubscriptionState.PENDING, _NEVER))
        if entry.state is not SubscriptionState.PENDING:
            return False
        entry.state = SubscriptionState.STALE
        return True

    def confirmed(self, topics: Iterable[Topic], when: When) -> tuple[Topic, ...]:
        """The exchange serves these topics, though there is no data to show for it; return those that became live.

        So it is with types without snapshots, where silence is normal, and where what came is not passed on yet.
        """
        return tuple(topic for topic in topics if self.data(topic, when))

    def lost(self, endpoint: Endpoint, epoch: int) -> tuple[Topic, ...]:
        """The connection ``epoch`` of a socket is gone; return the topics that became stale."""
        newest = self._lost[endpoint] = max(self._lost.get(endpoint, 0), epoch)
        return self._make_stale(
            topic
            for topic, entry in self._entries.items()
            if entry.epoch <= newest and endpoint_of(topic.type) is endpoint
        )

    def missing(self, topics: Iterable[Topic], when: When) -> tuple[Topic, ...]:
        """Nothing shows that the exchange serves these topics, though it was asked for them; return what became stale.

        It does not list them, or it has told nothing of them where it should have.
        """
        return self._make_stale(topic for topic in topics if self._is_news(topic, when))

    def _make_stale(self, topics: Iterable[Topic]) -> tuple[Topic, ...]:
        changed = tuple(topic for topic in topics if self._entries[topic].state is SubscriptionState.LIVE)
        for topic in changed:
            self._entries[topic].state = SubscriptionState.STALE
        return changed

    def not_served(self, topics: Iterable[Topic], when: When) -> tuple[Topic, ...]:
        """The first data of these topics is overdue; return those whose state changed."""
        changed = []
        for topic in topics:
            if not self._is_news(topic, when):
                continue
            entry = self._entries[topic]
            if entry.state in (SubscriptionState.PENDING, SubscriptionState.STALE):
                entry.state = SubscriptionState.NOT_SERVED
                changed.append(topic)
        return tuple(changed)

    def refused(self, refusals: Iterable[tuple[Topic, Refusal]], when: When) -> tuple[Topic, ...]:
        """The exchange refuses these topics, each for a reason; return those whose state changed."""
        changed = []
        for topic, refusal in refusals:
            if self._is_news(topic, when):
                self._entries[topic] = _Entry(SubscriptionState.REJECTED, when, refusal=refusal)
                changed.append(topic)
        return tuple(changed)

    def _is_news(self, topic: Topic, when: When) -> bool:
        """Tell whether nothing newer is known of a topic; if so, this is the newest now."""
        entry = self._entries.setdefault(topic, _Entry(SubscriptionState.PENDING, when))
        if when < entry.when:
            return False
        entry.when = when
        return True

    def refusal(self, topic: Topic) -> Refusal | None:
        """Return why a topic is rejected; None if it is not."""
        entry = self._entries.get(topic)
        return None if entry is None else entry.refusal

    def restart(self, topics: Iterable[Topic]) -> tuple[Topic, ...]:
        """New data of these topics will be asked for, so what is known does not count; return those that changed."""
        return self._forget(topics, unless=SubscriptionState.PENDING)

    def retired(self, topics: Iterable[Topic], when: When) -> tuple[Topic, ...]:
        """These topics are no longer on the wire; return those whose state changed by it. A rejection stays."""
        return self._forget(topics, when, unless=SubscriptionState.REJECTED)

    def asked_again(self, topics: Iterable[Topic], when: When) -> tuple[Topic, ...]:
        """These topics were rejected and have been asked for once more; return those whose state changed by it."""
        return self._forget(topics, when, unless=SubscriptionState.LIVE)

    def _forget(
        self, topics: Iterable[Topic], when: When | None = None, *, unless: SubscriptionState
    ) -> tuple[Topic, ...]:
        forgotten = []
        for topic in topics:
            entry = self._entries.get(topic)
            if entry is not None and entry.state is not unless and (when is None or entry.when <= when):
                del self._entries[topic]
                forgotten.append(topic)
        return tuple(forgotten)
