"""The order book of one market: up to thirty levels a side on the price grid, around a fair price.

The book follows the fair price (orders that would be crossed vanish, new ones fill the gap), trades take from
its best levels, and idle churn changes sizes. What the exchange shows is a :class:`BookView`, taken at the
market's place on a 100 ms raster, as measured on the real exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from upbit_qt_ws.testing.grid import PriceGrid

MAX_LEVELS: Final = 30
"""Levels of a side in one frame."""

_REBUILD_BEYOND: Final = 40

Level = tuple[int, int]
"""Price and size of one level, in units of 1e-8."""


class BookView(NamedTuple):
    """The book as shown: ``timestamp`` is the ms of its last change, both sides are best first."""

    timestamp: int
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]


class OrderBook:
    """Both sides of one market's book. All prices and sizes are in units of 1e-8.

    Attributes:
        asks, bids: ``[price, size]`` per level, best first.
    """

    def __init__(self, grid: PriceGrid, rng: Random, *, fair: int, notional: int, depths: tuple[int, int]) -> None:
        """Fill the book around ``fair``.

        Args:
            grid: the prices of the market.
            rng: the market's own generator.
            fair: price to start around.
            notional: typical turnover resting at one level, in units of 1e-16 of the quote currency.
            depths: most levels of the ask and of the bid side; thin markets have fewer than thirty.
        """
        self._grid = grid
        self._rng = rng
        self._notional = notional
        self._ask_depth, self._bid_depth = depths
        # A market with a fine grid, such as KRW-BTC, has orders on some of its prices only.
        self._skip = 4 if grid.unit(fair) / fair < 3e-5 else 1
        self.asks: list[list[int]] = []
        self.bids: list[list[int]] = []
        self.follow(fair)

    def view(self, timestamp: int) -> BookView:
        """Return what the exchange shows of the book."""
        return BookView(
            timestamp,
            tuple((price, size) for price, size in self.asks),
            tuple((price, size) for price, size in self.bids),
        )

    def follow(self, fair: int) -> None:
        """Move the book so that ``fair`` lies between the best bid and the best ask."""
        ask = self._grid.ceil(fair)
        bid = self._grid.floor(fair)
        self._settle(ask, self._grid.down(ask) if ask == bid else bid, exact=False)

    def settle_at(self, price: int, side: str) -> None:
        """Move the book so that a taker of ``side`` trades at exactly ``price``, a price on the grid."""
        if side == "BID":
            self._settle(price, self._grid.down(price), exact=True)
        else:
            self._settle(self._grid.up(price), price, exact=True)

    def take(self, side: str, size: int) -> Level:
        """Let a taker buy (``BID``) or sell (``ASK``) up to ``size`` at the best level; return price and size."""
        levels = self.asks if side == "BID" else self.bids
        price, available = levels[0]
        taken = min(size, available)
        if taken == available:
            levels.pop(0)
            self._fill()
        else:
            levels[0][1] = available - taken
        return price, taken

    def churn(self, fair: int) -> None:
        """Let one order come, go or change, without a trade."""
        self.follow(fair)
        rng = self._rng
        levels = self.asks if rng.random() < 0.5 else self.bids
        if not levels:
            return
        index = min(int(rng.expovariate(0.25)), len(levels) - 1)
        if rng.random() < 0.1 and len(levels) > 2 and self._skip > 1:
            levels.pop(index)
            self._fill()
        else:
            levels[index][1] = self._size(levels[index][0])

    def _size(self, price: int) -> int:
        return max(1, int(self._notional / price * self._rng.lognormvariate(-0.5, 1.0)))

    def _level(self, price: int) -> list[int]:
        return [price, self._size(price)]

    def _settle(self, best_ask: int, best_bid: int, *, exact: bool) -> None:
        grid = self._grid
        self.asks = _beyond(self.asks, lambda price: price >= best_ask)
        self.bids = _beyond(self.bids, lambda price: price <= best_bid)
        gap = 0 if exact else self._skip - 1
        inner: list[list[int]] = []
        price = best_ask if exact else grid.up(best_ask, self._rng.randint(0, gap) if gap else 0)
        while self.asks and price < self.asks[0][0] and len(inner) <= _REBUILD_BEYOND:
            inner.append(self._level(price))
            price = self._next_up(price)
        self.asks = (
            (inner or [self._level(price)]) if len(inner) > _REBUILD_BEYOND or not self.asks else inner + self.asks
        )
        inner = []
        price = best_bid if exact else grid.down(best_bid, self._rng.randint(0, gap) if gap else 0)
        while self.bids and price > self.bids[0][0] and len(inner) <= _REBUILD_BEYOND:
            inner.append(self._level(price))
            price = self._next_down(price)
        if len(inner) > _REBUILD_BEYOND or not self.bids:
            self.bids = inner or ([self._level(price)] if price > 0 else [])
        else:
            self.bids = inner + self.bids
        self._fill()

    def _next_up(self, price: int) -> int:
        return self._grid.up(price, self._rng.randint(1, self._skip) if self._skip > 1 else 1)

    def _next_down(self, price: int) -> int:
        return self._grid.down(price, self._rng.randint(1, self._skip) if self._skip > 1 else 1)

    def _fill(self) -> None:
        asks, bids = self.asks, self.bids
        if not asks:
            asks.append(self._level(self._next_up(bids[0][0])))
        del asks[self._ask_depth :], bids[self._bid_depth :]
        while len(asks) < self._ask_depth:
            asks.append(self._level(self._next_up(asks[-1][0])))
        while len(bids) < self._bid_depth:
            price = self._next_down(bids[-1][0] if bids else asks[0][0])
            if price <= 0:
                return
            bids.append(self._level(price))


def grouped(view: BookView, level: int) -> BookView:
    """Return ``view`` with prices grouped to multiples of ``level``: asks rounded up, bids rounded down.

    The thirty shown levels reach less far than thirty groups; groups beyond them have a size that depends on
    their price only, as the deep part of a book hardly moves.
    """
    if level == 0:
        return view
    typical = sum(size for _, size in view.asks) // max(1, len(view.asks)) or 1
    asks: dict[int, int] = {}
    for price, size in view.asks:
        group = -(-price // level) * level
        asks[group] = asks.get(group, 0) + size
    bids: dict[int, int] = {}
    for price, size in view.bids:
        group = price // level * level
        if group > 0:
            bids[group] = bids.get(group, 0) + size
    _deepen(asks, level, level, typical)
    _deepen(bids, -level, level, typical)
    return BookView(view.timestamp, tuple(asks.items()), tuple(bids.items()))


def _deepen(groups: dict[int, int], step: int, level: int, typical: int) -> None:
    price = next(reversed(groups), 0)
    while groups and len(groups) < MAX_LEVELS and price + step > 0:
        price += step
        scatter = price // level * 2_654_435_761 % 1_000
        groups[price] = max(1, typical * (500 + scatter) // 200)


def _beyond(levels: list[list[int]], keep: Callable[[int], bool]) -> list[list[int]]:
    for index, level in enumerate(levels):
        if keep(level[0]):
            return levels[index:] if index else levels
    return []
