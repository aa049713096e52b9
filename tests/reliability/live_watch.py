"""Is what is called live heard of? Watches the silences of topics in the window. Pure: the caller tells the time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_T = TypeVar("_T")

STEP: Final = 0.25
"""Time between two looks, in seconds."""

_WINDOW: Final = 8
"""A topic is busy if something new was seen in each of so many looks before its silence, but for one."""

_KNOWN: Final = 12
"""Looks with something new after which a client can know how busy a topic is."""


class _Course:
    """What was seen of one topic; ``silence`` is how long it has been called live and said nothing, in seconds."""

    __slots__ = ("count", "is_busy", "is_silent", "looks", "recent", "silence")

    def __init__(self) -> None:
        self.recent: deque[bool] = deque(maxlen=_WINDOW)
        self.count = self.looks = 0
        self.is_silent = self.is_busy = False
        self.silence = 0.0


class LiveWatch(Generic[_T]):
    """Finds busy topics that are called live and have not been heard of for too long.

    Args:
        limit: how long, in seconds.

    Attributes:
        longest: silence of a busy topic that was called live, in seconds.
    """

    def __init__(self, limit: float) -> None:
        """Start with nothing heard."""
        self._limit = limit
        self._courses: dict[_T, _Course] = {}
        self.longest = 0.0

    def look(self, counts: Mapping[_T, int], live: Collection[_T], elapsed: float) -> list[_T]:
        """Look at what has come; return the busy topics that should not be called live any longer.

        Args:
            counts: events of each topic since the start.
            live: topics that are called live.
            elapsed: seconds since the last look; of a window that stood still only two steps count.
        """
        found = []
        for topic, count in counts.items():
            course = self._courses.setdefault(topic, _Course())
            has_come = count > course.count
            course.count = count
            if has_come:
                course.looks += 1
                course.is_silent, course.silence = False, 0.0
            else:
                if not course.is_silent:
                    course.is_silent = True
                    course.is_busy = course.looks >= _KNOWN and sum(course.recent) >= _WINDOW - 1
                # Nobody takes for live what is said to be old.
                course.silence = course.silence + min(elapsed, 2 * STEP) if topic in live else 0.0
                if course.is_busy:
                    self.longest = max(self.longest, course.silence)
                    if course.silence > self._limit:
                        found.append(topic)
                        course.is_busy = False  # Once for each silence.
            course.recent.append(has_come)
        return found
