"""Whether a silent connection is still alive, and whether the machine has slept. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_MOST_DOUBLINGS: Final = 5
"""A probe that is never answered while data would have come anyway must not reconnect a quiet market all the time."""


class Verdict(NamedTuple):
    """What to do about a silence.

    Attributes:
        probe: ask the exchange something now.
        doubtful: it has given no sign of life where one was to be expected at once; it may only be slow.
        dead: it has left a question unanswered: the connection is to be given up.
        wake_at: when to look again, monotonic; ``inf`` for never.
    """

    probe: bool = False
    doubtful: bool = False
    dead: bool = False
    wake_at: float = math.inf


@dataclass(slots=True)
class Liveness:
    """Judges one socket by what the application hears, not by pings: those are answered by a dead server's front too.

    When nothing was heard for a while, the exchange is asked what it holds (``LIST_SUBSCRIPTIONS``). Any answer or
    any data shows that it lives; else the connection is given up. A market may be quiet for hours, so silence alone is
    never the reason. If this socket has not answered such a question once in all its life, each connection that was
    given up in vain doubles the silence that is borne, up to 32 times.

    Args:
        silence: how long nothing may be heard before a question is asked, in seconds.
        patience: how long its answer is waited for, in seconds.
        needs_proof: give up a connection only if this socket has once answered such a question: for sockets on which
            silence is normal.
    """

    silence: float
    patience: float
    needs_proof: bool = False
    _heard_at: float = -math.inf
    _asked_at: float | None = None
    _wait: float = 0.0
    _probe_at: float | None = None
    _is_proven: bool = False
    _given_up: int = 0
    _is_counted: bool = False
    _suspected_at: float | None = None
    _doubt_after: float = math.inf

    def opened(self, now: float) -> None:
        """A new connection is there."""
        self._heard_at, self._asked_at, self._probe_at = now, None, None
        self._suspected_at = None

    def heard(self, now: float) -> None:
        """Something came from the exchange at ``now``: data, or a reply to whatever it was asked."""
        self._heard_at = max(self._heard_at, now)
        self.breathed(now)

    def breathed(self, now: float) -> None:
        """There was a sign of life at ``now``; a pong is one, though it says nothing about data."""
        if self._suspected_at is not None and now >= self._suspected_at:
            self._suspected_at = None

    def answered(self, now: float) -> None:
        """The exchange has answered what it holds."""
        self._is_proven, self._given_up = True, 0
        self.heard(now)

    def doubt(self, now: float, patience: float) -> None:
        """There is a reason to ask at once, such as a sleep of the machine; wait ``patience`` seconds for an answer."""
        self._probe_at, self._wait = now, patience

    def suspect(self, now: float, patience: float) -> None:
        """Data is overdue: ask at once. Without a sign of life within ``patience`` seconds it is doubtful.

        It is given up no sooner for that than after any other question.
        """
        if self._suspected_at is None:
            self._suspected_at, self._doubt_after = now, patience
            self._probe_at, self._wait = now, self.patience

    @property
    def is_suspected(self) -> bool:
        """Whether a sign of life is waited for."""
        return self._suspected_at is not None

    def asked(self, now: float) -> None:
        """A question was sent."""
        if self._asked_at is None or self._heard_at >= self._asked_at:
            self._asked_at = now
            self._is_counted = False
            self._wait = self._wait if self._probe_at is not None else self.patience
            self._probe_at = None

    def check(self, now: float) -> Verdict:
        """Say what to do at ``now``."""
        if self._asked_at is not None and self._heard_at >= self._asked_at:
            self._asked_at = None
        if self._asked_at is not None:
            if self.needs_proof and not self._is_proven:
                return Verdict()
            doubtful_at = math.inf
            if self._suspected_at is not None:
                doubtful_at = max(self._asked_at, self._suspected_at) + self._doubt_after
            given_up_at = self._asked_at + self._wait
            if now < given_up_at:
                doubtful = now >= doubtful_at
                return Verdict(doubtful=doubtful, wake_at=given_up_at if doubtful else min(given_up_at, doubtful_at))
            if not (self._is_proven or self._is_counted):
                self._given_up += 1
                self._is_counted = True
            return Verdict(dead=True)
        borne = self.silence * 2.0 ** min(self._given_up, _MOST_DOUBLINGS)
        due = self._heard_at + borne if self._probe_at is None else self._probe_at
        return Verdict(probe=True) if now >= due else Verdict(wake_at=due)


@dataclass(slots=True)
class SleepDetector:
    """Finds out from a regular heartbeat that the machine slept, or that this process stood still.

    The monotonic clock of Linux stands still while the machine sleeps and the wall clock goes on; on Windows both go on
    and the heartbeat comes late. A wall clock that somebody sets looks like the former; a jump back is no sleep.

    Attributes:
        interval: time between two beats, in seconds.
        tolerance: lateness that means nothing, in seconds.
    """

    interval: float = 2.0
    tolerance: float = 5.0
    _last: tuple[float, float] | None = field(default=None)

    def beat(self, monotonic: float, wall: float) -> float:
        """Take a heartbeat; return how many seconds were slept since the last one, 0 for none.

        Args:
            monotonic: reading of the monotonic clock, in seconds.
            wall: reading of the wall clock, in seconds.
        """
        last, self._last = self._last, (monotonic, wall)
        if last is None:
            return 0.0
        slept = max(monotonic - last[0], wall - last[1]) - self.interval
        return slept if slept > self.tolerance else 0.0

    def pause(self) -> None:
        """The heart stops for a while; the next beat is the first."""
        self._last = None
