"""Two connections of one socket, of which the newer replaces the other: what waits until the older has told it. Pure.

Where each event counts, the newer one may be ahead of the other, which still has something to tell that nobody will
repeat. What the newer one tells of such a topic waits:

* of candles until the older one has reached the first of them, which it does with the next of its frames, a second
  later at most: a candle whose second is over is sent at the end of it, while a snapshot shows it at once;
* of topics without snapshots, such as own orders, until the older one is given up: nothing shows where the newer one
  begins. What both have told is passed on once, also if the newer one tells it a while after the older.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.events import CandleEvent, Event, Source
from upbit_qt_ws.subscriptions.places import place_of
from upbit_qt_ws.wire.topics import Topic, has_snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_REACHED_WITHIN_NS: Final = 1_300_000_000
"""How long a connection may be behind with candles: they are sent once a second, and take a moment to arrive."""


_TOLD_WITHIN_NS: Final = 10_000_000_000
"""How long the newer connection may be behind with what the other has told before it was given up."""


class Overlap:
    """Follows the topics of one socket while two of its connections deliver.

    Attributes:
        unmet: topics of which every event must be shown to this first, or, of trades, to somebody else. It is the same
            set for ever, and soon empty while there is one connection only.
    """

    def __init__(self) -> None:
        """There is one connection."""
        self.unmet: set[tuple[str, str, float]] = set()
        self._ahead: dict[Topic, list[Event]] = {}
        self._told: Counter[tuple[Topic, bytes]] = Counter()
        self._abandoned: frozenset[Topic] = frozenset()
        self._ended_ns: int | None = None

    def begin(self, topics: Iterable[Topic]) -> None:
        """Another connection is open beside the one that tells of these topics."""
        self.clear()
        self.unmet.update(
            topic for topic in topics if topic.type == "trade" or is_candle(topic) or not has_snapshot(topic.type)
        )

    def follow(self, topics: Collection[Topic], abandoned: Collection[Topic]) -> None:
        """Follow these topics only, because of others nothing is told in real time.

        Args:
            topics: wanted in real time.
            abandoned: topics for which the older connection is not waited for, since it may have missed something.
        """
        self.unmet.intersection_update(topics)
        self._abandoned = frozenset(abandoned)
        self.unmet.difference_update(topic for topic in self._abandoned if has_snapshot(topic.type))

    def forget(self, topics: Iterable[Topic]) -> None:
        """Nobody wants these topics any more."""
        for topic in topics:
            self.unmet.discard(topic)
            self._ahead.pop(topic, None)

    def take(self, topic: Topic, event: Event, *, is_new: bool, last: Event | None) -> list[Event] | None:
        """Take an event of a topic of ``unmet``, which is none of trades.

        Args:
            topic: which one.
            event: of either connection.
            is_new: it is of the newer one.
            last: the newest event of the topic that was told, or waits for a gap to be filled.

        Returns:
            What may be passed on now, in order; None for this event, as if there were one connection only.
        """
        if not isinstance(event, CandleEvent):
            return self._take_single(topic, event, is_new=is_new)
        ahead = self._ahead.get(topic)
        if is_new:
            if ahead is None and not (last is not None and place_of(event)[0] > place_of(last)[0]):
                self.unmet.discard(topic)
                return None
            self._ahead.setdefault(topic, []).append(event)
            return []
        if ahead is None or place_of(event)[0] < place_of(ahead[0])[0]:
            return None
        self.unmet.discard(topic)
        del self._ahead[topic]
        return [event, *ahead]

    def _take_single(self, topic: Topic, event: Event, *, is_new: bool) -> list[Event] | None:
        if not is_new:
            self._told[topic, _content(event)] += 1
            return None
        if topic not in self._abandoned:
            self._ahead.setdefault(topic, []).append(event)
            return []
        if self._ended_ns is not None and event.received_ns > self._ended_ns + _TOLD_WITHIN_NS:
            self.unmet.discard(topic)
            return None
        return [] if self._is_told(topic, event) else None

    def waits(self, topic: tuple[str, str, float]) -> bool:
        """Whether what the newer connection tells of a topic is not told before the older one is given up."""
        return topic in self.unmet and topic not in self._abandoned

    def is_met_soon(self, now_ns: int) -> bool:
        """Whether the older connection may still reach candles of the newer one; ``now_ns`` is monotonic."""
        waiting = (events[0] for topic, events in self._ahead.items() if is_candle(topic))
        return any(now_ns < event.received_ns + _REACHED_WITHIN_NS for event in waiting)

    def unseen(self) -> list[Topic]:
        """Return the trades and candles of which the newer connection has told nothing yet."""
        topics = (topic for topic in self.unmet - self._ahead.keys() if topic[0] == "trade" or is_candle(topic))
        return [Topic(*topic) for topic in topics]

    def end(self, now_ns: int) -> tuple[dict[Topic, list[Event]], frozenset[Topic]]:
        """The newer connection has taken over.

        Args:
            now_ns: monotonic time, in ns.

        Returns:
            What waits, of each topic, in order and without what the older one has told; and the topics of which only
            the older one can know whether it has told everything, and that were left to it.
        """
        ahead = {
            topic: events if is_candle(topic) else [event for event in events if not self._is_told(topic, event)]
            for topic, events in self._ahead.items()
        }
        unmet = self.unmet - self._abandoned
        blind = frozenset(Topic(*topic) for topic in unmet if not has_snapshot(topic[0]))
        told = +self._told
        self.clear()
        # The older one may have been ahead.
        self._told = told
        self._abandoned = frozenset(topic for topic, _ in told)
        self.unmet.update(self._abandoned)
        self._ended_ns = now_ns
        return ahead, blind

    def clear(self) -> None:
        """There is one connection, and what waits is not told."""
        self.unmet.clear()
        self._ahead.clear()
        self._told.clear()
        self._abandoned = frozenset()
        self._ended_ns = None

    def _is_told(self, topic: Topic, event: Event) -> bool:
        """Whether the older connection has told this, as often as the newer one has until now."""
        key = topic, _content(event)
        if not self._told[key]:
            return False
        self._told[key] -= 1
        return True


def is_candle(topic: tuple[str, str, float]) -> bool:
    """Whether a topic is one of candles."""
    return topic[0].startswith("candle.")


def _content(event: Event) -> bytes:
    """Return what an event tells, whichever connection told it."""
    return msgspec.json.encode(msgspec.structs.replace(event, epoch=0, received_ns=0, source=Source.WEBSOCKET))
