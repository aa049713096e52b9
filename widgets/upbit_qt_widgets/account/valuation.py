"""What balances are worth in KRW: value, profit and share of each, and the totals. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.account.holdings import EXACT, Holding

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

CASH: Final = "KRW"
"""What everything is valued in."""

_BRIDGE: Final = "KRW-BTC"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Valued:
    """One balance and what it is worth.

    Attributes:
        holding: the balance.
        price: of one unit, in KRW; None if it is not known.
        value: of all of it, in KRW; None without a price.
        profit: value less what it was bought for, in KRW; None without a price or an average price.
        rate: the profit as a fraction of what it was bought for; None without a profit.
        share: of the value of everything, from 0 to 1; None without a value, or when all is worth nothing.
    """

    holding: Holding
    price: Decimal | None
    value: Decimal | None
    profit: Decimal | None
    rate: Decimal | None
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All balances and what they are worth, in KRW.

    Attributes:
        assets: in the order in which they were given.
        total: of all that have a value.
        cash: of KRW itself.
        cost: what was paid for all that have a profit.
        profit: of all that have one; None if none has.
        rate: the profit as a fraction of ``cost``; None if there is none.
        unpriced: currencies that are held and have no value, so that they are not counted.
    """

    assets: tuple[Valued, ...]
    total: Decimal
    cash: Decimal
    cost: Decimal
    profit: Decimal | None
    rate: Decimal | None
    unpriced: tuple[str, ...]


def route(currency: str, listed: Container[str]) -> tuple[str, ...]:
    """Return the markets whose prices, multiplied, are the price of a currency in KRW; empty if there are none.

    Args:
        currency: for example ``XRP``.
        listed: codes of the markets that the exchange has.
    """
    if currency == CASH:
        return ()
    direct, bridged = f"{CASH}-{currency}", f"BTC-{currency}"
    if direct in listed:
        return (direct,)
    return (bridged, _BRIDGE) if bridged in listed and _BRIDGE in listed else ()


def value(holdings: Iterable[Holding], prices: Mapping[str, Decimal], listed: Container[str]) -> Portfolio:
    """Value balances.

    Args:
        holdings: what the account has.
        prices: last prices by market code, in the market's quote currency.
        listed: codes of the markets that the exchange has.
    """
    with localcontext(EXACT):
        priced = [(holding, _price(holding.currency, prices, listed)) for holding in holdings]
        values = [_value(holding, price) for holding, price in priced]
        total = sum((worth for worth in values if worth is not None), _ZERO)
        assets = tuple(
            _valued(holding, price, worth, total) for (holding, price), worth in zip(priced, values, strict=True)
        )
        cost = sum((_cost(asset.holding) for asset in assets if asset.profit is not None), _ZERO)
        profits = [asset.profit for asset in assets if asset.profit is not None]
        profit = sum(profits, _ZERO) if profits else None
        return Portfolio(
            assets=assets,
            total=total,
            cash=sum((holding.amount for holding, _ in priced if holding.currency == CASH), _ZERO),
            cost=cost,
            profit=profit,
            rate=profit / cost if profit is not None and cost else None,
            unpriced=tuple(asset.holding.currency for asset in assets if asset.value is None),
        )


def _price(currency: str, prices: Mapping[str, Decimal], listed: Container[str]) -> Decimal | None:
    if currency == CASH:
        return Decimal(1)
    steps = [prices.get(code) for code in route(currency, listed)]
    known = [step for step in steps if step is not None]
    if not steps or len(known) < len(steps):
        return None
    product = Decimal(1)
    for step in known:
        product *= step
    return product


def _value(holding: Holding, price: Decimal | None) -> Decimal | None:
    # Nothing is worth nothing at any price.
    if not holding.amount:
        return _ZERO
    return None if price is None else holding.amount * price


def _cost(holding: Holding) -> Decimal:
    return holding.amount * (holding.average or _ZERO)


def _valued(holding: Holding, price: Decimal | None, worth: Decimal | None, total: Decimal) -> Valued:
    cost = _cost(holding)
    profit = worth - cost if worth is not None and cost and holding.currency != CASH else None
    return Valued(
        holding=holding,
        price=price,
        value=worth,
        profit=profit,
        rate=profit / cost if profit is not None else None,
        share=worth / total if worth is not None and total else None,
    )
