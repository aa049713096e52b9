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

    A half hour without trades has the price of the one before it; so has a whole day without any.
    """

    def __init__(self) -> None:
        """Begin without prices."""
        self._closes: dict[int, float] = {}
        self._highs: dict[int, float] = {}
        self._lows: dict[int, float] = {}
        self._newest = 0
        self._carried: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._closes) or self._carried is not None

    @property
    def high(self) -> float | None:
        """The highest price; None while nothing is known."""
        return max(self._highs.values(), default=self._carried)

    @property
    def low(self) -> float | None:
        """The lowest price; None while nothing is known."""
        return min(self._lows.values(), default=self._carried)

    def line(self) -> list[float | None]:
        """Return the closes, oldest first; None for half hours before the first one that is known."""
        if not self.is_known:
            return []
        line: list[float | None] = []
        last = self._carried
        for number in range(self._newest - COUNT + 1, self._newest + 1):
            last = self._closes.get(number, last)
            line.append(last)
        return line

    def clear(self) -> None:
        """Forget all."""
        for prices in (self._closes, self._highs, self._lows):
            prices.clear()
        self._newest, self._carried = 0, None

    def load(self, candles: Iterable[CandleEvent], now: int = 0) -> None:
        """Take candles of half hours in place of what is known of these.

        Args:
            candles: in any order; there is none for a half hour without trades, so they may be days old.
            now: the present, in ms since 1970 UTC; 0 takes the newest candle's.
        """
        for candle in candles:
            number = int(candle.start.timestamp() * 1000) // _MILLISECONDS
            self._closes[number] = candle.trade_price
            self._highs[number] = candle.high_price
            self._lows[number] = candle.low_price
            self._newest = max(self._newest, number)
        self._newest = max(self._newest, now // _MILLISECONDS)
        self._forget()

    def trade(self, timestamp: int, price: float) -> bool:
        """Take a price at a time in ms since 1970 UTC; say whether a new half hour began after the newest one.

        Without candles nothing is taken: one price is no line.
        """
        number = timestamp // _MILLISECONDS
        if not self.is_known or number < self._newest:
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
        before = max((number for number in self._closes if number < oldest), default=None)
        if before is not None:
            self._carried = self._closes[before]
        for prices in (self._closes, self._highs, self._lows):
            for number in [number for number in prices if number < oldest]:
                del prices[number]
