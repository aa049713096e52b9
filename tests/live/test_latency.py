"""When what the exchange sends is delivered: a busy market in pauses, or at once if that is wanted."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import feed_of, until
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import Event, TradeEvent

CODES = ["KRW-BTC", "KRW-ETH", "KRW-XRP"]
PAUSE = 0.1


@pytest.mark.parametrize("mode", ["thread", "application"])
@pytest.mark.parametrize("low_latency", [False, True])
def test_a_busy_market_is_delivered_completely_and_in_order(qapp: QApplication, mode: str, low_latency: bool) -> None:
    frames: list[float] = []
    trades: list[TradeEvent] = []
    settings = {"low_latency": low_latency, "read_interval_s": PAUSE}
    with feed_of(qapp, SimulatorOptions(reorder=0.0), mode, rate=0, **settings) as feed:
        markets = feed.exchange.server.market

        def note(_events: tuple[Event, ...]) -> None:
            frames.append(time.monotonic())

        def newest() -> list[int]:
            return [markets.market(code).last_trade().sequential_id for code in CODES]

        def is_complete() -> bool:
            delivered = {trade.code: trade.sequential_id for trade in trades}
            return [delivered.get(code) for code in CODES] == feed.exchange.call(newest)

        async def main() -> None:
            proxy = feed.proxy()
            subscription = proxy.subscribe_trade(CODES, trades.append, stream="realtime")
            await until(lambda: feed.served(), "the request")
            await asyncio.sleep(0.5)
            proxy.batch_received.connect(note)
            feed.exchange.set_rate(5_000)
            await asyncio.sleep(1.0)
            feed.exchange.set_rate(0)
            await until(is_complete, "the last trade of each market")
            account = subscription.account
            assert (account.received, account.coalesced, account.dropped) == (account.delivered, 0, 0)

        feed.run(main())
        for code in CODES:
            ids = [trade.sequential_id for trade in trades if trade.code == code]
            happened = [trade.sequential_id for trade in markets.market(code).live_trades]
            assert len(ids) > 10
            both = min(len(ids), len(happened))  # The exchange remembers some hundred.
            assert ids[-both:] == happened[-both:]
    pauses = (frames[-1] - frames[0]) / PAUSE
    if low_latency:
        assert len(frames) > 3 * pauses
    else:
        # A read that was full is followed by another one at once.
        assert len(frames) <= 3 + 2 * pauses
