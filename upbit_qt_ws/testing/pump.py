"""Keeps simulated time in step with real time, in slices that never starve the event loop."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.testing.exchange import SimulatedMarket

_TICK: Final = 0.008
_SLICE: Final = 0.004
_TRADES_AT_ONCE: Final = 50
_MOST_BEHIND: Final = 0.5
_FLOOD_PAUSE_BYTES: Final = 512 * 1024


class Pump:
    """Advances the market by the time that passed.

    A finite rate is kept as long as the machine can: what half a second of being away has missed is caught up with,
    and what is beyond that, or beyond the machine, does not happen. At an infinite rate, trades fall as fast as they
    can be sent: the pump waits while any client has much left to read.

    Whatever is late happens late: the market's clock goes ahead of it, since an exchange puts the present time on what
    it sends. A clock that went along with a slow machine would make every event look old to the client.

    Args:
        market: what is advanced.
        unread: returns the most bytes that wait for any client.
        is_present: the market's time is that of this machine, however long before :meth:`run` it was made; else it
            begins where it is.
        clock: monotonic time, in seconds.
    """

    def __init__(
        self,
        market: SimulatedMarket,
        unread: Callable[[], int],
        *,
        is_present: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin now."""
        self._market = market
        self._unread = unread
        self._is_present = is_present
        self._clock = clock
        self._reached = self._counted = clock()
        self._owed = 0.0
        self.paused = False

    async def run(self) -> None:
        """Advance until cancelled."""
        if not self._is_present:
            self._reached = self._counted = self._clock()
        while True:
            if self.paused:
                await asyncio.sleep(_TICK)
                continue
            began = self._clock()
            if math.isinf(self._market.rate):
                self._flood()
                await asyncio.sleep(0)
            else:
                await self.catch_up()
                await asyncio.sleep(max(0.0, _TICK - (self._clock() - began)))

    async def catch_up(self) -> None:
        """Let happen what is due by now."""
        began = self._clock()
        self._owed += min(began - self._counted, _MOST_BEHIND) * self._market.rate
        self._counted = began
        due = int(self._owed)
        self._owed -= due
        while True:
            trades = min(due, _TRADES_AT_ONCE)
            self._go_on(trades)
            due -= trades
            if not due:
                return
            if self._clock() - began > _SLICE:
                await asyncio.sleep(0)
                began = self._clock()

    def _go_on(self, trades: int) -> None:
        """Advance to the present; the trades fall in the last moment of it."""
        now = self._clock()
        missed = now - self._reached - 2 * _TICK
        if missed > 0.0:
            self._market.advance(missed, trades=0)
            self._reached += missed
        self._market.advance(now - self._reached, trades=trades)
        self._reached = now

    def _flood(self) -> None:
        began = self._counted = self._clock()
        self._go_on(0)
        while self._clock() - began < _SLICE and self._unread() < _FLOOD_PAUSE_BYTES:
            self._go_on(_TRADES_AT_ONCE)
