"""Own orders and balances, announcements and indicators: through their own sockets, exact, and with true states."""

from __future__ import annotations

from decimal import Decimal

from tests.live.conftest import Feed, until
from upbit_qt_ws import AnnouncementEvent, IndicatorEvent, MyAssetEvent, MyOrderEvent, SubscriptionState

AMOUNT = "1386929.37231066771348207123"
"""As in the example of the documentation: more digits than a float has."""


def private_requests(feed: Feed) -> list[str]:
    return [
        request.text
        for request in feed.exchange.requests
        if request.path.endswith("/private") and request.method is None
    ]


def test_an_order_is_told_from_its_placing_to_its_fill_and_the_balances_follow(feed: Feed) -> None:
    orders: list[MyOrderEvent] = []
    assets: list[MyAssetEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        proxy.my_order_received.connect(orders.append)
        proxy.my_asset_received.connect(assets.append)
        mine = proxy.subscribe_my_order()
        await mine
        await proxy.subscribe_my_asset()
        ticker = proxy.subscribe_ticker("KRW-BTC")
        await ticker
        uuid = feed.exchange.place_order("KRW-BTC", "BID", "50000000", "0.001")
        await until(lambda: orders and orders[-1].uuid == uuid, "the order")
        assert orders[-1].state == "wait"
        feed.exchange.trade("KRW-BTC", price=50_000_000, side="ASK", volume=1.0)
        await until(lambda: any(event.state == "done" and event.uuid == uuid for event in orders), "the fill")
        await until(lambda: assets, "the balances")
        assert mine.account.received == mine.account.delivered == len(orders)

    feed.run(main())

    # The account has had other orders, which are filled too.
    told = [event for event in orders if event.uuid == orders[0].uuid]
    states = [event.state for event in told]
    assert (states[0], states[-1]) == ("wait", "done")
    assert set(states[1:-1]) == {"trade"}
    assert sum(event.volume or 0 for event in told[1:-1]) == Decimal("0.001")
    assert all(type(event.volume) is Decimal for event in orders)
    assert len(private_requests(feed)) <= 2


def test_amounts_keep_all_their_digits(feed: Feed) -> None:
    got: list[MyAssetEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_my_asset(got.append)
        balance = {"currency": "KRW", "balance": Decimal(AMOUNT), "locked": Decimal(0)}
        feed.exchange.push_asset({"asset_uuid": "a", "assets": [balance]})
        await until(lambda: got)

    feed.run(main())
    assert str(got[0].assets[0].balance) == AMOUNT


def test_orders_of_one_market_and_of_all_share_the_stream_and_each_sees_its_own(feed: Feed) -> None:
    mine: list[str] = []
    everything: list[str] = []

    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        await first.subscribe_my_order("KRW-BTC", lambda event: mine.append(event.code))
        whole = second.subscribe_my_order(callback=lambda event: everything.append(event.code))
        await whole
        for code in ("KRW-ETH", "KRW-BTC"):
            feed.exchange.place_order(code, "BID", "1000", "10")
        await until(lambda: len(everything) == 2)
        whole.cancel()
        await until(lambda: '"codes"' in private_requests(feed)[-1], "only one market is wanted again")

    feed.run(main())
    assert (mine, everything) == (["KRW-BTC"], ["KRW-ETH", "KRW-BTC"])


def test_announcements_reach_those_who_want_their_category(feed: Feed) -> None:
    got: dict[str, list[AnnouncementEvent]] = {"trade": [], "all": []}

    async def main() -> None:
        proxy = feed.proxy()
        await proxy.subscribe_announcement("trade", got["trade"].append, include_body=True)
        await proxy.subscribe_announcement(callback=got["all"].append)
        for category in ("wallet", "trade"):
            feed.exchange.push_announcement({"category": category, "title": f"about {category}", "body": "text"})
        await until(lambda: got["trade"] and len(got["all"]) == 2)

    feed.run(main())
    assert [event.title for event in got["trade"]] == ["about trade"]
    assert got["trade"][0].body == "text"


def test_an_indicator_comes_over_a_socket_of_its_own_with_full_names(feed: Feed) -> None:
    got: list[IndicatorEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        subscription = proxy.subscribe_indicator("KRW-BTC", "rsi", got.append, timeframe="5m", params={"period": 14})
        await subscription
        assert subscription.state is SubscriptionState.LIVE
        feed.exchange.push_indicator(
            {
                "type": "indicator",
                "code": "KRW-BTC",
                "timeframe": "5m",
                "indicator": "rsi",
                "params": {"period": 14},
                "value": {"rsi": 58.75},
            }
        )
        await until(lambda: got)

    feed.run(main())
    assert (got[0].value, got[0].params) == ({"rsi": 58.75}, {"period": 14})
    assert [view.path.rpartition("/")[2] for view in feed.exchange.connections] == ["info"]
