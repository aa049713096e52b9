"""Balances and what they are worth, in KRW."""

from __future__ import annotations

from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.account.holdings import EXACT, Holding
from upbit_qt_widgets.account.valuation import route, value

LISTED = ("KRW-BTC", "KRW-XRP", "KRW-ETH", "BTC-ETH", "BTC-DGB")
CURRENCIES = ("KRW", "BTC", "XRP", "ETH", "DGB", "LUNA2")

amounts = st.decimals(min_value=0, max_value=10**9, places=10, allow_nan=False, allow_infinity=False)
prices_of_markets = st.dictionaries(st.sampled_from(LISTED), st.decimals(min_value="1e-8", max_value=10**9, places=8))
averages = st.none() | st.decimals(min_value="0.01", max_value=10**9, places=8)


@st.composite
def accounts(draw: st.DrawFn) -> list[Holding]:
    held = draw(st.lists(st.sampled_from(CURRENCIES), unique=True))
    return [Holding(currency, draw(amounts), draw(amounts), draw(averages)) for currency in held]


@given(accounts(), prices_of_markets)
def test_the_total_is_the_sum_of_the_values_to_the_last_digit(
    account: list[Holding], prices: dict[str, Decimal]
) -> None:
    portfolio = value(account, prices, LISTED)
    with localcontext(EXACT):
        assert portfolio.total == sum(asset.value for asset in portfolio.assets if asset.value is not None)
    assert [asset.holding for asset in portfolio.assets] == account


@given(accounts(), prices_of_markets)
def test_the_shares_make_up_the_whole(account: list[Holding], prices: dict[str, Decimal]) -> None:
    portfolio = value(account, prices, LISTED)
    shares = [asset.share for asset in portfolio.assets if asset.share is not None]
    assert all(0 <= share <= 1 for share in shares)
    if portfolio.total:
        assert abs(sum(shares, Decimal(-1))) < Decimal("1e-20")
    else:
        assert not shares


@given(accounts(), prices_of_markets)
def test_what_has_no_price_is_named_and_counts_nowhere(account: list[Holding], prices: dict[str, Decimal]) -> None:
    portfolio = value(account, prices, LISTED)
    priced = [holding for holding in account if holding.currency not in portfolio.unpriced]
    without = value(priced, prices, LISTED)
    assert (without.total, without.cost, without.profit) == (portfolio.total, portfolio.cost, portfolio.profit)
    assert not without.unpriced


@given(accounts(), prices_of_markets)
def test_the_profit_is_what_would_be_left_after_paying_the_cost_again(
    account: list[Holding], prices: dict[str, Decimal]
) -> None:
    portfolio = value(account, prices, LISTED)
    with localcontext(EXACT):
        counted = [asset for asset in portfolio.assets if asset.profit is not None]
        worth = sum((asset.value or Decimal(0) for asset in counted), Decimal(0))
        assert (portfolio.profit or 0) == worth - portfolio.cost
    assert (portfolio.profit is None) == (not counted)


@given(amounts, amounts, st.decimals(min_value="1e-8", max_value=10**9, places=8))
def test_a_rise_of_the_price_is_a_rise_of_the_value(free: Decimal, locked: Decimal, price: Decimal) -> None:
    holding = Holding("XRP", free, locked, price)
    before = value([holding], {"KRW-XRP": price}, LISTED)
    after = value([holding], {"KRW-XRP": price * 2}, LISTED)
    assert after.total == EXACT.multiply(before.total, Decimal(2))
    if holding.amount:
        assert before.rate == 0
        assert after.rate == 1


def test_a_currency_is_priced_in_krw_else_over_btc_else_not_at_all() -> None:
    assert [route(currency, LISTED) for currency in CURRENCIES] == [
        (),
        ("KRW-BTC",),
        ("KRW-XRP",),
        ("KRW-ETH",),
        ("BTC-DGB", "KRW-BTC"),
        (),
    ]
    prices = {"KRW-BTC": Decimal(100_000_000), "BTC-DGB": Decimal("0.00000012")}
    (asset,) = value([Holding("DGB", Decimal(1000), Decimal(0))], prices, LISTED).assets
    assert [asset.price, asset.value, asset.profit] == [Decimal(12), Decimal(12_000), None]
    half = value([Holding("DGB", Decimal(1000), Decimal(0))], {"BTC-DGB": Decimal("0.00000012")}, LISTED)
    assert (half.total, half.unpriced) == (Decimal(0), ("DGB",))


def test_cash_is_worth_itself_and_has_no_profit() -> None:
    portfolio = value([Holding("KRW", Decimal("100.5"), Decimal(20), Decimal(3))], {}, ())
    (cash,) = portfolio.assets
    assert (portfolio.total, portfolio.cash, portfolio.profit, cash.profit) == (
        Decimal("120.5"),
        cash.value,
        None,
        None,
    )


def test_nothing_is_worth_nothing_without_any_price() -> None:
    portfolio = value([Holding("LUNA2", Decimal(0), Decimal(0))], {}, LISTED)
    assert (portfolio.total, portfolio.unpriced, portfolio.assets[0].share) == (Decimal(0), (), None)
