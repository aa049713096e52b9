"""Signals that nobody is connected to are not emitted; who connects, at whatever time, hears all that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tests.live.conftest import until
from upbit_qt_ws.delivery.receiver import Delivery
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from tests.live.conftest import Feed
    from upbit_qt_ws import Event, TickerEvent, TradeEvent

BTC, ETH = "KRW-BTC", "KRW-ETH"


def test_who_connects_late_hears_what_follows_and_who_disconnects_no_more(feed: Feed) -> None:
    tickers: list[TickerEvent] = []
    batches: list[tuple[Event, ...]] = []

    async def main() -> None:
        feed.exchange.set_rate(0)
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker(BTC)
        await until(lambda: prices.account.delivered == 1, "the snapshot that nobody hears")

        proxy.ticker_received.connect(tickers.append)
        feed.exchange.trade(BTC)
        await until(lambda: len(tickers) == 1, "a ticker")
        proxy.batch_received.connect(batches.append)
        feed.exchange.trade(BTC)
        await until(lambda: len(batches) == 1, "a frame")
        assert batches == [(tickers[-1],)]

        proxy.ticker_received.disconnect(tickers.append)
        feed.exchange.trade(BTC)
        await until(lambda: len(batches) == 2, "the next frame")
        assert len(tickers) == 2
        assert prices.account.delivered == 4

    feed.run(main())


def test_a_slot_that_is_connected_during_a_frame_hears_the_rest_of_it(feed: Feed) -> None:
    order: list[str] = []

    async def main() -> None:
        feed.exchange.set_rate(0)
        proxy = feed.proxy()

        def first(event: TickerEvent) -> None:
            order.append(f"ticker {event.code}")
            if len(order) == 1:
                proxy.trade_received.connect(second)

        def second(event: TradeEvent) -> None:
            order.append(f"trade {event.code}")

        prices, trades = proxy.subscribe_ticker(BTC), proxy.subscribe_trade(ETH)
        await prices
        await trades
        proxy.ticker_received.connect(first)
        last = feed.manager.registry.router.last_values
        ticker, trade = last.for_joiner(Topic("ticker", BTC)), last.for_joiner(Topic("trade", ETH))
        assert ticker is not None
        assert trade is not None
        frame = [(trades, trade), (prices, ticker), (trades, msgspec.structs.replace(trade))]
        proxy.deliver([Delivery(it.receiver, it.receiver.generation, event) for it, event in frame])
        assert order == [f"ticker {BTC}", f"trade {ETH}"], "the first trade came before anybody listened"

    feed.run(main())
