"""Candles as the exact summary of trades: open, high, low, close, volume and turnover of a period."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from upbit_qt_ws.testing.trade import Trade

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000

INTERVALS: Final[dict[str, int]] = {
    "1s": SECOND_MS,
    **{f"{minutes}m": minutes * MINUTE_MS for minutes in (1, 3, 5, 10, 15, 30, 60, 240)},
    "1d": DAY_MS,
}
"""Length in ms of each interval that is kept. The WebSocket has all but ``1d``, REST has all of them."""

WEBSOCKET_INTERVALS: Final = tuple(name for name in INTERVALS if name != "1d")
"""The nine intervals that can be subscribed as ``candle.{interval}``."""

_KEPT_SECONDS: Final = 300
_KEPT_CLOSED: Final = 1_000


@dataclass(slots=True)
class Bar:
    """The trades of one period. Prices and volume in units of 1e-8, turnover in units of 1e-16, times in ms.

    Attributes:
        start: start of the period.
        last_ms: time of the last trade.
        trades: number of trades; a bar without trades does not exist.
    """

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    turnover: int
    last_ms: int
    trades: int

    def absorb(self, later: Bar) -> None:
        """Add the trades of ``later``, which all came after this bar's."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.turnover += later.turnover
        self.last_ms = later.last_ms
        self.trades += later.trades

    def at(self, start: int) -> Bar:
        """Return a copy that stands for the period beginning at ``start``."""
        return Bar(
            start, self.open, self.high, self.low, self.close, self.volume, self.turnover, self.last_ms, self.trades
        )


def merged(bars: Iterable[Bar], start: int) -> Bar | None:
    """Return one bar for the consecutive ``bars`` (oldest first), or None when there are none."""
    total: Bar | None = None
    for bar in bars:
        if total is None:
            total = bar.at(start)
        else:
            total.absorb(bar)
    return total


class LiveCandles:
    """All candles of one market since the simulation started, each grown from the trades alone.

    Trades are first gathered in one bar for the running second, which is folded into every interval when the
    second is over or somebody looks. The last 300 candles of a second and 1,000 of each other interval are kept;
    older ones are forgotten, so that a simulation may run for days.
    """

    def __init__(self, before_start: Callable[[str, int], Bar | None]) -> None:
        """Keep the function that gives the part of a period from before the start (interval, period start)."""
        self._before_start = before_start
        self._second: Bar | None = None
        self._current: dict[str, Bar] = {}
        self._closed: dict[str, deque[Bar]] = {
            name: deque(maxlen=_KEPT_SECONDS if name == "1s" else _KEPT_CLOSED) for name in INTERVALS
        }

    def add(self, trade: Trade) -> None:
        """Count one trade."""
        start = trade.time_ms - trade.time_ms % SECOND_MS
        second = self._second
        if second is not None and second.start != start:
            self.fold()
            second = None
        price, size = trade.price, trade.size
        if second is None:
            self._second = Bar(start, price, price, price, price, size, price * size, trade.time_ms, 1)
            return
        if price > second.high:
            second.high = price
        elif price < second.low:
            second.low = price
        second.close = price
        second.volume += size
        second.turnover += price * size
        second.last_ms = trade.time_ms
        second.trades += 1

    def fold(self) -> None:
        """Move the trades gathered so far into the candles of every interval."""
        second = self._second
        if second is None:
            return
        self._second = None
        for name, length in INTERVALS.items():
            start = second.start - second.start % length
            current = self._current.get(name)
            if current is not None and current.start == start:
                current.absorb(second)
                continue
            if current is not None:
                self._closed[name].append(current)
            earlier = None if current is not None else self._before_start(name, start)
            if earlier is None:
                self._current[name] = second.at(start)
            else:
                earlier.absorb(second)
                self._current[name] = earlier

    def newest(self, interval: str) -> Bar | None:
        """Return the newest candle that has trades since the start, or None."""
        self.fold()
        return self._current.get(interval)

    def newest_first(self, interval: str) -> Iterator[Bar]:
        """Yield the candles since the start, newest first."""
        self.fold()
        current = self._current.get(interval)
        if current is not None:
            yield current
            yield from reversed(self._closed[interval])
