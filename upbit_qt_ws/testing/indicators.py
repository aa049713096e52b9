"""Technical indicators by their plain textbook formulas, computed from closed candles.

Upbit does not publish its formulas. Chosen here: RSI after Wilder, an exponential average that begins with the
simple one, the standard deviation of the whole population in Bollinger bands, and a volume that is compared with
the average of the candles before it. [D]
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_ws.testing.candles import Bar
    from upbit_qt_ws.testing.indicator_specs import IndicatorSpec

_WARM_UP: Final = 5
_DIGITS: Final = 8

Values = dict[str, float]


def bars_needed(spec: IndicatorSpec) -> int:
    """Return how many candles a value is computed from, so that smoothed averages have settled."""
    longest = max(value for name, value in spec.params.items() if name not in ("type", "multiplier"))
    return _WARM_UP * int(longest) + int(spec.params.get("signal_period", 0)) * _WARM_UP + 2


def values_of(spec: IndicatorSpec, bars: Sequence[Bar]) -> Values | None:
    """Compute the ``value`` of an indicator at the close of the last one of ``bars``.

    Args:
        spec: which indicator.
        bars: closed candles, oldest first.

    Returns:
        The numbers by name, with eight decimals; None when there are too few candles.
    """
    closes = [bar.close / SCALE for bar in bars]
    params = spec.params
    values: Values | None
    if spec.type == "volume":
        values = _volume([bar.volume / SCALE for bar in bars], int(params["period"]))
    elif spec.type == "rsi":
        values = _rsi(closes, int(params["period"]))
    elif spec.type == "moving_average":
        value = _average(closes, int(params["period"]), params["type"])
        values = None if value is None else {"value": value}
    elif spec.type == "ma_crossover":
        short = _average(closes, int(params["short_period"]), params["type"])
        long = _average(closes, int(params["long_period"]), params["type"])
        values = None if short is None or long is None else {"ma_short": short, "ma_long": long}
    elif spec.type == "bollinger_bands":
        values = _bollinger(closes, int(params["period"]), float(params["multiplier"]))
    else:
        values = _macd(closes, int(params["fast"]), int(params["slow"]), int(params["signal_period"]))
    return values and {name: round(value, _DIGITS) for name, value in values.items()}


def is_met(spec: IndicatorSpec, values: Values, close: float) -> bool:
    """Tell whether the condition of a signal holds.

    Args:
        spec: with its trigger.
        values: at the close of a candle.
        close: the closing price of that candle.
    """
    threshold: Any = spec.event_params.get("threshold")
    if spec.trigger == "volume_spike":
        return values["ratio"] >= float(spec.event_params["multiplier"])
    if spec.trigger == "overbought":
        return values["rsi"] >= float(threshold)
    if spec.trigger == "oversold":
        return values["rsi"] <= float(threshold)
    if spec.trigger == "price_cross_above":
        return close > values.get("value", values.get("bb_upper", math.inf))
    if spec.trigger == "price_cross_below":
        return close < values.get("value", values.get("bb_lower", -math.inf))
    if spec.trigger in ("zero_cross_above", "zero_cross_below"):
        return values["macd"] > 0 if spec.trigger == "zero_cross_above" else values["macd"] < 0
    fast, slow = (
        (values["macd"], values["macd_signal"]) if spec.type == "macd" else (values["ma_short"], values["ma_long"])
    )
    return fast > slow if spec.trigger == "golden_cross" else fast < slow


def _sma(numbers: Sequence[float], period: int) -> float:
    return sum(numbers[-period:]) / period


def _ema(numbers: Sequence[float], period: int) -> list[float]:
    """Return the exponential averages from the ``period``-th number on."""
    average = sum(numbers[:period]) / period
    averages = [average]
    weight = 2 / (period + 1)
    for number in numbers[period:]:
        average += (number - average) * weight
        averages.append(average)
    return averages


def _average(closes: Sequence[float], period: int, kind: str) -> float | None:
    if len(closes) < period:
        return None
    return _sma(closes, period) if kind == "SMA" else _ema(closes, period)[-1]


def _volume(volumes: Sequence[float], period: int) -> Values | None:
    if len(volumes) <= period:
        return None
    average = _sma(volumes[:-1], period)
    return {"volume": volumes[-1], "avg_volume": average, "ratio": volumes[-1] / average}


def _rsi(closes: Sequence[float], period: int) -> Values | None:
    if len(closes) <= period:
        return None
    changes = [later - earlier for earlier, later in pairwise(closes)]
    gain = sum(max(change, 0.0) for change in changes[:period]) / period
    loss = sum(max(-change, 0.0) for change in changes[:period]) / period
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(change, 0.0)) / period
        loss = (loss * (period - 1) + max(-change, 0.0)) / period
    if gain + loss == 0:
        return {"rsi": 50.0}
    return {"rsi": 100 * gain / (gain + loss)}


def _bollinger(closes: Sequence[float], period: int, multiplier: float) -> Values | None:
    if len(closes) < period:
        return None
    middle = _sma(closes, period)
    deviation = math.sqrt(sum((close - middle) ** 2 for close in closes[-period:]) / period)
    return {
        "bb_upper": middle + multiplier * deviation,
        "bb_middle": middle,
        "bb_lower": middle - multiplier * deviation,
    }


def _macd(closes: Sequence[float], fast: int, slow: int, signal_period: int) -> Values | None:
    if len(closes) < max(fast, slow) + signal_period:
        return None
    quick, late = _ema(closes, fast), _ema(closes, slow)
    shared = min(len(quick), len(late))
    line = [first - second for first, second in zip(quick[-shared:], late[-shared:], strict=True)]
    signal = _ema(line, signal_period)[-1]
    return {"macd": line[-1], "macd_signal": signal, "histogram": line[-1] - signal}
