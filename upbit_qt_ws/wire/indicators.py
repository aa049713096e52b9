"""Indicators: their names and parameters, and how a topic's type carries them.

The topic of an indicator has everything that tells it from another one in its type, as candles have their interval:
``indicator.5m.rsi.{"period":14}``. Parameters that were left out are not in it, and events of any value match them.
Source: the reference pages of the indicator and indicator_signal streams (since 2026-09-23).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS
from upbit_qt_ws.wire.topics import INFO_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEFRAMES: Final = ("5m", "15m", "60m", "240m", "1d")
"""The candles that indicators are computed from."""

INDICATORS: Final = ("volume", "rsi", "moving_average", "ma_crossover", "bollinger_bands", "macd")

PARAMETERS: Final = tuple(NESTED_SIMPLE_KEYS["params"]) + tuple(
    name for name in NESTED_SIMPLE_KEYS["event_params"] if name not in NESTED_SIMPLE_KEYS["params"]
)
"""All parameters that are documented for any indicator. Which of them an indicator takes, and their defaults, are the
exchange's business: it refuses what does not fit."""

MOST_COMBINATIONS: Final = 100
"""Codes times indicators that one request may hold, over both types; one more fails the whole request."""


class Indicator(NamedTuple):
    """What one topic of the info socket asks for.

    Attributes:
        kind: ``indicator`` or ``indicator_signal``.
        timeframe: ``5m``, ``15m``, ``60m``, ``240m`` or ``1d``.
        name: for example ``rsi``.
        params: the parameters that were given.
    """

    kind: str
    timeframe: str
    name: str
    params: Mapping[str, float | str]

    @property
    def topic_type(self) -> str:
        """The type of its topics; the same parameters in another order give the same text."""
        listed = msgspec.json.encode(dict(sorted(self.params.items()))).decode()
        return f"{self.kind}.{self.timeframe}.{self.name}" + (f".{listed}" if self.params else "")

    def covers(self, params: Mapping[str, float | str]) -> bool:
        """Tell whether an event with these parameters is what was asked for."""
        return all(params.get(name, value) == value for name, value in self.params.items())


def read_indicator(topic_type: str) -> Indicator:
    """Return what a topic's type asks for."""
    kind, timeframe, name, *params = topic_type.split(".", 3)
    return Indicator(kind, timeframe, name, msgspec.json.decode(params[0]) if params else {})


def parse_indicator(kind: str, timeframe: str, name: str, params: Mapping[str, float | str] | None) -> Indicator:
    """Return an indicator that the exchange knows.

    Raises:
        SubscriptionError: the timeframe, the name or a parameter is none that Upbit documents.
    """
    assert kind in INFO_TYPES
    if timeframe not in TIMEFRAMES:
        raise SubscriptionError(
            f"indicator timeframe {timeframe!r} is not served: choose one of {', '.join(TIMEFRAMES)}"
        )
    if name not in INDICATORS:
        raise SubscriptionError(f"indicator {name!r} is unknown: choose one of {', '.join(INDICATORS)}")
    given = dict(params or {})
    for key, value in given.items():
        if key not in PARAMETERS:
            raise SubscriptionError(f"indicator parameter {key!r} is unknown: there are {', '.join(PARAMETERS)}")
        if key == "type":
            if value not in ("SMA", "EMA"):
                raise SubscriptionError(f"moving average type {value!r} is unknown: write 'SMA' or 'EMA'")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise SubscriptionError(f"indicator parameter {key}={value!r} is not a number above 0")
    return Indicator(kind, timeframe, name, given)
