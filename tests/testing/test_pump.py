"""The market's clock beside the real one, on machines of any speed: here a real one is made, and trades cost time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.testing.support import START_MS
from upbit_qt_ws.testing.exchange import SimulatedMarket
from upbit_qt_ws.testing.pump import Pump

if TYPE_CHECKING:
    from upbit_qt_ws.testing.book import BookView
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

CODES = ["KRW-BTC", "KRW-ETH", "KRW-XRP"]


class Machine:
    """A machine on which every trade takes a while to be told; it listens to the market.

    Attributes:
        now: its monotonic clock, in seconds.
        lags: how old each trade is when it is told, in seconds.
    """

    def __init__(self, rate: float, cost: float = 0.0, *, is_present: bool = True) -> None:
        self.now = 1_000.0
        self.cost = cost
        self.lags: list[float] = []
        self.market = SimulatedMarket(seed=1, start_ms=START_MS, rate=rate, codes=CODES)
        self.market.listener = self
        self.pump = Pump(self.market, lambda: 0, is_present=is_present, clock=lambda: self.now)

    def traded(self, market: Market, trade: Trade) -> None:
        self.lags.append(self.now - 1_000.0 - (trade.time_ms - START_MS) / 1_000)
        self.now += self.cost

    def book_shown(self, market: Market, view: BookView) -> None:
        pass

    def second_passed(self, markets: list[Market], second_ms: int) -> None:
        pass

    def work(self, seconds: float) -> None:
        """Let the pump do what is due every 8 ms, or when it gets to it."""

        async def main() -> None:
            ends = self.now + seconds
            while self.now < ends:
                self.now += 0.008
                await self.pump.catch_up()

        asyncio.run(main())


def test_a_machine_that_can_keeps_the_rate() -> None:
    machine = Machine(rate=2_000)
    machine.work(2.0)
    assert len(machine.lags) == pytest.approx(4_000, abs=20)
    assert max(machine.lags) <= 0.017


def test_what_a_slow_machine_tells_is_not_old() -> None:
    machine = Machine(rate=4_000, cost=0.001)
    machine.work(5.0)
    busy = len(machine.lags) * machine.cost / (machine.now - 1_000.0)
    assert busy > 0.95, "it cannot do more"
    assert max(machine.lags) <= 0.07, "fifty fall at once, and wait for one another"


def test_what_happened_during_a_pause_is_told_as_of_now() -> None:
    machine = Machine(rate=1_000)
    machine.work(0.1)
    told = len(machine.lags)
    machine.now += 0.4
    machine.work(0.01)
    assert len(machine.lags) - told == pytest.approx(410, abs=20)
    machine.now += 60.0
    told = len(machine.lags)
    machine.work(0.01)
    assert len(machine.lags) - told == pytest.approx(508, abs=20), "half a second is caught up with"
    assert max(machine.lags) <= 0.017


def test_the_markets_time_is_the_present_though_the_exchange_is_started_late() -> None:
    machine = Machine(rate=100)
    machine.now += 30.0
    machine.work(1.0)
    assert machine.market.now_ms - START_MS == pytest.approx(31_000, abs=10)


@pytest.mark.parametrize("is_present", [True, False])
def test_a_time_that_was_given_is_that_of_the_start(is_present: bool) -> None:
    machine = Machine(rate=100, is_present=is_present)
    machine.now += 30.0

    async def main() -> None:
        running = asyncio.create_task(machine.pump.run())
        await asyncio.sleep(0)
        running.cancel()

    asyncio.run(main())
    assert machine.market.now_ms - START_MS == pytest.approx(30_000 if is_present else 0, abs=10)


def test_a_flood_is_told_as_of_now() -> None:
    machine = Machine(rate=float("inf"), cost=0.000_1)

    async def main() -> None:
        running = asyncio.create_task(machine.pump.run())
        while machine.now < 1_002.0:  # noqa: ASYNC110  # The machine's clock is set by the trades and knows of no event.
            await asyncio.sleep(0)
        running.cancel()

    asyncio.run(main())
    assert len(machine.lags) > 15_000
    assert max(machine.lags) <= 0.02
