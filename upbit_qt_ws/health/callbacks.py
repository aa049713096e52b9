"""What the application's own code costs and how often it fails: slow calls by name, and how much is said of failures.

Pure.
"""

from __future__ import annotations

from typing import Final, NamedTuple

COMPLAINTS_AT_ONCE: Final = 5
"""Failures of one callback that are reported one by one; then one a second, with the number of the others."""

_NAMES: Final = 50


class Complaints:
    """How often something that fails all the time is reported."""

    def __init__(self) -> None:
        """Begin with some to spare."""
        self._spare = float(COMPLAINTS_AT_ONCE)
        self._last = 0.0
        self._withheld = 0

    def admit(self, now: float) -> int | None:
        """Tell whether a failure at ``now``, monotonic seconds, is to be reported.

        Returns:
            None if it is not; else how many were withheld since the last one that was.
        """
        self._spare = min(float(COMPLAINTS_AT_ONCE), self._spare + (now - self._last if self._last else 0.0))
        self._last = now
        if self._spare < 1.0:
            self._withheld += 1
            return None
        self._spare -= 1.0
        withheld, self._withheld = self._withheld, 0
        return withheld


class SlowCall(NamedTuple):
    """A callback or slot that has kept the GUI thread busy: how often, and for how many seconds at worst."""

    name: str
    times: int
    worst: float


class SlowCalls:
    """Remembers by name what has taken too long.

    Args:
        limit: how long a call may take, in seconds.

    Attributes:
        turned_at: when the event loop was last seen to run, a reading of ``time.perf_counter``; told four times a
            second. A call that began before that runs a nested loop, as of a dialog, and does not keep the window busy.
    """

    def __init__(self, limit: float) -> None:
        """Begin with none."""
        self.limit = limit
        self.turned_at = 0.0
        self._calls: dict[str, SlowCall] = {}

    def note(self, name: str, seconds: float) -> bool:
        """A call has taken so long, more than the limit; tell whether it is the first of its name."""
        known = self._calls.get(name)
        if known is None:
            if len(self._calls) >= _NAMES:
                del self._calls[min(self._calls.values(), key=lambda call: call.worst).name]
            self._calls[name] = SlowCall(name, 1, seconds)
            return True
        self._calls[name] = SlowCall(name, known.times + 1, max(known.worst, seconds))
        return False

    @property
    def worst(self) -> tuple[SlowCall, ...]:
        """All of them, the slowest first."""
        return tuple(sorted(self._calls.values(), key=lambda call: -call.worst))
