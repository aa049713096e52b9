"""An outage announces what it may have cost, and trades, candles and orders that were missed come over REST."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import CandleEvent, Gap, MyAssetEvent, MyOrderEvent, Source, StreamType, TradeEvent
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from PyQt6.QtWidgets import QApplication

AT_ONCE = SimulatorOptions(snapshot_delays=(0.0, 0.0))
CODE = "KRW-BTC"


def trades_of(feed: Feed) -> list[int]:
    """Return the ids of all trades that the exchange remembers, in their order."""
    market = feed.exchange.server.market.market(CODE)
    return feed.exchange.call(lambda: [trade.sequential_id for trade in market.live_trades])


async def cut(feed: Feed, meanwhile: Awaitable[object] | None = None) -> None:
    """Break the connection, and let it come back after something has happened."""
    opened = feed.manager.link().sockets_opened
    feed.exchange.refuse_connections()
    feed.exchange.drop(abort=True)
    await until(lambda: feed.manager.link().state.value != "connected", "the cut")
    if meanwhile is not None:
        await meanwhile
    feed.exchange.refuse_connections(False)
    await until(lambda: feed.manager.link().sockets_opened > opened, "a new connection")


def test_missed_trades_come_marked_and_in_order_each_once(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    stream: list[TradeEvent] = []
    gaps: list[Gap] = []

    async def happen() -> None:
        for _ in range(7):
            feed.exchange.trade(CODE)

    async def main() -> None:
        proxy = feed.proxy()
        proxy.trade_received.connect(stream.append)
        proxy.gap_detected.connect(gaps.append)
        await proxy.subscribe_trade(CODE)
        for number in range(1, 4):
            feed.exchange.trade(CODE)
            feed.exchange.trade(CODE)
            await until(lambda number=number: len(stream) >= 10 * number - 7, "trades")  # type: ignore[misc]
            await cut(feed, happen())
            await until(lambda number=number: len(gaps) == number, "the gap")  # type: ignore[misc]
        await until(lambda: len(stream) >= 31, "all that was missed")

    feed.run(main())

    ids = [event.sequential_id for event in stream if event.stream_type is StreamType.REALTIME]
    assert len(ids) == 27
    assert ids == trades_of(feed)[-27:]
    missed = [event for event in stream if event.source is Source.REST]
    assert len(missed) == 21
    assert {event.stream_type for event in missed} == {StreamType.REALTIME}
    assert [gap.filled for gap in gaps] == [7, 7, 7]
    assert all(gap.is_complete for gap in gaps)
    assert all(gap.since < (gap.until or 0) and gap.reason for gap in gaps)
    assert gaps[0].last_sequential_id == ids[1]


def test_a_break_in_which_nothing_happened_is_no_gap(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    gaps: list[Gap] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.gap_detected.connect(gaps.append)
        await proxy.subscribe_trade(CODE)
        ticker = proxy.subscribe_ticker(CODE)
        await ticker
        await cut(feed)
        await until(lambda: ticker.state.value == "live", "the ticker")

    feed.run(main())

    assert gaps == []
    assert [call for call in feed.exchange.rest_requests if "trades" in call.path] == []


def test_candles_that_were_missed_leave_no_hole(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    candles: list[CandleEvent] = []
    gaps: list[Gap] = []

    async def happen() -> None:
        for _ in range(5):
            feed.exchange.trade(CODE)
            feed.exchange.advance(60.0, trades=0)
        feed.exchange.trade(CODE)

    async def main() -> None:
        proxy = feed.proxy()
        proxy.candle_received.connect(candles.append)
        proxy.gap_detected.connect(gaps.append)
        await proxy.subscribe_candle(CODE, "1m")
        await cut(feed, happen())
        await until(lambda: gaps, "the gap")
        await until(lambda: len([candle for candle in candles if candle.source is Source.REST]) >= 5, "candles")

    feed.run(main())

    missed = [candle for candle in candles if candle.source is Source.REST]
    assert len(missed) >= 5
    assert (gaps[0].topic.type, gaps[0].filled, gaps[0].is_complete) == ("candle.1m", len(missed), True)
    last = {candle.candle_date_time_utc: candle for candle in candles}
    starts = sorted(last)
    seconds = [last[start].start.timestamp() for start in starts]
    assert [after - before for before, after in pairwise(seconds)] == [60.0] * (len(starts) - 1)


def test_an_exchange_that_does_not_answer_costs_the_gap_but_not_the_stream(qapp: QApplication) -> None:
    stream: list[TradeEvent] = []
    gaps: list[Gap] = []
    with feed_of(qapp, AT_ONCE, rate=0, refill_wait_s=0.3, rest_url="http://127.0.0.1:9/v1") as feed:

        async def happen() -> None:
            feed.exchange.trade(CODE)

        async def main() -> None:
            proxy = feed.proxy()
            proxy.trade_received.connect(stream.append)
            proxy.gap_detected.connect(gaps.append)
            trades = proxy.subscribe_trade(CODE)
            await trades
            await cut(feed, happen())
            await until(lambda: trades.state.value == "live", "live again")
            last = feed.exchange.trade(CODE)
            await until(lambda: stream[-1].sequential_id == last.sequential_id, "the stream goes on")
            await until(lambda: gaps, "the gap")

        feed.run(main())

    assert (gaps[0].filled, gaps[0].is_complete) == (0, False)


def test_what_an_order_has_become_during_an_outage_is_told(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    orders: list[MyOrderEvent] = []
    assets: list[MyAssetEvent] = []
    gaps: list[Gap] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.my_order_received.connect(orders.append)
        proxy.my_asset_received.connect(assets.append)
        proxy.gap_detected.connect(gaps.append)
        await proxy.subscribe_my_order()
        await proxy.subscribe_my_asset()
        uuid = feed.exchange.place_order(CODE, "BID", "50000000", "0.001")
        await until(lambda: orders and assets, "the order")
        feed.exchange.refuse_connections()
        feed.exchange.drop(abort=True)
        await until(lambda: feed.manager.link("private").state.value != "connected", "the cut")
        feed.exchange.trade(CODE, price=50_000_000, side="ASK", volume=1.0)
        feed.exchange.refuse_connections(False)
        await until(lambda: any(event.uuid == uuid and event.state == "done" for event in orders), "the fill")
        await until(lambda: len(gaps) >= 2, "the gaps")
        await asyncio.sleep(0)

    feed.run(main())

    (told,) = [event for event in orders if event.state == "done" and event.uuid == orders[0].uuid]
    assert told.source is Source.REST
    coins = [asset for event in assets if event.source is Source.REST for asset in event.assets]
    assert "BTC" in {asset.currency for asset in coins}
    assert {gap.topic.type for gap in gaps} == {"myOrder", "myAsset"}
    assert all(gap.is_complete and gap.until is None for gap in gaps)


def test_each_component_is_told_of_its_own_gaps_only(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    mine: list[Gap] = []
    other: list[Gap] = []

    async def happen() -> None:
        feed.exchange.trade(CODE)
        feed.exchange.trade("KRW-ETH")

    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        first.gap_detected.connect(mine.append)
        second.gap_detected.connect(other.append)
        await first.subscribe_trade(CODE)
        await second.subscribe_trade("KRW-ETH")
        await cut(feed, happen())
        await until(lambda: mine and other, "the gaps")

    feed.run(main())

    assert {gap.topic.code for gap in mine} == {CODE}
    assert {gap.topic.code for gap in other} == {"KRW-ETH"}
