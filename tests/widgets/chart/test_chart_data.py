"""The arrays that are painted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.chart.candle_series import Candle
from upbit_qt_widgets.chart.chart_data import ChartData

prices = st.lists(st.floats(0.0001, 1e8), min_size=1, max_size=60)


def candles(closes: list[float], first: int = 0) -> list[Candle]:
    return [Candle(first + place, close, close, close, close, 1.0, 0) for place, close in enumerate(closes)]


@given(prices, st.integers(2, 10))
def test_an_average_is_the_mean_of_the_last_closes(closes: list[float], period: int) -> None:
    data = ChartData([period])
    data.load(candles(closes), 0)
    for place, mean in enumerate(data.averages[0]):
        if place + 1 < period:
            assert math.isnan(mean)
        else:
            assert mean == pytest.approx(sum(closes[place + 1 - period : place + 1]) / period, rel=1e-6, abs=1e-3)


@given(prices, st.floats(0.0001, 1e8), st.integers(2, 10))
def test_a_tick_gives_what_loading_anew_gives(closes: list[float], newest: float, period: int) -> None:
    ticked, loaded = ChartData([period]), ChartData([period])
    ticked.load(candles(closes), 0)
    ticked.set_last(candles([*closes[:-1], newest])[-1])
    loaded.load(candles([*closes[:-1], newest]), 0)
    assert ticked.values == pytest.approx(loaded.values)
    assert ticked.averages[0] == pytest.approx(loaded.averages[0], rel=1e-6, abs=1e-3, nan_ok=True)


def test_older_candles_move_nothing_on_the_screen() -> None:
    data = ChartData([])
    data.load(candles([1.0, 2.0, 3.0], first=100), 0)
    assert (data.first_x, data.last_x) == (0, 2)

    data.load(candles([8.0, 9.0, 1.0, 2.0, 3.0], first=98), 2)

    assert (data.first_x, data.last_x) == (-2, 2)
    assert data.slice(-0.2, 2.2) == (2, 5)
    assert data.extent(-0.2, 1.2) == (1.0, 2.0, 1.0)
    assert data.extent(5, 9) is None
    data.clear()
    assert len(data) == 0
    assert data.extent(-10, 10) is None
