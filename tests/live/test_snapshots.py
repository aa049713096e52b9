"""Snapshots: from the cache while a stream keeps it true, else over REST, shared, in time, and never overtaken."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, config_for, until
from upbit_qt_ws import (
    AuthError,
    GlobalWebSocketManager,
    RestError,
    SnapshotTimeoutError,
    Source,
    StreamType,
    SubscriptionError,
    SubscriptionState,
    TickerEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws import QtWebSocketProxy


def rest_paths(feed: Feed) -> list[str]:
    return [call.path.partition("?")[0] for call in feed.exchange.rest_requests]


def test_what_is_live_comes_from_the_cache_and_the_rest_over_rest_in_the_order_that_was_asked_for(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_ticker("KRW-BTC")
        both = await proxy.get_ticker_snapshot(["KRW-ETH", "KRW-BTC"])
        assert [event.code for event in both] == ["KRW-ETH", "KRW-BTC"]
        assert [event.source for event in both] == [Source.REST, Source.CACHE]
        assert all(event.stream_type is StreamType.SNAPSHOT for event in both)
        assert 0 <= both[1].age() < 10
        (alone,) = await proxy.get_ticker_snapshot("KRW-BTC")
        assert alone.source is Source.CACHE

    feed.run(main())
    assert rest_paths(feed) == ["/v1/ticker"]


def test_a_late_joiner_has_the_last_value_at_once_with_its_age(feed: Feed) -> None:
    got: list[TickerEvent] = []

    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        await first.subscribe_ticker("KRW-BTC")
        feed.exchange.pause()
        before = len(feed.requested())
        joined = second.subscribe_ticker("KRW-BTC", got.append)
        assert joined.state is SubscriptionState.LIVE
        await until(lambda: got)
        assert len(feed.requested()) == before

    feed.run(main())
    assert (got[0].source, got[0].stream_type) == (Source.CACHE, StreamType.SNAPSHOT)
    assert got[0].age() >= 0


def test_who_joins_a_mere_snapshot_gets_a_new_one_and_is_live_only_then(feed: Feed) -> None:
    got: list[TickerEvent] = []

    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        await first.subscribe_ticker("KRW-BTC", stream="snapshot")
        joined = second.subscribe_ticker("KRW-BTC", got.append, stream="snapshot")
        assert joined.state is SubscriptionState.PENDING
        await joined
        assert got[-1].source is Source.WEBSOCKET

    feed.run(main())
    assert len(feed.requested()) == 2


def test_an_order_book_is_cut_to_the_depth_and_a_deeper_one_is_asked_for(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_orderbook("KRW-BTC", units=5)
        (small,) = await proxy.get_orderbook_snapshot("KRW-BTC", units=1)
        (large,) = await proxy.get_orderbook_snapshot("KRW-BTC", units=15)
        assert (len(small.orderbook_units), small.source) == (1, Source.CACHE)
        assert (len(large.orderbook_units), large.source) == (15, Source.REST)

    feed.run(main())


def test_a_history_beyond_one_page_ends_with_the_live_candle(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_candle("KRW-BTC", "1m")
        feed.exchange.trade("KRW-BTC", side="BID")
        candles = await proxy.get_candle_snapshot("KRW-BTC", "1m", 450)
        starts = [candle.candle_date_time_utc for candle in candles]
        assert len(candles) == 450
        assert starts == sorted(set(starts))
        assert candles[-1].source in (Source.CACHE, Source.REST)
        days = await proxy.get_candle_snapshot("KRW-BTC", "1d", 3)
        assert [candle.type for candle in days] == ["candle.1d"] * 3
        older = await proxy.get_candle_snapshot("KRW-BTC", "1m", 10, to=candles[0].start)
        assert [candle.start for candle in older] == sorted(candle.start for candle in older)
        assert older[-1].start < candles[0].start

    feed.run(main())


def test_trades_come_oldest_first_and_open_orders_as_events(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        trades = await proxy.get_trade_snapshot("KRW-BTC", 20)
        assert len(trades) == 20
        assert [trade.timestamp for trade in trades] == sorted(trade.timestamp for trade in trades)
        orders = await proxy.get_my_order_snapshot()
        assert {order.type for order in orders} == {"myOrder"}
        assert {order.source for order in orders} == {Source.REST}

    feed.run(main())


def test_equal_questions_at_the_same_time_share_one_call(feed: Feed) -> None:
    async def main() -> None:
        proxies = [feed.proxy() for _ in range(5)]
        answers = await asyncio.gather(*(_awaited(proxy, "KRW-BTC") for proxy in proxies))
        assert len({id(answer) for answer in answers}) <= 5
        assert rest_paths(feed) == ["/v1/ticker"]
        await _awaited(proxies[0], "KRW-BTC")
        assert rest_paths(feed) == ["/v1/ticker"] * 2

    feed.run(main())


async def _awaited(proxy: QtWebSocketProxy, code: str) -> tuple[TickerEvent, ...]:
    return await proxy.get_ticker_snapshot(code)


def test_a_change_that_a_snapshot_has_overtaken_is_ignored(feed: Feed) -> None:
    got: list[TickerEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        ticker = proxy.subscribe_ticker("KRW-BTC", got.append)
        await ticker
        feed.exchange.set_rate(0)
        await until(lambda: ticker.account.received == ticker.account.delivered + ticker.account.coalesced)
        newest = got[-1]
        before = ticker.account
        feed.manager.registry.router.note_snapshot(ticker.spec.topics[0], newest.timestamp + 60_000)
        feed.exchange.trade("KRW-BTC", side="BID")
        await until(lambda: ticker.account.dropped > before.dropped)
        assert got[-1] == newest

    feed.run(main())


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda proxy: proxy.get_ticker_snapshot(["KRW-BTC", "KRW-NOPE"]), RestError),
        (lambda proxy: proxy.get_candle_snapshot("KRW-BTC", "2m"), SubscriptionError),
        (lambda proxy: proxy.get_trade_snapshot("KRW-BTC", 0), SubscriptionError),
    ],
)
def test_what_cannot_be_answered_is_a_typed_error(
    feed: Feed, ask: Callable[[QtWebSocketProxy], Any], error: type[Exception]
) -> None:
    async def main() -> None:
        with pytest.raises(error):
            await ask(feed.proxy())

    feed.run(main())


@pytest.mark.parametrize("wrong", ["krw-btc", [], 7])
def test_a_misspelt_code_raises_at_once(feed: Feed, wrong: Any) -> None:
    async def main() -> None:
        with pytest.raises(SubscriptionError):
            feed.proxy().get_ticker_snapshot(wrong)
        with pytest.raises(SubscriptionError, match="timeout"):
            feed.proxy().get_ticker_snapshot("KRW-BTC", timeout=-1)

    feed.run(main())


def test_an_exchange_that_does_not_answer_is_a_typed_timeout_and_refused_keys_an_auth_error(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        feed.exchange.set_auth_failure("expired_access_key")
        with pytest.raises(AuthError) as caught:
            await proxy.get_my_asset_snapshot()
        assert caught.value.name == "expired_access_key"
        assert caught.value.hint
        outcome = proxy.get_ticker_snapshot("KRW-BTC", timeout=0.001)
        with pytest.raises(SnapshotTimeoutError, match="KRW-BTC"):
            await outcome
        assert outcome.done

    feed.run(main())


def test_snapshots_end_with_the_manager(feed: Feed) -> None:
    manager = GlobalWebSocketManager(replace(config_for(feed.exchange), loop="thread"))

    async def main() -> None:
        outcome = manager.snapshots.tickers("KRW-BTC")
        manager.start()
        waiting = manager.snapshots.tickers("KRW-ETH")
        manager.shutdown()
        for ended in (outcome, waiting, manager.snapshots.tickers("KRW-BTC")):
            with pytest.raises(Exception, match="shut down"):
                await ended

    feed.run(main())
