"""REST stands in for a socket that stays away, and for no other; what it tells is marked and in order."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import Event, MyAssetEvent, MyOrderEvent, Source, SubscriptionState, TradeEvent
from upbit_qt_ws.network.fallback import UnknownMarkets
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication

AT_ONCE = SimulatorOptions(snapshot_delays=(0.0, 0.0))
CODE = "KRW-BTC"


@pytest.fixture(autouse=True)
def _markets_come_back_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown market is asked for again after a second, not after half a minute."""
    monkeypatch.setattr("upbit_qt_ws.network.stand_in.UnknownMarkets", partial(UnknownMarkets, 1.0))


@pytest.fixture(params=["thread", "application"])
def feed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Feed]:
    """A feed that turns to REST after a moment."""
    with feed_of(qapp, AT_ONCE, request.param, rate=200, fallback_after_s=0.2, fallback_every_s=0.1) as made:
        yield made


def of_rest(events: list[Event]) -> list[Event]:
    return [event for event in events if event.source is Source.REST]


async def take_socket_away(feed: Feed, path: str = "/websocket/v1") -> None:
    feed.exchange.refuse_sockets(path)
    feed.exchange.drop(abort=True)


def test_public_data_goes_on_over_rest_and_comes_back_over_the_socket(feed: Feed) -> None:
    seen: list[Event] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.batch_received.connect(seen.extend)
        ticker = proxy.subscribe_ticker([CODE, "KRW-ETH"])
        await ticker
        await proxy.subscribe_orderbook(CODE)
        await proxy.subscribe_trade(CODE)
        await proxy.subscribe_candle(CODE, "1m")
        await take_socket_away(feed)
        kinds = {"ticker", "orderbook", "trade", "candle.1m"}
        await until(lambda: {event.type for event in of_rest(seen)} == kinds, "everything over REST")
        assert ticker.state is SubscriptionState.STALE, "REST does not make a stream live"
        count = len(of_rest(seen))
        await until(lambda: len(of_rest(seen)) > count + 10, "it goes on")
        feed.exchange.refuse_sockets(None)
        feed.manager.reconnect()
        await until(lambda: ticker.state is SubscriptionState.LIVE, "live again")
        await until(lambda: seen[-1].source is Source.WEBSOCKET, "the socket")

    feed.run(main())

    for kind in ("ticker", "orderbook"):
        times = [event.timestamp for event in seen if event.type == kind and event.code == CODE]  # type: ignore[attr-defined]
        assert all(before <= after for before, after in pairwise(times)), f"{kind} went back in time"
    stream = [event for event in seen if isinstance(event, TradeEvent) and event.stream_type == "REALTIME"]
    ids = [event.sequential_id for event in stream]
    assert len(ids) == len(set(ids)), "a trade came twice"


def test_a_market_that_rest_does_not_know_does_not_keep_the_others_from_it(feed: Feed) -> None:
    seen: list[Event] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.ticker_received.connect(seen.append)
        known = proxy.subscribe_ticker([CODE])
        proxy.subscribe_ticker(["KRW-NOSUCH"])
        await known
        await take_socket_away(feed)
        await until(lambda: len(of_rest(seen)) > 2, "REST")

    feed.run(main())

    assert {event.code for event in of_rest(seen)} == {CODE}  # type: ignore[attr-defined]


def test_markets_may_come_and_go_during_an_outage_and_between_two(feed: Feed) -> None:
    """Each that the exchange does not know costs itself only, whenever it went; one that comes back is told again."""
    seen: list[Event] = []

    async def told(*codes: str, perhaps: str = "") -> None:
        def only_these() -> bool:
            rest = [event.code for event in of_rest(seen)]  # type: ignore[attr-defined]
            if set(rest) - {*codes, perhaps}:
                # A reply that was under way when the market went.
                seen.clear()
                return False
            return min(map(rest.count, codes)) > 2

        seen.clear()
        await until(only_these, f"{codes} over REST, and nothing else")

    async def main() -> None:
        proxy = feed.proxy()
        proxy.ticker_received.connect(seen.append)
        proxy.orderbook_received.connect(seen.append)
        known = await proxy.subscribe_ticker([CODE, "KRW-ETH", "KRW-XRP"])
        proxy.subscribe_ticker(["KRW-NOSUCH"])
        await proxy.subscribe_orderbook([CODE, "KRW-SOL"])
        await take_socket_away(feed)
        await told(CODE, "KRW-ETH", "KRW-XRP", "KRW-SOL")
        feed.exchange.unlist("KRW-ETH")
        await told(CODE, "KRW-XRP", "KRW-SOL")
        feed.exchange.refuse_sockets(None)
        feed.manager.reconnect()
        await until(lambda: known.states[CODE] is SubscriptionState.LIVE, "the socket")
        feed.exchange.unlist("KRW-SOL")
        feed.exchange.unlist("KRW-XRP")
        feed.exchange.list_market("KRW-ETH")
        await take_socket_away(feed)
        # The one that has come back is asked for when its second is over, however long the socket was there.
        await told(CODE, perhaps="KRW-ETH")
        feed.exchange.list_market("KRW-XRP")
        await told(CODE, "KRW-ETH", "KRW-XRP")

    feed.run(main())


def test_a_program_that_starts_during_an_outage_has_data(feed: Feed) -> None:
    seen: list[Event] = []

    async def main() -> None:
        feed.exchange.refuse_sockets("/websocket/v1")
        proxy = feed.proxy()
        proxy.ticker_received.connect(seen.append)
        ticker = proxy.subscribe_ticker(CODE)
        await until(lambda: len(of_rest(seen)) > 2, "REST")
        assert ticker.state is SubscriptionState.STALE

    feed.run(main())


def test_the_account_is_told_over_rest_while_its_socket_is_away(feed: Feed) -> None:
    feed.exchange.set_rate(0)
    orders: list[MyOrderEvent] = []
    assets: list[MyAssetEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.my_order_received.connect(orders.append)
        proxy.my_asset_received.connect(assets.append)
        mine = proxy.subscribe_my_order()
        await mine
        await proxy.subscribe_my_asset()
        await take_socket_away(feed, "/websocket/v1/private")
        await until(lambda: mine.state is SubscriptionState.STALE, "the cut")
        uuid = feed.exchange.place_order(CODE, "BID", "50000000", "0.001")
        await until(lambda: any(event.uuid == uuid for event in orders), "the order")
        feed.exchange.trade(CODE, price=50_000_000, side="ASK", volume=1.0)
        await until(lambda: any(event.uuid == uuid and event.state == "done" for event in orders), "the fill")
        await until(lambda: assets and assets[-1].source is Source.REST, "the balances")
        told = [event.state for event in orders if event.uuid == uuid]
        assert told == ["wait", "done"]

    feed.run(main())


def test_without_the_fallback_nothing_is_asked(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, fallback_after_s=0.05, fallback_every_s=0.05, rest_fallback=False) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            await proxy.subscribe_ticker(CODE)
            await take_socket_away(feed)
            await until(lambda: len(feed.exchange.handshakes) > 5, "several attempts")
            assert not feed.exchange.rest_requests

        feed.run(main())
