from __future__ import annotations

import math
from statistics import fmean, pstdev
from typing import Any

import pytest

from upbit_qt_ws.testing.candles import Bar
from upbit_qt_ws.testing.indicator_specs import IndicatorSpec
from upbit_qt_ws.testing.indicators import bars_needed, is_met, values_of
from upbit_qt_ws.testing.numbers import SCALE

CLOSES = [44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28]


def bars(closes: list[float], volumes: list[float] | None = None) -> list[Bar]:
    return [
        Bar(index, 0, 0, 0, round(close * SCALE), round((volumes or [1.0] * len(closes))[index] * SCALE), 0, 0, 1)
        for index, close in enumerate(closes)
    ]


def value(kind: str, closes: list[float], **params: float | str) -> Any:
    return values_of(IndicatorSpec(kind, params), bars(closes))


def test_rsi_after_wilder() -> None:
    # The example that accompanies the formula in many textbooks, which has 70.53 from prices with more decimals.
    assert value("rsi", CLOSES, period=14) == {"rsi": pytest.approx(70.53, abs=0.1)}
    assert value("rsi", [1.0, 2.0, 3.0], period=2) == {"rsi": 100}
    assert value("rsi", [5.0] * 20, period=14) == {"rsi": 50}
    assert value("rsi", CLOSES[:14], period=14) is None


def test_averages() -> None:
    assert value("moving_average", CLOSES, type="SMA", period=5) == {"value": pytest.approx(fmean(CLOSES[-5:]))}
    assert value("moving_average", [1.0, 2.0, 3.0, 6.0], type="EMA", period=3) == {"value": 4}
    assert value("moving_average", [1.0], type="EMA", period=3) is None
    assert value("ma_crossover", CLOSES, type="SMA", short_period=2, long_period=4) == {
        "ma_short": pytest.approx(fmean(CLOSES[-2:])),
        "ma_long": pytest.approx(fmean(CLOSES[-4:])),
    }
    assert value("ma_crossover", [1.0], type="SMA", short_period=2, long_period=4) is None


def test_bollinger_bands() -> None:
    middle, deviation = fmean(CLOSES[-10:]), pstdev(CLOSES[-10:])
    bands = value("bollinger_bands", CLOSES, period=10, multiplier=2)
    assert bands is not None
    assert list(bands) == ["bb_upper", "bb_middle", "bb_lower"]
    assert list(bands.values()) == [
        pytest.approx(number) for number in (middle + 2 * deviation, middle, middle - 2 * deviation)
    ]
    assert value("bollinger_bands", CLOSES[:9], period=10, multiplier=2) is None


def test_macd_of_a_straight_line_is_constant() -> None:
    # An exponential average of n lags a straight line by (n - 1) / 2 steps, so the MACD is half of slow - fast.
    macd = value("macd", [float(step) for step in range(1, 200)], fast=12, slow=26, signal_period=9)
    assert macd == {"macd": pytest.approx(7), "macd_signal": pytest.approx(7), "histogram": pytest.approx(0, abs=1e-6)}
    assert value("macd", [1.0] * 30, fast=12, slow=26, signal_period=9) is None


def test_volume_is_compared_with_the_candles_before() -> None:
    spec = IndicatorSpec("volume", {"period": 2})
    assert values_of(spec, bars([1.0] * 4, [9.0, 1.0, 3.0, 6.0])) == {"volume": 6, "avg_volume": 2, "ratio": 3}
    assert values_of(spec, bars([1.0] * 2)) is None


@pytest.mark.parametrize(
    ("kind", "trigger", "event_params", "values", "close", "expected"),
    [
        ("volume", "volume_spike", {"multiplier": 3}, {"ratio": 3.0}, 0, True),
        ("volume", "volume_spike", {"multiplier": 3}, {"ratio": 2.9}, 0, False),
        ("rsi", "overbought", {"threshold": 70}, {"rsi": 70.0}, 0, True),
        ("rsi", "oversold", {"threshold": 30}, {"rsi": 30.1}, 0, False),
        ("moving_average", "price_cross_above", {}, {"value": 5.0}, 6, True),
        ("moving_average", "price_cross_below", {}, {"value": 5.0}, 6, False),
        ("bollinger_bands", "price_cross_above", {}, {"bb_upper": 9.0, "bb_lower": 1.0}, 8, False),
        ("bollinger_bands", "price_cross_below", {}, {"bb_upper": 9.0, "bb_lower": 1.0}, 0.5, True),
        ("ma_crossover", "golden_cross", {}, {"ma_short": 2.0, "ma_long": 1.0}, 0, True),
        ("ma_crossover", "dead_cross", {}, {"ma_short": 2.0, "ma_long": 1.0}, 0, False),
        ("macd", "golden_cross", {}, {"macd": -1.0, "macd_signal": -2.0}, 0, True),
        ("macd", "zero_cross_above", {}, {"macd": -1.0, "macd_signal": -2.0}, 0, False),
        ("macd", "zero_cross_below", {}, {"macd": -1.0, "macd_signal": -2.0}, 0, True),
    ],
)
def test_conditions(
    kind: str, trigger: str, event_params: dict[str, int], values: dict[str, float], close: float, expected: bool
) -> None:
    assert is_met(IndicatorSpec(kind, {}, trigger, event_params), values, close) is expected


def test_smoothed_averages_have_settled_when_a_value_is_made() -> None:
    spec = IndicatorSpec("macd", {"fast": 12, "slow": 26, "signal_period": 9})
    needed = bars_needed(spec)
    closes = [100 + 10 * math.sin(step / 7) for step in range(needed * 3)]
    enough, more = (values_of(spec, bars(part)) for part in (closes[-needed:], closes))
    assert enough is not None
    assert more is not None
    assert enough["macd"] == pytest.approx(more["macd"], abs=0.01)
