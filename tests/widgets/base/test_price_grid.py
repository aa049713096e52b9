"""How finely prices are written: by the table, and better by what the exchange tells."""

from __future__ import annotations

import pytest

from upbit_qt_widgets import PriceGrid


@pytest.mark.parametrize(
    ("code", "price", "unit", "decimals"),
    [
        ("KRW-BTC", 116_539_000.0, 1_000.0, 0),
        ("KRW-SHIB", 0.01234, 0.0001, 4),
        ("BTC-DOGE", 0.0000014, 0.00000001, 8),
        ("USDT-BTC", 86_842.02, 0.01, 2),
        ("", 1.0, 0.00000001, 8),
    ],
)
def test_the_table_serves_until_the_exchange_tells(code: str, price: float, unit: float, decimals: int) -> None:
    grid = PriceGrid(code)

    assert grid.unit(price) == pytest.approx(unit)
    assert grid.decimals(price) == decimals


def test_what_the_exchange_tells_counts_in_the_band_of_the_first_price() -> None:
    grid = PriceGrid("KRW-USDT", 0.5)

    assert (grid.unit(1_342.5), grid.decimals(1_342.5)) == (0.5, 1)
    # The table has another unit there, so the exchange's is not meant.
    assert grid.unit(12_000.0) == 10.0
    assert grid.unit(1_400.0) == 0.5


def test_a_new_unit_is_news_and_the_same_one_is_not() -> None:
    grid = PriceGrid("KRW-USDT")

    assert grid.learn(0.5)
    assert not grid.learn(0.5)
    assert grid.unit(1_342.0) == 0.5
    assert grid.learn(1.0)
    assert grid.unit(1_342.0) == 1.0


def test_no_price_has_the_table_alone() -> None:
    grid = PriceGrid("KRW-BTC", 1_000.0)

    assert grid.decimals(0.0) == PriceGrid("KRW-BTC").decimals(0.0)
    assert grid.unit(116_539_000.0) == 1_000.0
