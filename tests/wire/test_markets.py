"""Market codes: spelt as Upbit wants them, or refused with the way out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.wire.markets import base_of, parse_code, parse_codes, quote_of

GOOD = ["KRW-BTC", "BTC-ETH", "USDT-XRP", "KRW-1INCH", "KRW-W", "IDR-BTC", "SGD-ETH", "THB-USDT", "KRW-PUNDIX"]
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VALID_CODES = st.builds(
    "{}-{}".format,
    st.text(UPPER, min_size=2, max_size=5),
    st.text(UPPER + "0123456789", min_size=1, max_size=10),
)


@pytest.mark.parametrize("code", GOOD)
def test_a_code_of_the_exchange_is_taken_as_it_is(code: str) -> None:
    assert parse_code(code) == code


@given(code=VALID_CODES)
def test_any_code_of_the_right_form_is_taken_and_splits_into_its_currencies(code: str) -> None:
    assert parse_code(code) == code
    assert f"{quote_of(code)}-{base_of(code)}" == code


@pytest.mark.parametrize(
    "code",
    [
        "", " ", "KRW", "KRW-", "-BTC", "KRW--BTC", "KRW-BTC-ETH", "krw-btc", "KRW-btc", "KRW/BTC", "KRW_BTC",
        " KRW-BTC", "KRW-BTC ", "KRW-BTC\n", "KRW-BTC.15", "KRW-비트", "\uff2bRW-BTC", "KRW–BTC", "KRW-" + "A" * 40,
    ],
)  # fmt: skip
def test_a_misspelt_code_is_refused_and_named(code: str) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_code(code)
    assert repr(code) in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("code", ["krw-btc", "KRW/BTC", "krw_btc", " KRW-BTC ", "Krw-Btc"])
def test_the_message_says_how_to_write_it(code: str) -> None:
    with pytest.raises(SubscriptionError, match="write it as 'KRW-BTC'"):
        parse_code(code)


@given(text=st.text(max_size=12))
def test_whatever_is_accepted_is_left_unchanged_and_has_two_upper_case_parts(text: str) -> None:
    try:
        assert parse_code(text) == text
    except SubscriptionError:
        return
    quote, base = text.split("-")
    assert (quote + base).isascii()
    assert (quote + base).isalnum()
    assert (quote + base).upper() == quote + base


@pytest.mark.parametrize("code", [None, 5, b"KRW-BTC", ["KRW-BTC"], 1.5])
def test_what_is_no_text_is_refused_and_named(code: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_code(code)
    assert repr(code) in str(caught.value)


@given(codes=st.lists(VALID_CODES, min_size=1, max_size=20))
def test_a_list_keeps_the_callers_order_and_names_each_code_once(codes: list[str]) -> None:
    expected: list[str] = []
    for code in codes:
        if code not in expected:
            expected.append(code)
    assert parse_codes(codes) == tuple(expected)
    assert parse_codes(iter(codes)) == tuple(expected)
    assert parse_codes(tuple(codes)) == tuple(expected)


def test_one_code_may_be_plain_text() -> None:
    assert parse_codes("KRW-BTC") == ("KRW-BTC",)


@pytest.mark.parametrize("codes", [[], (), set(), iter(()), {}])
def test_no_code_at_all_is_refused(codes: Any) -> None:
    with pytest.raises(SubscriptionError, match="no market code"):
        parse_codes(codes)


@pytest.mark.parametrize("codes", [None, 5, 1.5, object])
def test_what_is_no_list_is_refused_and_named(codes: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_codes(codes)
    assert repr(codes) in str(caught.value)


@pytest.mark.parametrize("codes", [["KRW-BTC", "krw-eth"], ["KRW-BTC", None], [["KRW-BTC"]], b"KRW-BTC", ""])
def test_one_bad_code_refuses_the_list(codes: Any) -> None:
    with pytest.raises(SubscriptionError):
        parse_codes(codes)


def test_a_comma_list_is_refused_with_its_text() -> None:
    with pytest.raises(SubscriptionError, match="KRW-BTC,KRW-ETH"):
        parse_codes("KRW-BTC,KRW-ETH")
