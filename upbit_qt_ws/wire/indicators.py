"""Indicators: their names and parameters, and how a topic's type carries them.

The topic of an indicator has everything that tells it from another one in its type, as candles have their interval:
``indicator.5m.rsi.{"type":"rsi","params":{"period":14}}``.
Source: the reference pages of the indicator and indicator_signal streams (since 2026-09-23), the official SDK 1.1.0.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from upbit_qt_ws.errors import SubscriptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEFRAMES: Final = ("5m", "15m", "60m", "240m", "1d")
"""The candles that indicators are computed from."""

INDICATORS: Final[Mapping[str, Mapping[str, float | str]]] = {
    "volume": {"period": 20},
    "rsi": {"period": 14},
    "moving_average": {"period": 20, "type": "SMA"},
    "ma_crossover": {"short_period": 5, "long_period": 20, "type": "SMA"},
    "bollinger_bands": {"period": 20, "multiplier": 2},
    "macd": {"fast": 12, "slow": 26, "signal_period": 9},
}
"""Each indicator with its parameters, and what is asked for when one is left out: the exchange wants them all. Which
other values it takes is its own business; it refuses what does not fit."""

TRIGGERS: Final[Mapping[str, tuple[str, ...]]] = {
    "volume": ("volume_spike",),
    "rsi": ("overbought", "oversold"),
    "moving_average": ("price_cross_above", "price_cross_below"),
    "ma_crossover": ("golden_cross", "dead_cross"),
    "bollinger_bands": ("price_cross_above", "price_cross_below"),
    "macd": ("golden_cross", "dead_cross", "zero_cross_above", "zero_cross_below"),
}
"""What an indicator signals."""

_EVENT_PARAMETERS: Final[Mapping[str, Mapping[str, float]]] = {
    "volume_spike": {"multiplier": 2},
    "overbought": {"threshold": 70},
    "oversold": {"threshold": 30},
}

MOST_COMBINATIONS: Final = 100
"""Codes times indicators that one request may hold, over both types; one more fails the whole request."""


class Indicator(NamedTuple):
    """What one topic of the info socket asks for.

    Attributes:
        kind: ``indicator`` or ``indicator_signal``.
        timeframe: ``5m``, ``15m``, ``60m``, ``240m`` or ``1d``.
        name: for example ``rsi``.
        params: all of its parameters.
        trigger: of a signal, for example ``overbought``; empty for values.
        event_params: parameters of the trigger.
    """

    kind: str
    timeframe: str
    name: str
    params: Mapping[str, float | str]
    trigger: str = ""
    event_params: Mapping[str, float | str] = MappingProxyType({})

    @property
    def topic_type(self) -> str:
        """The type of its topics; the same parameters in another order give the same text."""
        return f"{self.kind}.{self.timeframe}.{self.name}.{msgspec.json.encode(self.wire_form).decode()}"

    @property
    def wire_form(self) -> dict[str, Any]:
        """How it stands in the ``indicators`` of a request."""
        form: dict[str, Any] = {"type": self.name, "params": dict(sorted(self.params.items()))}
        if self.trigger:
            form["trigger"] = self.trigger
        if self.event_params:
            form["event_params"] = dict(self.event_params)
        return form

    def is_told_by(self, event: Any) -> bool:
        """Tell whether an event of its kind, an :class:`IndicatorEvent`, is what was asked for."""
        if (event.timeframe, event.indicator) != (self.timeframe, self.name) or not _agrees(self.params, event.params):
            return False
        if not self.trigger:
            return True
        return bool(event.trigger == self.trigger) and _agrees(self.event_params, event.event_params or {})


def read_indicator(topic_type: str) -> Indicator:
    """Return what a topic's type asks for."""
    kind, timeframe, name, text = topic_type.split(".", 3)
    form: dict[str, Any] = msgspec.json.decode(text)
    return Indicator(kind, timeframe, name, form["params"], form.get("trigger", ""), form.get("event_params", {}))


def parse_indicator(
    timeframe: str, name: str, params: Mapping[str, float | str] | None, kind: str = "indicator"
) -> Indicator:
    """Return an indicator that the exchange knows, with all its parameters.

    Raises:
        SubscriptionError: the timeframe, the name or a parameter is none that Upbit documents.
    """
    if timeframe not in TIMEFRAMES:
        choices = ", ".join(TIMEFRAMES)
        raise SubscriptionError(f"indicator timeframe {timeframe!r} is not served: choose one of {choices}")
    if name not in INDICATORS:
        raise SubscriptionError(f"indicator {name!r} is unknown: choose one of {', '.join(INDICATORS)}")
    return Indicator(kind, timeframe, name, _completed(name, params, INDICATORS[name]))


def parse_signal(
    timeframe: str,
    name: str,
    trigger: str,
    params: Mapping[str, float | str] | None,
    event_params: Mapping[str, float | str] | None,
) -> Indicator:
    """Return a signal that the exchange knows, with all its parameters.

    Raises:
        SubscriptionError: as for an indicator; or the indicator has no such trigger.
    """
    indicator = parse_indicator(timeframe, name, params, "indicator_signal")
    if trigger not in TRIGGERS[name]:
        choices = ", ".join(TRIGGERS[name])
        raise SubscriptionError(f"trigger {trigger!r} of {name!r} is unknown: choose one of {choices}")
    completed = _completed(trigger, event_params, _EVENT_PARAMETERS.get(trigger, {}))
    return indicator._replace(trigger=trigger, event_params=completed)


def _completed(
    name: str, given: Mapping[str, float | str] | None, known: Mapping[str, float | str]
) -> dict[str, float | str]:
    """Return the parameters with what was left out; the given ones are checked."""
    for key, value in (given or {}).items():
        if key not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise SubscriptionError(f"{name!r} has no parameter {key!r}: {has}")
        if key == "type":
            if value not in ("SMA", "EMA"):
                raise SubscriptionError(f"moving average type {value!r} is unknown: write 'SMA' or 'EMA'")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise SubscriptionError(f"parameter {key}={value!r} of {name!r} is not a number above 0")
    return {**known, **(given or {})}


def _agrees(asked: Mapping[str, float | str], told: Mapping[str, float | str]) -> bool:
    """Tell whether nothing that an event tells contradicts what was asked for."""
    return all(told.get(name, value) == value for name, value in asked.items())
