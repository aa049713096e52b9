"""Values of properties are refused by name before anything changes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from upbit_qt_widgets.base.values import parse_amount, parse_flag, parse_market, parse_markets, parse_text
from upbit_qt_ws import ConfigurationError, SubscriptionError


def test_what_is_meant_is_taken() -> None:
    assert [parse_market(market) for market in ("KRW-BTC", "", None)] == ["KRW-BTC", "", ""]
    assert parse_markets(["KRW-BTC", "KRW-ETH", "KRW-BTC"]) == ("KRW-BTC", "KRW-ETH")
    assert parse_markets("KRW-BTC") == ("KRW-BTC",)
    nothings: tuple[Any, ...] = ([], (), "", None)
    assert {parse_markets(nothing) for nothing in nothings} == {()}
    assert parse_markets(code for code in ["KRW-BTC"]) == ("KRW-BTC",)
    assert [parse_flag("shown", flag) for flag in (True, False)] == [True, False]
    assert parse_text("name", "") == ""
    assert parse_amount("least", 5) == 5.0


@pytest.mark.parametrize("market", [0, False, [], " ", "krw-btc"])
def test_what_looks_like_nothing_is_no_market(market: Any) -> None:
    with pytest.raises(SubscriptionError):
        parse_market(market)


def test_what_is_refused_is_named_with_the_property() -> None:
    flags: tuple[Any, ...] = (1, None, "yes")
    for flag in flags:
        with pytest.raises(ConfigurationError, match=f"line_shown {flag!r}"):
            parse_flag("line_shown", flag)
    texts: tuple[Any, ...] = (None, 5, b"x")
    for text in texts:
        with pytest.raises(ConfigurationError, match="is not text"):
            parse_text("name", text)
    amounts: tuple[Any, ...] = (-1, math.nan, math.inf, True, "5", None)
    for amount in amounts:
        with pytest.raises(ConfigurationError, match="hide_below"):
            parse_amount("hide_below", amount)
