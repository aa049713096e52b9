"""Keeps simulated time in step with real time, in slices that never starve the event loop."""

from __future__ import annotations

import asyncio
import math
from time import perf_counter
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

    A finite rate is kept as long as the machine can; time that the machine lost (it slept, or the rate is
    beyond it) passes without trades. At an infinite rate, trades fall as fast as they can be sent: the pump
    waits while any client has much left to read.
    """

    def __init__(self, market: SimulatedMarket, unread: Callable[[], int]) -> None:
        """Take the market, and a function for the most bytes that wait for any client."""
        self._market = market
        self._unread = unread
        self.paused = False

    async def run(self) -> None:
        """Advance until cancelled."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            if self.paused:
                await asyncio.sleep(_TICK)
                continue
            now = loop.time()
            elapsed, last = now - last, now
            if math.isinf(self._market.rate):
                self._flood(elapsed)
                await asyncio.sleep(0)
            else:
                await self._pass(elapsed)
                await asyncio.sleep(max(0.0, _TICK - (loop.time() - now)))

    async def _pass(self, elapsed: float) -> None:
        market = self._market
        if elapsed > _MOST_BEHIND:
            market.advance(elapsed - _MOST_BEHIND, trades=0)
            elapsed = _MOST_BEHIND
        slices = max(1, math.ceil(market.rate * elapsed / _TRADES_AT_ONCE))
        began = perf_counter()
        for _ in range(slices):
            market.advance(elapsed / slices)
            if perf_counter() - began > _SLICE:
                await asyncio.sleep(0)
                began = perf_counter()

    def _flood(self, elapsed: float) -> None:
        market = self._market
        began = perf_counter()
        while perf_counter() - began < _SLICE and self._unread() < _FLOOD_PAUSE_BYTES:
            market.advance(elapsed, trades=_TRADES_AT_ONCE)
            elapsed = 0.0
        if elapsed:
            market.advance(elapsed, trades=0)
