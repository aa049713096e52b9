"""What the wire carries when components come, change their minds and go (the reference scenarios)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.live.conftest import Feed, until
from upbit_qt_ws import OrderbookEvent, SubscriptionState, TickerEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

KRW = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-ADA", "KRW-SOL"]


def topics(kind: str, codes: Iterable[str]) -> set[tuple[str, str]]:
    return {(kind, code) for code in codes}


async def quiet(feed: Feed) -> None:
    """Wait longer than any change can wait to be sent."""
    await asyncio.sleep(feed.manager.config.settle_max_s * 2)


def test_a_chart_tab_opens_with_one_request(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        subscriptions = [
            proxy.subscribe_ticker(KRW),
            proxy.subscribe_orderbook("KRW-BTC"),
            proxy.subscribe_candle("KRW-BTC", "60m"),
        ]
        for subscription in subscriptions:
            await subscription
        await quiet(feed)

    feed.run(main())

    expected = topics("ticker", KRW) | {("orderbook", "KRW-BTC"), ("candle.60m", "KRW-BTC")}
    assert feed.requested() == [dict.fromkeys(expected, "both")]


def test_picking_another_coin_is_one_request_and_disturbs_nobody(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        tickers = proxy.subscribe_ticker(KRW)
        book = proxy.subscribe_orderbook("KRW-BTC")
        candles = proxy.subscribe_candle("KRW-BTC", "60m")
        for subscription in (tickers, book, candles):
            await subscription
        late: list[OrderbookEvent] = []
        proxy.orderbook_received.connect(late.append)
        book.set_codes("KRW-ETH")
        candles.set_codes("KRW-ETH")
        late.clear()
        await book
        await candles
        await quiet(feed)
        assert {event.code for event in late} == {"KRW-ETH"}
        assert tickers.state is SubscriptionState.LIVE

    feed.run(main())

    swapped = {("orderbook", "KRW-ETH"): "both", ("candle.60m", "KRW-ETH"): "both"}
    assert feed.requested()[1:] == [dict.fromkeys(topics("ticker", KRW), "realtime") | swapped]


def test_five_components_within_moments_and_ten_calls_in_one_turn_are_one_request(feed: Feed) -> None:
    async def main() -> None:
        proxies = []
        for number, code in enumerate(KRW):
            proxy = feed.proxy()
            proxies.append(proxy)
            for _ in range(2):
                proxy.subscribe_ticker(code)
            if number:
                await asyncio.sleep(feed.manager.config.settle_s / 4)
        for proxy in proxies:
            await proxy.subscriptions[0]
        await quiet(feed)

    feed.run(main())

    assert feed.requested() == [dict.fromkeys(topics("ticker", KRW), "both")]


def test_closing_one_component_keeps_what_the_others_want(feed: Feed) -> None:
    async def main() -> None:
        a, b, c = feed.proxy("a"), feed.proxy("b"), feed.proxy("c")
        a.subscribe_ticker(["KRW-BTC", "KRW-ETH"])
        a.subscribe_orderbook("KRW-BTC")
        b.subscribe_ticker(["KRW-BTC", "KRW-XRP"])
        b.subscribe_trade("KRW-BTC")
        c.subscribe_ticker(["KRW-ETH", "KRW-ADA"])
        last = c.subscribe_orderbook("KRW-ETH")
        await last
        b.cleanup()
        wanted = topics("ticker", ["KRW-BTC", "KRW-ETH", "KRW-ADA"]) | topics("orderbook", ["KRW-BTC", "KRW-ETH"])
        await until(lambda: {(kind, code) for kind, code, _ in feed.served()} == wanted)

    feed.run(main())

    assert len(feed.requested()) == 2


def test_identical_subscribers_share_one_stream_until_the_last_leaves(feed: Feed) -> None:
    async def main() -> None:
        proxies = [feed.proxy() for _ in range(3)]
        for proxy in proxies:
            await proxy.subscribe_ticker("KRW-BTC")
        for proxy in proxies[:2]:
            proxy.cleanup()
        survivor = proxies[2].subscriptions[0]
        before = survivor.account.received
        await until(lambda: survivor.account.received > before)
        assert len(feed.requested()) == 1
        proxies[2].cleanup()
        await until(lambda: not any(view.open for view in feed.exchange.connections), "the socket closes")

    feed.run(main())

    assert feed.exchange.connections[-1].close_code == 1000


def test_each_consumer_sees_only_the_kind_that_it_asked_for(feed: Feed) -> None:
    async def main() -> None:
        live, once = feed.proxy("live"), feed.proxy("once")
        streaming: list[TickerEvent] = []
        snapshots: list[TickerEvent] = []
        await live.subscribe_ticker(["KRW-BTC", "KRW-ETH"], streaming.append, stream="realtime")
        await once.subscribe_ticker("KRW-BTC", snapshots.append, stream="snapshot")
        await until(lambda: snapshots and len(streaming) > 3)
        await quiet(feed)
        assert {event.stream_type for event in streaming} == {"REALTIME"}
        assert {event.stream_type for event in snapshots} == {"SNAPSHOT"}

    feed.run(main())

    first = {("ticker", "KRW-BTC"): "realtime", ("ticker", "KRW-ETH"): "realtime"}
    assert feed.requested()[0] == first


def test_a_change_that_cancels_out_sends_nothing(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        await prices
        prices.set_codes(["KRW-ETH"])
        prices.set_codes(["KRW-BTC"])
        proxy.subscribe_ticker("KRW-XRP").cancel()
        await quiet(feed)
        assert prices.state is SubscriptionState.LIVE

    feed.run(main())

    assert len(feed.requested()) == 1


def test_a_thousand_calls_in_a_burst_become_a_handful_of_requests(feed: Feed) -> None:
    wanted = feed.market_codes[:348]

    async def main() -> None:
        proxies = [feed.proxy() for _ in range(100)]
        for number in range(1000):
            start = number * 3 % len(wanted)
            proxies[number % 100].subscribe_ticker(wanted[start : start + 3])
        await until(lambda: {code for _, code, _ in feed.served()} == set(wanted))
        for proxy in proxies:
            proxy.cleanup()

    feed.run(main())

    assert len(feed.requested()) <= 3


def test_the_deepest_book_is_asked_for_and_cut_for_the_others(feed: Feed) -> None:
    async def main() -> None:
        shallow, deep = feed.proxy(), feed.proxy()
        few: list[OrderbookEvent] = []
        many: list[OrderbookEvent] = []
        await shallow.subscribe_orderbook("KRW-BTC", few.append, units=5)
        await deep.subscribe_orderbook("KRW-BTC", many.append, units=15)
        await until(lambda: any(len(event.orderbook_units) == 15 for event in many))
        assert {len(event.orderbook_units) for event in few} == {5}

    feed.run(main())

    assert [set(request) for request in feed.requested()] == [
        {("orderbook", "KRW-BTC.5")},
        {("orderbook", "KRW-BTC.15")},
    ]
