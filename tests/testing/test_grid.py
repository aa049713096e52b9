from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.testing.grid import PriceGrid, supported_levels
from upbit_qt_ws.testing.numbers import SCALE, shortest

prices = st.integers(min_value=1, max_value=10**17)
codes = st.sampled_from(["KRW-XRP", "KRW-USDT", "BTC-ETH", "USDT-BTC", "IDR-BTC"])


@pytest.mark.parametrize(
    ("code", "price", "unit"),
    [
        ("KRW-BTC", "116539000", "1000"),
        ("KRW-ETH", "999999", "500"),
        ("KRW-BCH", "499900", "100"),
        ("KRW-X", "50000", "50"),
        ("KRW-X", "10000", "10"),
        ("KRW-X", "5000", "5"),
        ("KRW-XRP", "2264", "1"),
        ("KRW-DOGE", "203", "1"),
        ("KRW-X", "99.9", "0.1"),
        ("KRW-X", "1", "0.01"),
        ("KRW-X", "0.5", "0.001"),
        ("KRW-SHIB", "0.0118", "0.0001"),
        ("KRW-PEPE", "0.00741", "0.00001"),
        ("KRW-BTT", "0.000832", "0.000001"),
        ("KRW-X", "0.00002", "0.0000001"),
        ("KRW-X", "0.000009", "0.00000001"),
        ("KRW-USDT", "1342", "0.5"),
        ("BTC-ETH", "0.03", "0.00000001"),
        ("USDT-BTC", "87000.02", "0.01"),
        ("USDT-XRP", "1.6", "0.001"),
        ("USDT-DOGE", "0.15", "0.0001"),
    ],
)
def test_units_follow_the_published_table(code: str, price: str, unit: str) -> None:
    assert shortest(PriceGrid(code).unit(round(float(price) * SCALE))) == unit


@given(codes, prices)
def test_rounding_lands_on_the_grid_next_to_the_price(code: str, price: int) -> None:
    grid = PriceGrid(code)
    assert grid.contains(grid.nearest(price))
    assert grid.floor(price) <= price <= grid.ceil(price)
    assert grid.ceil(price) - grid.floor(price) <= grid.unit(price)
    assert grid.contains(grid.ceil(price))


@given(codes, prices)
def test_a_step_up_and_down_returns_across_the_borders_of_bands(code: str, price: int) -> None:
    grid = PriceGrid(code)
    start = grid.nearest(price)
    above = grid.up(start)
    assert above > start
    assert grid.contains(above)
    assert grid.down(above) == start


def test_the_grid_ends_at_nothing() -> None:
    assert PriceGrid("BTC-X").down(2, 5) == 0


@pytest.mark.parametrize(
    ("code", "price", "levels"),
    [
        ("KRW-DOGE", 203, ["0", "1", "10", "100"]),
        ("KRW-BTC", 116_539_000, ["0", "10000", "100000", "1000000", "10000000", "100000000"]),
        ("BTC-ETH", 1, ["0"]),
        ("USDT-BTC", 87_000, ["0"]),
    ],
)
def test_groupings_are_those_of_the_recorded_markets(code: str, price: int, levels: list[str]) -> None:
    assert [shortest(level) for level in supported_levels(code, price * SCALE)] == levels
