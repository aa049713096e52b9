"""How often something comes, and for how long it may be silent before that is a reason to ask. Pure.

Nothing is counted where events pass. A regular look at when the newest one was received is enough: each look sees
whether something has come since the last one.

Silence is measured in time in which one could listen. A loop that stood still, as in a program that was frozen or on a
machine that slept, has heard nothing in that time, which says nothing about the exchange.
"""

from __future__ import annotations

from typing import Final

_SEEN: Final = 10
"""Arrivals after which the usual distance is known."""

_WEIGHT: Final = 0.1
"""Of the newest distance in the mean."""

_FADE: Final = 0.97
"""What is left of the longest pause with each arrival: half of it after 23."""

_USUAL: Final = 8.0
"""So many usual distances are no usual silence: where events come evenly at random, one pause in 3,000 is as long."""

_PAUSE: Final = 2.0
"""A silence is unusual that is so many times as long as the longest pause of late."""


class ListeningClock:
    """Counts the time in which one could listen.

    Args:
        step: time from one look to the next, in seconds.

    Attributes:
        now: seconds that were listened for since the start.
        step: as given.
    """

    def __init__(self, step: float) -> None:
        """Start at 0."""
        self.step = step
        self.now = 0.0
        self._last: float | None = None

    def look(self, now: float) -> float:
        """Note a look at ``now``, monotonic; return the time that was listened for, at most two steps a look."""
        if self._last is not None:
            self.now += min(now - self._last, 2 * self.step)
        self._last = now
        return self.now

    def pause(self) -> None:
        """Nobody listens until the next look."""
        self._last = None


class Pulse:
    """The arrivals of one thing. All times are those of a :class:`ListeningClock`, in seconds.

    The true distance of two arrivals is shorter than the one that looks can tell, by up to a step. So what is told is
    taken for a step less.

    Attributes:
        at: when it was last seen to have come.
    """

    __slots__ = ("_calm_until", "_count", "_longest", "_mean", "_seen", "at")

    def __init__(self, seen: int, now: float) -> None:
        """See it for the first time.

        Args:
            seen: what tells one arrival from the next, such as the time of receipt of the newest.
            now: the time.
        """
        self._seen = seen
        self._count = 0
        self._mean = self._longest = 0.0
        self._calm_until = 0.0
        self.at = now

    def look(self, seen: int, now: float, least: float, step: float) -> bool:
        """Tell whether something has come since the last look.

        A silence that was unusual is no measure of what is usual, unless it is known that it was a calm one: else an
        outage would make the next one go unnoticed.

        Args:
            seen: what tells one arrival from the next.
            now: the time.
            least: as in :meth:`usual`.
            step: likewise.
        """
        if seen == self._seen:
            return False
        distance = now - self.at
        usual = self.usual(least, step)
        if usual is None or distance < usual or self._calm_until:
            self._mean = distance if self._count == 0 else self._mean + _WEIGHT * (distance - self._mean)
            self._longest = max(distance, self._longest * _FADE)
        self._seen, self.at = seen, now
        self._count += 1
        self._calm_until = 0.0
        return True

    def begin_anew(self, now: float) -> None:
        """Nothing could come until now, as before a connection is open; what is known of its distances stays."""
        self.at = now
        self._calm_until = 0.0

    def calm(self, now: float) -> None:
        """It is known that nothing should have come until now.

        Something may begin to be missing right after, while nothing happens. So the question comes again, but the
        longer the silence has lasted, the later.
        """
        self._calm_until = 2 * (now - self.at)

    def usual(self, least: float, step: float) -> float | None:
        """Return how long it may usually be silent, in seconds; None if too little is known.

        Args:
            least: of what comes all the time.
            step: of the looks.
        """
        if self._count < _SEEN:
            return None
        return max(least, _USUAL * (self._mean - step), _PAUSE * (self._longest - step))

    def lateness(self, now: float, least: float, longest: float, step: float) -> float:
        """Return for how long it has been silent, in units of the silence that is no reason to ask.

        Args:
            now: the time.
            least: silence of what comes all the time that is no reason to ask.
            longest: what may usually be silent for longer is never late.
            step: of the looks.
        """
        silence = now - self.at
        if silence < least:
            return 0.0
        usual = self.usual(least, step)
        return 0.0 if usual is None or usual > longest else silence / max(usual, self._calm_until)
