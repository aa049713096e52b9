"""Price units (tick sizes) per quote currency, and how many decimals a price is shown with.

``GET /v1/orderbook/instruments`` is the authority for a market's tick size; these tables are the fallback
that works before that answer is there. KRW: the table in force since 2025-07-31. BTC: one satoshi.
USDT: 0.01 from 10 USDT on, then one digit more per power of ten.
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from typing import Final

_KRW_FROM: Final = (
    1e-05, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0,
    5_000.0, 10_000.0, 50_000.0, 100_000.0, 500_000.0, 1_000_000.0,
)  # fmt: skip
_KRW_UNIT: Final = (
    1e-08, 1e-07, 1e-06, 1e-05, 0.0001, 0.001, 0.01, 0.1, 1.0,
    5.0, 10.0, 50.0, 100.0, 500.0, 1_000.0,
)  # fmt: skip
_USDT_FROM: Final = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
_USDT_UNIT: Final = (1e-08, 1e-07, 1e-06, 1e-05, 0.0001, 0.001, 0.01)
_SATOSHI: Final = 1e-08


def tick_size(quote: str, price: float) -> float:
    """Return the price unit at ``price`` in a market quoted in ``quote`` (``KRW``, ``BTC``, ``USDT``).

    Unknown quote currencies (other regions) get the BTC unit, the finest one that Upbit uses.
    """
    if quote == "KRW":
        return _KRW_UNIT[bisect_right(_KRW_FROM, price)]
    if quote == "USDT":
        return _USDT_UNIT[bisect_right(_USDT_FROM, price)]
    return _SATOSHI


@lru_cache(maxsize=64)  # There are two dozen units, and each price that is shown asks.
def decimals(unit: float) -> int:
    """Return how many digits stand behind the decimal point of a price on the grid ``unit``."""
    exponent = Decimal(repr(unit)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def price_decimals(quote: str, price: float) -> int:
    """Return how many decimals Upbit shows for ``price``: those of its price unit."""
    return decimals(tick_size(quote, price))
