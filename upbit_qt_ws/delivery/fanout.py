"""Fan-out: from one letter to everybody who wants its topic, with accounts that add up. GUI thread, no Qt.

The hub holds its sinks (the proxies) weakly: a widget, its proxy and its callbacks may refer to each other as they
like and are still collected, because nothing that outlives them refers to them.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from upbit_qt_ws.delivery.receiver import Account, Delivery, Receiver
from upbit_qt_ws.events import Event, OrderbookEvent
from upbit_qt_ws.system.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from upbit_qt_ws.delivery.mailbox import Letter
    from upbit_qt_ws.subscriptions import Gap
    from upbit_qt_ws.wire.topics import Topic

_log = logging.getLogger(__name__)
_new_tuple: Final = tuple.__new__
_QUIET: Final = 600.0
"""A defect that did not show for so long is news for the log again, in seconds."""


class Sink(Protocol):
    """Who takes a frame's deliveries for all subscriptions of one component."""

    def deliver(self, batch: list[Delivery]) -> None:
        """Deliver what is still wanted, and enter each one as delivered or dropped."""

    def topics_changed(self, topics: frozenset[Topic]) -> None:
        """The state of these topics changed."""

    def gaps_found(self, gaps: tuple[Gap, ...]) -> None:
        """An outage may have cost these topics something."""


