"""Moments of the exchange in Korean time, which knows no summer time. Pure, and quick: each trade is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_AHEAD: Final = timedelta(hours=9)
_AHEAD_MS: Final = 9 * 3_600_000
_DAY_MS: Final = 86_400_000


def day_of(moment: int) -> int:
    """Return the number of the Korean day of a moment in ms since 1970 UTC."""
    return (moment + _AHEAD_MS) // _DAY_MS


def until_midnight(moment: int) -> int:
    """Return how many ms are left of the Korean day, 1 or more."""
    return _DAY_MS - (moment + _AHEAD_MS) % _DAY_MS


def clock_text(moment: int, today: int) -> str:
    """Write a moment as ``14:30:05``, and one of another day than ``today`` as ``11-19 14:30``.

    Args:
        moment: in ms since 1970 UTC.
        today: number of the present day, see :func:`day_of`.
    """
    day, rest = divmod(moment + _AHEAD_MS, _DAY_MS)
    if day != today:
        return _korean(moment).strftime("%m-%d %H:%M")
    seconds = rest // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment_text(moment: int) -> str:
    """Write a moment to the millisecond, with its date: ``2026-11-20 14:30:05.123 KST``."""
    return f"{_korean(moment):%Y-%m-%d %H:%M:%S}.{moment % 1000:03} KST"


def _korean(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // 1000, UTC) + _AHEAD
