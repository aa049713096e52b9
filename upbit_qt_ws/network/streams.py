"""From one connection to the next: what passes into the mailbox, what waits until a gap is filled, what REST adds.

It outlives the connections of a link, and serves two of them while one replaces the other.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import force_setattr

from upbit_qt_ws.events import CandleEvent, Event, Source, StreamType, TradeEvent
from upbit_qt_ws.health.exchange_clock import ExchangeClock
from upbit_qt_ws.subscriptions.continuity import Continuity
from upbit_qt_ws.subscriptions.overlap import Overlap, is_candle
from upbit_qt_ws.subscriptions.places import place_of, state_of
from upbit_qt_ws.wire.topics import Endpoint, Topic, has_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill

_log = logging.getLogger(__name__)

_WHOLE_STATES: Final = frozenset({"ticker", "orderbook"})
"""Types whose newest event is all there is to know; of candles the last state of a closed one is worth having, too."""

_FIRST_TOLD: Final = 2
"""Candles with which REST begins a topic of which nothing was heard: the one before the running one has just ended."""

_LAGGED: Final = "the connection was replaced while it lagged behind"


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
        self._overlap = Overlap()
        # Topics of which the newest connection, opened beside another one, has not shown yet where it begins.
        self._unmet = self._overlap.unmet
        # Those of which something may be missing that a connection had not told when it was replaced.
        self._doubted: set[Topic] = set()
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
        self._overlap.forget(retired)
        self._doubted.difference_update(retired)
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
            self._told_before.update(t for t in self.kept if t.type in _WHOLE_STATES or is_candle(t))
            self._overlap.begin(self.kept)
            return
        self._overlap.clear()
        for topic, events in self._mailbox.begin_epoch(self._endpoint):
            self._continuity.discarded(topic, events)
            # If REST has told a later state, nobody has got it.
            self._told_before.discard(topic)

    def follow(self, topics: Collection[Topic]) -> None:
        """Only these topics are told in real time on the connections that overlap, so only of them something can lack.

        To be called once it is known which of them the older connection may have missed something of.
        """
        self._overlap.follow(topics, self._continuity.broken)

    def is_met_soon(self, now_ns: int) -> bool:
        """Whether the older one of two connections needs a moment to tell what the newer one has told already.

        Args:
            now_ns: monotonic time, in ns.
        """
        return self._overlap.is_met_soon(now_ns)

    def end_overlap(
        self,
        *,
        is_replaced: bool = True,
        is_told: bool = True,
        awaited: Collection[tuple[str, str, float]] = (),
    ) -> None:
        """There is one connection again: the first event of a topic is just that now.

        Args:
            is_replaced: it is the newest one; if not, that has come to nothing, and the other one goes on.
            is_told: the other one is known to have told all it had when the newest one was asked to tell.
            awaited: what the newest one is not known to serve yet.
        """
        for topic, event in self._continuity.aside().items():
            # Nothing more may come of it for long.
            self._resume(topic, event)
        if not is_replaced:
            self._overlap.clear()
            self._told_before = {topic for topic in self._told_before if not is_candle(topic)}
            return
        # Without a snapshot, nothing shows whether the other one had told all of a market that is silent just now.
        known = self._continuity.newest.keys() - self._continuity.held.keys() - self._continuity.broken.keys()
        unseen = [topic for topic in self._overlap.unseen() if topic in known]
        self._doubted.update(unseen)
        self._continuity.lost(unseen, _LAGGED)
        ahead, blind = self._overlap.end(time.monotonic_ns())
        if not is_told:
            self._doubted |= blind - self._continuity.broken.keys()
            self._continuity.lost(blind, _LAGGED)
        for topic, events in ahead.items():
            if is_candle(topic):
                self._go_on_from(topic, events[0])
            for event in events:
                self.put(topic, event)
        silent = (topic for topic in self._continuity.broken if not has_snapshot(topic.type))
        self.served_again(tuple(topic for topic in silent if topic not in awaited))

    def lost(self, topics: Iterable[Topic], reason: str) -> None:
        """The connection is gone; ``topics`` were to be told of in real time."""
        lost = tuple(topics)
        self._doubted.difference_update(lost)
        self._continuity.lost(lost, reason)

    def put(self, topic: tuple[str, str, float], event: Event) -> bool:
        """Take an event from a connection; tell whether its topic is wanted. Hot path."""
        continuity = self._continuity
        key = cast("Topic", topic)  # A plain tuple equals and hashes like a topic.
        if self._unmet and topic in self._unmet and self._is_kept_back(Topic(*topic), event):
            return True
        if continuity.broken and topic in continuity.broken:
            if event.epoch != self.epoch and topic in self.kept and continuity.set_aside(key, event):
                return True
            if event.epoch == self.epoch:
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
        """Whether the newest connection, another one than ``epoch``, has delivered this topic already."""
        newest = self._continuity.newest.get(cast("Topic", topic))
        # One that came to nothing may have delivered it before.
        return newest is not None and newest.epoch > epoch and newest.epoch == self.epoch

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
        elif topic in continuity.newest:
            gap, passed = continuity.stand_in_for_states(topic, fetched)
        else:
            # Nobody has missed what was before.
            gap, passed = None, fetched[-_FIRST_TOLD:]
            if passed:
                continuity.newest[topic] = passed[-1]
        if gap is not None:
            self._gap_found(gap)
        if passed and topic.type != "trade":
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
            if newest is not None and self._is_repeated(event, newest):
                return True
            self._told_before.discard(topic)
            return False
        if event.stream_type is StreamType.SNAPSHOT:
            self._served(Topic(*topic))
        return True

    @staticmethod
    def _is_repeated(event: Event, newest: Event) -> bool:
        """Whether the connection that this one replaces has told the same state of a candle."""
        if not isinstance(event, CandleEvent) or event.stream_type is StreamType.SNAPSHOT:
            return False
        is_of_other = newest.epoch < event.epoch and newest.source is Source.WEBSOCKET
        return is_of_other and state_of(event) == state_of(newest)

    def _is_kept_back(self, topic: Topic, event: Event) -> bool:
        """Take an event while two connections deliver; tell whether there is nothing more to be done about it."""
        is_new = event.epoch == self.epoch
        if isinstance(event, TradeEvent):
            if is_new:
                self._meet(topic, event)
            return False
        passed = self._overlap.take(topic, event, is_new=is_new, last=self._continuity.last(topic))
        for each in passed or ():
            self.put(topic, each)
        return passed is not None

    def _meet(self, topic: Topic, trade: TradeEvent) -> None:
        """Take the first trade that a connection tells which was opened beside another one.

        That one has told it by now, unless it lags far behind; what it still has to tell is not passed on any more.
        """
        self._unmet.discard(topic)
        if topic in self._continuity.newest and self._continuity.is_missed(topic, trade):
            self._continuity.lost((topic,), _LAGGED)

    def _go_on_from(self, topic: Topic, first: Event) -> None:
        """Have candles fetched that nobody has told: the stream goes on with ``first``, of a newer connection."""
        refill = self._continuity.extend(topic, first)
        if refill is not None:
            self._refill(refill)
        elif topic not in self._continuity.broken:
            self._doubted.add(topic)
            self._continuity.lost((topic,), _LAGGED)

    def _resume(self, topic: Topic, event: Event) -> None:
        gap, refill = self._continuity.resumed(topic, event)
        if refill is not None:
            self._refill(refill)
            return
        self._doubted.discard(topic)
        if gap is not None:
            self._gap_found(gap)

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
        if passed and is_candle(topic):
            # REST may have told a later state than the connection, which may still show an earlier one.
            self._told_before.add(topic)
        self.filled += gap.filled
        if not self._is_unfounded(gap):
            self._gap_found(gap)

    def _is_unfounded(self, gap: Gap) -> bool:
        """Whether the only sign of a gap was that a connection may have lagged, and REST knows of nothing missing."""
        is_doubted = gap.topic in self._doubted
        self._doubted.discard(gap.topic)
        return is_doubted and gap.is_complete and not gap.filled

    def _stamp(self, event: Event) -> None:
        """Make a record that REST has told, and nobody has seen yet, an event of the stream.

        It passes as one of the newest connection, so that none of that connection hides it. No topic is live by it.
        """
        force_setattr(event, "epoch", self.epoch)
        force_setattr(event, "received_ns", time.monotonic_ns())
        force_setattr(event, "source", Source.REST)
        force_setattr(event, "stream_type", StreamType.REALTIME)
