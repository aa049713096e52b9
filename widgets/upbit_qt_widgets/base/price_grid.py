"""The price unit of one market: what the exchange tells of it, or the table of its quote currency."""

from __future__ import annotations

from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.tick_size import decimals, tick_size


class PriceGrid:
    """How finely prices of a market are quoted, and so how many decimals they are written with.

    ``GET /orderbook/instruments`` is the authority, but tells the unit at the present price only. So it is taken for
    prices in the same band of the table as the first price that is asked about; the table serves all others. An unknown
    market has the table alone.
    """

    __slots__ = ("_band", "_learned", "code", "quote")

    def __init__(self, code: str, learned: float | None = None) -> None:
        """Make the grid of a market.

        Args:
            code: for example ``KRW-BTC``; empty has the finest grid of all.
            learned: price unit that the exchange tells, in the quote currency; None if it has not yet.
        """
        self.code = code
        self.quote = quote_of(code) if code else ""
        self._learned = learned
        self._band: float | None = None

    def learn(self, unit: float) -> bool:
        """Take the price unit that the exchange tells now; say whether it is another one than before."""
        changed = unit != self._learned
        self._learned, self._band = unit, None
        return changed

    def unit(self, price: float) -> float:
        """Return the price unit at ``price``, in the quote currency."""
        listed = tick_size(self.quote, price)
        if self._learned is None or not price:
            return listed
        if self._band is None:
            self._band = listed
        return self._learned if listed == self._band else listed

    def decimals(self, price: float) -> int:
        """Return how many decimals a price is written with."""
        return decimals(self.unit(price))
