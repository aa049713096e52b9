"""An order book as two curves: how much is offered and wanted up to each price. Pure."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from operator import mul, neg
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_ws.events import OrderbookEvent

MOST_LEVELS: Final = 30
"""Levels of a side that the exchange tells at the most; what lies behind the last of so many is not known."""


class DepthLevel(NamedTuple):
    """What lies between the middle of a book and one of its prices, that price included.

    Attributes:
        is_ask: whether it is for sale; it is wanted otherwise.
        price: of the level, in the quote currency.
        size: sum of the sizes, in the base currency.
        amount: sum of price times size, in the quote currency: what it takes to buy it all, or what selling brings.
    """

    is_ask: bool
    price: float
    size: float
    amount: float


class DepthSide(NamedTuple):
    """One side of a book; all three are as long as one another, from the best price on.

    Attributes:
        prices: ascending for asks, descending for bids.
        sizes: sums in the base currency.
        amounts: sums in the quote currency.
    """

    prices: tuple[float, ...] = ()
    sizes: tuple[float, ...] = ()
    amounts: tuple[float, ...] = ()

    @property
    def total(self) -> float:
        """The size of the whole side."""
        return self.sizes[-1] if self.sizes else 0.0


class DepthCurve:
    """Both sides of one book. A level whose price could not be read is left out of the sums, too.

    A level's *place* counts from the middle: 0, 1, 2 … are asks, -1, -2, -3 … are bids, from the best on.

    Attributes:
        asks: what is for sale.
        bids: what is wanted.
        mid: the middle between the best prices; None unless there are both, and both could be read.
        centre: the middle between the best prices that are known, or the only one; None for an empty book.
    """

    __slots__ = ("asks", "bids", "centre", "mid")

    def __init__(self, event: OrderbookEvent | None = None) -> None:
        """Add up a book; None is an empty one."""
        units = () if event is None else event.orderbook_units[:MOST_LEVELS]
        # Upbit pads a thin side with price 0 and size 0.
        self.asks = _side([(unit.ask_price, unit.ask_size) for unit in units if unit.ask_price > 0])
        self.bids = _side([(unit.bid_price, unit.bid_size) for unit in units if unit.bid_price > 0])
        best = [side.prices[0] for side in (self.asks, self.bids) if side.prices]
        self.centre = sum(best) / len(best) if best else None
        is_known = len(best) == 2 and units[0].ask_price > 0 and units[0].bid_price > 0
        self.mid = self.centre if is_known else None

    @property
    def is_empty(self) -> bool:
        """Whether there is no level at all."""
        return self.centre is None

    @property
    def leftmost(self) -> int | None:
        """The place of the lowest price; None for an empty book."""
        return None if self.is_empty else -len(self.bids.prices)

    @property
    def rightmost(self) -> int | None:
        """The place of the highest price; None for an empty book."""
        return None if self.is_empty else len(self.asks.prices) - 1

    def level(self, place: int) -> DepthLevel:
        """Return what lies up to a place, which must exist."""
        side, depth = (self.asks, place) if place >= 0 else (self.bids, -1 - place)
        return DepthLevel(place >= 0, side.prices[depth], side.sizes[depth], side.amounts[depth])

    def place(self, price: float, is_ask: bool | None = None) -> int | None:
        """Return the place of the last level of a side that ``price`` reaches, or of its best one if it reaches none.

        Args:
            price: in the quote currency.
            is_ask: which side; None for the one on which ``price`` lies.

        Returns:
            None if the side is empty.
        """
        if is_ask is None:
            middle = self.centre or 0.0
            is_ask = price > middle or (price == middle and bool(self.asks.prices))
        if is_ask:
            return max(0, bisect_right(self.asks.prices, price) - 1) if self.asks.prices else None
        return -max(1, bisect_right(self.bids.prices, -price, key=neg)) if self.bids.prices else None

    def distance(self, price: float) -> float | None:
        """Return how far a price is from ``mid``, as a fraction; None if there is no mid."""
        return None if self.mid is None else price / self.mid - 1

    def size_within(self, low: float, high: float) -> float:
        """Return the larger one of what is wanted down to ``low`` and what is for sale up to ``high``."""
        wanted = bisect_right(self.bids.prices, -low, key=neg)
        offered = bisect_right(self.asks.prices, high)
        return max(self.bids.sizes[wanted - 1] if wanted else 0.0, self.asks.sizes[offered - 1] if offered else 0.0)


def _side(levels: Sequence[tuple[float, float]]) -> DepthSide:
    if not levels:
        return DepthSide()
    prices, sizes = zip(*levels, strict=True)
    return DepthSide(prices, tuple(accumulate(sizes)), tuple(accumulate(map(mul, prices, sizes))))
