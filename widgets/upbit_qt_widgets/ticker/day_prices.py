"""The prices of the last 24 hours, put together from candles and tickers. Pure.

Tickers come as often as the window is painted, so a price that came and went between two of them is in none. But each
tells the highest and the lowest price since 00:00 UTC, which miss nothing: they stand for the present day, and candles
for what was before. Candles are of half hours. The half hour that the window is just leaving counts in part: where that
matters, minutes tell which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import CandleEvent, TickerEvent

INTERVAL: Final = "30m"
COUNT: Final = 48
EDGE_INTERVAL: Final = "1m"
EDGE_COUNT: Final = 30
_MINUTE: Final = 60_000
_HALF_HOUR: Final = EDGE_COUNT * _MINUTE
_DAY: Final = 86_400_000


class _Prices(NamedTuple):
    close: float
    high: float
    low: float


class DayPrices:
    """The last 24 hours, to a minute: their line in 48 half hours, the running one included, and their extremes.

    A half hour without trades has the price of the one before it; so has a whole day without any. Until the minutes of
    the half hour that is being left are known, nothing of it counts.
    """

    def __init__(self) -> None:
        """Begin without prices."""
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        # By number since 1970; the oldest one is that which the window is leaving.
        self._halves: dict[int, _Prices] = {}
        self._minutes: dict[int, _Prices] = {}
        self._minutes_of: int | None = None
        self._today: tuple[int, float, float] | None = None
        self._newest = self._now = 0
        self._carried: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._halves) or self._carried is not None

    @property
    def high(self) -> float | None:
        """The highest price; None while nothing is known."""
        inner, edge = self._inner_high(), [prices.high for prices in self._edge()]
        return max(edge if inner is None else [inner, *edge], default=None)

    @property
    def low(self) -> float | None:
        """The lowest price; None while nothing is known."""
        inner, edge = self._inner_low(), [prices.low for prices in self._edge()]
        return min(edge if inner is None else [inner, *edge], default=None)

    def line(self) -> list[float | None]:
        """Return the closes, oldest first; None for half hours before the first one that is known."""
        if not self.is_known:
            return []
        line: list[float | None] = []
        left = self._halves.get(self._leaving)
        last = self._carried if left is None else left.close
        for number in range(self._leaving + 1, self._newest + 1):
            prices = self._halves.get(number)
            last = last if prices is None else prices.close
            line.append(last)
        return line

    @property
    def edge_wanted(self) -> int | None:
        """The end of the half hour whose minutes are wanted, in ms since 1970 UTC; None if they do not matter."""
        leaving = self._halves.get(self._leaving)
        if leaving is None or self._minutes_of == self._leaving:
            return None
        high, low = self._inner_high(), self._inner_low()
        matters = high is None or low is None or leaving.high > high or leaving.low < low
        return (self._leaving + 1) * _HALF_HOUR if matters else None

    @property
    def changes_after(self) -> int:
        """In how many ms from the present the extremes may be others, though nothing is traded."""
        unit = _MINUTE if self._minutes_of == self._leaving else _HALF_HOUR
        return unit - self._now % unit

    # -- what is told -----------------------------------------------------------------------------------------

    def load(self, candles: Iterable[CandleEvent], now: int = 0) -> None:
        """Take candles of half hours in place of what is known of these.

        Args:
            candles: in any order; there is none for a half hour without trades, so they may be days old.
            now: the present, in ms since 1970 UTC; 0 takes the newest candle's.
        """
        for candle in candles:
            number = int(candle.start.timestamp() * 1000) // _HALF_HOUR
            self._halves[number] = _Prices(candle.trade_price, candle.high_price, candle.low_price)
            self._newest = max(self._newest, number)
        self._set_now(now)
        self._forget()

    def load_edge(self, end: int, candles: Iterable[CandleEvent]) -> None:
        """Take the minutes of the half hour that ends at ``end``, in ms since 1970 UTC, where they are still wanted."""
        number = end // _HALF_HOUR - 1
        if number != self._leaving:
            return
        self._minutes_of = number
        self._minutes = {}
        for candle in candles:
            minute = int(candle.start.timestamp() * 1000) // _MINUTE
            if minute // EDGE_COUNT == number:
                self._minutes[minute] = _Prices(candle.trade_price, candle.high_price, candle.low_price)

    def take(self, event: TickerEvent, now: int | None = None) -> bool:
        """Take a ticker; say whether a new half hour began after the newest one, so that the last one has closed.

        Args:
            event: of the market.
            now: what the exchange's clock shows, in ms since 1970 UTC; None if it is not known. No time of the event
                that is far ahead of it moves the window, for that never goes back.
        """
        present = event.timestamp if now is None else now
        at = event.trade_timestamp or event.timestamp
        if at > present + _MINUTE:
            at = present
        if event.high_price is not None and event.low_price is not None:
            self._today = (at // _DAY, event.high_price, event.low_price)
        begins = self.trade(at, event.trade_price)
        return self.advance(present) or begins

    def trade(self, timestamp: int, price: float) -> bool:
        """Take a price at a time in ms since 1970 UTC; say whether a new half hour began after the newest one.

        Without candles nothing is taken: one price is no line.
        """
        number = timestamp // _HALF_HOUR
        if not self.is_known or number < self._newest:
            return False
        begins = number > self._newest
        known = self._halves.get(number, _Prices(price, price, price))
        self._halves[number] = _Prices(price, max(price, known.high), min(price, known.low))
        self._set_now(timestamp)
        return begins

    def advance(self, now: int) -> bool:
        """Take the present, in ms since 1970 UTC; say whether a new half hour began after the newest one."""
        begins = self.is_known and now // _HALF_HOUR > self._newest
        if self.is_known:
            self._set_now(now)
        return begins

    # -- the window -------------------------------------------------------------------------------------------

    @property
    def _leaving(self) -> int:
        """The half hour that is partly older than 24 hours."""
        return self._newest - COUNT

    def _inner_high(self) -> float | None:
        """Return the highest price of the half hours that are wholly in the window."""
        return max(self._inner(high=True), default=self._last_before)

    def _inner_low(self) -> float | None:
        return min(self._inner(high=False), default=self._last_before)

    def _inner(self, *, high: bool) -> list[float]:
        leaving = self._leaving
        found = [prices.high if high else prices.low for number, prices in self._halves.items() if number > leaving]
        today = self._today
        if found and today is not None and today[0] == self._now // _DAY:
            found.append(today[1] if high else today[2])
        return found

    @property
    def _last_before(self) -> float | None:
        left = self._halves.get(self._leaving)
        return self._carried if left is None else left.close

    def _edge(self) -> list[_Prices]:
        """Return what is known of the half hour that is being left, and is in the window."""
        if self._minutes_of != self._leaving:
            return []
        oldest = self._now - _DAY
        return [prices for minute, prices in self._minutes.items() if minute * _MINUTE >= oldest]

    def _set_now(self, now: int) -> None:
        self._now = max(self._now, now, self._newest * _HALF_HOUR)
        if now // _HALF_HOUR > self._newest:
            self._newest = now // _HALF_HOUR
            self._forget()

    def _forget(self) -> None:
        """Drop what the window has left, but for the last price of it."""
        before = max((number for number in self._halves if number < self._leaving), default=None)
        if before is not None:
            self._carried = self._halves[before].close
        self._halves = {number: prices for number, prices in self._halves.items() if number >= self._leaving}
