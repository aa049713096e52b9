"""A socket that is open, answers, and feeds nothing: REST shows whether the market is quiet or only the socket."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, feed_of, link_status, until
from upbit_qt_ws import (
    Event,
    Gap,
    LinkState,
    MyAssetEvent,
    MyOrderEvent,
    Source,
    Subscription,
    SubscriptionState,
    TradeEvent,
)
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QApplication

AT_ONCE = SimulatorOptions(snapshot_delays=(0.0, 0.0))
CODE, OTHER = "KRW-BTC", "KRW-ETH"
LIVE, STALE = SubscriptionState.LIVE, SubscriptionState.STALE
QUICK: dict[str, Any] = {
    "stall_s": 0.6,
    "stall_patience_s": 0.3,
    "audit_every_s": 60.0,
    "audit_grace_s": 0.2,
    "list_every_s": 60.0,
}


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten looks tell how often something comes; here they take half a second."""
    monkeypatch.setattr("upbit_qt_ws.network.engine.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("upbit_qt_ws.network.link_watch.LOOK_SECONDS", 0.05)


@pytest.fixture(params=["thread", "application"])
def feed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Feed]:
    """A feed whose silences are soon noticed, in both modes."""
    with feed_of(qapp, AT_ONCE, request.param, rate=2000, **QUICK) as made:
        yield made


class Watch:
    """What a window sees: events, gaps, and every state of its subscriptions."""

    def __init__(self, feed: Feed) -> None:
        self.proxy = feed.proxy()
        self.events: list[Event] = []
        self.gaps: list[Gap] = []
        self.states: list[tuple[str, SubscriptionState]] = []
        self.proxy.batch_received.connect(self.events.extend)
        self.proxy.gap_detected.connect(self.gaps.append)
        self.proxy.state_changed.connect(self._note)

    def _note(self, subscription: Subscription) -> None:
        self.states.append((subscription.spec.type, subscription.state))

    async def busy(self) -> None:
        """Wait until it is known how often something comes."""
        until_ = time.monotonic() + 1.5
        await until(lambda: time.monotonic() > until_ and len(self.events) > 100, "a busy market")


def asked_of_rest(feed: Feed) -> list[str]:
    return [call.path for call in feed.exchange.rest_requests]


def test_all_topics_starve_and_are_stale_until_they_are_fed_again(feed: Feed) -> None:
    async def main() -> None:
        watch = Watch(feed)
        ticker = await watch.proxy.subscribe_ticker([CODE, OTHER])
        book = await watch.proxy.subscribe_orderbook(CODE)
        trades = await watch.proxy.subscribe_trade(CODE)
        await watch.busy()
        feed.exchange.starve("public")
        await until(lambda: (ticker.state, book.state, trades.state) == (STALE,) * 3, "all stale")
        link = await link_status(feed)
        assert link.state is LinkState.CONNECTED, "the socket is open, and that is all"
        assert link.reason
        assert feed.manager.health_status()["status"] == "degraded"
        await until(lambda: feed.manager.link().starved >= 4, "found out over REST")
        feed.exchange.starve("public", False)
        await until(lambda: (ticker.state, book.state, trades.state) == (LIVE,) * 3, "all live")
        await until(lambda: not feed.manager.link().reason, "nothing to say any more")
        await until(lambda: any(gap.topic.type == "trade" for gap in watch.gaps), "the gap")
        feed.exchange.set_rate(0)
        filled = next(gap for gap in watch.gaps if gap.topic.type == "trade")
        assert filled.filled > 0
        await until(lambda: Source.REST in {e.source for e in watch.events if isinstance(e, TradeEvent)}, "its trades")
        assert {"/v1/ticker/all?quote_currencies=KRW"} <= set(asked_of_rest(feed))

    feed.run(main())


