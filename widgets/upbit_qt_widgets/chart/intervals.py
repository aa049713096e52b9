"""The intervals of candles: which there are, how long they are, and when the one of a moment began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS

_SECONDS: Final = {
    "1s": 1,
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "10m": 600,
    "15m": 900,
    "30m": 1_800,
    "60m": 3_600,
    "240m": 14_400,
    "1d": 86_400,
    "1w": 7 * 86_400,
    "1M": 30 * 86_400,
}
INTERVALS: Final = tuple(_SECONDS)
"""All intervals that the chart shows, the shortest first; a month counts as 30 days where a length is meant."""

_FIRST_MONDAY: Final = 4 * 86_400
"""The first Monday after 1970-01-01, which was a Thursday, in seconds."""


def parse_interval(interval: str) -> str:
    """Return an interval that is spelt like one.

    Raises:
        ConfigurationError: there is none of this name.
    """
    if interval not in INTERVALS:
        raise ConfigurationError(f"interval {interval!r} is unknown: choose one of {', '.join(INTERVALS)}")
    return interval


def seconds_of(interval: str) -> int:
    """Return the length of a candle in seconds; 30 days for a month."""
    return _SECONDS[interval]


def is_streamed(interval: str) -> bool:
    """Tell whether the exchange streams candles of this interval; of the others, only REST and trades tell."""
    return interval in CANDLE_INTERVALS


def start_of(interval: str, seconds: int) -> int:
    """Return when the candle that holds a moment begins, both in seconds since 1970 UTC.

    Days, weeks (from Monday) and months begin at 00:00 UTC, which is 09:00 in Korea.
    """
    if interval == "1M":
        first = datetime.fromtimestamp(seconds, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return int(first.timestamp())
    if interval == "1w":
        return (seconds - _FIRST_MONDAY) // _SECONDS["1w"] * _SECONDS["1w"] + _FIRST_MONDAY
    return seconds // _SECONDS[interval] * _SECONDS[interval]


def moment(seconds: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
