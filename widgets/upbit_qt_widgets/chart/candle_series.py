"""The candles of one market and interval, put together from history, the live stream and trades. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_widgets.chart.intervals import start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from upbit_qt_ws.events import CandleEvent, TickerEvent

_SLACK_MS: Final = 60_000


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


def day_of(event: TickerEvent, now: int | None) -> Candle | None:
    """Return the candle of the day that a ticker tells of; None if it does not tell all of it.

    Without a trade since 00:00 UTC there is none: then the last trade is of another day than the other figures.

    Args:
        event: the timestamp of the candle is that of its last trade, so that candles over REST compare with it.
        now: what the exchange's clock shows, in ms since 1970 UTC; None if it is not known. A time that is far ahead
            of it is not believed: a candle that has not begun would stay the newest one.
    """
    volume = event.acc_trade_volume
    if event.opening_price is None or event.high_price is None or event.low_price is None or not volume:
        return None
    at = traded_at(event, now)
    start = start_of("1d", at // 1000)
    return Candle(start, event.opening_price, event.high_price, event.low_price, event.trade_price, volume, at)


def traded_at(event: TickerEvent, now: int | None) -> int:
    """Return when the last trade of a ticker was, in ms since 1970 UTC."""
    at = event.trade_timestamp or event.timestamp
    return at if now is None or at <= now + _SLACK_MS else now


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

    def forget_before(self, start: int) -> None:
        """Forget all candles that began before ``start``, in seconds since 1970 UTC."""
        place = self.place_of(start)
        del self._starts[:place], self._candles[:place]

    def merge(self, events: Iterable[CandleEvent]) -> int:
        """Take candles from any source; return how many were put before the one that was the oldest until now."""
        oldest = self._starts[0] if self._starts else None
        older = 0
        for event in events:
            candle = Candle.of(event)
            if self.put(candle) and oldest is not None and candle.start < oldest:
                older += 1
        return older

    def trade(self, interval: str, event: TickerEvent, now: int | None = None) -> bool:
        """Bring the newest candle up to date with a ticker, for intervals that are not streamed; say whether it did.

        The day's candle is the ticker's own. A longer one is as high and as low as its days, whatever was traded
        between two tickers that are seen; its volume is that of the history until all of its days are known, see
        :class:`DayParts`. The first ticker of a new period begins its candle, unless it tells of an older day's trades.

        Args:
            interval: of the candles.
            event: of the market.
            now: what the exchange's clock shows, in ms since 1970 UTC; None if it is not known.
        """
        at, price, day = traded_at(event, now), event.trade_price, day_of(event, now)
        start = start_of(interval, at // 1000)
        last = self._candles[-1] if self._candles and self._candles[-1].start == start else None
        if last is None and self._starts and start < self._starts[-1]:
            return False
        if day is not None and (interval == "1d" or (last is None and day.start == start)):
            made = day
        elif last is not None:
            high, low = (price, price) if day is None else (day.high, day.low)
            made = last._replace(high=max(last.high, high), low=min(last.low, low), close=price, timestamp=at)
        elif day is None:
            made = Candle(start, price, price, price, price, 0.0, at)
        else:
            return False
        return self.put(made)

    def place_of(self, start: int) -> int:
        """Return the place of the first candle that starts at ``start`` or later."""
        return bisect_left(self._starts, start)

    def put(self, candle: Candle) -> bool:
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
