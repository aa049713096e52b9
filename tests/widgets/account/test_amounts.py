"""Amounts as text: every digit is that of the Decimal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.account.amounts import (
    average_text,
    coins_text,
    exact_text,
    money_text,
    rate_text,
    share_text,
)

AMOUNTS = st.decimals(min_value=0, max_value=10**15, places=23, allow_nan=False, allow_infinity=False)


@given(AMOUNTS)
def test_no_digit_is_lost_or_added(amount: Decimal) -> None:
    assert Decimal(exact_text(amount).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("amount", "least", "words"),
    [
        ("1386929.37231066771348207123", 0, "1,386,929.37231066771348207123"),
        ("116539000", 0, "116,539,000"),
        ("1E+3", 0, "1,000"),
        ("0.00000140", 8, "0.00000140"),
        ("0.00000140", 0, "0.0000014"),
        ("2264.0", 2, "2,264.00"),
        ("0E-8", 0, "0"),
    ],
)
def test_idle_zeros_go_unless_they_align_prices(amount: str, least: int, words: str) -> None:
    assert exact_text(Decimal(amount), least) == words


@given(AMOUNTS)
def test_a_balance_is_never_shown_larger_than_it_is(amount: Decimal) -> None:
    shown = Decimal(coins_text(amount).replace(",", ""))
    assert 0 <= amount - shown < Decimal("1e-8")


def test_money_is_whole_and_signed_if_it_is_a_gain() -> None:
    assert money_text(Decimal("6269639.74")) == "6,269,640"
    assert money_text(Decimal("1234.4"), signed=True) == "+1,234"
    assert money_text(Decimal("-1234.5"), signed=True) == "-1,235"
    assert money_text(Decimal("-0.2"), signed=True) == "0"


@pytest.mark.parametrize(
    ("price", "decimals", "words"),
    [
        ("116539123.456", 0, "116,539,123"),
        ("2264.3712345", 0, "2,264.37"),
        ("2264", 0, "2,264"),
        ("0.00761123456", 5, "0.00761123"),
        ("214", 1, "214.0"),
        ("0.0000000012345", 8, "0.00000000"),
    ],
)
def test_an_average_has_six_digits_although_no_market_has_such_a_price(price: str, decimals: int, words: str) -> None:
    assert average_text(Decimal(price), decimals) == words


def test_only_what_is_complete_is_a_hundred_per_cent() -> None:
    assert share_text(Decimal("0.99999")) == "99.9%"
    assert share_text(Decimal(1)) == "100%"
    assert share_text(Decimal("0.0004")) == "0%"


def test_a_rate_has_its_sign_and_none_when_it_rounds_to_nothing() -> None:
    assert [rate_text(Decimal(rate)) for rate in ("0.0127", "-0.5", "0.00004", "12.5")] == [
        "+1.27%",
        "-50.00%",
        "0.00%",
        "+1,250.00%",
    ]


def test_what_is_not_known_is_a_dash() -> None:
    unknown = (exact_text, coins_text, money_text, share_text, rate_text)
    assert {write(None) for write in unknown} | {average_text(None, 2)} == {"–"}
