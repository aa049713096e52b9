"""Which markets the exchange lists at the moment, and how often each of them trades."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.coins import WON_PER_UNIT, Listing, Region, listings
from upbit_qt_ws.testing.grid import PriceGrid
from upbit_qt_ws.testing.numbers import from_float

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEW_COIN_PRICE: Final = {
    **{quote: 1_000 / won for quote, won in WON_PER_UNIT.items()},
    "BTC": 0.00001,
    "USDT": 0.75,
}
_NEW_COIN_TURNOVER: Final = 5e9
_NEW_COIN_VOLATILITY: Final = 0.06


class MarketDirectory:
    """The listing, which may change while the exchange runs.

    Attributes:
        listings: the listed markets by code.
        lively: codes of the markets that trade by themselves.
        weights: for each of them, the running sum of how often it trades.
    """

    def __init__(self, seed: int, *, region: Region, codes: Iterable[str] | None) -> None:
        """List ``codes``, or every market of the region for None.

        Raises:
            ConfigurationError: an unknown code.
        """
        self._seed = seed
        self._region = region
        self._removed: dict[str, Listing] = {}
        self._resting: set[str] = set()
        self.listings: dict[str, Listing] = listings(seed, region=region, codes=codes)
        self._weigh()

    def remove(self, code: str) -> None:
        """List ``code`` no more.

        Raises:
            SimulatorError: it is not listed.
        """
        listing = self.listings.pop(code, None)
        if listing is None:
            raise SimulatorError(f"the simulated exchange does not list {code!r}, so it cannot be taken off the list")
        self._removed[code] = listing
        self._weigh()

    def add(self, code: str, price: float | None = None) -> None:
        """List ``code``: as it was when it was listed before, as the region's catalogue has it, or as a new coin.

        Args:
            code: quote currency first; the quote currency must be one of the region's.
            price: of a new coin; None takes about the worth of 1,000 KRW.

        Raises:
            SimulatorError: it is listed already, or the region has no such quote currency.
        """
        if code in self.listings:
            raise SimulatorError(f"the simulated exchange lists {code!r} already")
        known = self._removed.pop(code, None)
        if known is None:
            known = listings(self._seed, region=self._region).get(code)
        self.listings[code] = known if known is not None and price is None else self._new_coin(code, price)
        self._weigh()

    def rest(self, code: str, resting: bool) -> None:
        """Let a listed market trade no more by itself, or again as often as it did."""
        (self._resting.add if resting else self._resting.discard)(code)
        self._weigh()

    def _new_coin(self, code: str, price: float | None) -> Listing:
        quote, _, base = code.partition("-")
        quotes = {listing.quote for listing in listings(self._seed, region=self._region).values()}
        if quote not in quotes or not base:
            raise SimulatorError(
                f"{code!r} cannot be listed: its quote currency is none of {', '.join(sorted(quotes))}"
            )
        units = from_float(_NEW_COIN_PRICE[quote] if price is None else price)
        return Listing(
            code=code,
            korean_name=base,
            english_name=base,
            price=PriceGrid(code).nearest(max(units, 2)),
            turnover=_NEW_COIN_TURNOVER,
            volatility=_NEW_COIN_VOLATILITY,
            quiet=False,
            warning=False,
            cautions=frozenset(),
        )

    def _weigh(self) -> None:
        lively = [item for item in self.listings.values() if not item.quiet and item.code not in self._resting]
        self.lively = [listing.code for listing in lively]
        self.weights = list(accumulate(listing.turnover**0.8 for listing in lively))
