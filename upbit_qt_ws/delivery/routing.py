"""The routing engine: what happens to a frame's letters in the GUI thread. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.delivery.fanout import FanoutHub, Receiver
from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.subscriptions.states import TopicStates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.topics import Topic


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
        self._joiners: list[tuple[Receiver, int, Topic]] = []

    def welcome(self, receiver: Receiver, topics: Iterable[Topic]) -> bool:
        """Let a late joiner have the last values with the next frame; tell whether there are any."""
        joined = [(receiver, receiver.generation, topic) for topic in topics if self.last_values.for_joiner(topic)]
        self._joiners += joined
        return bool(joined)

    def retire(self, topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
        """Forget topics that are no longer on the wire; return those whose state changed by it."""
        self.last_values.forget(topics)
        return self.states.retired(topics)

    def route(self, letters: list[Letter]) -> tuple[Topic, ...]:
        """Deliver one frame and return the topics whose state it changed."""
        joiners, self._joiners = self._joiners, []
        cached: list[tuple[Receiver, Event]] = []
        for receiver, generation, topic in joiners:
            event = self.last_values.for_joiner(topic)
            if event is not None and generation == receiver.generation:
                cached.append((receiver, event))
        current = [self._without_older_connections(letter) for letter in letters]
        changed = [letter.topic for letter in current if letter.items and self._note(letter)]
        if letters or cached:
            self.frames += 1
            self.hub.deliver(current, cached)
        return tuple(changed)

    def _note(self, letter: Letter) -> bool:
        """Keep the newest value and the state; tell whether the state changed."""
        if not (self.hub.wants(letter.topic) or self.states.knows(letter.topic)):
            return False
        for event, _ in letter.items:
            self.last_values.update(letter.topic, event)
        return self.states.data(letter.topic, letter.items[-1][0].epoch)

    def _without_older_connections(self, letter: Letter) -> Letter:
        """Drop events of an older connection than one that has delivered already.

        The epoch is compared on both sides of the queue, so that no order of wake-ups lets an old price through.
        """
        epoch = self.states.epoch(letter.topic)
        if not letter.items or letter.items[0][0].epoch >= epoch:
            return letter
        old = [(event.stream_type, frames) for event, frames in letter.items if event.epoch < epoch]
        kept = tuple(item for item in letter.items if item[0].epoch >= epoch)
        return Letter(letter.topic, kept, (*letter.dropped, *old))
