"""The price grid of a market in exact integers: every price is a whole multiple of the unit of its band.

Written from Upbit's table of price units (in force since 2025-07-31) and not shared with the client, so that a
mistake on one side shows. Prices are in units of 1e-8 of the quote currency (``numbers.SCALE``).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from upbit_qt_ws.testing.numbers import SCALE

_KRW: Final = (
    (0, 1), (SCALE // 10**5, 10), (SCALE // 10**4, 10**2), (SCALE // 10**3, 10**3), (SCALE // 100, 10**4),
    (SCALE // 10, 10**5), (SCALE, 10**6), (10 * SCALE, 10**7), (100 * SCALE, SCALE), (5_000 * SCALE, 5 * SCALE),
    (10_000 * SCALE, 10 * SCALE), (50_000 * SCALE, 50 * SCALE), (100_000 * SCALE, 100 * SCALE),
    (500_000 * SCALE, 500 * SCALE), (1_000_000 * SCALE, 1_000 * SCALE),
)  # fmt: skip
_USDT: Final = (
    (0, 1), (SCALE // 10**4, 10), (SCALE // 10**3, 10**2), (SCALE // 100, 10**3), (SCALE // 10, 10**4),
    (SCALE, 10**5), (10 * SCALE, 10**6),
)  # fmt: skip
_BTC: Final = ((0, 1),)
# The tables of the other exchanges were not found; five significant digits fit Indonesia's recorded prices.
_ELSEWHERE: Final = tuple((0 if power == 0 else 10 ** (power + 4), 10**power) for power in range(14))
_KRW_DOLLAR: Final = (*_KRW[:8], (100 * SCALE, SCALE), (1_000 * SCALE, SCALE // 2), *_KRW[10:])
_TABLES: Final = {"KRW": _KRW, "USDT": _USDT, "BTC": _BTC, "IDR": _ELSEWHERE, "SGD": _ELSEWHERE, "THB": _ELSEWHERE}


class PriceGrid:
    """All prices at which one market can trade."""

    __slots__ = ("_from", "_units")

    def __init__(self, code: str) -> None:
        """Take the table of the market's quote currency; dollar coins against KRW have a finer unit."""
        table = _KRW_DOLLAR if code in ("KRW-USDT", "KRW-USDC") else _TABLES[code.partition("-")[0]]
        self._from = tuple(start for start, _ in table)
        self._units = tuple(unit for _, unit in table)

    def unit(self, price: int) -> int:
        """Return the distance from ``price`` to the next price above."""
        return self._units[bisect_right(self._from, price) - 1]

    def contains(self, price: int) -> bool:
        """Tell whether the market can trade at ``price``."""
        return price > 0 and price % self.unit(price) == 0

    def nearest(self, price: float) -> int:
        """Return the grid price nearest to ``price``, at least the smallest one."""
        whole = max(1, round(price))
        unit = self.unit(whole)
        return max(unit, (whole + unit // 2) // unit * unit)

    def floor(self, price: int) -> int:
        """Return the highest grid price that is not above ``price`` (0 when there is none)."""
        return price - price % self.unit(price)

    def ceil(self, price: int) -> int:
        """Return the lowest grid price that is not below ``price``."""
        unit = self.unit(price)
        return -(-price // unit) * unit

    def up(self, price: int, steps: int = 1) -> int:
        """Return the grid price ``steps`` above ``price``, across band borders."""
        for _ in range(steps):
            price += self.unit(price)
        return price

    def down(self, price: int, steps: int = 1) -> int:
        """Return the grid price ``steps`` below ``price``, or 0 when the grid ends before."""
        for _ in range(steps):
            if price <= 0:
                return 0
            price -= self.unit(price - 1)
        return max(price, 0)


def supported_levels(code: str, price: int) -> tuple[int, ...]:
    """Return the price groupings that the exchange offers for a market, smallest first; 0 means ungrouped.

    The rule reproduces the recorded sets: ``0, 1, 10, 100`` at 200 KRW, ``0, 10000 .. 100000000`` at
    116,000,000 KRW. Only KRW markets have groupings.
    """
    if not code.startswith("KRW-"):
        return (0,)
    top = len(str(price)) - 1
    spread = 4 if price >= 1_000 * SCALE else 2
    lowest = max(top - spread, len(str(PriceGrid(code).unit(price) - 1)))
    return (0, *(10**power for power in range(lowest, top + 1)))
