"""What a depth chart writes about a book and about one of its levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_widgets.base.formatting import (
    NOTHING,
    amount_text,
    market_text,
    price_text,
    short_number,
    size_text,
    spread_text,
)
from upbit_qt_widgets.base.texts import pick, text
from upbit_qt_widgets.depth.words import WORDS
from upbit_qt_ws.wire.markets import base_of, quote_of

if TYPE_CHECKING:
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_widgets.depth.curve import DepthCurve, DepthLevel, DepthSide

Variants = tuple[str, ...]
"""The same said in ever shorter ways: the first one that fits is shown."""


class Heading(NamedTuple):
    """What stands above the curves: one column for each side, and one for the middle."""

    bids: str
    bid_total: Variants
    mid: Variants
    spread: Variants
    asks: str
    ask_total: Variants


class Readout(NamedTuple):
    """What the cursor tells: a title, and captions with their values."""

    title: str
    lines: tuple[tuple[str, str], ...]


def heading(curve: DepthCurve, grid: PriceGrid, language: Language) -> Heading:
    """Write totals, mid price and spread; dashes for those that there are not."""
    mid, spread = _mid(curve, grid), _spread(curve, grid)
    short_spread = spread.partition(" ")[0]
    return Heading(
        pick(WORDS["bids"], language),
        _total(curve, curve.bids, grid.code),
        (f"{pick(WORDS['mid'], language)} {mid}", mid),
        (f"{text('spread', language)} {spread}", spread, short_spread),
        pick(WORDS["asks"], language),
        _total(curve, curve.asks, grid.code),
    )


def readout(curve: DepthCurve, level: DepthLevel, grid: PriceGrid, language: Language) -> Readout:
    """Write what lies up to a level, and how far it is from the middle."""
    return Readout(
        f"{pick(WORDS['ask' if level.is_ask else 'bid'], language)} {price_text(grid, level.price)}",
        (
            (pick(WORDS["size"], language), _with_unit(size_text(level.size) or "0", base_of(grid.code))),
            (pick(WORDS["amount"], language), _with_unit(amount_text(grid.code, level.amount), quote_of(grid.code))),
            (pick(WORDS["distance"], language), distance_text(curve.distance(level.price))),
        ),
    )


def spoken(curve: DepthCurve, told: Heading, pointed: Readout | None, grid: PriceGrid, language: Language) -> str:
    """Say all that the picture shows: the cursor first, if there is one, then best prices, spread and totals."""
    said = [] if pointed is None else [pointed.title, *(f"{caption} {value}" for caption, value in pointed.lines)]
    if not curve.is_empty:
        for key, side in (("best_bid", curve.bids), ("best_ask", curve.asks)):
            best = price_text(grid, side.prices[0]) if side.prices else NOTHING
            said.append(f"{pick(WORDS[key], language)} {best}")
        said.append(told.spread[0])
        for key, total in (("bid_total", told.bid_total), ("ask_total", told.ask_total)):
            said.append(f"{pick(WORDS[key], language)} {total[0]}")
    return ", ".join(said)


def name(code: str, language: Language) -> str:
    """Return what the chart is called: ``Depth chart BTC/KRW``."""
    return f"{pick(WORDS['depth'], language)} {market_text(code) if code else ''}".rstrip()


def distance_text(distance: float | None) -> str:
    """Write a signed fraction as a percentage with the three decimals that the spread has."""
    if distance is None:
        return NOTHING
    return f"{distance:+.3%}" if abs(distance) >= 0.000005 else "0.000%"


def _mid(curve: DepthCurve, grid: PriceGrid) -> str:
    """Write the mid price; with one decimal more where it lies between two prices of the grid."""
    if curve.mid is None:
        return NOTHING
    decimals = grid.decimals(curve.mid)
    if abs(round(curve.mid, decimals) - curve.mid) > grid.unit(curve.mid) / 100:
        decimals += 1
    return f"{curve.mid:,.{decimals}f}"


def _spread(curve: DepthCurve, grid: PriceGrid) -> str:
    if curve.mid is None:
        return NOTHING
    best_ask, best_bid = curve.asks.prices[0], curve.bids.prices[0]
    return spread_text(grid, best_ask, best_ask - best_bid)


def _total(curve: DepthCurve, side: DepthSide, code: str) -> Variants:
    if curve.is_empty:
        return (NOTHING,)
    number, unit = size_text(side.total) or "0", base_of(code)
    return (_with_unit(number, unit), _with_unit(short_number(side.total), unit), short_number(side.total))


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}".rstrip()
