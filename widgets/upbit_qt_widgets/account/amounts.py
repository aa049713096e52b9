"""How exact amounts are written: from the Decimal itself, never through a float."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from upbit_qt_widgets.base.formatting import NOTHING

_EXACT: Final = Context(prec=100, rounding=ROUND_DOWN)
_MOST_DECIMALS: Final = 8
_SIGNIFICANT: Final = 6


def exact_text(value: Decimal | None, least: int = 0) -> str:
    """Write every digit of an amount, with thousands separators and no idle zeros.

    Args:
        value: the amount; None for one that is not known.
        least: decimals that are always there, so that prices stand below one another.
    """
    if value is None:
        return NOTHING
    whole, _, behind = f"{value:,f}".partition(".")
    behind = behind.rstrip("0").ljust(least, "0")
    return f"{whole}.{behind}" if behind else whole


def coins_text(value: Decimal | None) -> str:
    """Write a balance with at most eight decimals; what is beyond them is cut, for nobody can spend it."""
    return NOTHING if value is None else exact_text(_cut(value, _MOST_DECIMALS))


def money_text(value: Decimal | None, *, signed: bool = False) -> str:
    """Write an amount of KRW without decimals; ``signed`` puts a plus before gains."""
    if value is None:
        return NOTHING
    whole = value.quantize(Decimal(1), ROUND_HALF_UP, context=_EXACT)
    return "0" if not whole else f"{whole:+,f}" if signed else f"{whole:,f}"


def average_text(value: Decimal | None, decimals: int) -> str:
    """Write an average price: it need not be on the price grid, so six digits are shown at the least.

    Args:
        value: the price; None for none.
        decimals: those of the market's prices.
    """
    if value is None:
        return NOTHING
    shown = min(max(decimals, _SIGNIFICANT - 1 - value.adjusted()), max(decimals, _MOST_DECIMALS))
    return exact_text(value.quantize(Decimal(1).scaleb(-shown), ROUND_HALF_UP, context=_EXACT), decimals)


def share_text(share: Decimal | None) -> str:
    """Write a part of a whole with one decimal, rounded down: only what is complete is ``100%``."""
    return NOTHING if share is None else f"{exact_text(_cut(share * 100, 1))}%"


def rate_text(rate: Decimal | None) -> str:
    """Write a fraction as a signed percentage with two decimals: 0.0127 is ``+1.27%``."""
    if rate is None:
        return NOTHING
    percent = (rate * 100).quantize(Decimal("0.01"), ROUND_HALF_UP, context=_EXACT)
    return f"{percent:+,.2f}%" if percent else "0.00%"


def _cut(value: Decimal, decimals: int) -> Decimal:
    cut = value.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN, context=_EXACT)
    return cut or Decimal(0)
