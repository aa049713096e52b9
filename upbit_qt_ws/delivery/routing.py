"""The routing engine: what happens to a frame's letters in the GUI thread. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.delivery.fanout import FanoutHub, Receiver
from upbit_qt_ws.delivery.last_values import LastValues
from upbit_qt_ws.subscriptions.states import TopicStates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.delivery.mailbox import Letter
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
        changed = []
        for letter in letters:
            if not letter.items:
                continue
            newest = letter.items[-1][0]
            self.last_values.update(letter.topic, newest)
            if self.states.data(letter.topic, newest.epoch):
                changed.append(letter.topic)
        if letters or cached:
            self.frames += 1
            self.hub.deliver(letters, cached)
        return tuple(changed)
