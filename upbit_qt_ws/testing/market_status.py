"""Whether a market trades, as the ticker tells it."""

from __future__ import annotations

from typing import Literal, NamedTuple

MarketState = Literal["PREVIEW", "ACTIVE", "DELISTED"]
"""``market_state`` of the ticker: only deposits, ordinary, or trading has ended. [A]"""


class MarketStatus(NamedTuple):
    """What the ticker tells of a market besides prices.

    Attributes:
        state: ``market_state``.
        is_suspended: ``is_trading_suspended``.
        delisting_date: ``delisting_date``, as text; None for none.
    """

    state: MarketState = "ACTIVE"
    is_suspended: bool = False
    delisting_date: str | None = None

    @property
    def trades(self) -> bool:
        """Whether somebody can trade there."""
        return self.state == "ACTIVE" and not self.is_suspended
