"""What can be: times in every unit, amounts that can be written down."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.bounds import FIRST_MS, LAST_MS, is_amount, whole_ms

FACTORS = {"s": Decimal("0.001"), "ms": Decimal(1), "us": Decimal(1000), "ns": Decimal(10**6)}


@given(st.integers(FIRST_MS, LAST_MS), st.sampled_from(sorted(FACTORS)))
def test_a_moment_means_the_same_in_every_unit(moment: int, unit: str) -> None:
    assert whole_ms(moment * FACTORS[unit]) == moment


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_whatever_is_no_moment_of_these_years_is_none(moment: Decimal) -> None:
    found = whole_ms(moment)
    assert found is None or FIRST_MS <= found <= LAST_MS


@pytest.mark.parametrize("moment", ["0", "-1", "1262303999", "1262303999999", "4102444801", "4102444800001", "1E+9999"])
def test_other_years_are_none(moment: str) -> None:
    assert whole_ms(Decimal(moment)) is None


@pytest.mark.parametrize("amount", ["0", "0E-23", "1E-23", "1386929.37231066771348207123", "1E+21", "-0"])
def test_amounts(amount: str) -> None:
    assert is_amount(Decimal(amount))


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-1E-9", "1.1E+21", "1E-65", "0E-65", "1." + "1" * 130])
def test_what_is_no_amount(amount: str) -> None:
    assert not is_amount(Decimal(amount))
