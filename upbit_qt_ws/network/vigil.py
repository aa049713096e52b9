"""Whether what is called live is live: which silences are a reason to ask, and what is to be said meanwhile. Pure.

*Busy* is what comes several times a second: its silence is noticed after ``stall`` seconds. Something that comes more
rarely, or with pauses, is given more time: eight of its usual distances, or twice its longest pause of late, whatever
is more. What needs more than ``longest`` is not watched here; a regular audit looks at that.

A silence is asked about, it is no verdict. Until there is an answer, a topic that has been silent for one and a half
times as long is *unsure*, and must not be called live any longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.events import Source
from upbit_qt_ws.network.pulses import ListeningClock, Pulse
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from upbit_qt_ws.events import Event

_UNSURE: Final = 1.5
"""A topic is called live for so many times the silence after which it is asked about. With 3 s that is 4.5 s."""

_FIRST_RENEWAL: Final = 1.0
_LATER_RENEWALS: Final = 10.0
_LONGEST_RENEWALS: Final = 200.0
"""How long a topic that is asked for anew may go on starving before the connection is renewed, as multiples of
``stall``: 3 s, then 30 s and twice as long each time, up to 10 minutes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Times of a vigil, in seconds.

    Attributes:
        stall: how long what is busy may be silent before it is asked about.
        longest: what may usually be silent for longer is not watched.
        step: between two looks.
    """

    stall: float = 3.0
    longest: float = 30.0
    step: float = 0.25


class Look(NamedTuple):
    """What a look has found.

    Attributes:
        doubt: the whole socket has just become unusually silent: ask whether it is alive.
        suspects: topics to ask REST about; they are told again until there is an answer.
        unsure: topics that must not be called live any longer, though nothing is known for certain.
        renew: topics go on starving though they were asked for anew: replace the connection.
    """

    doubt: bool = False
    suspects: frozenset[Topic] = frozenset()
    unsure: tuple[Topic, ...] = ()
    renew: bool = False


class Vigil:
    """Watches the topics of one socket, and the socket as a whole.

    Args:
        patience: the times.
        audits: REST can be asked what it knows. Without that, a silence is only asked about on the socket, and a topic
            is live as long as that answers.

    Attributes:
        doubted: topics that were said not to be live, and neither heard nor found calm since.
        starved: topics that REST knows something of that they did not tell, and that were not heard since.
    """

    def __init__(self, patience: Patience, *, audits: bool = True) -> None:
        """Watch nothing yet."""
        self._stall = patience.stall
        self._step = patience.step
        self._times = (patience.stall, patience.longest, patience.step)
        self._audits = audits
        self._clock = ListeningClock(patience.step)
        self._socket: Pulse | None = None
        self._opened_at = 0.0
        self._has_doubted = False
        self._topics: dict[Topic, Pulse] = {}
        self._renew_at = 0.0
        self._renew_after = 0.0
        self.doubted: set[Topic] = set()
        self.starved: set[Topic] = set()

    def rest(self) -> None:
        """There is no connection: what is silent now says nothing."""
        self._clock.pause()

    def opened(self) -> None:
        """A new connection is there; nothing could be heard on it before."""
        now = self._clock.now
        for pulse in self._topics.values():
            pulse.begin_anew(now)
        if self._socket is not None:
            self._socket.begin_anew(now)
        self._opened_at = now
        self._has_doubted = False
        self.doubted.clear()

    def look(
        self,
        newest: Mapping[Topic, Event],
        wanted: frozenset[Topic],
        awaited: AbstractSet[tuple[str, str, float]],
        last_data_ns: int,
        now: float,
    ) -> Look:
        """Look at what has come since the last look.

        Args:
            newest: the newest event of each topic.
            wanted: topics that are wanted in real time.
            awaited: those of them that owe their first data on this connection, and so are not live anyway.
            last_data_ns: when the newest event of this connection was received; 0 before the first.
            now: monotonic time, in seconds.
        """
        heard_for = self._clock.look(now)
        lateness = self._lateness_of_socket(last_data_ns, heard_for)
        doubt = lateness >= 1.0 and not self._has_doubted and bool(wanted)
        self._has_doubted = lateness >= 1.0
        late = self._late_topics(newest, wanted, heard_for)
        if not self._audits:
            return Look(doubt)
        if lateness >= 1.0:
            late.update((topic, lateness) for topic in wanted if topic in newest)
        suspects = frozenset(late) - awaited - self.starved
        unsure = self.doubt(topic for topic in suspects if late[topic] >= _UNSURE)
        return Look(doubt, suspects, unsure, self._is_renewal_due(heard_for))

    def _lateness_of_socket(self, last_data_ns: int, heard_for: float) -> float:
        """Return the silence of the socket in units of what is usual; 0 if that is not known."""
        if not last_data_ns:
            # Snapshots come within half a second, whatever the market does.
            return (heard_for - self._opened_at) / self._stall
        if self._socket is None:
            self._socket = Pulse(last_data_ns, heard_for)
        if self._socket.look(last_data_ns, heard_for, self._stall, self._step):
            return 0.0
        return self._socket.lateness(heard_for, *self._times)

    def _late_topics(
        self, newest: Mapping[Topic, Event], wanted: frozenset[Topic], heard_for: float
    ) -> dict[Topic, float]:
        """Return the topics that are unusually silent, with their silence in units of what is usual."""
        topics, late = self._topics, {}
        times = (least, _, step) = self._times
        for topic in topics.keys() - wanted:
            del topics[topic]
        self.doubted &= wanted
        self.starved &= wanted
        for topic, event in newest.items():
            pulse = topics.get(topic)
            if pulse is None:
                if topic in wanted:
                    topics[topic] = Pulse(event.received_ns, heard_for)
            elif event.source is not Source.REST and pulse.look(event.received_ns, heard_for, least, step):
                self.doubted.discard(topic)
                self.starved.discard(topic)
            elif heard_for - pulse.at >= least and (lateness := pulse.lateness(heard_for, *times)) >= 1.0:
                # The streams know their topics by plain tuples, which equal them.
                late[Topic(*topic)] = lateness
        return late

    # -- answers ----------------------------------------------------------------------------------------------

    def doubt(self, topics: Iterable[Topic]) -> tuple[Topic, ...]:
        """These are not called live any longer; return those that were until now."""
        fresh = tuple(sorted(topic for topic in topics if topic not in self.doubted))
        self.doubted.update(fresh)
        return fresh

    def answered(self) -> tuple[Topic, ...]:
        """The socket that was taken for dead is alive; return the topics that may be called live by that alone.

        Its bytes come in their order, so what was told before the answer is here. But a topic from which something
        should have come meanwhile must be heard first, or be found calm.
        """
        fine = []
        for topic in self.doubted - self.starved:
            pulse = self._topics.get(topic)
            if not self._audits or pulse is None or pulse.lateness(self._clock.now, *self._times) < 1.0:
                fine.append(topic)
        self.doubted.difference_update(fine)
        return tuple(sorted(fine))

    def calm(self, topics: Iterable[Topic]) -> tuple[Topic, ...]:
        """REST knows of nothing that these did not tell; return those that may be called live again by that."""
        now, fine = self._clock.now, []
        for topic in topics:
            pulse = self._topics.get(topic)
            if pulse is not None:
                pulse.calm(now)
            if topic in self.doubted:
                fine.append(topic)
        self.doubted.difference_update(fine)
        self.starved.difference_update(fine)
        return tuple(sorted(fine))

    def starve(self, topics: Iterable[Topic]) -> None:
        """REST knows of something that these did not tell; they are asked for anew."""
        if not self.starved:
            self._renew_after = _LATER_RENEWALS * self._stall
            self._renew_at = self._clock.now + _FIRST_RENEWAL * self._stall
        self.starved.update(topics)
        self.doubted.update(topics)

    def audited(self) -> None:
        """REST was asked about all topics, and each has its verdict: the silence of the socket has its reason."""
        if self._socket is not None:
            self._socket.calm(self._clock.now)

    def _is_renewal_due(self, heard_for: float) -> bool:
        if not self.starved or heard_for < self._renew_at:
            return False
        self._renew_at = heard_for + self._renew_after
        self._renew_after = min(2 * self._renew_after, _LONGEST_RENEWALS * self._stall)
        return True
