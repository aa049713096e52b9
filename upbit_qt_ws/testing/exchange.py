"""All markets and their clock: trades fall, books change, candles tick, days roll, as simulated time is advanced.

Pure: no I/O and no clock of its own. Time is in ms since 1970 and moves only in :meth:`SimulatedMarket.advance`,
so a test has the same market in every run, and a server advances it by the time that really passed.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from random import Random
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.alarms import Alarms
from upbit_qt_ws.testing.candles import DAY_MS, SECOND_MS
from upbit_qt_ws.testing.coins import LOCAL_CURRENCIES
from upbit_qt_ws.testing.cross import CrossRate
from upbit_qt_ws.testing.directory import MarketDirectory
from upbit_qt_ws.testing.market import Market
from upbit_qt_ws.testing.numbers import SCALE
from upbit_qt_ws.testing.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from upbit_qt_ws.testing.coins import Listing, Region
    from upbit_qt_ws.testing.listener import MarketListener
    from upbit_qt_ws.testing.market_status import MarketStatus
    from upbit_qt_ws.testing.trade import Trade


class SimulatedMarket:
    """Every market of the exchange, on one clock.

    Attributes:
        listings: the markets by code.
        watched_books: codes whose changed books are announced to the listener.
        listener: is told what happens; None for nobody.
        trade_watchers: per code, who else is told of its trades, after the listener.
        local_currency: the money of the region, such as ``KRW``.
    """

    def __init__(
        self,
        *,
        seed: int,
        start_ms: int,
        rate: float = 50.0,
        region: Region = "kr",
        codes: Iterable[str] | None = None,
        volatility: float = 1.0,
    ) -> None:
        """Create the listing; the markets themselves come to life when they are first touched.

        Args:
            seed: decides everything together with ``start_ms``.
            start_ms: simulated time at the start, ms since 1970 UTC.
            rate: trades per second over all markets; 0 freezes the market, ``math.inf`` is as many as fit.
            region: whose listing, see :func:`~upbit_qt_ws.testing.coins.listings`.
            codes: keep only these markets.
            volatility: multiplies how far prices move.

        Raises:
            ConfigurationError: a negative rate or an unknown code.
        """
        self._directory = MarketDirectory(seed, region=region, codes=codes)
        self.listings: Mapping[str, Listing] = self._directory.listings
        self.listener: MarketListener | None = None
        self.watched_books: set[str] = set()
        self.trade_watchers: dict[str, Callable[[Market, Trade], None]] = {}
        self.local_currency = LOCAL_CURRENCIES[region]
        self._seed = seed
        self._start_ms = start_ms
        self._now_ms = start_ms
        self._leftover_ms = 0.0
        self._rng = Random(f"exchange {seed}")
        self._markets: dict[str, Market] = {}
        self._unlisted: dict[str, Market] = {}
        self._volatility = volatility
        self._showings: list[tuple[int, str]] = []
        self._scheduled: set[str] = set()
        self._traded: dict[str, Market] = {}
        self._next_second = start_ms - start_ms % SECOND_MS + SECOND_MS
        self._alarms = Alarms(start_ms - start_ms % DAY_MS + DAY_MS, self._roll_day)
        self._pace = Pace(rate)

    @property
    def now_ms(self) -> int:
        """Simulated time, ms since 1970 UTC."""
        return self._now_ms

    @property
    def rate(self) -> float:
        """Trades per second over all markets. 0 freezes the market; ``math.inf`` leaves the pace to the server."""
        return self._pace.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._pace = Pace(rate)

    def market(self, code: str) -> Market:
        """Return one market.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        market = self._markets.get(code)
        if market is None:
            listing = self.listings.get(code)
            if listing is None:
                raise SimulatorError(f"the simulated exchange does not list {code!r}; see its listings")
            market = self._markets[code] = Market(
                listing,
                seed=self._seed,
                start_ms=self._start_ms,
                now_ms=self._now_ms,
                cross=self._cross_rate(listing),
            )
        return market

    def advance(self, seconds: float, *, trades: int | None = None) -> int:
        """Let ``seconds`` of simulated time pass; return how many trades fell.

        Args:
            seconds: how long; fractions of a ms are carried over to the next call.
            trades: how many trades; None takes as many as the rate says (none at an infinite rate).
        """
        if seconds < 0:
            raise SimulatorError(f"time cannot run backwards: advance({seconds!r})")
        exact = seconds * 1_000 + self._leftover_ms
        span = int(exact)
        self._leftover_ms = exact - span
        if trades is None:
            trades = self._pace.trades(seconds)
        churn = self._pace.churn(seconds, trades)
        end = self._now_ms + span
        for time_ms, code, is_trade in self._draw(span, trades, churn):
            self._run_until(time_ms)
            market = self.market(code)
            if is_trade:
                self._announce(market, market.trade(time_ms, vigour=self._volatility))
            else:
                market.churn(time_ms, self._volatility)
                self._schedule(market)
        self._run_until(end)
        return trades

    def trade(
        self, code: str, *, price: float | str | None = None, side: str | None = None, volume: float | None = None
    ) -> Trade:
        """Let one trade happen now.

        Args:
            code: the market.
            price: on the market's price grid; the book moves there. None trades at the best price.
            side: the taker's side, ``ASK`` or ``BID``.
            volume: in coins; None chooses one.

        Raises:
            SimulatorError: an unknown market or one that does not trade, a price off the grid, a bad side or volume.
        """
        market = self.market(code)
        if not market.status.trades:
            raise SimulatorError(f"{code} does not trade: {market.status}; begin it again with set_market_state()")
        if side not in (None, "ASK", "BID"):
            raise SimulatorError(f"side is 'ASK' (the taker sells) or 'BID' (the taker buys), not {side!r}")
        if volume is not None and round(volume * SCALE) < 1:
            raise SimulatorError(f"volume is at least 0.00000001 coins, not {volume!r}")
        trade = market.trade(
            self._now_ms,
            side=side,
            price=None if price is None else market.price_units(price),
            size=None if volume is None else round(volume * SCALE),
            vigour=self._volatility,
        )
        self._announce(market, trade)
        return trade

    def watch(self, code: str) -> None:
        """Announce the changing books of ``code`` from now on."""
        self.watched_books.add(code)
        self._schedule(self.market(code))

    def at(self, time_ms: int, action: Callable[[], None]) -> None:
        """Do ``action`` when simulated time reaches ``time_ms``, after the trades before and before those after it."""
        self._alarms.set(max(time_ms, self._now_ms), action)

    def unlist(self, code: str) -> None:
        """Take a market off the list: it neither trades nor shows its book any more, and nobody can look at it.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        self._directory.remove(code)
        market = self._markets.pop(code, None)
        if market is not None:
            self._unlisted[code] = market
        self._traded.pop(code, None)
        if code in self._scheduled:
            self._scheduled.discard(code)
            self._showings = [showing for showing in self._showings if showing[1] != code]
            heapify(self._showings)

    def list_market(self, code: str, price: float | None = None) -> None:
        """Put a market on the list; see :meth:`MarketDirectory.add`. One that was on it before goes on as it was.

        Raises:
            SimulatorError: it is listed already, or its quote currency is not one of this exchange.
        """
        self._directory.add(code, price)
        market = self._unlisted.pop(code, None)
        if market is not None and price is None:
            market.roll(self._now_ms)
            self._markets[code] = market
        if code in self.watched_books:
            self._schedule(self.market(code))

    def set_status(self, code: str, status: MarketStatus) -> None:
        """Let a market trade or not; what it shows of its book stands still while it does not.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        self.market(code).status = status
        self._directory.rest(code, not status.trades)

    def empty_book(self, code: str, empty: bool) -> None:
        """Show no orders of a market, or those of its book again.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        market = self.market(code)
        market.display.set_empty(empty, self._now_ms)
        self._schedule(market)

    def _announce(self, market: Market, trade: Trade) -> None:
        self._traded[market.code] = market
        self._schedule(market)
        if self.listener is not None:
            self.listener.traded(market, trade)
        watcher = self.trade_watchers.get(market.code)
        if watcher is not None:
            watcher(market, trade)

    def _schedule(self, market: Market) -> None:
        code = market.code
        if code in self.watched_books and code not in self._scheduled:
            self._scheduled.add(code)
            heappush(self._showings, (market.display.next_place(self._now_ms), code))

    def _draw(self, span: int, trades: int, churn: int) -> list[tuple[int, str, bool]]:
        total, directory = trades + churn, self._directory
        if not total or not directory.lively:
            return []
        rng, start = self._rng, self._now_ms
        codes = rng.choices(directory.lively, cum_weights=directory.weights, k=total)
        times = sorted(start + int(rng.random() * span) for _ in range(total))
        kinds = [True] * trades + [False] * churn
        rng.shuffle(kinds)
        return list(zip(times, codes, kinds, strict=True))

    def _run_until(self, end: int) -> None:
        while True:
            showing = self._showings[0][0] if self._showings else end + 1
            # A second without trades needs no attention, so long idle times cost nothing.
            second = self._next_second if self._traded else end + 1
            due = min(showing, second, self._alarms.next_ms)
            if due > end:
                break
            self._now_ms = max(self._now_ms, due)
            if due == second:
                self._end_second()
            elif due == showing:
                self._show(*heappop(self._showings))
            else:
                self._alarms.ring()
        self._now_ms = max(self._now_ms, end)
        if not self._traded:
            self._next_second = self._now_ms - self._now_ms % SECOND_MS + SECOND_MS

    def _end_second(self) -> None:
        markets = list(self._traded.values())
        self._traded.clear()
        second_ms = self._next_second - SECOND_MS
        self._next_second += SECOND_MS
        if self.listener is not None:
            self.listener.second_passed(markets, second_ms)

    def _show(self, at_ms: int, code: str) -> None:
        self._scheduled.discard(code)
        market = self._markets[code]
        view = market.display.show(at_ms)
        if view is not None and self.listener is not None:
            self.listener.book_shown(market, view)

    def _roll_day(self) -> None:
        for market in self._markets.values():
            market.roll(self._now_ms)
        self.at(self._now_ms + DAY_MS, self._roll_day)

    def _cross_rate(self, listing: Listing) -> CrossRate | None:
        base, quote = f"{self.local_currency}-{listing.base}", f"{self.local_currency}-{listing.quote}"
        if base == listing.code or base not in self.listings or quote not in self.listings:
            return None
        return CrossRate(self.market(base), self.market(quote))
