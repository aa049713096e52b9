"""The periods of moving averages, as somebody writes them."""

from __future__ import annotations

from typing import Final

from upbit_qt_widgets.base.values import parse_text
from upbit_qt_ws.errors import ConfigurationError

_MOST: Final = 4
_LONGEST: Final = 500


def parse_averages(periods: str) -> tuple[int, ...]:
    """Return the periods that are written as ``"5,20,60"``, in candles; none for an empty text.

    Raises:
        ConfigurationError: a period is no whole number from 2 to 500, there are more than four, or one comes twice; or
            it is no text at all.
    """
    words = [word.strip() for word in parse_text("moving_averages", periods).split(",") if word.strip()]
    if not all(word.isdecimal() and 2 <= int(word) <= _LONGEST for word in words):
        raise ConfigurationError(
            f"moving_averages {periods!r} is not understood: write whole numbers from 2 to {_LONGEST} with commas "
            "between them, such as '5,20,60'"
        )
    found = tuple(map(int, words))
    if len(found) > _MOST or len(set(found)) < len(found):
        raise ConfigurationError(f"moving_averages {periods!r} has too many or equal periods: give up to {_MOST}")
    return found
