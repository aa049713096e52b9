"""Were the exchange's limits kept? Judged by what the exchange itself has written down. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STAMP_ERROR = 0.15
"""Seconds by which the exchange's thread may be late to stamp what it gets, so windows are that much shorter here. The
exact windows are the limiter's own property tests."""

LIMITS = ((1.0, 5), (60.0, 100))
"""Messages of one connection; of connections the first one holds."""


def fullest(times: Iterable[float], window: float) -> int:
    """Return the largest number of moments within any window of that many seconds."""
    moments = sorted(times)
    return max((bisect_left(moments, start + window) - position for position, start in enumerate(moments)), default=0)


def violations(what: str, times: Sequence[float], limits: Sequence[tuple[float, int]]) -> list[str]:
    """Return a sentence for each limit that was broken."""
    found = []
    for window, allowed in limits:
        most = fullest(times, window - STAMP_ERROR)
        if most > allowed:
            found.append(f"{what}: {most} within {window:g} s, {allowed} are allowed")
    return found
