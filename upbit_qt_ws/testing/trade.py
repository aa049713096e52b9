"""One trade of a simulated market."""

from __future__ import annotations

from typing import NamedTuple


class Trade(NamedTuple):
    """One trade. Prices and sizes in units of 1e-8, time in ms; ``side`` is the taker's (``ASK`` or ``BID``).

    The best prices are those of the book at the moment before the trade; a size of 0 means an empty side.
    """

    time_ms: int
    price: int
    size: int
    side: str
    sequential_id: int
    prev_close: int
    best_ask: int
    best_ask_size: int
    best_bid: int
    best_bid_size: int
