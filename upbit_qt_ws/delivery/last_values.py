"""The last value of each topic that is on the wire, for subscribers who join later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from upbit_qt_ws.events import CandleEvent, Event, Source, StreamType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.wire.topics import Topic


class LastValues:
    """Keeps one event per topic: the newest one delivered."""

    def __init__(self) -> None:
        """Start empty."""
        self._events: dict[Topic, Event] = {}

    def __len__(self) -> int:
        """Return for how many topics a value is kept."""
        return len(self._events)

    def update(self, topic: Topic, event: Event) -> None:
        """Keep ``event`` as the newest of its topic; the last state of an older candle does not replace a newer one."""
        known = self._events.get(topic)
        if (
            isinstance(known, CandleEvent)
            and isinstance(event, CandleEvent)
            and event.candle_date_time_utc < known.candle_date_time_utc
        ):
            return
        self._events[topic] = event

    def forget(self, topics: Iterable[Topic]) -> None:
        """Drop the values of topics that are no longer on the wire: nobody keeps them up to date."""
        for topic in topics:
            self._events.pop(topic, None)

    def received(self) -> dict[Topic, float]:
        """Return when the newest value of each topic was received, monotonic seconds."""
        return {topic: event.received_ns / 1e9 for topic, event in self._events.items()}

    def for_joiner(self, topic: Topic) -> Event | None:
        """Return the newest value as a snapshot from the cache, None if there is none.

        ``received_ns`` and ``epoch`` stay those of the original, so ``event.age()`` tells how old the value is.
        """
        event = self._events.get(topic)
        if event is None:
            return None
        return msgspec.structs.replace(event, stream_type=StreamType.SNAPSHOT, source=Source.CACHE)
