from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.testing.jsontext import read, renamed, write
from upbit_qt_ws.testing.numbers import (
    SCALE,
    Spelling,
    fixed,
    fixed_turnover,
    java_double,
    plain_double,
    shortest,
    simple_double,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (116_539_000.0, "1.16539E8"),
        (1_551_410_000.0, "1.55141E9"),
        (10_000_000.0, "1.0E7"),
        (9_999_999.0, "9999999.0"),
        (87_000.02, "87000.02"),
        (0.0, "0.0"),
        (0.001, "0.001"),
        (0.00079276, "7.9276E-4"),
        (0.0005, "5.0E-4"),
        (-404_000_000.0, "-4.04E8"),
        (59_726_546_304.62442, "5.972654630462442E10"),
    ],
)
def test_default_prices_are_spelled_like_javas_double(value: float, text: str) -> None:
    assert java_double(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(116_606_000.0, "116606000"), (0.00079276, "7.9276E-4"), (0.0005, "5.0E-4"), (0.5, "0.5")]
)
def test_simple_numbers_have_no_point_when_whole(value: float, text: str) -> None:
    assert simple_double(value) == text


def test_sizes_and_candle_prices_keep_their_zeros_in_default() -> None:
    assert fixed(77_720) == "0.00077720"
    assert fixed(91_154_000 * SCALE) == "91154000.00000000"
    assert fixed_turnover(8_607_435_307_100_000_000_000) == "860743.5307100000000000"


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_every_spelling_means_the_same_number(value: float) -> None:
    assert float(java_double(value)) == value
    assert float(plain_double(value)) == value
    assert float(simple_double(value)) == value
    assert "E" not in plain_double(value)


@given(st.integers(min_value=0, max_value=10**20))
def test_exact_units_are_never_rounded(units: int) -> None:
    assert Decimal(fixed(units)) * SCALE == units
    assert Decimal(shortest(units)) * SCALE == units


def test_plain_style_has_no_exponents() -> None:
    spelling = Spelling(simple=False, style="plain")
    assert spelling.price(116_539_000 * SCALE) == "116539000.0"
    assert spelling.size(1_234) == "0.00001234"
    assert spelling.candle_price(5 * SCALE) == "5.0"


def test_rewritten_json_keeps_the_spelling_of_numbers() -> None:
    text = '{"a":1.16539E8,"b":0.00077720,"c":[1386929.37231066771348207123,null,true,"리플"]}'
    assert write(read(text)) == text


def test_decimals_are_written_exactly() -> None:
    assert write({"balance": Decimal("0.00000000000000000000001")}) == '{"balance":0.00000000000000000000001}'


def test_keys_are_renamed_inside_nested_objects_and_lists() -> None:
    value = {"assets": [{"currency": "KRW"}], "params": {"period": 14}, "other": 1}
    names = {"assets": "ast", "params": "p"}
    nested = {"assets": {"currency": "cu"}, "params": {"period": "p"}}
    assert renamed(value, names, nested) == {"ast": [{"cu": "KRW"}], "p": {"p": 14}, "other": 1}
    assert json.loads(write(renamed(value, names, nested)))["ast"][0]["cu"] == "KRW"
