"""The routing engine: what happens to a frame's letters in the GUI thread. No Qt."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

import msgspec

from upbit_qt_ws.delivery.fanout import FanoutHub
from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.events import Source, StreamType
from upbit_qt_ws.subscriptions.states import TopicStates, When
from upbit_qt_ws.wire.topics import has_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.delivery.mailbox import Letter
    from upbit_qt_ws.delivery.receiver import Receiver
    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.topics import Topic


_NONE: Final[Mapping[Topic, Event]] = MappingProxyType({})
_WHOLE_STATES: Final = frozenset({"ticker", "orderbook"})
_LONGEST_OVERTAKING_MS: Final = 60_000
"""How much older than a snapshot a change may be that comes after it."""


class DataRoutingEngine:
    """Joins the fan-out, the last values and the states of the topics.

    Attributes:
        hub: who gets what.
        states: how each topic stands.
        last_values: the newest value of each topic.
        frames: how many frames have been delivered.
    """

    def __init__(self) -> None:
        """Start with no route."""
        self.hub = FanoutHub()
        self.states = TopicStates()
        self.last_values = LastValues()
        self.frames = 0
        self._joiners: list[tuple[Receiver, int, Topic, Event | None]] = []
        # The exchange's time of each topic's newest snapshot in ms, and when it was received, monotonic ns.
        self._newest_snapshots: dict[Topic, int] = {}
        self._snapshot_ns: dict[Topic, int] = {}

    def welcome(self, receiver: Receiver, topics: Iterable[Topic], kept: Mapping[Topic, Event] = _NONE) -> bool:
        """Let a late joiner have the last values with the next frame; tell whether there are any.

        Args:
            receiver: the joiner.
            topics: what it joins.
            kept: older values, for topics of which there is no last value any more.
        """
        joined = [
            (receiver, receiver.generation, topic, kept.get(topic))
            for topic in topics
            if topic in kept or self.last_values.for_joiner(topic)
        ]
        self._joiners += joined
        return bool(joined)

    def retire(self, topics: tuple[Topic, ...], when: When) -> tuple[Topic, ...]:
        """Forget topics that are no longer on the wire; return those whose state changed by it."""
        self.last_values.forget(topics)
        for topic in topics:
            self._newest_snapshots.pop(topic, None)
            self._snapshot_ns.pop(topic, None)
        return self.states.retired(topics, when)

    def note_snapshot(self, topic: Topic, timestamp: int, received_ns: int = 0) -> None:
        """A snapshot of a ticker or an order book was delivered; changes with an older exchange time are ignored.

        Args:
            topic: of the snapshot.
            timestamp: its exchange time, in ms since 1970 UTC.
            received_ns: when it was received, a reading of ``time.monotonic_ns``.
        """
        if timestamp > self._newest_snapshots.get(topic, 0):
            self._newest_snapshots[topic], self._snapshot_ns[topic] = timestamp, received_ns

    def route(self, letters: list[Letter], now: float = 0.0) -> tuple[Topic, ...]:
        """Deliver one frame at ``now``, monotonic seconds; return the topics whose state it changed."""
        joiners, self._joiners = self._joiners, []
        cached: list[tuple[Receiver, Event]] = []
        for receiver, generation, topic, kept in joiners:
            event = self.last_values.for_joiner(topic) or kept
            if event is not None and generation == receiver.generation:
                cached.append((receiver, event))
        current = [letter if self._is_current(letter) else self._without_old(letter) for letter in letters]
        changed = [letter.topic for letter in current if letter.items and self._note(letter)]
        if letters or cached or self.hub.due <= now:
            self.frames += 1
            self.hub.deliver(current, cached, now)
        return tuple(changed)

    def _note(self, letter: Letter) -> bool:
        """Keep the newest value and the state; tell whether the state changed."""
        topic = letter.topic
        if not (self.states.knows(topic) or self.hub.wants(topic)):
            return False
        for event, _ in letter.items:
            self.last_values.update(topic, event)
        newest = letter.items[-1][0]
        if newest.source is Source.REST:
            told = [event for event, _ in letter.items if event.source is not Source.REST]
            if not told:
                return self.states.stood_in(topic)
            newest = told[-1]
        # A plain tuple compares like one with names, and is made in a fifth of the time; this is done once an event.
        return self.states.data(topic, cast("When", (newest.epoch, newest.received_ns)))

    def _is_current(self, letter: Letter) -> bool:
        """Tell whether there is nothing in a letter that could be too old; so it is with almost all of them."""
        if len(letter.items) != 1:
            return False
        event, topic = letter.items[0][0], letter.topic
        return (
            event.stream_type is StreamType.REALTIME
            and event.epoch >= self.states.epoch(topic)
            and event.timestamp >= self._newest_snapshots.get(topic, 0)
        )

    def _without_old(self, letter: Letter) -> Letter:
        """Drop what an older connection has told, and what a snapshot has overtaken."""
        return self._without_overtaken(self._without_older_connections(letter))

    def _without_older_connections(self, letter: Letter) -> Letter:
        """Drop events of an older connection than one that has delivered already.

        The epoch is compared on both sides of the queue, so that no order of wake-ups lets an old price through.
        What happened to an account stays true whichever connection told it.
        """
        epoch = self.states.epoch(letter.topic)
        if not letter.items or letter.items[0][0].epoch >= epoch or not has_snapshot(letter.topic.type):
            return letter
        old = [(event.stream_type, frames) for event, frames in letter.items if event.epoch < epoch]
        kept = tuple(item for item in letter.items if item[0].epoch >= epoch)
        return msgspec.structs.replace(letter, items=kept, dropped=(*letter.dropped, *old))

    def _without_overtaken(self, letter: Letter) -> Letter:
        """Drop changes of a state that a snapshot has overtaken, whichever way that came.

        Only of tickers and order books: the last state of a closed candle is worth having after a snapshot of the
        next one, and a trade is no state.
        """
        topic = letter.topic
        if topic.type not in _WHOLE_STATES:
            return letter
        for event, _ in letter.items:
            if event.stream_type is StreamType.SNAPSHOT:
                self.note_snapshot(topic, event.timestamp, event.received_ns)
            elif self._is_contradicted(topic, event):
                self._newest_snapshots[topic] = event.timestamp
        newest = self._newest_snapshots.get(topic, 0)
        if all(event.timestamp >= newest or event.stream_type is StreamType.SNAPSHOT for event, _ in letter.items):
            return letter
        kept = []
        dropped = list(letter.dropped)
        for event, frames in letter.items:
            if event.timestamp >= newest or event.stream_type is StreamType.SNAPSHOT:
                kept.append((event, frames))
            else:
                dropped.append((event.stream_type, frames))
        return msgspec.structs.replace(letter, items=tuple(kept), dropped=tuple(dropped))

    def _is_contradicted(self, topic: Topic, event: Event) -> bool:
        """Tell whether a change shows that the time of the newest snapshot cannot be.

        A change that the snapshot has overtaken is a moment older. One that is much older, and came after it, is not:
        the snapshot was told a time that has not come yet, and would hide all changes until then.
        """
        is_later = event.received_ns > self._snapshot_ns.get(topic, 0)
        return is_later and self._newest_snapshots.get(topic, 0) - event.timestamp > _LONGEST_OVERTAKING_MS
