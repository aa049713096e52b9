"""Addresses that are blocked for a while, with status 418 [A]; for how long and after how much is not documented."""

from __future__ import annotations

from collections import deque
from typing import Final

_FIRST_SECONDS: Final = 60.0
_WATCHED_SECONDS: Final = 60.0


class AddressBlocks:
    """Who is blocked until when. Times are of the monotonic clock, in s.

    A caller that goes on after refusals is blocked for a minute, the next time for two, and so on: the real
    duration "grows with repeats" [A], how is unknown. [D]
    """

    def __init__(self, after: int | None) -> None:
        """Block whoever was refused ``after`` times within a minute; None blocks nobody by itself."""
        self._after = after
        self._everybody = 0.0
        self._until: dict[str, float] = {}
        self._refusals: dict[str, deque[float]] = {}
        self._times: dict[str, int] = {}

    def block(self, address: str | None, until: float) -> None:
        """Block one address, or all for None."""
        if address is None:
            self._everybody = until
            if until <= 0:
                self._until.clear()
        else:
            self._until[address] = until

    def left(self, address: str, now: float) -> float:
        """Return for how many seconds more an address is blocked; 0 when it is not."""
        return max(0.0, self._everybody - now, self._until.get(address, 0.0) - now)

    def count_refusal(self, address: str, now: float) -> None:
        """Note a 429."""
        if self._after is None:
            return
        refusals = self._refusals.setdefault(address, deque(maxlen=self._after))
        refusals.append(now)
        if len(refusals) == self._after and now - refusals[0] < _WATCHED_SECONDS:
            times = self._times[address] = self._times.get(address, 0) + 1
            self.block(address, now + _FIRST_SECONDS * 2 ** (times - 1))
            refusals.clear()
