"""Things to be done at a moment of simulated time."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarms:
    """Actions in the order of their times; those of the same ms in the order in which they were set.

    Attributes:
        next_ms: time of the first one; there is always one, the roll of the day.
    """

    def __init__(self, time_ms: int, action: Callable[[], None]) -> None:
        """Begin with one action."""
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self.next_ms = time_ms
        self.set(time_ms, action)

    def set(self, time_ms: int, action: Callable[[], None]) -> None:
        """Do ``action`` at ``time_ms``."""
        heappush(self._heap, (time_ms, next(self._order), action))
        self.next_ms = self._heap[0][0]

    def ring(self) -> None:
        """Do the first action. It must set another one when it is the last."""
        _, _, action = heappop(self._heap)
        action()
        self.next_ms = self._heap[0][0]
