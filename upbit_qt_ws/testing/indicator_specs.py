"""The ``indicators`` of a request: which ones there are, which parameters they take, and what is wrong with others.

The grammar and the values that are allowed are those of the official SDK 1.1.0 (October 2026). [A] How the exchange
answers a value that is not among them is documented as ``INVALID_PARAM`` only in general. [A]
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from upbit_qt_ws.testing.refusals import RequestRefused

TIMEFRAMES: Final = ("5m", "15m", "60m", "240m", "1d")
"""Candles whose close a value belongs to. [A]"""

MOST_COMBINATIONS: Final = 100
"""Codes times indicators, summed over the objects of both types in one request. [A]"""

_AVERAGES: Final = ("SMA", "EMA")
_PAIRS: Final = ((5, 20), (20, 60), (30, 90), (50, 200))
_MACD: Final = ((12, 26, 9), (8, 17, 9), (5, 35, 5))

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "volume": ("period",),
    "rsi": ("period",),
    "moving_average": ("period", "type"),
    "ma_crossover": ("short_period", "long_period", "type"),
    "bollinger_bands": ("period", "multiplier"),
    "macd": ("fast", "slow", "signal_period"),
}
_NOT_WHOLE: Final = "multiplier"
_PERIODS: Final[dict[tuple[str, bool], frozenset[int]]] = {
    ("volume", False): frozenset(range(5, 51, 5)),
    ("volume", True): frozenset({10, 20, 50}),
    ("rsi", False): frozenset({*range(2, 15), 21, 25}),
    ("rsi", True): frozenset({7, 9, 14, 21, 25}),
    ("moving_average", False): frozenset({3, 5, 7, 10, 15, 20, 25, 30, 50, 60, 90, 99, 100, 120, 200}),
    ("moving_average", True): frozenset({5, 10, 20, 30, 60, 90, 120, 200}),
    ("bollinger_bands", False): frozenset({10, 20, 50}),
    ("bollinger_bands", True): frozenset({20}),
}
_TRIGGERS: Final[dict[str, tuple[str, ...]]] = {
    "volume": ("volume_spike",),
    "rsi": ("overbought", "oversold"),
    "moving_average": ("price_cross_above", "price_cross_below"),
    "ma_crossover": ("golden_cross", "dead_cross"),
    "bollinger_bands": ("price_cross_above", "price_cross_below"),
    "macd": ("golden_cross", "dead_cross", "zero_cross_above", "zero_cross_below"),
}
_EVENT_PARAMS: Final[dict[str, tuple[str, frozenset[int]]]] = {
    "volume_spike": ("multiplier", frozenset({2, 3, 5})),
    "overbought": ("threshold", frozenset({70, 80})),
    "oversold": ("threshold", frozenset({20, 30})),
}


class IndicatorSpec(NamedTuple):
    """One indicator as it was asked for.

    Attributes:
        type: ``volume``, ``rsi``, ``moving_average``, ``ma_crossover``, ``bollinger_bands`` or ``macd``.
        params: by name, in the order of the documentation.
        trigger: of a signal; empty for a plain value.
        event_params: of the trigger; empty for one that takes none.
    """

    type: str
    params: dict[str, Any]
    trigger: str = ""
    event_params: dict[str, Any] = {}  # noqa: RUF012  A default that nobody changes; a named tuple has no factory.


def read_specs(value: object, *, signal: bool, any_value: bool) -> tuple[IndicatorSpec, ...]:
    """Read the ``indicators`` of one type object.

    Args:
        value: as it came.
        signal: whether they belong to ``indicator_signal``, which needs triggers and takes fewer periods.
        any_value: take every positive number, not only the documented ones.

    Raises:
        RequestRefused: ``INVALID_PARAM`` or, for a wrong JSON type, ``WRONG_FORMAT``.
    """
    if value is None or value == []:
        raise RequestRefused("INVALID_PARAM", "indicators")
    if not isinstance(value, list):
        raise RequestRefused("WRONG_FORMAT")
    return tuple(_read(_object(entry), signal=signal, any_value=any_value) for entry in value)


def _read(entry: dict[str, Any], *, signal: bool, any_value: bool) -> IndicatorSpec:
    name = entry.get("type")
    if not isinstance(name, str) or name not in _NAMES:
        raise RequestRefused("INVALID_PARAM", str(name))
    given = _object(entry.get("params", {}))
    params = {field: _checked(field, given.get(field)) for field in _NAMES[name]}
    if not any_value and not _is_documented(name, params, signal=signal):
        raise RequestRefused("INVALID_PARAM", name)
    if not signal:
        return IndicatorSpec(name, params)
    trigger = entry.get("trigger")
    if not isinstance(trigger, str) or trigger not in _TRIGGERS[name]:
        raise RequestRefused("INVALID_PARAM", str(trigger))
    event_params = {}
    if trigger in _EVENT_PARAMS:
        field, allowed = _EVENT_PARAMS[trigger]
        number = _checked(field, _object(entry.get("event_params", {})).get(field))
        if not any_value and number not in allowed:
            raise RequestRefused("INVALID_PARAM", field)
        event_params = {field: number}
    return IndicatorSpec(name, params, trigger, event_params)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestRefused("WRONG_FORMAT")
    return value


def _checked(field: str, value: object) -> Any:
    if field == "type":
        if value not in _AVERAGES:
            raise RequestRefused("INVALID_PARAM", field)
        return value
    # A number in quotes is refused too: numbers must be JSON numbers. [A]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < float(str(value)) < 1_000 or (field != _NOT_WHOLE and float(str(value)) % 1):
        raise RequestRefused("INVALID_PARAM", field)
    return value


def _is_documented(name: str, params: dict[str, Any], *, signal: bool) -> bool:
    if name == "ma_crossover":
        return (params["short_period"], params["long_period"]) in _PAIRS
    if name == "macd":
        return (params["fast"], params["slow"], params["signal_period"]) in _MACD
    return params["period"] in _PERIODS[name, signal]
