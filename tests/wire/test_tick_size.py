"""Price units: the published tables, and what follows from them for every price."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.wire.tick_size import decimals, price_decimals, tick_size

KRW_TABLE = [
    ("1000000", "1000"), ("500000", "500"), ("100000", "100"), ("50000", "50"), ("10000", "10"), ("5000", "5"),
    ("1000", "1"), ("100", "1"), ("10", "0.1"), ("1", "0.01"), ("0.1", "0.001"), ("0.01", "0.0001"),
    ("0.001", "0.00001"), ("0.0001", "0.000001"), ("0.00001", "0.0000001"), ("0", "0.00000001"),
]  # fmt: skip
"""From this price on, this unit; KRW markets since 2025-07-31."""

USDT_TABLE = [
    ("10", "0.01"), ("1", "0.001"), ("0.1", "0.0001"), ("0.01", "0.00001"), ("0.001", "0.000001"),
    ("0.0001", "0.0000001"), ("0", "0.00000001"),
]  # fmt: skip

TABLES = {"KRW": KRW_TABLE, "USDT": USDT_TABLE}
PRICES = st.floats(min_value=1e-9, max_value=1e10, allow_nan=False)


def published_unit(quote: str, price: float) -> float:
    """Look a price up in the published table, top down."""
    exact = Decimal(repr(price))
    return next(float(unit) for start, unit in TABLES[quote] if exact >= Decimal(start))


@pytest.mark.parametrize("quote", TABLES)
def test_each_band_starts_at_its_price_and_not_before(quote: str) -> None:
    for (start, unit), (_, unit_below) in pairwise(TABLES[quote]):
        price = float(start)
        assert tick_size(quote, price) == float(unit)
        assert tick_size(quote, price * (1 - 1e-9)) == float(unit_below)


@given(quote=st.sampled_from(sorted(TABLES)), price=PRICES)
def test_every_price_has_the_published_unit(quote: str, price: float) -> None:
    assert tick_size(quote, price) == published_unit(quote, price)


@given(quote=st.sampled_from(["KRW", "USDT", "BTC", "IDR"]), low=PRICES, high=PRICES)
def test_a_higher_price_never_has_a_finer_unit(quote: str, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 1e-8 <= tick_size(quote, low) <= tick_size(quote, high)


@pytest.mark.parametrize("quote", ["BTC", "IDR", "SGD", ""])
def test_bitcoin_and_unknown_quotes_have_one_satoshi(quote: str) -> None:
    assert [tick_size(quote, price) for price in (1e-8, 0.05, 5e9)] == [1e-8] * 3


@pytest.mark.parametrize(
    ("market", "price", "unit"),
    [("KRW", 116539000.0, 1000), ("KRW", 287.0, 1), ("USDT", 87000.02, 0.01), ("BTC", 0.03121, 1e-8)],
)
def test_prices_seen_in_the_market(market: str, price: float, unit: float) -> None:
    assert tick_size(market, price) == unit
    assert Decimal(repr(price)) % Decimal(repr(unit)) == 0


def test_a_price_of_nothing_has_the_finest_unit() -> None:
    assert tick_size("KRW", 0.0) == tick_size("USDT", 0.0) == 1e-8


@pytest.mark.parametrize(
    ("unit", "digits"),
    [(1000.0, 0), (500.0, 0), (5.0, 0), (1.0, 0), (0.5, 1), (0.1, 1), (0.01, 2), (0.0001, 4), (1e-5, 5), (1e-8, 8)],
)
def test_the_decimals_of_a_unit(unit: float, digits: int) -> None:
    assert decimals(unit) == digits


@given(quote=st.sampled_from(["KRW", "USDT", "BTC"]), price=PRICES)
def test_the_decimals_shown_are_just_enough_for_the_unit(quote: str, price: float) -> None:
    digits = price_decimals(quote, price)
    unit = Decimal(repr(tick_size(quote, price)))
    assert unit == unit.quantize(Decimal(1).scaleb(-digits))
    assert digits == 0 or unit != unit.quantize(Decimal(1).scaleb(1 - digits))
