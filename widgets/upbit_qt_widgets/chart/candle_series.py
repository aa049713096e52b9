"""The candles of one market and interval, put together from history, the live stream and trades. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_widgets.chart.intervals import start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from upbit_qt_ws.events import CandleEvent, TickerEvent


class Candle(NamedTuple):
    """One candle.

    Attributes:
        start: its beginning, in seconds since 1970 UTC.
        open, high, low, close: prices in the quote currency.
        volume: in the base currency.
        timestamp: of the newest news of it, in ms since 1970 UTC.
    """

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    timestamp: int

    @classmethod
    def of(cls, event: CandleEvent) -> Candle:
        """Return what an event tells."""
        return cls(
            int(event.start.timestamp()),
            event.opening_price,
            event.high_price,
            event.low_price,
            event.trade_price,
            event.candle_acc_trade_volume or 0.0,
            event.timestamp,
        )


class CandleSeries:
    """Candles in the order of their starts, each once; of two states of a candle the newer one counts.

    In which order history and live candles come does not matter, so there is no seam where they meet. A period without
    trades has no candle.
    """

    def __init__(self) -> None:
        """Begin without candles."""
        self._starts: list[int] = []
        self._candles: list[Candle] = []

    def __len__(self) -> int:
        """Return how many candles there are."""
        return len(self._candles)

    def __getitem__(self, place: int) -> Candle:
        """Return a candle by its place, the oldest being 0; negative places count from the newest."""
        return self._candles[place]

    @property
    def candles(self) -> Sequence[Candle]:
        """All candles, oldest first."""
        return self._candles

    def clear(self) -> None:
        """Forget all."""
        self._starts.clear()
        self._candles.clear()

    def merge(self, events: Iterable[CandleEvent]) -> int:
        """Take candles from any source; return how many were put before the one that was the oldest until now."""
        oldest = self._starts[0] if self._starts else None
        older = 0
        for event in events:
            candle = Candle.of(event)
            if self._put(candle) and oldest is not None and candle.start < oldest:
                older += 1
        return older

    def trade(self, interval: str, event: TickerEvent) -> bool:
        """Bring the newest candle up to date with a ticker, for intervals that are not streamed; say whether it did.

        The first ticker of a new period begins its candle. Volumes are those of the history: a ticker does not tell
        what was traded since the last one. The day's candle is the ticker's own, with its volume.
        """
        at = (event.trade_timestamp or event.timestamp) // 1000
        start, price = start_of(interval, at), event.trade_price
        last = self._candles[-1] if self._candles and self._candles[-1].start == start else None
        if last is None and self._starts and start < self._starts[-1]:
            return False
        if interval == "1d" and None not in (event.opening_price, event.high_price, event.low_price):
            opened, high, low = event.opening_price, event.high_price, event.low_price
            assert opened is not None
            assert high is not None
            assert low is not None
            made = Candle(start, opened, high, low, price, event.acc_trade_volume or 0.0, event.timestamp)
        elif last is None:
            made = Candle(start, price, price, price, price, 0.0, event.timestamp)
        else:
            made = last._replace(
                high=max(last.high, price), low=min(last.low, price), close=price, timestamp=event.timestamp
            )
        return self._put(made)

    def place_of(self, start: int) -> int:
        """Return the place of the first candle that starts at ``start`` or later."""
        return bisect_left(self._starts, start)

    def _put(self, candle: Candle) -> bool:
        """Put a candle where it belongs; say whether it told anything new."""
        place = bisect_left(self._starts, candle.start)
        if place < len(self._starts) and self._starts[place] == candle.start:
            known = self._candles[place]
            if candle.timestamp < known.timestamp or candle == known:
                return False
            self._candles[place] = candle
        else:
            self._starts.insert(place, candle.start)
            self._candles.insert(place, candle)
        return True
