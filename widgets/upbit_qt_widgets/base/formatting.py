"""How numbers are written: as Upbit's own screens do, aligned and readable from 0.0000014 to 116,539,000."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.wire.markets import base_of, quote_of

if TYPE_CHECKING:
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language

NOTHING: Final = "–"
"""What is shown for a value that is not known (yet)."""

_FINEST: Final = 8
_AMOUNT_DECIMALS: Final = {"KRW": 0, "IDR": 0, "USDT": 3, "SGD": 2, "THB": 2}


def price_text(grid: PriceGrid, price: float | None) -> str:
    """Write a price with the decimals of its price unit and thousands separators."""
    if price is None:
        return NOTHING
    return f"{price:,.{grid.decimals(price)}f}"


def change_text(grid: PriceGrid, price: float | None, change: float | None) -> str:
    """Write a signed price change with the decimals of the price that it leads to, or more if it is finer."""
    if price is None or change is None:
        return NOTHING
    for decimals in range(grid.decimals(price), _FINEST + 1):
        if round(change, decimals):
            return f"{change:+,.{decimals}f}"
    return "0"


def spread_text(grid: PriceGrid, best_ask: float, spread: float) -> str:
    """Write the distance of the best prices with the decimals that they have, and as a share: ``1,000 (0.001%)``."""
    return f"{spread:,.{grid.decimals(best_ask)}f} ({spread / best_ask:.3%})"


def percent_text(rate: float | None) -> str:
    """Write a fraction as a signed percentage with two decimals: 0.0127 is ``+1.27%``."""
    if rate is None:
        return NOTHING
    return f"{rate * 100:+,.2f}%" if abs(rate) >= 0.00005 else "0.00%"


def arrow(change: float | None) -> str:
    """Return the arrow of a direction, so that it is never told by colour alone."""
    if not change:
        return ""
    return "▲" if change > 0 else "▼"


def size_text(size: float | None) -> str:
    """Write a size with fewer decimals the larger it is; empty for the empty slot of a thin book."""
    if size is None:
        return NOTHING
    if size == 0:
        return ""
    for least, decimals in ((10_000, 0), (100, 2), (1, 4)):
        if size >= least:
            return f"{size:,.{decimals}f}"
    # The smallest size of all is 0.00000001: nothing that is there may look like nothing.
    return f"{size:.6f}" if size >= 0.0001 else f"{size:.8f}"


def amount_text(code: str, amount: float | None) -> str:
    """Write what was paid in the quote currency of a market: whole KRW, BTC with 8 decimals, USDT with 3.

    One that would be written as nothing gets the decimals that it needs.
    """
    if amount is None:
        return NOTHING
    return _never_nothing(amount, _AMOUNT_DECIMALS.get(quote_of(code), _FINEST))


def traded_size_text(code: str, price: float, size: float) -> str:
    """Write the size of a trade so exactly that the last digit is worth no more than that of its amount.

    Sizes at about the same price have the same decimals, and stand below one another: 0.00012345 BTC of 100 million
    KRW, 12.3457 of 2,000, 1,234,568 of 0.01.
    """
    least = 10.0 ** -_AMOUNT_DECIMALS.get(quote_of(code), _FINEST)
    decimals = math.ceil(math.log10(price / least)) if price > 0 else _FINEST
    return _never_nothing(size, min(max(decimals, 0), _FINEST))


def _never_nothing(value: float, decimals: int) -> str:
    """Write a value with these decimals, or with as many more as it takes to see that it is not 0."""
    while value and decimals < _FINEST and not round(value, decimals):
        decimals += 1
    return f"{value:,.{decimals}f}"


def short_number(value: float) -> str:
    """Write a number in a few letters: 1.2k, 3.4M; small ones with three digits."""
    # Rounded first: 999,900 is 1M, and not 1e+03k.
    rounded = float(f"{value:.3g}")
    for least, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(rounded) >= least:
            return f"{rounded / least:.12g}{letter}"
    return f"{rounded:.12g}"


def turnover_number(code: str, turnover: float | None) -> str:
    """Write a turnover in the unit of its market: millions of KRW, BTC with three decimals, whole USDT."""
    if turnover is None:
        return NOTHING
    quote = quote_of(code)
    if quote == "KRW":
        return f"{turnover / 1_000_000:,.0f}"
    return f"{turnover:,.3f}" if quote == "BTC" else f"{turnover:,.0f}"


def turnover_unit(quote: str, language: Language) -> str:
    """Return the unit of :func:`turnover_number`: 백만 (a million) of KRW, or the quote currency."""
    if quote == "KRW":
        return "백만" if language == "ko" else "M"
    return quote


def turnover_text(code: str, turnover: float | None, language: Language) -> str:
    """Write a turnover with its unit: ``264,682백만``, ``1.235 BTC``."""
    number = turnover_number(code, turnover)
    if number == NOTHING:
        return number
    quote = quote_of(code)
    return f"{number}{'' if quote == 'KRW' else ' '}{turnover_unit(quote, language)}"


def market_text(code: str) -> str:
    """Write a market code as traders read it: ``BTC/KRW`` of ``KRW-BTC``."""
    return f"{base_of(code)}/{quote_of(code)}"


def age_text(seconds: float, language: Language) -> str:
    """Write how old a value is."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}초 전" if language == "ko" else f"{whole} s ago"
    return f"{whole // 60}분 전" if language == "ko" else f"{whole // 60} min ago"
