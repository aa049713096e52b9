"""What one connection was asked for, topic by topic, and what has come of it in this epoch. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.events import StreamType
from upbit_qt_ws.subscriptions.listing import Mismatch, compare
from upbit_qt_ws.wire.topics import Stream, Topic, Want, has_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.wire.replies import SubscriptionEntry

_MOST_REPAIRS: Final = 3
"""How often in a row a stream that the exchange does not list is asked for again: it may be the list that is wrong."""


@dataclass(slots=True)
class _Entry:
    want: Want
    asked_at: float
    snapshot_asked: bool
    snapshot_seen: bool = False
    data_seen: bool = False
    overdue: bool = False
    probe: bool = False
    starved: bool = False
    repairs: int = 0
    absences: int = 0


class Deadlines(NamedTuple):
    """What a look at the deadlines has found.

    Attributes:
        not_served: topics whose first data has become overdue.
        confirmed: topics without snapshots that were not refused in all that time.
        next_at: when the next deadline is.
    """

    not_served: tuple[Topic, ...]
    confirmed: tuple[Topic, ...]
    next_at: float


class OnWire:
    """The subscription that a connection holds, as far as it can be known from this side.

    Args:
        first_data: how long a topic may be silent after it was first asked for, in seconds.

    Attributes:
        awaited: topics that still owe their first data, or their first snapshot.
    """

    def __init__(self, first_data: float) -> None:
        """Start with an empty subscription."""
        self.awaited: set[tuple[str, str, float]] = set()
        self._first_data = first_data
        self._entries: dict[Topic, _Entry] = {}
        self._unwanted = False
        self._is_listed = False
        self._clean_ups = 0

    def clear(self) -> None:
        """Forget everything: the connection is new, or gone."""
        self._entries.clear()
        self.awaited.clear()
        self._unwanted = False
        self._is_listed = False
        self._clean_ups = 0

    def differs(self, wants: Mapping[Topic, Want]) -> bool:
        """Whether the connection must be asked for something else than it holds."""
        if self._unwanted or not wants.keys() <= self._entries.keys():
            return True
        if any(self._must_ask(self._entries[topic], want) for topic, want in wants.items()):
            return True
        # A topic of which only a snapshot was wanted holds no stream that would have to end.
        return any(
            self._entries[topic].want.stream is not Stream.SNAPSHOT for topic in self._entries.keys() - wants.keys()
        )

    def keep(self, wants: Mapping[Topic, Want]) -> None:
        """Forget what is no longer wanted."""
        for topic in self._entries.keys() - wants.keys():
            del self._entries[topic]
            self.awaited.discard(topic)

    def request_for(self, wants: Mapping[Topic, Want]) -> Mapping[Topic, Want]:
        """Return the whole set to ask for, where topics that have had their snapshot only go on in real time (R3).

        Topics of which only a snapshot is wanted, and which have had it, hold no stream; they are left out unless
        nothing else is left, so that they do not get another snapshot with every change of others.
        """
        asked = {topic: want._replace(stream=self._ask(topic, want)) for topic, want in wants.items()}
        needed = {topic: want for topic, want in asked.items() if not self._is_settled(topic, wants[topic])}
        return needed or asked

    def sent(self, request: Mapping[Topic, Want], wants: Mapping[Topic, Want], now: float) -> None:
        """Note that the connection holds ``request``, which was made from ``wants``, from now on."""
        self.keep(wants)
        for topic in wants.keys() - request.keys():
            self._entries[topic].want = wants[topic]
        self._unwanted = False
        for topic, asked in request.items():
            asks_snapshot = bool(asked.stream & Stream.SNAPSHOT) and has_snapshot(topic.type)
            known = self._entries.get(topic)
            if known is None:
                self._entries[topic] = _Entry(wants[topic], now, asks_snapshot)
                self.awaited.add(topic)
                continue
            if known.probe and not known.snapshot_asked:
                known.asked_at = now
            known.want = wants[topic]
            known.probe = False
            if asks_snapshot:
                # A topic that still owes its first snapshot is not given more time by the changes of others.
                known.asked_at = now if known.snapshot_seen or not known.snapshot_asked else known.asked_at
                known.snapshot_asked, known.snapshot_seen = True, False
                self.awaited.add(topic)

    def arrived(self, topic: tuple[str, str, float], kind: StreamType) -> bool:
        """Data of an awaited topic has come; tell whether it was asked for."""
        entry = self._entries.get(topic)  # type: ignore[call-overload]
        if entry is None:
            return False
        entry.data_seen = True
        entry.overdue = entry.starved = False
        if kind is StreamType.SNAPSHOT:
            entry.snapshot_seen = True
        if entry.snapshot_seen or not entry.snapshot_asked:
            self.awaited.discard(topic)
        return True

    def ask_again(self, topics: Iterable[Topic]) -> None:
        """Have these asked for with a snapshot once more: the exchange should have told something of them, and has not.

        They are known to be served, so their silence is not judged by the deadline for first data.
        """
        for topic in topics:
            entry = self._entries.get(topic)
            if entry is not None:
                entry.probe = entry.starved = True
                entry.data_seen = entry.snapshot_asked = False
                self.awaited.add(topic)

    def listed(self, listing: Iterable[SubscriptionEntry]) -> tuple[Mismatch, tuple[Topic, ...]]:
        """Take the exchange's own view; what differs will be asked for again.

        Returns:
            Where it differs; and the topics without snapshots that it confirms for the first time.
        """
        self._is_listed = True
        wants = {topic: entry.want for topic, entry in self._entries.items()}
        mismatch = compare(wants, listing)
        missing = []
        for topic in mismatch.missing:
            entry = self._entries[topic]
            if entry.overdue:
                # The exchange does not serve it, or the request was lost on the way: asked for ever more seldom, with
                # the first list that lacks it, the second, the fourth, and so on.
                entry.absences += 1
                if entry.absences & (entry.absences - 1):
                    continue
            elif entry.repairs >= (_MOST_REPAIRS if entry.data_seen else 1):
                # One that never had data may just not be served; it is asked for once more, but given no more time.
                continue
            entry.repairs += 1
            entry.probe = True
            missing.append(topic)
            if entry.data_seen:
                entry.data_seen = entry.snapshot_asked = False
                self.awaited.add(topic)
        # A list that has agreed once is not one that always lacks a topic, or always has too many.
        for topic in wants.keys() - set(mismatch.missing):
            self._entries[topic].repairs = self._entries[topic].absences = 0
        if not mismatch.extra:
            self._clean_ups = 0
        elif self._clean_ups < _MOST_REPAIRS:
            self._clean_ups += 1
            self._unwanted = True
        confirmed = [topic for topic in wants if topic not in mismatch.missing and self._confirm(topic)]
        return Mismatch(tuple(missing), mismatch.extra if self._unwanted else ()), tuple(sorted(confirmed))

    def check_deadlines(self, now: float) -> Deadlines:
        """Find topics whose first data is overdue.

        Upbit answers an unknown code with silence. A snapshot always comes for a code that it serves, so silence
        means "not served"; a topic that was asked for in real time only may just be quiet, and is asked for its
        snapshot once before it is judged. Topics without snapshots are judged by the exchange's list; when it gives
        none, they count as served because they were not refused.
        """
        overdue: list[Topic] = []
        confirmed: list[Topic] = []
        next_at = math.inf
        for key in list(self.awaited):
            topic = Topic(*key)
            entry = self._entries[topic]
            if entry.overdue or entry.probe or entry.data_seen or entry.starved:
                continue
            deadline = entry.asked_at + self._first_data
            if deadline > now:
                next_at = min(next_at, deadline)
            elif not has_snapshot(topic.type) and not self._is_listed:
                self._confirm(topic)
                confirmed.append(topic)
            elif entry.snapshot_asked or not has_snapshot(topic.type):
                entry.overdue = True
                overdue.append(topic)
            else:
                entry.probe = True
        return Deadlines(tuple(sorted(overdue)), tuple(sorted(confirmed)), next_at)

    def _confirm(self, topic: Topic) -> bool:
        """Note that a topic without snapshots is served; tell whether that was not known before."""
        entry = self._entries[topic]
        if has_snapshot(topic.type) or entry.data_seen:
            return False
        entry.data_seen = True
        self.awaited.discard(topic)
        return True

    @staticmethod
    def _must_ask(entry: _Entry, want: Want) -> bool:
        if entry.probe or want.units != entry.want.units or want.body != entry.want.body:
            return True
        if want.stream == entry.want.stream:
            return want.turn != entry.want.turn
        if (want.stream ^ entry.want.stream) & Stream.REALTIME:
            return True
        # Only the wish for a snapshot differs: it needs a request if this epoch has brought none yet.
        return bool(want.stream & Stream.SNAPSHOT) and not entry.snapshot_asked

    def _is_settled(self, topic: Topic, want: Want) -> bool:
        """Whether a topic needs no stream, and has had its snapshot or was streamed until now."""
        entry = self._entries.get(topic)
        if entry is None or want.stream is not Stream.SNAPSHOT or not entry.snapshot_seen or entry.probe:
            return False
        is_new = entry.want.stream is Stream.SNAPSHOT and want.turn != entry.want.turn
        return not is_new and want.units <= entry.want.units

    def _ask(self, topic: Topic, want: Want) -> Stream:
        entry = self._entries.get(topic)
        if entry is None:
            return want.stream
        if entry.probe:
            return want.stream | Stream.SNAPSHOT
        # A deeper book must not wait for the next change of a quiet market.
        deeper = want.units > entry.want.units
        is_current = entry.snapshot_seen and bool(entry.want.stream & Stream.REALTIME)
        if want.stream is Stream.BOTH and is_current and not deeper:
            return Stream.REALTIME
        return want.stream
