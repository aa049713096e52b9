"""Which topics make the exchange refuse a request: bisects the newcomers, keeps the good ones served (rule R10).

An error frame names no code, and the socket dies with it. So the next connection asks for the topics that have been
accepted before and half of the newcomers, and so on, until the culprits are alone. They are put into quarantine and
tried again much later; everybody else is served meanwhile.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.wire.topics import Topic, Want

LONGEST_QUARANTINE: Final = 3600.0
"""Seconds; each trial costs everybody on the socket a reconnection."""


@dataclass(slots=True)
class _Quarantine:
    until: float
    span: float


@dataclass(slots=True)
class Trials:
    """The good, the suspects and the culprits of one socket; it outlives the connections.

    Attributes:
        first_quarantine: how long a culprit is kept out for the first time, in seconds; it doubles each time.
    """

    first_quarantine: float = 300.0
    _good: set[Topic] = field(default_factory=set)
    _trial: frozenset[Topic] = frozenset()
    _waiting: deque[frozenset[Topic]] = field(default_factory=deque)
    _quarantines: dict[Topic, _Quarantine] = field(default_factory=dict)

    @property
    def under_way(self) -> bool:
        """Whether the newest request holds newcomers that have not been accepted yet."""
        return bool(self._trial)

    @property
    def can_bisect(self) -> bool:
        """Whether there is more than one newcomer to suspect, or something that was accepted before."""
        return len(self._trial) > 1 or bool(self._good)

    def admitted(self, wants: Mapping[Topic, Want], now: float) -> Mapping[Topic, Want]:
        """Return what may be asked for now: without culprits, and without groups that wait for their trial."""
        guilty = {topic for topic, entry in self._quarantines.items() if now < entry.until}
        # Suspects may have been cancelled meanwhile; nobody must wait for a trial that will never be.
        self._waiting = deque(group for group in self._waiting if not group.isdisjoint(wants))
        while self._waiting and wants.keys() <= guilty.union(*self._waiting):
            self._waiting.popleft()
        kept_out = guilty.union(*self._waiting)
        if kept_out.isdisjoint(wants):
            return wants
        return {topic: want for topic, want in wants.items() if topic not in kept_out}

    def next_release(self, now: float) -> float:
        """Return when the next quarantine ends, ``inf`` for none."""
        return min((entry.until for entry in self._quarantines.values() if entry.until > now), default=float("inf"))

    def sent(self, topics: Iterable[Topic]) -> None:
        """A request for exactly these topics was sent."""
        asked = frozenset(topics)
        self._good &= asked
        self._trial = asked - self._good
        if not self._trial:
            self.accepted()

    def has_newcomer(self, topic: tuple[str, str, float]) -> bool:
        """Tell whether data of ``topic`` proves that the newest request was accepted."""
        return topic in self._trial

    def accepted(self) -> None:
        """The newest request was accepted: its newcomers are good, and the next group may be tried."""
        for topic in self._trial:
            self._quarantines.pop(topic, None)
        self._good |= self._trial
        self._trial = frozenset()
        if self._waiting:
            self._waiting.popleft()

    def abandoned(self) -> None:
        """The connection was lost without a verdict on the newest request: its newcomers stay newcomers."""
        self._trial = frozenset()

    def refused(self, now: float) -> tuple[bool, tuple[Topic, ...]]:
        """The newest request was refused.

        Returns:
            Whether there was anybody to suspect, so that the next request will be a different one; and the topics
            that were found guilty by it.
        """
        suspects = sorted(self._trial)
        self._trial = frozenset()
        if not suspects:
            return False, ()
        if len(suspects) > 1:
            self._waiting.appendleft(frozenset(suspects[len(suspects) // 2 :]))
            return True, ()
        (culprit,) = suspects
        before = self._quarantines.get(culprit)
        span = self.first_quarantine if before is None else min(2 * before.span, LONGEST_QUARANTINE)
        self._quarantines[culprit] = _Quarantine(now + span, span)
        if self._waiting:
            self._waiting.popleft()
        return True, (culprit,)
