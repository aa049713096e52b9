"""One market of the simulated exchange: its last price, day, book, trades and candles, always consistent."""

from __future__ import annotations

import math
from collections import deque
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Final
from zlib import crc32

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.book import MAX_LEVELS, OrderBook
from upbit_qt_ws.testing.candles import DAY_MS, Bar, LiveCandles
from upbit_qt_ws.testing.coins import WON_PER_UNIT
from upbit_qt_ws.testing.display import BookDisplay
from upbit_qt_ws.testing.grid import PriceGrid, supported_levels
from upbit_qt_ws.testing.history import History, PastTrade, Profile
from upbit_qt_ws.testing.market_status import MarketStatus
from upbit_qt_ws.testing.numbers import SCALE, TURNOVER_SCALE, shortest
from upbit_qt_ws.testing.rolling import RollingDay
from upbit_qt_ws.testing.trade import Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upbit_qt_ws.testing.coins import Listing

_KEPT_TRADES: Final = 500
_WON_PER_TRADE: Final = 250_000.0


class Market:
    """The state of one market.

    Attributes:
        open, high, low, last, prev_close: of the UTC day, in units of 1e-8; ``prev_close`` is the close of the
            day before.
        ask_volume, bid_volume: taken since 00:00 UTC by sellers and by buyers; their sum is the day's volume.
        turnover: of the day, in units of 1e-16.
        live_trades: the newest trades since the start, oldest first.
        status: whether it trades, as the ticker tells it.
    """

    def __init__(
        self, listing: Listing, *, seed: int, start_ms: int, now_ms: int, cross: Callable[[], float] | None = None
    ) -> None:
        """Open the market with a past that ended at ``start_ms``.

        Args:
            listing: name, price and character of the market.
            seed: seed of the whole exchange; each market derives its own.
            start_ms: when the simulation started.
            now_ms: the present, which is later when the market is looked at for the first time only now.
            cross: gives the price that other markets imply, in units of 1e-8; None lets the price wander alone.
        """
        self.listing = listing
        self.code = listing.code
        key = seed * 2**32 + crc32(listing.code.encode())
        # One generator each for trades, book and raster, so that a look at one does not change the others.
        self._rng = Random(key)
        self._book_rng = Random(key ^ 1)
        self._raster_rng = Random(key ^ 2)
        self.grid = PriceGrid(listing.code)
        self._cross = cross
        self._start_ms = start_ms
        self._fair = float(listing.price)
        self._fair_ms = start_ms
        self._ids = (0, 0)
        self.history = History(key=key, grid=self.grid, profile=self._profile(), price=listing.price, start_ms=start_ms)
        self.candles = LiveCandles(self.history.bar)
        self.live_trades: deque[Trade] = deque(maxlen=_KEPT_TRADES)
        self.status = MarketStatus()
        self.last = listing.price
        self.levels = supported_levels(listing.code, listing.price)
        self._last_day = start_ms - start_ms % DAY_MS
        self.prev_close = self.history.close_before(self._last_day)
        self._open_day(self.history.today)
        self._rolling: RollingDay | None = None
        self._extremes: tuple[tuple[int, int], tuple[int, int]] | None = None
        self.roll(now_ms)

    def _profile(self) -> Profile:
        listing = self.listing
        often = 1 if listing.quote in WON_PER_UNIT else 10
        trades = max(6.0, listing.turnover / _WON_PER_TRADE * often)
        return Profile(
            trades=trades,
            volume=max(trades * 200, self._typical_trade * trades),
            volatility=listing.volatility,
            days=self._rng.randint(120, 2_600) if listing.base not in ("BTC", "ETH", "XRP") else 2_600,
        )

    @cached_property
    def _won(self) -> float:
        """Value of 1.0 of the quote currency in KRW, roughly; only sizes of orders depend on it."""
        return {**WON_PER_UNIT, "BTC": 1.165e8, "USDT": 1_340.0}[self.listing.quote]

    @cached_property
    def _typical_trade(self) -> float:
        """Size of an average trade, in units of 1e-8 of the coin."""
        return _WON_PER_TRADE / self._won * TURNOVER_SCALE / self.listing.price

    @cached_property
    def book(self) -> OrderBook:
        """The order book, built when it is first needed."""
        rng = self._book_rng
        resting = min(6e7, max(2e5, self.listing.turnover / 5_000)) / self._won
        thin = self.listing.quote not in WON_PER_UNIT and rng.random() < 0.3
        depths = (rng.randint(4, 29), rng.randint(4, 29)) if thin else (MAX_LEVELS, MAX_LEVELS)
        return OrderBook(self.grid, rng, fair=self.last, notional=int(resting * TURNOVER_SCALE), depths=depths)

    @cached_property
    def display(self) -> BookDisplay:
        """What the exchange shows of the book."""
        rng = self._raster_rng
        period = 100 if self.listing.quote in WON_PER_UNIT else rng.choice((100, 200, 300))
        age = rng.randrange(300_000 if self.listing.quiet else 2_000)
        return BookDisplay(self.book, period_ms=period, phase_ms=rng.randrange(period), changed_ms=self._start_ms - age)

    def last_24_hours(self, now_ms: int) -> tuple[int, int]:
        """Return volume (units of 1e-8) and turnover (units of 1e-16) of the 24 hours before ``now_ms``."""
        if self._rolling is None:
            self._rolling = RollingDay(self.candles_newest_first("240m", now_ms + 1), now_ms)
        volume, turnover = self._rolling.totals(now_ms)
        return max(volume, self.volume), max(turnover, self.turnover)

    @property
    def volume(self) -> int:
        """Volume of the UTC day, in units of 1e-8."""
        return self.ask_volume + self.bid_volume

    def roll(self, now_ms: int) -> None:
        """Begin a new UTC day when ``now_ms`` is in one: the last price becomes the previous close."""
        day = now_ms - now_ms % DAY_MS
        if day != self._last_day:
            self._last_day = day
            self.prev_close = self.last
            self._open_day(None)

    def _open_day(self, bar: Bar | None) -> None:
        self.open, self.high, self.low = (bar.open, bar.high, bar.low) if bar is not None else (self.last,) * 3
        volume = bar.volume if bar is not None else 0
        self.turnover = bar.turnover if bar is not None else 0
        self.bid_volume = int(volume * self._rng.uniform(0.42, 0.58))
        self.ask_volume = volume - self.bid_volume
        self._day_traded = bar is not None

    def trade(
        self,
        now_ms: int,
        *,
        side: str | None = None,
        price: int | None = None,
        size: int | None = None,
        vigour: float = 1.0,
    ) -> Trade:
        """Let one trade happen at the best price of the book.

        Args:
            now_ms: time of the trade.
            side: the taker's side; None leaves it to chance.
            price: price on the grid at which to trade; the book and the fair price move there first.
            size: size to trade, which the best level is made to hold; None chooses one.
            vigour: multiplies the market's volatility.
        """
        self.roll(now_ms)
        rng, book = self._rng, self.book
        if price is None:
            fair = self._wander(now_ms, vigour)
            book.follow(round(fair))
            if side is None:
                side = "BID" if rng.random() < 0.5 else "ASK"
            if side == "ASK" and not book.bids:
                side = "BID"
        else:
            side = side or ("BID" if price >= self.last else "ASK")
            book.settle_at(price, side)
            self._fair = float(price)
            self._fair_ms = now_ms
        ask, bid = book.asks[0], book.bids[0] if book.bids else (0, 0)
        best = (ask[0], ask[1], bid[0], bid[1])
        wanted = size if size is not None else max(1, int(self._typical_trade * rng.lognormvariate(-1.0, 1.4)))
        if size is not None:
            levels = book.asks if side == "BID" else book.bids
            levels[0][1] = max(levels[0][1], size)
            best = (book.asks[0][0], book.asks[0][1], *(book.bids[0] if book.bids else (0, 0)))
        paid, taken = book.take(side, wanted)
        trade = Trade(now_ms, paid, taken, side, self._next_id(now_ms), self.prev_close, *best)
        self._count(trade)
        self.display.touch(now_ms)
        return trade

    def _next_id(self, now_ms: int) -> int:
        time_ms, count = self._ids
        self._ids = (now_ms, count + 1 if time_ms == now_ms else 0)
        return now_ms * 10_000 + self._ids[1]

    def _count(self, trade: Trade) -> None:
        price, size = trade.price, trade.size
        if not self._day_traded:
            self._day_traded = True
            self.open = self.high = self.low = price
        self.last = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        if trade.side == "BID":
            self.bid_volume += size
        else:
            self.ask_volume += size
        self.turnover += price * size
        self.live_trades.append(trade)
        self.candles.add(trade)
        if self._rolling is not None:
            self._rolling.add(trade.time_ms, size, price * size)
        if self._extremes is not None:
            high, low = self._extremes
            if price > high[0] or price < low[0]:
                now = (price, trade.time_ms)
                self._extremes = (max(high, now, key=lambda pair: pair[0]), min(low, now, key=lambda pair: pair[0]))

    def _wander(self, now_ms: int, vigour: float) -> float:
        elapsed = min(max(now_ms - self._fair_ms, 0), 600_000)
        self._fair_ms = now_ms
        sigma = self.listing.volatility * math.sqrt(elapsed / DAY_MS) * vigour
        if self._cross is None:
            self._fair *= math.exp(self._rng.gauss(0, sigma))
        else:
            self._fair = self._cross() * math.exp(self._rng.gauss(0, self.listing.volatility * 0.01))
        self._fair = max(self._fair, 1.0)
        return self._fair

    @property
    def fair(self) -> float:
        """The price around which the book stands, in units of 1e-8."""
        return self._fair

    def churn(self, now_ms: int, vigour: float = 1.0) -> None:
        """Let the book change without a trade."""
        self.book.churn(round(self._wander(now_ms, vigour)))
        self.display.touch(now_ms)

    def year_extremes(self, now_ms: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the highest and the lowest price of the last 52 weeks, each with a time (ms) of its day."""
        if self._extremes is None:
            high, low = self.history.extremes()
            self._extremes = (
                max(high, (self.high, now_ms), key=lambda pair: pair[0]),
                min(low, (self.low, now_ms), key=lambda pair: pair[0]),
            )
        return self._extremes

    def last_trade(self) -> Trade:
        """Return the newest trade, which may be days old in a quiet market."""
        if self.live_trades:
            return self.live_trades[-1]
        return self._with_book(next(self.history.trades_newest_first(self._start_ms)))

    def trades_newest_first(self, before_ms: int | None = None) -> Iterator[Trade | PastTrade]:
        """Yield the trades before ``before_ms``, newest first, back to the day of the listing.

        Of the time since the start only the last 500 trades are remembered.
        """
        for trade in reversed(self.live_trades):
            if before_ms is None or trade.time_ms < before_ms:
                yield trade
        earliest = self._start_ms if before_ms is None else min(before_ms, self._start_ms)
        yield from self.history.trades_newest_first(earliest)

    def prev_close_at(self, time_ms: int) -> int:
        """Return the closing price of the last UTC day that had ended at ``time_ms``."""
        day = time_ms - time_ms % DAY_MS
        if day == self._last_day:
            return self.prev_close
        bar = next(self.candles_newest_first("1d", day), None)
        return bar.close if bar is not None else self.prev_close

    def _with_book(self, past: PastTrade) -> Trade:
        asks, bids = self.book.asks, self.book.bids
        return Trade(*past, self.prev_close, *asks[0], *(bids[0] if bids else (0, 0)))

    def newest_candle(self, interval: str) -> Bar:
        """Return the newest existing candle of ``interval``."""
        bar = self.candles.newest(interval)
        return bar if bar is not None else next(self.history.newest_first(interval, self._start_ms))

    def candles_newest_first(self, interval: str, before_ms: int) -> Iterator[Bar]:
        """Yield candles that start before ``before_ms``, newest first, live ones and then those of the past."""
        earliest = before_ms
        for bar in self.candles.newest_first(interval):
            earliest = min(earliest, bar.start)
            if bar.start < before_ms:
                yield bar
        yield from self.history.newest_first(interval, earliest)

    def price_units(self, price: float | str) -> int:
        """Return ``price`` in units of 1e-8.

        Raises:
            SimulatorError: the market cannot trade at that price.
        """
        units = round(float(price) * SCALE)
        if not self.grid.contains(units):
            nearest = shortest(self.grid.nearest(units))
            raise SimulatorError(f"{self.code} cannot trade at {price}: not on its price grid, try {nearest}")
        return units
