"""One balance as texts."""

from __future__ import annotations

from decimal import Decimal

from upbit_qt_widgets.account.asset_row import AMOUNT, AVERAGE, LOCKED, VALUE, AssetRow
from upbit_qt_widgets.account.holdings import Holding
from upbit_qt_widgets.account.valuation import value
from upbit_qt_widgets.base.price_grid import PriceGrid

TOLD_UNIT = 5_000.0


def test_an_average_teaches_the_markets_grid_nothing_about_the_present_price() -> None:
    grid = PriceGrid("KRW-BTC", TOLD_UNIT)
    (asset,) = value([Holding("BTC", Decimal(1), Decimal(0), Decimal("150.25"))], {}, ["KRW-BTC"]).assets
    row = AssetRow(asset)

    assert row.write(asset, "Bitcoin", "KRW-BTC", grid, "en")

    assert row.texts[AVERAGE] == "150.25"
    assert grid.unit(116_539_000) == TOLD_UNIT


def test_a_tool_tip_has_all_digits_and_says_why_there_is_no_value() -> None:
    exact = "1386929.37231066771348207123"
    (asset,) = value([Holding("LUNA2", Decimal(exact), Decimal("0.5"))], {}, ["KRW-BTC"]).assets
    row = AssetRow(asset)
    row.write(asset, "", "", PriceGrid("KRW-LUNA2"), "en")
    assert (row.texts[AMOUNT], row.texts[LOCKED], row.texts[VALUE]) == ("1,386,929.87231066", "0.5", "–")
    assert "Free 1,386,929.37231066771348207123 · Locked 0.5" in row.tip("en")
    assert row.tip("en").endswith("it is not counted")
    assert row.tip("ko").endswith("제외됩니다")


def test_nothing_is_told_as_changed_when_no_text_is_another_one() -> None:
    (asset,) = value([Holding("BTC", Decimal(1), Decimal(0))], {"KRW-BTC": Decimal(100)}, ["KRW-BTC"]).assets
    row = AssetRow(asset)
    grid = PriceGrid("KRW-BTC")
    assert row.write(asset, "", "KRW-BTC", grid, "en")
    assert not row.write(asset, "", "KRW-BTC", grid, "en")
    assert row.write(asset, "비트코인", "KRW-BTC", grid, "ko")
