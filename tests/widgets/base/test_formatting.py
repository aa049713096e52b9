"""Numbers are written as a trader expects them."""

from __future__ import annotations

import pytest

from upbit_qt_widgets.base.formatting import (
    NOTHING,
    age_text,
    amount_text,
    arrow,
    change_text,
    market_text,
    percent_text,
    price_text,
    size_text,
    spread_text,
    traded_size_text,
    turnover_text,
)
from upbit_qt_widgets.base.price_grid import PriceGrid


@pytest.mark.parametrize(
    ("code", "price", "shown"),
    [
        ("KRW-BTC", 116_539_000.0, "116,539,000"),
        ("KRW-XRP", 2_324.0, "2,324"),
        ("KRW-ONE", 99.9, "99.9"),
        ("KRW-TWO", 1.23, "1.23"),
        ("KRW-PEPE", 0.00761, "0.00761"),
        ("KRW-BTT", 0.0000123, "0.0000123"),
        ("BTC-ETH", 0.0000014, "0.00000140"),
        ("USDT-BTC", 87_000.02, "87,000.02"),
        ("KRW-BTC", None, NOTHING),
    ],
)
def test_prices_have_the_decimals_of_their_unit(code: str, price: float | None, shown: str) -> None:
    assert price_text(PriceGrid(code), price) == shown


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0.0126713295, "+1.27%"), (-0.0126713295, "-1.27%"), (0.0, "0.00%"), (0.00001, "0.00%"), (None, NOTHING)],
)
def test_rates_are_signed_percentages(rate: float | None, shown: str) -> None:
    assert percent_text(rate) == shown


@pytest.mark.parametrize(("change", "shown"), [(1.0, "▲"), (-1.0, "▼"), (0.0, ""), (None, "")])
def test_a_direction_has_an_arrow(change: float | None, shown: str) -> None:
    assert arrow(change) == shown


def test_changes_are_signed_and_as_fine_as_the_price() -> None:
    assert change_text(PriceGrid("KRW-BTC"), 116_539_000.0, -1_560_000.0) == "-1,560,000"
    assert change_text(PriceGrid("KRW-PEPE"), 0.00761, 0.00003) == "+0.00003"
    assert change_text(PriceGrid("KRW-BTC"), 1.0, 0.0) == "0"
    assert change_text(PriceGrid("KRW-USDT"), 1_332.0, -0.5) == "-0.5", "a change is never written as nothing"
    assert change_text(PriceGrid("KRW-BTC"), 1.0, 1e-12) == "0"
    assert change_text(PriceGrid("KRW-BTC"), 1.0, None) == NOTHING


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0.0, ""),
        (None, NOTHING),
        (0.00077720, "0.000777"),
        (0.0000014, "0.00000140"),
        (0.00000001, "0.00000001"),
        (1.9077, "1.9077"),
        (2267.08, "2,267.08"),
        (5796700.1, "5,796,700"),
    ],
)
def test_sizes_get_fewer_decimals_the_larger_they_are(size: float | None, shown: str) -> None:
    assert size_text(size) == shown


@pytest.mark.parametrize(
    ("code", "amount", "shown"),
    [
        ("KRW-BTC", 116_539_000.4, "116,539,000"),
        ("KRW-BTC", 0.0226, "0.02"),
        ("BTC-ETH", 0.0000014, "0.00000140"),
        ("USDT-BTC", 86.84202, "86.842"),
        ("KRW-BTC", 0.0, "0"),
        ("KRW-BTC", None, NOTHING),
    ],
)
def test_amounts_are_as_fine_as_their_currency(code: str, amount: float | None, shown: str) -> None:
    assert amount_text(code, amount) == shown


@pytest.mark.parametrize(
    ("code", "price", "size", "shown"),
    [
        ("KRW-BTC", 116_539_000.0, 0.00012345, "0.00012345"),
        ("KRW-XRP", 2_264.0, 12.3456789, "12.3457"),
        ("KRW-XRP", 2_264.0, 0.00000012, "0.0000001"),
        ("KRW-PEPE", 0.00761, 1_234_567.891, "1,234,568"),
        ("BTC-ETH", 0.02940666, 1.5, "1.5000000"),
        ("USDT-BTC", 86_842.02, 0.5, "0.50000000"),
    ],
)
def test_sizes_of_trades_are_as_fine_as_their_amounts(code: str, price: float, size: float, shown: str) -> None:
    assert traded_size_text(code, price, size) == shown


def test_turnover_is_in_the_unit_of_its_market() -> None:
    assert turnover_text("KRW-BTC", 264_682_000_000.0, "ko") == "264,682백만"
    assert turnover_text("KRW-BTC", 264_682_000_000.0, "en") == "264,682M"
    assert turnover_text("BTC-ETH", 1.23456, "ko") == "1.235 BTC"
    assert turnover_text("USDT-BTC", 1234.5, "en") == "1,234 USDT"
    assert turnover_text("KRW-BTC", None, "ko") == NOTHING


def test_a_spread_is_as_fine_as_the_prices_and_a_share_of_them() -> None:
    assert spread_text(PriceGrid("KRW-BTC"), 114_426_000.0, 2_000.0) == "2,000 (0.002%)"
    assert spread_text(PriceGrid("KRW-ONE"), 99.9, 0.1) == "0.1 (0.100%)"


def test_codes_and_ages_read_naturally() -> None:
    assert market_text("KRW-BTC") == "BTC/KRW"
    assert age_text(3.9, "ko") == "3초 전"
    assert age_text(125, "en") == "2 min ago"