class FanoutHub:
    """Who gets what: topics to receivers, components to sinks."""

    def __init__(self) -> None:
        """Start with no route."""
        self._routes: dict[Topic, dict[int, Receiver]] = {}
        self._sinks: dict[int, Callable[[], Sink | None]] = {}
        self._closed = Account()
        self._closed_lost = 0
        self._defects = Repeats(_QUIET)
        # Receivers that ended; a delivery that was under way may still enter something into their accounts.
        self._ended: list[Receiver] = []
        # Receivers for which something waits.
        self._waiting: dict[int, Receiver] = {}
        # What is being handed over. A component may run a nested Qt loop, in which the next frame comes: the others get
        # theirs of this frame first, since both go on with the same iterator.
        self._under_way: deque[Iterator[tuple[int, list[Delivery]]]] = deque()

    def attach(self, component: int, sink: Callable[[], Sink | None]) -> None:
        """Deliver to a component through ``sink``, a weak reference that yields None when it is dead."""
        self._sinks[component] = sink

    def detach(self, component: int) -> None:
        """Deliver no more to a component."""
        self._sinks.pop(component, None)

    def route(self, receiver: Receiver, before: Iterable[Topic], after: Iterable[Topic]) -> None:
        """Move a receiver from some topics to others; what is queued for it from before is dropped."""
        receiver.give_up()
        for topic in before:
            holders = self._routes.get(topic, {})
            holders.pop(receiver.id, None)
            if not holders:
                self._routes.pop(topic, None)
        for topic in after:
            self._routes.setdefault(topic, {})[receiver.id] = receiver

    def close(self, receiver: Receiver, topics: Iterable[Topic]) -> None:
        """Take a receiver out for good; its account goes on counting in the total."""
        self.route(receiver, topics, ())
        self._waiting.pop(receiver.id, None)
        self._ended.append(receiver)

    def wants(self, topic: Topic) -> bool:
        """Tell whether anybody receives a topic."""
        return topic in self._routes

    def is_seen(self, topic: Topic) -> bool:
        """Tell whether somebody can see a topic who wants it."""
        return any(not receiver.is_paused for receiver in self._routes.get(topic, {}).values())

    def unseen(self) -> frozenset[Topic]:
        """Return the topics that nobody can see who wants them."""
        return frozenset(topic for topic in self._routes if not self.is_seen(topic))

    def announce(self, topics: Iterable[Topic]) -> None:
        """Tell the components that want any of these topics that its state changed."""
        changed = frozenset(topics)
        for sink, _ in self._sinks_of(changed):
            try:
                sink.topics_changed(changed)
            except Exception as error:
                self._complain("a component failed while it was told of a change", error)

    def announce_gaps(self, gaps: Iterable[Gap]) -> None:
        """Tell each component the gaps of the topics that it wants."""
        by_topic: dict[Topic, list[Gap]] = {}
        for gap in gaps:
            by_topic.setdefault(gap.topic, []).append(gap)
        for sink, topics in self._sinks_of(by_topic):
            try:
                sink.gaps_found(tuple(gap for topic in topics for gap in by_topic[topic]))
            except Exception as error:
                self._complain("a component failed while it was told of a gap", error)

    def _sinks_of(self, topics: Iterable[Topic]) -> list[tuple[Sink, list[Topic]]]:
        """Return the components that want any of these topics, each with those that it wants."""
        wanted: dict[int, list[Topic]] = {}
        for topic in topics:
            for component in {receiver.component for receiver in self._routes.get(topic, {}).values()}:
                wanted.setdefault(component, []).append(topic)
        found = []
        for component in sorted(wanted):
            reference = self._sinks.get(component)
            sink = None if reference is None else reference()
            if sink is not None:
                found.append((sink, wanted[component]))
        return found

    def total(self) -> Account:
        """Return the sum of the accounts of all subscriptions, also of those that have ended."""
        total = self._closed
        for receiver in self._receivers():
            total = total.plus(receiver.account)
        return total

    def lost(self) -> int:
        """Return how many of the account's own events there was no room for, for all subscriptions together."""
        return self._closed_lost + sum(receiver.overflowed for receiver in self._receivers() if receiver.is_own)

    def _receivers(self) -> list[Receiver]:
        unique = {receiver.id: receiver for holders in self._routes.values() for receiver in holders.values()}
        return [*unique.values(), *self._ended]

    @property
    def due(self) -> float:
        """When something that waits may be delivered, in the seconds of :meth:`deliver`; ``inf`` for nothing."""
        return min((receiver.handler.due for receiver in self._waiting.values()), default=math.inf)

    def deliver(
        self, letters: Iterable[Letter], cached: Iterable[tuple[Receiver, Event]] = (), now: float = 0.0
    ) -> int:
        """Deliver a frame at ``now``, monotonic seconds; return the number of deliveries.

        First come the cached values of late joiners, then the letters, then what policies have held back until now. A
        sink that raises is logged; the others get theirs all the same.
        """
        for receiver in self._ended:
            self._closed = self._closed.plus(receiver.account)
            self._closed_lost += receiver.overflowed if receiver.is_own else 0
        self._ended.clear()
        batches: dict[int, list[Delivery]] = {}
        for receiver, event in cached:
            if event.stream_type in receiver.kinds and not receiver.is_paused:
                receiver.received += 1
                self._enter(batches, receiver, self._cut(event, receiver.units, {}))
        for letter in letters:
            holders = self._routes.get(letter.topic)
            if holders:
                self._post(letter, holders.values(), batches, now)
        self._take_waiting(batches, now)
        self._under_way.append(iter(batches.items()))
        while self._under_way:
            for component, batch in self._under_way[0]:
                self._hand_over(component, batch)
            if self._under_way:
                self._under_way.popleft()
        return sum(map(len, batches.values()))

    def _take_waiting(self, batches: dict[int, list[Delivery]], now: float) -> None:
        # Those that want every event first: the signals of a proxy are to come in order, whoever else leaves some out.
        for receiver in sorted(self._waiting.values(), key=lambda receiver: not receiver.is_whole):
            for event in receiver.handler.take(now):
                self._enter(batches, receiver, event)
            if receiver.handler.due == math.inf:
                del self._waiting[receiver.id]

    def _post(
        self, letter: Letter, receivers: Iterable[Receiver], batches: dict[int, list[Delivery]], now: float
    ) -> None:
        cuts: dict[tuple[int, int], Event] = {}
        for receiver in receivers:
            kinds = receiver.kinds
            for kind, frames in letter.dropped:
                if kind in kinds:
                    receiver.received += frames
                    receiver.gave_way(frames, loses=True)
            if receiver.is_paused:
                receiver.pass_over(sum(frames for event, frames in letter.items if event.stream_type in kinds))
                continue
            # What is whole because somebody else wants it so is coalesced here, as the mailbox would have done.
            is_plain = receiver.is_plain and not letter.whole
            for event, frames in letter.items:
                if event.stream_type not in kinds:
                    continue
                receiver.received += frames
                receiver.coalesced += frames - 1
                shown = self._cut(event, receiver.units, cuts) if receiver.units else event
                if is_plain:
                    self._enter(batches, receiver, shown)
                else:
                    receiver.offer(shown, now)
                    self._waiting[receiver.id] = receiver

    @staticmethod
    def _enter(batches: dict[int, list[Delivery]], receiver: Receiver, event: Event) -> None:
        batch = batches.get(receiver.component)
        if batch is None:
            batch = batches[receiver.component] = []
        # As Delivery() does it, without a call of a function of Python.
        batch.append(_new_tuple(Delivery, (receiver, receiver.generation, event)))

    def _complain(self, what: str, error: Exception) -> None:
        """Log a defect, but not once a frame."""
        line = self._defects.complain(what, time.monotonic(), kind=f"{what} {type(error).__name__}")
        if line is not None:
            _log.error("%s", line, exc_info=error)

    @staticmethod
    def _cut(event: Event, units: int, known: dict[tuple[int, int], Event]) -> Event:
        """Return the event with the depth that was asked for; the wire carries the largest that anyone wants.

        Args:
            event: any.
            units: the depth; 0 for all there is.
            known: what has been cut already, by event and depth, so that all who want the same get the same.
        """
        if not isinstance(event, OrderbookEvent) or not 0 < units < len(event.orderbook_units):
            return event
        key = (id(event), units)
        if key not in known:
            known[key] = msgspec.structs.replace(event, orderbook_units=event.orderbook_units[:units])
        return known[key]

    def _hand_over(self, component: int, batch: list[Delivery]) -> None:
        reference: Any = self._sinks.get(component)
        sink = None if reference is None else reference()
        if sink is None:
            for delivery in batch:
                delivery.receiver.dropped += 1
            return
        try:
            sink.deliver(batch)
        except Exception as error:
            self._complain("a component failed while it was delivered to", error)
            for receiver in {delivery.receiver for delivery in batch}:
                account = receiver.account
                receiver.dropped += account.received - account.delivered - account.coalesced - account.dropped