def test_a_connection_that_stalls_is_replaced_and_no_trade_is_lost(feed: Feed) -> None:
    async def main() -> None:
        watch = Watch(feed)
        await watch.proxy.subscribe_ticker([CODE, OTHER])
        trades = await watch.proxy.subscribe_trade(CODE)
        await watch.busy()
        feed.exchange.stall("public")
        await until(lambda: trades.state is STALE, "stale")
        await until(lambda: trades.state is LIVE, "live on another connection")
        link = await link_status(feed)
        assert link.epoch == 2
        assert link.sockets_opened == 2
        await until(
            lambda: [view.id for view in feed.exchange.connections if view.open] == [2], "the old one is closed"
        )
        until_ = time.monotonic() + 0.5
        await until(lambda: time.monotonic() > until_)
        feed.exchange.set_rate(0)
        last = feed.exchange.trade(CODE).sequential_id
        told: list[TradeEvent] = []

        def all_told() -> bool:
            told[:] = [
                event for event in watch.events if isinstance(event, TradeEvent) and event.stream_type == "REALTIME"
            ]
            return told[-1].sequential_id == last

        await until(all_told, "the last trade")
        ids = [trade.sequential_id for trade in told]
        market = feed.exchange.server.market.market(CODE)
        happened = [trade.sequential_id for trade in market.live_trades if ids[0] <= trade.sequential_id <= ids[-1]]
        assert len(ids) == len(set(ids))
        # The exchange remembers fewer trades than were told.
        assert set(happened) <= set(ids)
        assert len(happened) > 100

    feed.run(main())


@pytest.mark.parametrize("kind", ["ticker", "trade", "orderbook"])
def test_one_topic_starves_and_the_others_stay_live(qapp: QApplication, kind: str) -> None:
    with feed_of(qapp, AT_ONCE, rate=2000, **QUICK) as feed:

        async def main() -> None:
            watch = Watch(feed)
            subscriptions = {
                "ticker": await watch.proxy.subscribe_ticker([CODE]),
                "trade": await watch.proxy.subscribe_trade(CODE),
                "orderbook": await watch.proxy.subscribe_orderbook(CODE),
            }
            await watch.busy()
            watch.states.clear()
            feed.exchange.starve(f"{kind} {CODE}")
            await until(lambda: subscriptions[kind].state is STALE, "it is stale")
            await until(lambda: feed.manager.link().starved == 1, "it was found out")
            feed.exchange.starve(f"{kind} {CODE}", False)
            await until(lambda: subscriptions[kind].state is LIVE, "it is live again")
            assert {name for name, _ in watch.states} == {kind}, "nobody else has noticed"

        feed.run(main())


@pytest.mark.parametrize("mode", ["thread", "application"])
def test_a_market_that_calms_down_stays_live(qapp: QApplication, mode: str) -> None:
    # REST has half of the stall for its answer, and the socket has longer: a busy machine must not look like an outage.
    with feed_of(qapp, AT_ONCE, mode, rate=2000, **{**QUICK, "stall_s": 4.0, "stall_patience_s": 10.0}) as feed:
        feed.run(calming_down(feed))


async def calming_down(feed: Feed) -> None:
    watch = Watch(feed)
    ticker = await watch.proxy.subscribe_ticker([CODE, OTHER])
    book = await watch.proxy.subscribe_orderbook(CODE)
    await watch.proxy.subscribe_candle(CODE, "1s")
    await watch.busy()
    watch.states.clear()
    feed.exchange.set_rate(0)
    asked, calm = len(asked_of_rest(feed)), time.monotonic()
    await until(lambda: len(asked_of_rest(feed)) > asked, "REST was asked")
    # Without its answer all would be stale after 6 s.
    await until(lambda: time.monotonic() > calm + 8.0)
    assert ticker.state is LIVE
    assert book.state is LIVE
    assert watch.states == []
    link = await link_status(feed)
    assert (link.sockets_opened, link.starved, link.reason) == (1, 0, "")
    assert link.audits >= 1


def test_what_cannot_be_known_is_not_called_live_and_is_live_again_once_it_can(feed: Feed) -> None:
    async def main() -> None:
        watch = Watch(feed)
        ticker = await watch.proxy.subscribe_ticker([CODE, OTHER])
        await watch.busy()
        feed.exchange.refuse_connections(status=503)
        feed.exchange.set_rate(0)
        await until(lambda: ticker.state is STALE, "nobody knows")
        await until(lambda: "not known" in feed.manager.link().reason, "why")
        assert feed.manager.link().starved == 0, "nothing wrong is said either"
        feed.exchange.refuse_connections(False)
        count = len(watch.events)
        await until(lambda: ticker.state is LIVE, "nothing was traded")
        assert len(watch.events) == count
        await until(lambda: not feed.manager.link().reason)
        assert (await link_status(feed)).sockets_opened == 1

    feed.run(main())


