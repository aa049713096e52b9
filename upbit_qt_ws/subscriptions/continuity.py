"""The continuity of each topic of one socket, across its connections: gaps, their filling, and duplicates. Pure.

The stream of a trade topic is that of its real-time events: each trade comes in it once, whether the exchange repeats
it, an overlapping connection sends it too, or REST fetches it. A snapshot only shows the newest trade and is no part
of the stream.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.events import CandleEvent, Event, StreamType, TradeEvent
from upbit_qt_ws.subscriptions.gaps import Gap, Refill
from upbit_qt_ws.subscriptions.places import (
    changed_at,
    count_reaching,
    place_of,
    sequential_id_of,
    start_of,
    state_of,
    trade_place,
)
from upbit_qt_ws.subscriptions.told_trades import ToldTrades

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from upbit_qt_ws.wire.topics import Topic

_MOST_HELD: Final = 10_000
"""Events of one topic that may wait for a gap to be filled."""

_ROUND_SECONDS: Final = 60.0
"""How often all topics are looked through for trades that need not be remembered any more."""

_LOOKED_THROUGH: Final = 2_048
"""Remembered trades that are looked through at a time: a fraction of a millisecond."""

_TOPIC_COST: Final = 16
"""A topic costs as much as so many trades, besides those that it has."""


class _Loss:
    """A topic that lost its connection, and was not heard since on a newer one.

    Attributes:
        before: the newest event that was told until then, or that REST has told since.
        since: from when on trades may be missing, in ms.
        aside: what an older connection tells meanwhile, which comes after what is missing.
    """

    __slots__ = ("aside", "before", "since")

    def __init__(self, before: Event, since: int, aside: list[Event] | None = None) -> None:
        self.before = before
        self.since = since
        self.aside = [] if aside is None else aside


class _Hold:
    """A topic whose stream waits for a gap to be filled."""

    __slots__ = ("before", "events", "first", "gap", "refill")

    def __init__(self, gap: Gap, refill: Refill, before: Event, first: Event, events: list[Event]) -> None:
        self.gap = gap
        self.refill = refill
        self.before = before
        self.first = first
        self.events = events


class Continuity:
    """Follows every topic of one socket.

    The caller reports what it hears and when the connection is lost; it asks :meth:`resumed` at the first event of a
    topic in ``broken``, and passes no event of a topic in ``held`` on before :meth:`settled` gives it back.

    Args:
        fills: gaps of trades and candles are to be filled.

    Attributes:
        newest: the newest event of each topic.
        broken: topics that lost their connection and were not heard since, with the reason.
        held: topics whose stream waits for a gap to be filled.
        duplicates: how many trades were dropped because they are in the stream already, or came too late for it.
    """

    def __init__(self, *, fills: bool = True) -> None:
        """Start with nothing heard."""
        self._fills = fills
        self._tidy_at = 0.0
        self._untidy: list[Topic] = []
        self._trades: dict[Topic, ToldTrades] = {}
        # The first of the events that were dropped before anybody got them, as long as none was told after them.
        self._undelivered: dict[Topic, Event] = {}
        self.newest: dict[Topic, Event] = {}
        self.broken: dict[Topic, str] = {}
        self._losses: dict[Topic, _Loss] = {}
        self.held: dict[Topic, _Hold] = {}
        self.duplicates = 0

    def heard(self, topic: Topic, event: Event) -> bool:
        """Take an event; tell whether it may be passed on. Hot path: trades only, others go to ``newest`` directly."""
        if isinstance(event, TradeEvent):
            trades = self._trades.get(topic)
            if trades is None:
                self._trades[topic] = ToldTrades(event)
            elif event.stream_type is StreamType.REALTIME and not trades.admit(event):
                self.duplicates += 1
                return False
        self.newest[topic] = event
        return True

    def is_missed(self, topic: Topic, trade: TradeEvent) -> bool:
        """Whether a trade is not in the stream yet, nor waits to get there, and belongs into it."""
        trades, hold = self._trades.get(topic), self.held.get(topic)
        if hold is not None and any(sequential_id_of(event) == trade.sequential_id for event in hold.events):
            return False
        return trades is None or trades.is_new(trade)

    def stand_in(self, topic: Topic, fetched: Sequence[TradeEvent]) -> tuple[Gap | None, list[TradeEvent]]:
        """REST tells the newest trades of a broken topic, while nothing else does.

        Args:
            topic: of trades.
            fetched: oldest first.

        Returns:
            The gap before them, if they do not reach back to what is known; and those that are news.
        """
        before = self._before(topic)
        since = self._since(topic)
        news = [trade for trade in fetched if trade.trade_timestamp >= since and self.is_missed(topic, trade)]
        aside = [event for event in self._aside(topic) if isinstance(event, TradeEvent)]
        passed = [trade for trade in sorted((*news, *aside), key=trade_place) if self.heard(topic, trade)]
        gap = None
        if news and isinstance(before, TradeEvent) and news[0] is fetched[0]:
            reason = self.broken.get(topic, "REST tells the newest trades only")
            gap = Gap(topic, before.timestamp, news[0].timestamp, reason, before.sequential_id, news[0].sequential_id)
            self.close(topic, news[0])
        if passed:
            self._advance(topic, passed[-1])
        return gap, passed

    def stand_in_for_states(self, topic: Topic, fetched: Sequence[Event]) -> tuple[Gap | None, list[Event]]:
        """REST tells the newest candles, or another state, of a topic of which something was heard.

        Args:
            topic: of anything but trades.
            fetched: oldest first.

        Returns:
            The gap before candles that do not reach back to what is known; and what is news, in order.
        """
        newest = self.newest[topic]
        before = newest if start_of(newest) == "" else self._before(topic) or newest
        news = [event for event in fetched if place_of(event) > place_of(before)]
        gap = None
        if fetched and start_of(before) < start_of(fetched[0]):
            reason = self.broken.get(topic, "REST tells the newest candles only")
            gap = Gap(topic, before.timestamp, fetched[0].timestamp, reason)
        told = {state_of(event) for event in news}
        passed = sorted((*news, *(e for e in self._aside(topic) if state_of(e) not in told)), key=place_of)
        if passed:
            self.newest[topic] = max(newest, passed[-1], key=place_of)
            self._advance(topic, passed[-1])
        return gap, passed

    def _advance(self, topic: Topic, event: Event) -> None:
        """REST has told what a broken topic may have missed, up to an event."""
        if topic in self._losses:
            self._losses[topic] = _Loss(event, self._reach(topic))

    def _aside(self, topic: Topic) -> list[Event]:
        loss = self._losses.get(topic)
        return [] if loss is None else loss.aside

    def lost(self, topics: Iterable[Topic], reason: str) -> None:
        """The connection is gone; ``topics`` were to be told of in real time."""
        for topic in topics:
            hold = self.held.pop(topic, None)
            if hold is not None:
                # What its gap is filled with has not come; it is asked for again, with what is missing now.
                self.broken[topic] = hold.gap.reason
                self._losses[topic] = _Loss(hold.before, hold.refill.since, hold.events)
            elif topic in self.newest and topic not in self.broken:
                self.broken[topic] = reason
                self._losses[topic] = _Loss(self.newest[topic], self._reach(topic))

    def set_aside(self, topic: Topic, event: Event) -> bool:
        """Keep what an older connection tells of a broken topic until :meth:`resumed`; False if it need not wait.

        It comes after what is missing, and does not show that nothing is.
        """
        if not self._fills or event.stream_type is StreamType.SNAPSHOT:
            return False
        if not isinstance(event, TradeEvent | CandleEvent):
            return False
        aside = self._losses[topic].aside
        if len(aside) < _MOST_HELD:
            aside.append(event)
        return True

    def aside(self) -> dict[Topic, Event]:
        """Return the newest of the events that are kept aside, of each broken topic that has some."""
        return {topic: loss.aside[-1] for topic, loss in self._losses.items() if loss.aside}

    def _before(self, topic: Topic) -> Event | None:
        """Return the last event before what may be missing of a topic."""
        loss = self._losses.get(topic)
        return self.newest.get(topic) if loss is None else loss.before

    def _since(self, topic: Topic) -> int:
        """Return from when on a trade may be missing, in ms."""
        loss = self._losses.get(topic)
        return self._reach(topic) if loss is None else min(loss.since, self._reach(topic))

    def _reach(self, topic: Topic) -> int:
        trades = self._trades.get(topic)
        return 0 if trades is None else trades.reach()

    def last(self, topic: Topic) -> Event | None:
        """Return the newest event of a topic, or the last one that waits for a gap to be filled; None for neither."""
        hold = self.held.get(topic)
        return hold.events[-1] if hold is not None and hold.events else self.newest.get(topic)

    def told_until(self, topic: Topic) -> int | None:
        """Return up to which moment of the exchange a topic has told what happened, in ms since 1970 UTC.

        Of tickers and trades that is the time of the newest trade. None if nothing of the topic was heard.
        """
        event = self.newest.get(topic)
        if isinstance(event, TradeEvent):
            trades = self._trades.get(topic)
            # The newest one that came may have come late itself.
            return max(event.trade_timestamp, 0 if trades is None else trades.newest())
        return None if event is None else changed_at(event)

    def discarded(self, topic: Topic, events: Sequence[Event]) -> None:
        """These events, heard and passed on, were dropped before anybody got them: they are missing again."""
        trades = self._trades.get(topic)
        stream = [event for event in events if event.stream_type is StreamType.REALTIME]
        if trades is not None:
            trades.discard(event for event in stream if isinstance(event, TradeEvent))
        if stream and topic in self.newest:
            # What came right before is not known any more; the first that is missing tells well enough where to begin.
            self.newest[topic] = self._undelivered[topic] = first = min(stream, key=place_of)
            loss = self._losses.get(topic)
            if loss is not None:
                loss.since = min(loss.since, self._reach(topic))
                if place_of(first) <= place_of(loss.before):
                    loss.before = first

    def close(self, topic: Topic, event: Event) -> None:
        """What happened before this event, and is missing, stays so: the stream goes on from here, in order."""
        if isinstance(event, TradeEvent) and topic in self._trades:
            # A snapshot is no part of the stream, but what follows it is.
            self._trades[topic].close(event, is_told=event.stream_type is StreamType.SNAPSHOT)

    def forget(self, topics: Iterable[Topic]) -> None:
        """Nobody wants these topics any more."""
        for topic in topics:
            for known in (self.newest, self.broken, self._losses, self.held, self._trades, self._undelivered):
                known.pop(topic, None)

    def tidy(self, now: float) -> None:
        """Give memory of trades back; to be called several times a second, and soon done each time.

        Args:
            now: monotonic time, in seconds.
        """
        if not self._untidy:
            if now < self._tidy_at:
                return
            self._tidy_at = now + _ROUND_SECONDS
            self._untidy = list(self._trades)
        looked_through = 0
        while self._untidy and looked_through < _LOOKED_THROUGH:
            topic = self._untidy.pop()
            trades = self._trades.get(topic)
            # One that is cut off is silent for another reason.
            if trades is not None and topic not in self.broken and topic not in self.held:
                looked_through += _TOPIC_COST + trades.shrink()

    # -- gaps -------------------------------------------------------------------------------------------------

    def resumed(self, topic: Topic, event: Event) -> tuple[Gap | None, Refill | None]:
        """A broken topic is heard again.

        Args:
            topic: one of ``broken``.
            event: the first that came of it.

        Returns:
            The gap, if anything may have been missed; and what to fetch if it can be filled: then the topic is held,
            and the gap is the business of :meth:`settled`.
        """
        reason = self.broken.pop(topic)
        since = self._since(topic)
        loss = self._losses.pop(topic)
        before = loss.before
        if isinstance(event, TradeEvent) and isinstance(before, TradeEvent):
            trades = self._trades[topic]
            is_shown = event.stream_type is StreamType.SNAPSHOT and trades.knows(event.sequential_id)
            if is_shown and not loss.aside:
                return None, None
            last_at, last_id = before.timestamp, before.sequential_id
            is_undelivered = before is self._undelivered.get(topic)
            if self._fills and len(trades) and not trades.knows(last_id) and not is_undelivered:
                # Another connection has shown it, while this one still had to tell what was before it, and broke.
                last_at, last_id = trades.newest(), trades.largest()
            gap = Gap(topic, last_at, event.timestamp, reason, last_id, event.sequential_id)
            return self._hold(gap, Refill(topic, since=since), before, event, loss.aside)
        if isinstance(event, CandleEvent) and isinstance(before, CandleEvent):
            last = max((event, *loss.aside), key=place_of)
            assert isinstance(last, CandleEvent)
            if last.candle_date_time_utc <= before.candle_date_time_utc and not loss.aside:
                return None, None
            gap = Gap(topic, before.timestamp, last.timestamp, reason)
            return self._hold(gap, Refill(topic, count=count_reaching(topic, before, last)), before, last, loss.aside)
        if changed_at(event) == changed_at(before):
            return None, None
        return Gap(topic, before.timestamp, event.timestamp, reason), None

    def resumed_silently(self, topics: Iterable[Topic]) -> tuple[Gap, ...]:
        """Broken topics without snapshots are served again; return their gaps. Nothing can tell when they end."""
        return tuple(
            Gap(topic, self._losses.pop(topic).before.timestamp, None, self.broken.pop(topic))
            for topic in topics
            if topic in self.broken
        )

    def _hold(
        self, gap: Gap, refill: Refill, before: Event, first: Event, events: list[Event]
    ) -> tuple[Gap | None, Refill | None]:
        if not self._fills:
            return gap, None
        self.held[gap.topic] = _Hold(gap, refill, before, first, events)
        return None, refill

    def extend(self, topic: Topic, event: Event) -> Refill | None:
        """Have a gap that candles wait for reach up to ``event``, of another connection.

        Returns:
            What is to be fetched instead of what was asked for before; None if the topic is not held.
        """
        hold = self.held.get(topic)
        if hold is None or not isinstance(event, CandleEvent) or not isinstance(hold.before, CandleEvent):
            return None
        hold.first = event
        hold.gap = msgspec.structs.replace(hold.gap, until=event.timestamp)
        hold.refill = Refill(topic, count=count_reaching(topic, hold.before, event))
        return hold.refill

    def hold(self, topic: Topic, event: Event) -> bool:
        """Keep an event of a held topic back; False when there are too many, and the gap must be settled as it is."""
        waiting = self.held[topic].events
        waiting.append(event)
        return len(waiting) < _MOST_HELD

    def waits_for(self, refill: Refill) -> bool:
        """Whether its topic is still held for this; it may have been lost, and held for another gap since."""
        hold = self.held.get(refill.topic)
        return hold is not None and hold.refill is refill

    def settled(self, topic: Topic, fetched: Sequence[Event], *, is_complete: bool) -> tuple[Gap, list[Event]]:
        """End a hold.

        Args:
            topic: one of ``held``.
            fetched: what REST tells of the gap, oldest first; empty when it could not be asked.
            is_complete: it reaches back to before the gap.

        Returns:
            The gap, with what was filled; and the events to pass on now: first those that were missed, then those that
            were held back.
        """
        hold = self.held.pop(topic)
        settled = self._settled_trades if isinstance(hold.before, TradeEvent) else self._settled_candles
        return settled(topic, hold, fetched, is_complete=is_complete)

    def _settled_trades(
        self, topic: Topic, hold: _Hold, fetched: Sequence[Event], *, is_complete: bool
    ) -> tuple[Gap, list[Event]]:
        """Put what REST tells of a gap between the trades that were held back."""
        trades = self._trades[topic]
        waiting = [event for event in hold.events if isinstance(event, TradeEvent)]
        # REST tells whole pages, which begin before what was asked for.
        since = hold.refill.since
        told = (event for event in fetched if isinstance(event, TradeEvent))
        missed = [trade for trade in told if trade.trade_timestamp >= since and trades.is_new(trade)]
        if not is_complete:
            opening = min(trade_place(event) for event in (hold.first, *waiting[:1]) if isinstance(event, TradeEvent))
            waiting = [trade for trade in waiting if trade_place(trade) >= opening]
        passed: list[Event] = [
            trade for trade in sorted((*missed, *waiting), key=trade_place) if self.heard(topic, trade)
        ]
        if is_complete:
            trades.settle()
        else:
            self.close(topic, hold.first)
        return msgspec.structs.replace(hold.gap, filled=len(missed), is_complete=is_complete), passed

    def _settled_candles(
        self, topic: Topic, hold: _Hold, fetched: Sequence[Event], *, is_complete: bool
    ) -> tuple[Gap, list[Event]]:
        """Put what REST tells of a gap between the candles that were held back, which two connections may have told."""
        # It is counted from the time of the answer how far back candles reach, and that may be late.
        is_complete = is_complete and (
            not fetched or len(fetched) < hold.refill.count or start_of(fetched[0]) <= start_of(hold.before)
        )
        told = {state_of(event) for event in hold.events}
        if self._undelivered.pop(topic, None) is not hold.before:
            told.add(state_of(hold.before))
        since, until = place_of(hold.before), start_of(hold.first)
        is_told = hold.first.stream_type is not StreamType.SNAPSHOT or any(start_of(e) == until for e in hold.events)
        # A snapshot is no part of the stream, and what it shows may be the end of that candle.
        is_before = operator.lt if is_told else operator.le
        missed = [
            event
            for event in fetched
            if place_of(event) >= since and is_before(start_of(event), until) and state_of(event) not in told
        ]
        waiting = {state_of(event): event for event in reversed(hold.events)}
        passed = sorted((*missed, *reversed(waiting.values())), key=place_of)
        # A snapshot may have been told meanwhile, and earlier states of the candle that it shows are of no use then.
        newest = self.newest[topic]
        passed = [
            event for event in passed if start_of(event) != start_of(newest) or place_of(event) >= place_of(newest)
        ]
        if passed and place_of(passed[-1]) >= place_of(self.newest[topic]):
            self.newest[topic] = passed[-1]
        return msgspec.structs.replace(hold.gap, filled=len(missed), is_complete=is_complete), passed
