"""The price that two markets in the local currency imply for a market between their coins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from upbit_qt_ws.testing.market import Market


class CrossRate:
    """Gives that price, in units of 1e-8, as it is at the moment."""

    __slots__ = ("_base", "_quote")

    def __init__(self, base: Market, quote: Market) -> None:
        """Take the market of the traded coin and that of the quote currency."""
        self._base = base
        self._quote = quote

    def __call__(self) -> float:
        """Return the price."""
        return self._base.fair / self._quote.fair * SCALE
