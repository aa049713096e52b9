"""The socket is lost in mid-stream: everything comes back, fresh first, and nothing of before (invariant 4)."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, until
from upbit_qt_ws import Event, LinkState, SubscriptionState

if TYPE_CHECKING:
    from upbit_qt_ws import TradeEvent

CODES = ["KRW-BTC", "KRW-ETH", "KRW-XRP"]


async def subscribe_all(feed: Feed, seen: list[Event]) -> None:
    for number in range(5):
        proxy = feed.proxy(f"component {number}")
        proxy.batch_received.connect(seen.extend)
        proxy.setParent(feed.manager)
        await proxy.subscribe_ticker(CODES)
        await proxy.subscribe_orderbook(CODES)
        await proxy.subscribe_trade(CODES)


def topic(event: Any) -> tuple[str, str]:
    return (event.type, event.code)


@pytest.mark.parametrize("how", [{"abort": True}, {"code": 1000}, {"code": 1001}, {"code": 1011}])
def test_three_losses_in_a_row_restore_everything(feed: Feed, how: dict[str, Any]) -> None:
    seen: list[Event] = []

    async def main() -> None:
        await subscribe_all(feed, seen)
        wanted = feed.served()
        for lost in range(1, 4):
            await until(lambda: len([e for e in seen if e.epoch == lost]) > 50, "data flows")
            feed.exchange.drop(**how)
            await until(
                lambda: {topic(e) for e in seen if e.epoch == lost + 1} >= {t[:2] for t in wanted}, "data is back"
            )
            assert feed.served() == wanted
        assert feed.manager.link().state is LinkState.CONNECTED

    feed.run(main())

    epochs = [event.epoch for event in seen]
    assert epochs == sorted(epochs), "an event of an older connection came after one of a newer"
    for epoch, wanted_topic in itertools.product(range(1, 5), {topic(event) for event in seen}):
        kinds = [str(event.stream_type) for event in seen if event.epoch == epoch and topic(event) == wanted_topic]
        assert kinds[0] == "SNAPSHOT", f"{wanted_topic} of connection {epoch} began with {kinds[0]}"


def test_states_are_true_while_the_exchange_is_away(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        changes: list[SubscriptionState] = []
        proxy.state_changed.connect(lambda subscription: changes.append(subscription.state))
        prices = await proxy.subscribe_ticker("KRW-BTC")
        feed.exchange.refuse_connections(True)
        feed.exchange.drop(abort=True)
        await until(lambda: prices.state is SubscriptionState.STALE)
        late = proxy.subscribe_ticker("KRW-ETH")
        assert late.state is SubscriptionState.PENDING
        await until(lambda: feed.manager.link().state is LinkState.WAITING and feed.manager.link().reason)
        feed.exchange.refuse_connections(False)
        await late
        await until(lambda: prices.state is SubscriptionState.LIVE)
        states = [state for state, _ in itertools.groupby(changes)]
        assert states[0] is SubscriptionState.LIVE
        assert SubscriptionState.STALE in states

    feed.run(main())


def test_no_trade_is_delivered_twice_and_what_is_left_over_is_counted(feed: Feed) -> None:
    trades: list[TradeEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        subscription = await proxy.subscribe_trade(CODES, trades.append, stream="realtime")
        for _ in range(3):
            count = len(trades)
            await until(lambda: len(trades) > count + 20)
            epoch = feed.manager.link().epoch
            feed.exchange.drop(abort=True)
            await until(lambda: feed.manager.link().epoch > epoch)
        await asyncio.sleep(0.05)
        account = subscription.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        assert account.delivered == len(trades)

    feed.run(main())

    keys = [(trade.code, trade.sequential_id) for trade in trades]
    assert len(keys) == len(set(keys))


def test_a_change_of_mind_during_an_outage_is_restored_as_it_is_now(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker(["KRW-BTC", "KRW-ETH"])
        feed.exchange.refuse_connections(True)
        feed.exchange.drop(code=1001)
        await until(lambda: prices.state is SubscriptionState.STALE)
        prices.set_codes(["KRW-XRP"])
        feed.exchange.refuse_connections(False)
        await prices
        assert {code for _, code, _ in feed.served()} == {"KRW-XRP"}

    feed.run(main())

    assert set(feed.requested()[-1]) == {("ticker", "KRW-XRP")}
