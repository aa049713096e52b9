"""From which amount on a trade is a large one: one number for each quote currency. Pure."""

from __future__ import annotations

from typing import Final

from upbit_qt_ws.wire.markets import quote_of

DEFAULTS: Final = {
    "KRW": 10_000_000.0,
    "BTC": 0.1,
    "USDT": 10_000.0,
    "IDR": 100_000_000.0,
    "SGD": 10_000.0,
    "THB": 250_000.0,
}
"""About the same worth in each, roughly ten million won; in a currency that is not listed no trade is large."""


class LargeAmounts:
    """The amount from which on a trade stands out, by quote currency.

    An amount means nothing in another currency, so each has its own: what was chosen while a market quoted in KRW was
    shown is in force for all of those, and is there again after one in BTC was shown. What is chosen before there is a
    market is meant for the first one.
    """

    def __init__(self, market: str) -> None:
        """Begin with the default for a market; an empty one is none yet."""
        self._chosen: dict[str, float] = {}
        self._early: float | None = None
        self._quote = quote_of(market)

    @property
    def amount(self) -> float:
        """The amount for the market in its quote currency, 0 for none; without a market what the first will get."""
        if self._quote:
            return self._chosen.get(self._quote, DEFAULTS.get(self._quote, 0.0))
        return DEFAULTS["KRW"] if self._early is None else self._early

    def choose(self, amount: float) -> None:
        """Take another amount for the quote currency of the market."""
        if self._quote:
            self._chosen[self._quote] = amount
        else:
            self._early = amount

    def enter(self, market: str) -> None:
        """Another market is shown; an empty one is none."""
        self._quote = quote_of(market)
        if self._quote and self._early is not None:
            self._chosen[self._quote], self._early = self._early, None
