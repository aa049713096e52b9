"""A connection is replaced by another without a break: on request, and what happens when that fails."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, feed_of, link_status, until
from upbit_qt_ws import (
    CandleEvent,
    ConfigurationError,
    Event,
    Gap,
    LinkState,
    MyOrderEvent,
    QtWebSocketProxy,
    RecoveryError,
    Source,
    StreamType,
    SubscriptionState,
    TradeEvent,
)
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


def seconds_of(candles: list[CandleEvent]) -> list[CandleEvent]:
    """Return the last state that was streamed of each candle, in the order in which they were told first."""
    streamed = (candle for candle in candles if candle.stream_type is StreamType.REALTIME)
    return list({candle.candle_date_time_utc: candle for candle in streamed}.values())


async def true_seconds(proxy: QtWebSocketProxy, after: CandleEvent, until: CandleEvent) -> list[tuple[str, float]]:
    """Return what the exchange itself knows of the candles from one to another: start and close of each."""
    known = await proxy.get_candle_snapshot(CODES[0], "1s", 200)
    first, last = after.candle_date_time_utc, until.candle_date_time_utc
    return [(c.candle_date_time_utc, c.trade_price) for c in known if first <= c.candle_date_time_utc <= last]


@pytest.mark.parametrize("lags", [True, False], ids=["lagging", "in step"])
def test_candles_of_seconds_go_on_when_the_connection_is_replaced(
    feed: Feed, lags: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not lags:
        # A busy machine is slow to show that nothing lags.
        monkeypatch.setattr("upbit_qt_ws.subscriptions.overlap._REACHED_WITHIN_NS", 8 * 10**9)
    candles: list[CandleEvent] = []
    gaps: list[Gap] = []

    async def starve() -> None:
        feed.exchange.stall(f"candle.1s {CODES[0]}")
        market = feed.exchange.server.market
        start = feed.exchange.call(lambda: market.now_ms)
        await until(lambda: market.now_ms > start + 2_500, "some seconds")

    async def told_by(epoch: int) -> None:
        await until(lambda: candles[-1].epoch == epoch and candles[-1].source is Source.WEBSOCKET, "the new connection")

    async def main() -> None:
        feed.exchange.set_rate(200)
        proxy = feed.proxy()
        await proxy.subscribe_candle(CODES[0], "1s")
        proxy.candle_received.connect(candles.append)
        proxy.gap_detected.connect(gaps.append)
        await until(lambda: len(seconds_of(candles)) > 1, "candles")
        for epoch in (2, 3):
            if lags:
                await starve()
            await feed.manager.reconnect("public")
            await told_by(epoch)
        count = len(seconds_of(candles))
        await until(lambda: len(seconds_of(candles)) > count + 1, "two more seconds")
        feed.exchange.pause()
        told = seconds_of(candles)[1:-1]
        known = await true_seconds(proxy, told[0], told[-1])
        assert [(candle.candle_date_time_utc, candle.trade_price) for candle in told] == known

    feed.run(main())

    asked = [call for call in feed.exchange.rest_requests if "candles" in call.path]
    if lags:
        assert len(gaps) == 2
        assert all(gap.is_complete and gap.filled and "lagged" in gap.reason for gap in gaps)
    else:
        assert gaps == []
        assert len(asked) == 1, "only this test has asked"
    epochs = [candle.epoch for candle in candles]
    assert epochs == sorted(epochs)


def lag(feed: Feed, number: int, seconds: float) -> None:
    """Delay what one connection of the exchange sends, however often it is told to send; the order stays."""
    (session,) = (session for session in feed.exchange.server._connections.sessions if session.id == number)
    write, delayed = session.write, deque[list[Any]]()

    def later() -> None:
        delayed.append(session.waiting)
        session.waiting = []

        def send() -> None:
            # Timers of the same moment come in any order.
            fresh, session.waiting = session.waiting, delayed.popleft()
            write()
            session.waiting += fresh

        session.connection.loop.call_later(seconds, send)

    feed.exchange.call(lambda: setattr(session, "write", later))


@pytest.mark.parametrize("seconds", [0.0, 0.5, 4.0])
def test_what_happens_to_an_order_is_told_once_when_the_connection_is_replaced(
    feed: Feed, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seconds < 1:
        monkeypatch.setattr("upbit_qt_ws.network.renewal._LAST_WORDS", 8.0)
    orders: list[MyOrderEvent] = []
    gaps: list[Gap] = []

    async def main() -> None:
        feed.exchange.set_rate(0)
        proxy = feed.proxy()
        proxy.my_order_received.connect(orders.append)
        proxy.gap_detected.connect(gaps.append)
        await proxy.subscribe_my_order()
        feed.exchange.place_order(CODES[0], "BID", "50000000", "0.001")
        await until(lambda: orders, "the order")
        (number,) = (view.id for view in feed.exchange.connections if view.open and view.path.endswith("private"))
        lag(feed, number, seconds)
        feed.exchange.place_order(CODES[0], "BID", "50000000", "0.002")
        replaced = asyncio.ensure_future(feed.manager.reconnect("private"))
        placed = 2
        while not replaced.done():
            placed += 1
            feed.exchange.place_order(CODES[0], "BID", "50000000", "0.001")
            await asyncio.sleep(0.05)
        feed.exchange.place_order(CODES[0], "BID", "50000000", "0.003")
        await until(lambda: len({event.uuid for event in orders}) >= placed + 1, "all orders")
        await asyncio.sleep(0.2)

    feed.run(main())

    told = [event.uuid for event in orders]
    assert len(told) == len(set(told)), "an order was told twice"
    assert sum(event.source is Source.REST for event in orders) == sum(gap.filled for gap in gaps)
    assert len(gaps) == (1 if seconds > 1 else 0)
