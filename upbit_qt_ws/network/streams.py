"""From one connection to the next: what passes into the mailbox, what waits until a gap is filled, what REST adds.

It outlives the connections of a link, and serves two of them while one replaces the other.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import force_setattr

from upbit_qt_ws.events import Event, Source, StreamType, TradeEvent
from upbit_qt_ws.health.exchange_clock import ExchangeClock
from upbit_qt_ws.subscriptions.continuity import Continuity, place_of
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill

_log = logging.getLogger(__name__)

_WHOLE_STATES: Final = frozenset({"ticker", "orderbook"})
"""Types whose newest event is all there is to know; of candles the last state of a closed one is worth having, too."""


class TopicStreams:
    """Puts the events of one socket into the mailbox, in an order that makes sense across its connections.

    Args:
        mailbox: where events go.
        endpoint: which socket this is.
        fills: gaps of trades and candles are to be filled.
        gap_found: called with each gap, when there is nothing more to be done about it.
        served: called with each topic of which something has come on a connection that is not passed on, or not yet.
        refill: called with what is to be fetched; :meth:`settle` must be called with the result, or without one.
        clock: the exchange's, which all sockets share; one of its own if None.

    Attributes:
        clock: what the exchange's clock shows.
        epoch: the newest connection.
        kept: the topics that the mailbox keeps for this socket.
        filled: how many missed events REST has told, since the start.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        endpoint: Endpoint,
        *,
        fills: bool = False,
        gap_found: Callable[[Gap], None],
        served: Callable[[Topic], None],
        refill: Callable[[Refill], None],
        clock: ExchangeClock | None = None,
    ) -> None:
        """Start without a connection."""
        self._mailbox = mailbox
        self._endpoint = endpoint
        self._gap_found = gap_found
        self._served = served
        self._refill = refill
        self._continuity = Continuity(fills=fills)
        # States that somebody else has told before the newest connection did: REST, or the connection that it replaces.
        self._told_before: set[tuple[str, str, float]] = set()
        # Trades of which the newest connection, opened beside another one, has not shown yet where it begins.
        self._unmet: set[tuple[str, str, float]] = set()
        self.begin_batch = mailbox.begin_batch
        self.end_batch = mailbox.end_batch
        self.clock = ExchangeClock() if clock is None else clock
        self.epoch = 0
        self.kept: frozenset[Topic] = frozenset()
        self.filled = 0

    @property
    def newest(self) -> Mapping[Topic, Event]:
        """The newest event of each topic, over all connections."""
        return self._continuity.newest

    def told(self, topics: Iterable[Topic]) -> dict[Topic, int]:
        """Return up to which moment of the exchange topics have told what happened, in ms since 1970 UTC.

        Those of which nothing was heard are left out.
        """
        told = {topic: self._continuity.told_until(topic) for topic in topics}
        return {topic: until for topic, until in told.items() if until is not None}

    @property
    def duplicates(self) -> int:
        """How many trades came more than once."""
        return self._continuity.duplicates

    def keep(self, topics: frozenset[Topic]) -> tuple[Topic, ...]:
        """Have the mailbox keep these topics and no others; return those that it kept until now."""
        retired = tuple(sorted(self.kept - topics))
        self._mailbox.open(topics)
        self._mailbox.retire(retired)
        self._continuity.forget(retired)
        self._told_before.difference_update(retired)
        self.kept = topics
        return retired

    def begin_epoch(self, epoch: int, *, overlaps: bool = False) -> None:
        """A new connection is open.

        Args:
            epoch: its number.
            overlaps: the one before is still delivering, so what it has put into the mailbox is not old.
        """
        self.epoch = epoch
        if overlaps:
            # Its snapshots are heard a moment after what the other one tells meanwhile, and must not undo that.
            self._told_before.update(topic for topic in self.kept if topic.type in _WHOLE_STATES)
            self._unmet = {topic for topic in self.kept if topic.type == "trade"}
            return
        self._unmet.clear()
        for topic, events in self._mailbox.begin_epoch(self._endpoint):
            self._continuity.discarded(topic, events)
            # If REST has told a later state, nobody has got it.
            self._told_before.discard(topic)

    def end_overlap(self) -> None:
        """The newest connection has taken over from the one beside it: the first trade of a topic is just that now."""
        self._unmet.clear()

    def lost(self, topics: Iterable[Topic], reason: str) -> None:
        """The connection is gone; ``topics`` were to be told of in real time."""
        for topic in tuple(self._continuity.held):
            self._settle(topic, (), is_complete=False)
        self._continuity.lost(topics, reason)

    def put(self, topic: tuple[str, str, float], event: Event) -> bool:
        """Take an event from a connection; tell whether its topic is wanted. Hot path."""
        continuity = self._continuity
        key = cast("Topic", topic)  # A plain tuple equals and hashes like a topic.
        if self._unmet and topic in self._unmet and event.epoch == self.epoch:
            self._meet(Topic(*topic), event)
        if continuity.broken and topic in continuity.broken and event.epoch == self.epoch:
            self._resume(Topic(*topic), event)
            if topic in continuity.held:
                self._served(Topic(*topic))
        if continuity.held and topic in continuity.held and event.stream_type is StreamType.REALTIME:
            if not continuity.hold(key, event):
                self._settle(Topic(*topic), (), is_complete=False)
            return True
        if isinstance(event, TradeEvent):  # Frames of the SIMPLE formats make subclasses.
            if topic not in self.kept:
                return False
            return not continuity.heard(key, event) or self._mailbox.put(topic, event)
        if self._told_before and topic in self._told_before and self._is_overtaken(key, event):
            return True
        if not self._mailbox.put(topic, event):
            return False
        continuity.newest[key] = event
        return True

    def is_superseded(self, topic: tuple[str, str, float], epoch: int) -> bool:
        """Whether a newer connection than ``epoch`` has delivered this topic already."""
        newest = self._continuity.newest.get(cast("Topic", topic))
        return newest is not None and newest.epoch > epoch

    def served_again(self, topics: Iterable[Topic]) -> None:
        """Topics without snapshots are served by the newest connection: tell the gaps of those that were lost."""
        for gap in self._continuity.resumed_silently(topics):
            self._gap_found(gap)

    def tidy(self, now: float) -> None:
        """Give memory back that is not needed any more; to be called several times a second, by the monotonic clock."""
        self._continuity.tidy(now)

    # -- what REST tells --------------------------------------------------------------------------------------

    def settle(self, refill: Refill, fetched: Sequence[Event], *, is_complete: bool) -> None:
        """Take what was fetched to fill a gap, oldest first; nothing of it if the question could not be asked."""
        if self._continuity.waits_for(refill):
            self._settle(refill.topic, fetched, is_complete=is_complete)

    def offer(self, topic: Topic, fetched: Sequence[Event]) -> int:
        """Pass on what REST tells while the socket is down, oldest first; return how many events were news."""
        continuity = self._continuity
        passed: Sequence[Event]
        if topic not in self.kept or topic in continuity.held:
            return 0
        for event in fetched:
            self._stamp(event)
        if topic.type == "trade":
            if topic in continuity.newest and topic not in continuity.broken:
                # The answer has come late: the socket tells the trades again.
                return 0
            gap, passed = continuity.stand_in(topic, cast("Sequence[TradeEvent]", fetched))
            if gap is not None:
                self._gap_found(gap)
        else:
            newest = continuity.newest.get(topic)
            passed = [event for event in fetched if newest is None or place_of(event) > place_of(newest)]
            if passed:
                continuity.newest[topic] = passed[-1]
                self._told_before.add(topic)
        for event in passed:
            self._mailbox.put(topic, event)
        return len(passed)

    def _is_overtaken(self, topic: Topic, event: Event) -> bool:
        """Tell whether somebody else has told a later state than this of the newest connection."""
        newest = self._continuity.newest.get(topic)
        if event.epoch != self.epoch:
            return False
        if newest is None or place_of(event) >= place_of(newest):
            self._told_before.discard(topic)
            return False
        if event.stream_type is StreamType.SNAPSHOT:
            self._served(Topic(*topic))
        return True

    def _meet(self, topic: Topic, event: Event) -> None:
        """Take the first trade that a connection tells which was opened beside another one.

        That one has told it by now, unless it lags far behind; what it still has to tell is not passed on any more.
        """
        self._unmet.discard(topic)
        is_known = topic in self._continuity.newest
        if is_known and isinstance(event, TradeEvent) and self._continuity.is_missed(topic, event):
            self._continuity.lost((topic,), "the connection was replaced while it lagged behind")

    def _resume(self, topic: Topic, event: Event) -> None:
        gap, refill = self._continuity.resumed(topic, event)
        if gap is not None:
            self._gap_found(gap)
        if refill is not None:
            self._refill(refill)

    def _settle(self, topic: Topic, fetched: Sequence[Event], *, is_complete: bool) -> None:
        for event in fetched:
            self._stamp(event)
        newest = self._continuity.newest.get(topic)
        epoch = 0 if newest is None else newest.epoch
        gap, passed = self._continuity.settled(topic, fetched, is_complete=is_complete)
        for event in passed:
            if event.epoch < epoch:
                # It was held back, nobody has seen it, and it comes after what a newer connection has told.
                force_setattr(event, "epoch", epoch)
            epoch = event.epoch
            self._mailbox.put(topic, event)
        self.filled += gap.filled
        self._gap_found(gap)

    def _stamp(self, event: Event) -> None:
        """Make a record that REST has told, and nobody has seen yet, an event of the stream.

        It passes as one of the newest connection, so that none of that connection hides it. No topic is live by it.
        """
        force_setattr(event, "epoch", self.epoch)
        force_setattr(event, "received_ns", time.monotonic_ns())
        force_setattr(event, "source", Source.REST)
        force_setattr(event, "stream_type", StreamType.REALTIME)
