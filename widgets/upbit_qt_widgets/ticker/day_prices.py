"""The prices of the last 24 hours in half hours, put together from candles and tickers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import CandleEvent

INTERVAL: Final = "30m"
COUNT: Final = 48
_MILLISECONDS: Final = 30 * 60_000


class DayPrices:
    """The last 48 half hours, the running one included: so at least 23.5 and at most 24 hours.

    A half hour without trades has the price of the one before it.
    """

    def __init__(self) -> None:
        """Begin without prices."""
        self._closes: dict[int, float] = {}
        self._highs: dict[int, float] = {}
        self._lows: dict[int, float] = {}
        self._newest = 0

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._closes)

    @property
    def high(self) -> float | None:
        """The highest price; None while nothing is known."""
        return max(self._highs.values(), default=None)

    @property
    def low(self) -> float | None:
        """The lowest price; None while nothing is known."""
        return min(self._lows.values(), default=None)

    def line(self) -> list[float | None]:
        """Return the closes, oldest first; None for half hours before the first one that is known."""
        if not self._closes:
            return []
        line: list[float | None] = []
        last: float | None = None
        for number in range(self._newest - COUNT + 1, self._newest + 1):
            last = self._closes.get(number, last)
            line.append(last)
        return line

    def clear(self) -> None:
        """Forget all."""
        for prices in (self._closes, self._highs, self._lows):
            prices.clear()
        self._newest = 0

    def load(self, candles: Iterable[CandleEvent]) -> None:
        """Take candles of half hours in place of what is known of these."""
        for candle in candles:
            number = int(candle.start.timestamp() * 1000) // _MILLISECONDS
            self._closes[number] = candle.trade_price
            self._highs[number] = candle.high_price
            self._lows[number] = candle.low_price
            self._newest = max(self._newest, number)
        self._forget()

    def trade(self, timestamp: int, price: float) -> bool:
        """Take a price at a time in ms since 1970 UTC; say whether a new half hour began after the newest one.

        Without candles nothing is taken: one price is no line.
        """
        number = timestamp // _MILLISECONDS
        if not self._closes or number < self._newest:
            return False
        begins = number > self._newest
        self._newest = number
        self._closes[number] = price
        self._highs[number] = max(price, self._highs.get(number, price))
        self._lows[number] = min(price, self._lows.get(number, price))
        self._forget()
        return begins

    def _forget(self) -> None:
        oldest = self._newest - COUNT + 1
        for prices in (self._closes, self._highs, self._lows):
            for number in [number for number in prices if number < oldest]:
                del prices[number]
