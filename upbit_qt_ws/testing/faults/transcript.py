"""What happened in a run, line by line: printed when it fails."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Transcript:
    """Lines with the time since the start; may be written from any thread.

    Args:
        title: what is needed to do it again, such as the seed.
        clock: monotonic seconds.
    """

    def __init__(self, title: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        """Begin now."""
        self.title = title
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()
        self._lines: list[tuple[float, str]] = []

    def note(self, text: str) -> None:
        """Add a line."""
        with self._lock:
            self._lines.append((self._clock() - self._start, text))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, oldest first."""
        with self._lock:
            return tuple(f"+{moment:8.3f} s  {text}" for moment, text in self._lines)

    def __str__(self) -> str:
        """Return the title and all lines."""
        return "\n".join([self.title, *self.lines] if self.title else self.lines)
