"""When to read a busy socket: a few dozen times a second, since nobody sees more. Pure.

At thousands of messages a second, most of what a message costs is that a thread is woken for it. Left alone for a
moment, the socket collects what comes, and all of it is read in one go, which costs a fifth.
"""

from __future__ import annotations

from typing import Final

READ_SIZE: Final = 64 * 1024
"""Most bytes that are read at once, about 70 tickers. A read that gets so many is followed by the next one at once."""

FLOOD_READ_SIZE: Final = 256 * 1024
"""Most bytes that are read at once after such a read."""


class ReadPacer:
    """Says after each read for how long the socket is to be left alone.

    A socket that was idle is read at once, so that a quiet market is not delayed: only what follows closely waits.

    Args:
        interval: the pause between two reads of a busy socket, in seconds; 0 to read whatever comes at once.
    """

    def __init__(self, interval: float) -> None:
        """Begin with a socket that may be read."""
        self._interval = interval
        self._open_since = 0.0

    def after_read(self, size: int, now: float) -> float:
        """Return how long to pause after a read of ``size`` bytes at ``now``, in seconds; 0 for not at all."""
        waited, self._open_since = now - self._open_since, now
        if size >= READ_SIZE or waited >= self._interval / 2:
            return 0.0
        return self._interval

    def resumed(self, now: float) -> None:
        """The pause is over."""
        self._open_since = now
