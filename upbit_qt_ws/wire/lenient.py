"""What single values of JSON mean, read leniently: each function returns the value, or raises ValueError. Pure.

They understand what can be meant in one way only: numbers in quotation marks, a time in s, us or ns in place of ms,
``ask`` for ``ASK``. They are for what a typed decoder has refused, see :mod:`upbit_qt_ws.wire.second_look`.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from upbit_qt_ws.bounds import is_amount, whole_ms
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import start_of_candle
from upbit_qt_ws.wire.rest_records import iso_milliseconds
from upbit_qt_ws.wire.text import one_line

REFUSED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a typed decoder raises when it refuses its input."""

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LONGEST_NUMBER: Final = 200
_LARGEST_PART: Final = 10**6
"""Of a date: whatever its parts are called."""
_EXCERPT: Final = 60
_FLAGS: Final = {"true": True, "false": False}
_REPLACED: Final = "\ufffd"
"""Stands for bytes that are no UTF-8."""


class Spelt(str):
    """A number as it is spelt, so that nothing is lost before it is known what it is for. Also NaN and its like."""

    __slots__ = ()


def parse(text: bytes) -> Any:
    """Return the objects, lists and values of a JSON text, its numbers as :class:`Spelt`.

    It is more lenient than the standard, which has no NaN.

    Raises:
        DecodeError: it is no JSON.
    """
    try:
        return json.loads(text.decode(errors="replace"), parse_float=Spelt, parse_int=Spelt, parse_constant=Spelt)
    except (ValueError, RecursionError) as error:
        # Not as its cause, which holds all of the text.
        raise DecodeError(one_line(str(error))) from None


def plain(value: Any) -> Any:
    """Return a value that may not be parsed yet.

    Raises:
        DecodeError: it is no JSON.
    """
    return parse(bytes(value)) if isinstance(value, msgspec.Raw) else value


def excerpt(value: object) -> str:
    """Return how a value is shown in a message: in one line, and not all of a long one."""
    if isinstance(value, list | dict):
        return f"a list of {len(value)}" if isinstance(value, list) else f"an object of {len(value)} fields"
    if not isinstance(value, str):
        return repr(value)
    shown = value if len(value) <= _EXCERPT else f"{value[:_EXCERPT]}..."
    return shown if isinstance(value, Spelt) else repr(shown)


def _decimal(value: Any) -> Decimal:
    """Return a number, in quotation marks or not, as it is spelt."""
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value):
        raise ValueError
    return Decimal(value)


def number(value: Any, low: float, high: float) -> float:
    """Read a number within bounds."""
    found = float(_decimal(value))
    if not (math.isfinite(found) and low <= found <= high):
        raise ValueError
    return found


def whole(value: Any, low: float, high: float) -> int:
    """Read a whole number within bounds."""
    found = _decimal(value)
    # The bounds come first: 1E999999 is a whole number of a million digits.
    if not low <= found <= high or found != found.to_integral_value():
        raise ValueError
    return int(found)


def moment(value: Any) -> int:
    """Read a moment, told in any unit, in ms since 1970 UTC."""
    found = whole_ms(_decimal(value))
    if found is None:
        raise ValueError
    return found


def amount(value: Any) -> Decimal:
    """Read an exact amount."""
    found = _decimal(value)
    if not is_amount(found):
        raise ValueError
    return found


def text(value: Any) -> str:
    """Read a text; a number is none."""
    if not isinstance(value, str) or isinstance(value, Spelt) or _REPLACED in value:
        raise ValueError
    value.encode()  # Half of a pair of surrogates can neither be painted nor written to a log.
    return value


def flag(value: Any) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _FLAGS:
        raise ValueError
    return _FLAGS[value.lower()]


def candle_start(value: Any) -> str:
    """Read the start of a candle in any spelling of ISO 8601 that means a moment in UTC, and spell it as usual."""
    told = text(value)
    try:
        start = datetime.fromisoformat(told)
    except ValueError:
        start_of_candle(told)  # Says what is wrong with it.
        raise
    spelt = told if start.utcoffset() else start.replace(tzinfo=None).isoformat()
    start_of_candle(spelt)
    return spelt


def iso_moment(value: Any) -> str:
    """Read a moment in ISO 8601 with an offset; it stays as it is spelt."""
    told = text(value)
    iso_milliseconds(told)
    return told


def any_date(value: Any) -> str | dict[str, int]:
    """Read a date of which no example is known: text, digits, an object of numbers, or a list, as Java writes dates."""
    if isinstance(value, list):
        year, month, day = (whole(part, 1, _LARGEST_PART) for part in value[:3])
        return date(year, month, day).isoformat()
    if isinstance(value, dict):
        return {text(key): whole(part, 0, _LARGEST_PART) for key, part in value.items()}
    if isinstance(value, Spelt):
        return datetime.strptime(value, "%Y%m%d").date().isoformat()
    return text(value)