def test_without_audits_nothing_is_asked_and_what_answers_is_live(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, rate=2000, **{**QUICK, "audit_every_s": 0}) as feed:

        async def main() -> None:
            watch = Watch(feed)
            ticker = await watch.proxy.subscribe_ticker([CODE, OTHER])
            await watch.busy()
            asked = len([request for request in feed.exchange.requests if request.method])
            feed.exchange.starve("public")
            await until(lambda: len([r for r in feed.exchange.requests if r.method]) > asked, "the socket was asked")
            until_ = time.monotonic() + 1.5
            await until(lambda: time.monotonic() > until_)
            assert ticker.state is LIVE
            assert not feed.exchange.rest_requests

        feed.run(main())


def test_a_topic_that_was_never_busy_is_audited_regularly(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, rate=0, **{**QUICK, "audit_every_s": 0.5}) as feed:

        async def main() -> None:
            watch = Watch(feed)
            ticker = await watch.proxy.subscribe_ticker([CODE])
            candles = await watch.proxy.subscribe_candle(CODE, "1m")
            book = await watch.proxy.subscribe_orderbook(OTHER)
            await until(lambda: feed.manager.link().audits > 1, "audits")
            assert {ticker.state, candles.state, book.state} == {LIVE}
            feed.exchange.starve("public")
            until_ = time.monotonic() + 20.0
            # Candles and books may be a moment behind the trades, so there must be some.
            while {ticker.state, candles.state, book.state} != {STALE} and time.monotonic() < until_:
                feed.exchange.trade(CODE)
                feed.exchange.trade(OTHER)
                pause = time.monotonic() + 0.3
                await until(lambda pause=pause: time.monotonic() > pause)  # type: ignore[misc]
            assert {ticker.state, candles.state, book.state} == {STALE}
            feed.exchange.starve("public", False)
            await until(lambda: {ticker.state, candles.state, book.state} == {LIVE}, "all live")

        feed.run(main())


@pytest.mark.parametrize("mode", ["thread", "application"])
def test_the_private_socket_starves_and_what_it_kept_to_itself_is_told(qapp: QApplication, mode: str) -> None:
    with feed_of(qapp, AT_ONCE, mode, rate=0, **{**QUICK, "audit_every_s": 0.5}) as feed:
        orders: list[MyOrderEvent] = []
        assets: list[MyAssetEvent] = []
        states: list[SubscriptionState] = []

        async def main() -> None:
            proxy = feed.proxy()
            proxy.my_order_received.connect(orders.append)
            proxy.my_asset_received.connect(assets.append)
            mine = await proxy.subscribe_my_order()
            await proxy.subscribe_my_asset()
            await until(lambda: feed.manager.link("private").audits > 1, "it was looked at")
            proxy.state_changed.connect(lambda subscription: states.append(subscription.state))
            feed.exchange.stall("private")
            uuid = feed.exchange.place_order(CODE, "BID", "50000000", "0.001")
            await until(lambda: any(event.uuid == uuid for event in orders), "the order")
            await until(lambda: STALE in states, "the socket did not tell it")
            await until(lambda: mine.state is LIVE and feed.manager.link("private").epoch == 2, "another connection")
            await until(lambda: assets and assets[-1].source is Source.REST, "the balance")
            feed.exchange.cancel_order(uuid)
            await until(lambda: orders[-1].state == "cancel", "the new connection tells")
            assert orders[-1].source is Source.WEBSOCKET
            assert (await link_status(feed, "private")).starved >= 1

        feed.run(main())


def test_an_account_on_which_nothing_goes_wrong_is_left_alone(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, rate=0, **{**QUICK, "audit_every_s": 0.3}) as feed:
        orders: list[MyOrderEvent] = []

        async def main() -> None:
            proxy = feed.proxy()
            proxy.my_order_received.connect(orders.append)
            states: list[SubscriptionState] = []
            await proxy.subscribe_my_order()
            await proxy.subscribe_my_asset()
            proxy.state_changed.connect(lambda subscription: states.append(subscription.state))
            for _ in range(3):
                audits = (await link_status(feed, "private")).audits
                uuid = feed.exchange.place_order(CODE, "BID", "50000000", "0.001")
                await until(lambda audits=audits: feed.manager.link("private").audits > audits + 1)  # type: ignore[misc]
                feed.exchange.cancel_order(uuid)
            assert states == []
            assert all(event.source is Source.WEBSOCKET for event in orders)
            assert (await link_status(feed, "private")).sockets_opened == 1

        feed.run(main())
