"""Rate limits as the exchange counts them: so many in each whole second (or minute), free again at the next one."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

MESSAGES_PER_SECOND: Final = 5
MESSAGES_PER_MINUTE: Final = 100
CONNECTS_PER_SECOND: Final = 5
ORIGIN_SECONDS: Final = 10
QUOTATION_PER_SECOND: Final = 10
EXCHANGE_PER_SECOND: Final = 30


class Window:
    """At most ``limit`` events in each window of ``seconds``, aligned to the clock."""

    __slots__ = ("_limit", "_seconds", "_used", "_window")

    def __init__(self, limit: int, seconds: int = 1) -> None:
        """Begin with an empty window."""
        self._limit = limit
        self._seconds = seconds
        self._window = -1
        self._used = 0

    def take(self, now: float) -> bool:
        """Count one event at ``now`` (s); False when the window is full."""
        window = int(now // self._seconds)
        if window != self._window:
            self._window = window
            self._used = 0
        if self._used >= self._limit:
            return False
        self._used += 1
        return True

    @property
    def remaining(self) -> int:
        """How many more fit into the window of the last event."""
        return self._limit - self._used


class MessageLimit:
    """5 messages a second and 100 a minute, of one connection."""

    __slots__ = ("_minute", "_second")

    def __init__(self) -> None:
        """Begin with empty windows."""
        self._second = Window(MESSAGES_PER_SECOND)
        self._minute = Window(MESSAGES_PER_MINUTE, 60)

    def take(self, now: float) -> bool:
        """Count one message at ``now`` (s); False when a limit is exceeded."""
        return self._second.take(now) and self._minute.take(now)


class GroupLimits:
    """The limits per group and caller of REST calls and connects; ``take`` also words the ``Remaining-Req`` header."""

    _PER_SECOND: Final = {"websocket": CONNECTS_PER_SECOND, "default": EXCHANGE_PER_SECOND}
    _PER_MINUTE: Final = {"websocket": 300, "default": 1_800, "origin": 6}

    def __init__(self, *, enforced: bool) -> None:
        """Count always, refuse only when ``enforced``."""
        self._enforced = enforced
        self._windows: dict[tuple[str, str], Window] = {}
        self._origins: dict[str, float] = defaultdict(lambda: -1e9)

    def take(self, group: str, caller: str, now: float) -> tuple[bool, str]:
        """Count one call of ``caller`` (an address or an access key) at ``now`` (s).

        Returns:
            Whether it may pass, and the text of the ``Remaining-Req`` header.
        """
        window = self._windows.get((group, caller))
        if window is None:
            limit = self._PER_SECOND.get(group, QUOTATION_PER_SECOND)
            window = self._windows[group, caller] = Window(limit)
        passed = window.take(now) or not self._enforced
        return passed, f"group={group}; min={self._PER_MINUTE.get(group, 600)}; sec={window.remaining}"

    def take_origin(self, caller: str, now: float) -> tuple[bool, str]:
        """Count one request with an ``Origin`` header: 1 per 10 s and address, whatever it asks for."""
        passed = now - self._origins[caller] >= ORIGIN_SECONDS or not self._enforced
        if passed:
            self._origins[caller] = now
        return passed, f"group=origin; min={self._PER_MINUTE['origin']}; sec=0"
