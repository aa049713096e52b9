"""The mailbox between the network thread and the GUI: bounded, with at most one wake-up outstanding.

State topics (ticker, order book, candle) keep the newest event only, event topics (trades, own orders) keep a bounded
ring, as do state topics of which somebody wants every event. So a GUI that is frozen for minutes costs bounded memory
and wakes up to the newest values.

The network thread opens and retires slots and puts events; the GUI thread empties the box. The lock is held for the
few instructions that touch both sides' data, never while an event is decoded or delivered.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from upbit_qt_ws.events import Event, StreamType
from upbit_qt_ws.wire.topics import CONFLATED_TYPES, Endpoint, Topic, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RING_SIZE: Final = 2048
"""Events of one event topic that wait for the GUI before the oldest are dropped."""


class Letter(msgspec.Struct, frozen=True, gc=False):
    """What the box held for one topic.

    Attributes:
        topic: the topic.
        items: the events in order, each with the number of frames that it stands for (itself and those that it
            replaced).
        dropped: per stream type the number of frames that were lost: pushed out of a full ring, or left over from
            a connection that is gone.
        whole: every event of a state topic is there, also those that newer ones have replaced.
    """

    topic: Topic
    items: tuple[tuple[Event, int], ...]
    dropped: tuple[tuple[StreamType, int], ...] = ()
    whole: bool = False


class _Slot:
    """What waits for one topic. ``pending`` maps what may replace each other to (event, frames)."""

    __slots__ = (
        "candle",
        "conflated",
        "dropped",
        "endpoint",
        "next_conflated",
        "pending",
        "queued",
        "quiet",
        "ring",
        "topic",
    )

    def __init__(self, topic: Topic, *, whole: bool) -> None:
        self.topic = topic
        self.endpoint = endpoint_of(topic.type)
        self.conflated = self.next_conflated = topic.type in CONFLATED_TYPES and not whole
        self.candle = topic.type.startswith("candle.")
        self.pending: dict[Any, tuple[Event, int]] = {}
        self.ring: deque[Event] = deque()
        self.dropped: dict[StreamType, int] = {}
        self.queued = False
        self.quiet = False

    def drop(self, events: Iterable[tuple[Event, int]]) -> None:
        for event, frames in events:
            self.dropped[event.stream_type] = self.dropped.get(event.stream_type, 0) + frames

    def discard(self) -> None:
        self.drop(self.pending.values())
        self.drop((event, 1) for event in self.ring)
        self.pending.clear()
        self.ring.clear()

    def switch(self, *, conflated: bool) -> None:
        """Keep the newest events from now on, or all; with those that wait, it begins after the next letter."""
        self.next_conflated = conflated and self.topic.type in CONFLATED_TYPES
        if not (self.pending or self.ring):
            self.conflated = self.next_conflated

    def take(self) -> Letter:
        items = tuple(self.pending.values()) if self.conflated else tuple((event, 1) for event in self.ring)
        whole = not self.conflated and self.topic.type in CONFLATED_TYPES
        letter = Letter(self.topic, items, tuple(self.dropped.items()), whole)
        self.pending.clear()
        self.ring.clear()
        self.dropped.clear()
        self.conflated = self.next_conflated
        return letter


class Mailbox:
    """See the module.

    Args:
        wake: called in the network thread when the first letter was put into an empty box; it must post one
            queued signal to the GUI and return at once.
        ring_size: how many events of one event topic may wait.
    """

    def __init__(self, wake: Callable[[], None], ring_size: int = RING_SIZE) -> None:
        """Start with no slot: events of topics that were not opened are not kept."""
        self._wake = wake
        self._ring_size = ring_size
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, str, float], _Slot] = {}
        self._ready: list[_Slot] = []
        self._whole: frozenset[Topic] = frozenset()
        self._quiet: frozenset[Topic] = frozenset()
        self._posted = False
        # Puts of one read wake once, when all are in; only the network thread looks at these.
        self._in_batch = False
        self._owes_wake = False

    def open(self, topics: Iterable[Topic]) -> None:
        """Keep events of these topics from now on. Network thread."""
        for topic in topics:
            if topic not in self._slots:
                with self._lock:
                    slot = self._slots[topic] = _Slot(topic, whole=topic in self._whole)
                    slot.quiet = topic in self._quiet

    def keep_all(self, topics: frozenset[Topic]) -> None:
        """Keep every event of these state topics, up to the ring's size, and of all others the newest. Any thread."""
        with self._lock:
            changed, self._whole = topics ^ self._whole, topics
            for topic in changed:
                slot = self._slots.get(topic)
                if slot is not None:
                    slot.switch(conflated=topic not in topics)

    def keep_quiet(self, topics: frozenset[Topic]) -> None:
        """Wake nobody for these topics: what comes waits until they are quiet no longer. Any thread."""
        with self._lock:
            changed, self._quiet = topics ^ self._quiet, topics
            wake = False
            for topic in changed:
                slot = self._slots.get(topic)
                if slot is not None:
                    slot.quiet = topic in topics
                    if not slot.quiet and (slot.pending or slot.ring or slot.dropped):
                        wake = self._make_ready(slot) or wake
        if wake:
            self._wake()

    def _make_ready(self, slot: _Slot) -> bool:
        """Have a slot emptied with the next letter; tell whether somebody must be woken for it."""
        if not slot.queued:
            slot.queued = True
            self._ready.append(slot)
        wake = not self._posted
        self._posted = True
        return wake

    def retire(self, topics: Iterable[Topic]) -> None:
        """Keep no more events of these topics, and drop those that wait. Network thread."""
        with self._lock:
            for topic in topics:
                slot = self._slots.pop(topic, None)
                if slot is not None:
                    slot.discard()

    def begin_epoch(self, endpoint: Endpoint = Endpoint.PUBLIC) -> list[tuple[Topic, list[Event]]]:
        """Drop what is left of a socket's older connection, so that none of it is delivered after this call.

        Only public data is dropped: an old price is wrong, but an order that was filled on the old connection is
        filled all the same, and nothing newer would say so again. Network thread.

        Returns:
            What was dropped, per topic, in order.
        """
        discarded: list[tuple[Topic, list[Event]]] = []
        if endpoint is not Endpoint.PUBLIC:
            return discarded
        with self._lock:
            for slot in self._slots.values():
                if slot.endpoint is endpoint and (slot.pending or slot.ring):
                    discarded.append((slot.topic, [*(event for event, _ in slot.pending.values()), *slot.ring]))
                    slot.discard()
        return discarded

    def put(self, topic: tuple[str, str, float], event: Event) -> bool:
        """Put an event of ``topic`` in and tell whether that topic is open. Network thread, once a frame."""
        slot = self._slots.get(topic)
        if slot is None:
            return False
        with self._lock:
            if slot.conflated:
                # A candle is told by its start, so that the last state of a closed candle is not overwritten
                # by the next candle; a snapshot and a real-time event are for different subscribers.
                key: Any = (event.stream_type, event.candle_date_time_utc) if slot.candle else event.stream_type  # type: ignore[attr-defined]
                if (
                    event.stream_type is StreamType.SNAPSHOT
                    and key in slot.pending
                    and next(reversed(slot.pending)) != key
                ):
                    # Changes have followed the first snapshot, which stays before them; the second comes after them.
                    key = (key, "again")
                before = slot.pending.pop(key, None)
                slot.pending[key] = (event, 1 if before is None else before[1] + 1)
                if len(slot.pending) > self._ring_size:
                    slot.drop([slot.pending.pop(next(iter(slot.pending)))])
            else:
                if len(slot.ring) >= self._ring_size:
                    slot.drop([(slot.ring.popleft(), 1)])
                slot.ring.append(event)
            wake = not slot.quiet and not (slot.queued and self._posted) and self._make_ready(slot)
        if wake:
            if self._in_batch:
                self._owes_wake = True
            else:
                self._wake()
        return True

    def begin_batch(self) -> None:
        """Wake nobody for what is put from now on until :meth:`end_batch`. Network thread."""
        self._in_batch = True

    def end_batch(self) -> None:
        """Wake for what was put, if need be."""
        self._in_batch = False
        if self._owes_wake:
            self._owes_wake = False
            self._wake()

    def empty(self) -> list[Letter]:
        """Take everything out, in the order in which the topics got their first event. GUI thread."""
        with self._lock:
            ready, self._ready = self._ready, []
            self._posted = False
            letters = []
            for slot in ready:
                slot.queued = False
                letters.append(slot.take())
        return letters
