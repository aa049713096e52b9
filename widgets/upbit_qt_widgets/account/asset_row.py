"""One balance and its value as texts and raw values, made once when they change."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.account.amounts import (
    average_text,
    coins_text,
    exact_text,
    money_text,
    rate_text,
    share_text,
)
from upbit_qt_widgets.account.row_model import Column, Row
from upbit_qt_widgets.account.valuation import CASH
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.formatting import NOTHING
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.texts import pick
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from upbit_qt_widgets.account.valuation import Valued
    from upbit_qt_widgets.base.texts import Language

NAME, AMOUNT, LOCKED, AVERAGE, PRICE, VALUE, PROFIT, RATE, SHARE = range(9)

COLUMNS: Final = (
    Column("asset", is_left=True),
    Column("amount", widest=("1,000,000.00000000",), tip="amount_tip"),
    Column("locked", widest=("100,000.00000000",), tip="locked_tip", spare=5),
    Column("average_buy", widest=("116,539,000", "0.00000140"), spare=3),
    Column("present", widest=("116,539,000", "0.00000140"), spare=2),
    Column("value", widest=("1,000,000,000",), tip="value_tip"),
    Column("profit", widest=("+100,000,000",), spare=1),
    Column("rate", widest=("▲ +100.00%",)),
    Column("share", widest=("100%", "99.9%"), has_bar=True, spare=4),
)

PRICED_COLUMNS: Final = frozenset({PRICE, VALUE, PROFIT, RATE, SHARE})
"""What is old when the prices are."""

_UNKNOWN: Final = Decimal("-Infinity")


class AssetRow(Row):
    """What one row shows of a balance.

    Attributes:
        asset: the balance and its value.
        has_market: whether the exchange has a market that tells its price.
    """

    __slots__ = ("asset", "has_market")

    def __init__(self, asset: Valued) -> None:
        """Make a row; nothing is written yet."""
        super().__init__(asset.holding.currency, len(COLUMNS))
        self.asset = asset
        self.has_market = True

    def write(self, asset: Valued, name: str, code: str, grid: PriceGrid, language: Language) -> bool:
        """Write a balance; tell whether any text is another one now.

        Args:
            asset: the balance and its value.
            name: of the currency; empty if it is not known.
            code: the market to go to; empty if there is none.
            grid: of its present price in KRW.
            language: of the words.
        """
        self.asset, self.code = asset, code
        holding, is_cash = asset.holding, asset.holding.currency == CASH
        if is_cash:
            name = pick(WORDS["krw"], language)
        self.has_market = is_cash or bool(code)
        amounts = money_text if is_cash else coins_text
        # The directory's grid learns from the first price that it is asked about, so averages are not put to it.
        texts = [
            one_line(f"{name} {holding.currency}"),
            amounts(holding.amount),
            amounts(holding.locked) if holding.locked else "",
            "" if is_cash else _price(holding.average, PriceGrid(grid.code)),
            "" if is_cash else _price(asset.price, grid),
            money_text(asset.value),
            "" if is_cash else money_text(asset.profit, signed=True),
            "" if is_cash else signed_rate(asset.rate),
            share_text(asset.share),
        ]
        self.raw = [
            texts[NAME],
            holding.amount,
            holding.locked,
            _sortable(holding.average),
            _sortable(None if is_cash else asset.price),
            _sortable(asset.value),
            _sortable(asset.profit),
            _sortable(asset.rate),
            _sortable(asset.share),
        ]
        profit = asset.profit or 0
        self.tones[PROFIT] = self.tones[RATE] = (profit > 0) - (profit < 0)
        bar = float(asset.share or 0)
        changed = texts != self.texts or round(bar, 3) != round(self.bar, 3)
        self.texts, self.bar = texts, bar
        return changed

    def tip(self, language: Language) -> str:
        """Return the exact amounts, and why there is no value."""
        holding = self.asset.holding
        parts = [self.texts[NAME], f"{exact_text(holding.amount)} {holding.currency}"]
        for word, amount in (("free", holding.balance), ("locked", holding.locked)):
            parts.append(f"{pick(WORDS[word], language)} {exact_text(amount)}")
        if self.asset.value is None:
            parts.append(pick(WORDS["no_price_yet_tip" if self.has_market else "no_price_tip"], language))
        return " · ".join(map(one_line, parts))


def signed_rate(rate: Decimal | None) -> str:
    """Write a profit in per cent with its arrow."""
    words = rate_text(rate)
    arrows = {"+": "▲ ", "-": "▼ "}
    return arrows.get(words[0], "") + words


def _price(price: Decimal | None, grid: PriceGrid) -> str:
    return NOTHING if price is None else average_text(price, grid.decimals(float(price)))


def _sortable(amount: Decimal | None) -> Decimal:
    return _UNKNOWN if amount is None else amount
