"""A connection is replaced by another without a break: on request, and what happens when that fails."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import Feed, feed_of, link_status, until
from upbit_qt_ws import ConfigurationError, Event, LinkState, RecoveryError, Source, SubscriptionState, TradeEvent
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

CODES = ["KRW-BTC", "KRW-ETH", "KRW-XRP"]


def test_nobody_notices_that_the_connection_was_replaced(feed: Feed) -> None:
    seen: list[Event] = []
    states: list[SubscriptionState] = []
    links: list[LinkState] = []

    async def main() -> None:
        feed.exchange.set_rate(2000)
        proxy = feed.proxy()
        proxy.batch_received.connect(seen.extend)
        prices = proxy.subscribe_ticker(CODES)
        await prices
        await proxy.subscribe_orderbook(CODES)
        await proxy.subscribe_trade(CODES)
        wanted = feed.served()
        prices_states = proxy.state_changed
        prices_states.connect(lambda subscription: states.append(subscription.state))
        feed.manager.link_changed.connect(lambda name, status: links.append(status.state))
        for epoch in (2, 3):
            await feed.manager.reconnect("public")
            await until(lambda epoch=epoch: seen[-1].epoch == epoch, "the new connection")  # type: ignore[misc]
            assert feed.served() == wanted
        await until(lambda: [v.id for v in feed.exchange.connections if v.open] == [3], "the old ones are closed")
        feed.exchange.pause()
        status = await link_status(feed)
        assert (status.epoch, status.sockets_opened) == (3, 3)

    feed.run(main())

    assert set(states) <= {SubscriptionState.LIVE}
    assert LinkState.WAITING not in links
    for topic in {(event.type, event.code) for event in seen}:  # type: ignore[attr-defined]
        epochs = [event.epoch for event in seen if (event.type, event.code) == topic]  # type: ignore[attr-defined]
        assert [epoch for epoch, _ in groupby(epochs)] == [1, 2, 3], f"{topic} went back to an older connection"
    for code in CODES:
        stream = [e for e in seen if isinstance(e, TradeEvent) and e.code == code and e.stream_type == "REALTIME"]
        ids = [event.sequential_id for event in stream]
        market = feed.exchange.server.market.market(code)
        happened = [trade.sequential_id for trade in market.live_trades]
        assert len(ids) == len(set(ids))
        first, last = happened.index(ids[0]) if ids[0] in happened else 0, happened.index(ids[-1])
        assert set(happened[first : last + 1]) - set(ids) == set(), "a trade was lost between the connections"
        assert all(event.source is Source.WEBSOCKET for event in stream)


def test_an_exchange_that_lets_nobody_in_leaves_the_connection_as_it_is(feed: Feed) -> None:
    seen: list[Event] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.ticker_received.connect(seen.append)
        prices = await proxy.subscribe_ticker(CODES)
        feed.exchange.refuse_connections(status=503)
        with pytest.raises(RecoveryError, match="503"):
            await feed.manager.reconnect()
        count = len(seen)
        await until(lambda: len(seen) > count + 10, "data goes on")
        assert prices.state is SubscriptionState.LIVE
        assert feed.manager.link().state is LinkState.CONNECTED
        feed.exchange.refuse_connections(False)
        await feed.manager.reconnect()

    feed.run(main())


def test_a_new_connection_that_stays_silent_does_not_take_over(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upbit_qt_ws.network.renewal._LONGEST", 0.5)
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0))) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            prices = await proxy.subscribe_ticker(CODES)
            feed.exchange.pause()
            with pytest.raises(RecoveryError, match="delivered nothing"):
                await feed.manager.reconnect()
            feed.exchange.resume()
            assert prices.state is SubscriptionState.LIVE
            assert (await link_status(feed)).sockets_opened == 1

        feed.run(main())


def test_two_requests_are_one_replacement_and_a_shutdown_ends_it(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_ticker(CODES)
        await asyncio.gather(feed.manager.reconnect(), feed.manager.reconnect())
        assert (await link_status(feed)).sockets_opened == 2
        feed.exchange.pause()
        feed.manager.reconnect()
        await until(lambda: len([view for view in feed.exchange.connections if view.open]) == 2, "the second one")
        await feed.manager.shutdown()
        await until(lambda: not any(view.open for view in feed.exchange.connections), "both are closed")

    feed.run(main())


def test_a_link_without_a_connection_is_tried_at_once(qapp: QApplication) -> None:
    options = SimulatorOptions(snapshot_delays=(0.0, 0.0))
    with feed_of(qapp, options, retry_base_s=60.0, retry_cap_s=60.0) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            feed.exchange.refuse_connections()
            prices = proxy.subscribe_ticker(CODES)
            await until(lambda: len(feed.exchange.handshakes) > 1, "two attempts")
            feed.exchange.refuse_connections(False)
            await feed.manager.reconnect()
            await prices

        feed.run(main())


def test_a_link_that_does_not_exist_is_named(feed: Feed) -> None:
    with pytest.raises(ConfigurationError, match="'publik'"):
        feed.manager.reconnect("publik")

    async def main() -> None:
        pass

    feed.run(main())
