"""Values that programs give to properties: each is checked before anything changes, and refused by name."""

from __future__ import annotations

import math
from collections.abc import Sized
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.wire.markets import parse_code, parse_codes

if TYPE_CHECKING:
    from collections.abc import Iterable


def parse_market(market: str | None) -> str:
    """Return a market code; empty for None and for an empty text, which stand for no market.

    Raises:
        SubscriptionError: it is misspelt, or no text.
    """
    return "" if market is None or market == "" else parse_code(market)


def parse_markets(markets: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return market codes, each once; none for None and for an empty list.

    Raises:
        SubscriptionError: one of them is misspelt, or they are no list.
    """
    if markets is None or (isinstance(markets, Sized) and not markets):
        return ()
    return parse_codes(markets)


def parse_flag(name: str, value: bool) -> bool:
    """Return a value that is True or False.

    Raises:
        ConfigurationError: it is neither; ``name`` is that of the property.
    """
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} {value!r} is neither True nor False")
    return value


def parse_text(name: str, value: str) -> str:
    """Return a text.

    Raises:
        ConfigurationError: it is none; ``name`` is that of the property.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} {value!r} is not text: give a text, empty for none")
    return value


def parse_amount(name: str, value: float) -> float:
    """Return a finite number that is not negative.

    Raises:
        ConfigurationError: it is no such number; ``name`` is that of the property.
    """
    if type(value) not in (int, float) or not (math.isfinite(value) and value >= 0):
        raise ConfigurationError(f"{name} {value!r} is not an amount: give a number from 0")
    return float(value)
