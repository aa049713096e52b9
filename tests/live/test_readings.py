"""The reference scenarios in one program, under both readings of each behaviour that nobody could show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import NotServedError, SubscriptionError, SubscriptionState
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import Event, OrderbookEvent, Subscription

LIVE = SubscriptionState.LIVE
KRW = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-ADA", "KRW-SOL"]

READINGS: dict[str, tuple[SimulatorOptions, dict[str, Any]]] = {
    "as documented": (SimulatorOptions(), {}),
    "lists in arrays, with depths, of known codes": (
        SimulatorOptions(wrap_control_frames=True, suffix_in_list=True, unknown_in_list="only_known"),
        {"wire_format": "JSON_LIST"},
    ),
    "bare lists, private streams with snapshots": (
        SimulatorOptions(late_frames=0, account_snapshots="both"),
        {"wire_format": "SIMPLE_LIST"},
    ),
    "plain numbers, compressed, tokens refused in a frame": (
        SimulatorOptions(number_spelling="plain", private_auth_failure="frame", scope_error="out_of_scope"),
        {"compression": True, "wire_format": "SIMPLE"},
    ),
}


def held(feed: Feed) -> set[tuple[str, str]]:
    """Return what the exchange holds on all open sockets."""
    return {(kind, code) for kind, code, _ in feed.served()}


def pairs(kind: str, codes: Iterable[str]) -> set[tuple[str, str]]:
    return {(kind, code) for code in codes}


async def all_live(*subscriptions: Subscription) -> None:
    await until(lambda: all(subscription.state is LIVE for subscription in subscriptions), "all are live")


@pytest.mark.parametrize(
    ("reading", "mode"), [*((reading, "thread") for reading in READINGS), ("as documented", "application")]
)
def test_the_scenarios_hold_under_every_reading(qapp: QApplication, reading: str, mode: str) -> None:
    options, settings = READINGS[reading]
    with feed_of(qapp, options, mode, **settings) as feed:
        feed.run(scenarios(feed))
        assert not [request.error for request in feed.exchange.requests if request.error]
        assert all(call.origin is None for call in feed.exchange.handshakes)


async def scenarios(feed: Feed) -> None:
    a, b = feed.proxy("a"), feed.proxy("b")
    # S-A: a chart tab opens with one request.
    tickers = a.subscribe_ticker(KRW)
    book, candle = a.subscribe_orderbook("KRW-BTC", units=15), a.subscribe_candle("KRW-BTC", "60m")
    await all_live(tickers, book, candle)
    assert len(feed.requested()) == 1
    # S-B and S-D: another coin and another interval at the same moment are one request, and late events are not shown.
    books: list[OrderbookEvent] = []
    a.orderbook_received.connect(books.append)
    book.set_codes("KRW-ETH")
    candle.cancel()
    books.clear()
    candle = a.subscribe_candle("KRW-ETH", "5m")
    await all_live(book, candle)
    assert len(feed.requested()) == 2
    assert {event.code for event in books} == {"KRW-ETH"}
    assert tickers.state is LIVE
    # S-K: private streams merge while public ones change; neither socket disturbs the other.
    orders = b.subscribe_my_order("KRW-BTC")
    await all_live(orders)
    assets = b.subscribe_my_asset()
    tickers.set_codes(["BTC-ETH", "BTC-XRP"])  # S-C: only the list changes, and a book of another market stays.
    await all_live(tickers, orders, assets, book)
    assert held(feed) == pairs("ticker", ["BTC-ETH", "BTC-XRP"]) | {
        ("orderbook", "KRW-ETH"), ("candle.5m", "KRW-ETH"), ("myOrder", "KRW-BTC"), ("myAsset", ""),
    }  # fmt: skip
    assert len(feed.exchange.connections) == 2
    # S-I: a snapshot beside a real-time stream; each consumer sees its own kind.
    kinds: dict[str, set[str]] = {"a": set(), "b": set()}
    a.subscribe_ticker(KRW[:2], lambda event: kinds["a"].add(event.stream_type), stream="realtime")
    b.subscribe_ticker("KRW-BTC", lambda event: kinds["b"].add(event.stream_type), stream="snapshot")
    await until(lambda: kinds == {"a": {"REALTIME"}, "b": {"SNAPSHOT"}})
    # S-L: the network breaks three times; the whole set comes back, with snapshots first.
    first: list[Event] = []
    watched = b.subscribe_ticker("KRW-XRP", first.append)
    await all_live(watched)
    wanted = held(feed)
    for _ in range(3):
        epoch = feed.manager.link().epoch
        feed.exchange.drop(abort=True)
        await until(lambda: watched.state is not LIVE, "the loss is noticed")
        await all_live(watched, tickers, book, candle, orders, assets)
        await until(lambda: held(feed) == wanted, "everything is held again")
        await until(lambda: first[-1].epoch > epoch, "data of the new connection")
        assert next(event for event in first if event.epoch > epoch).stream_type == "SNAPSHOT"
    # S-F, S-G, S-H: what goes takes only its own with it.
    b.cleanup()
    left = pairs("ticker", ["BTC-ETH", "BTC-XRP", *KRW[:2]]) | {("orderbook", "KRW-ETH"), ("candle.5m", "KRW-ETH")}
    await until(lambda: held(feed) == left, "only what the first one wants is held")
    a.cleanup()
    await until(lambda: not any(view.open for view in feed.exchange.connections), "the sockets close")


@pytest.mark.parametrize("reading", ["both", "first", "last", "neither", "refuse"])
def test_a_book_at_two_levels_hurts_nobody_whatever_the_exchange_does_with_it(qapp: QApplication, reading: Any) -> None:
    options = SimulatorOptions(several_levels=reading)
    with feed_of(qapp, options, level_policy="send_both", first_data_s=0.8) as feed:

        async def main() -> None:
            other, asker = feed.proxy(), feed.proxy()
            ticker = other.subscribe_ticker("KRW-BTC")
            await all_live(ticker)
            plain, grouped = asker.subscribe_orderbook("KRW-BTC"), asker.subscribe_orderbook("KRW-BTC", level=10_000)
            ended = {SubscriptionState.LIVE, SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED}
            await until(
                lambda: {plain.state, grouped.state} <= ended and ticker.state is LIVE, "the states are settled"
            )
            live = [subscription for subscription in (plain, grouped) if subscription.state is LIVE]
            assert len(live) == {"both": 2, "neither": 0}.get(reading, 1)

        feed.run(main())


def test_by_default_the_second_level_is_rejected_with_a_way_out(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        plain, grouped = proxy.subscribe_orderbook("KRW-BTC"), proxy.subscribe_orderbook("KRW-BTC", level=10_000)
        with pytest.raises(SubscriptionError, match="send_both"):
            await grouped
        await plain
        plain.cancel()
        await all_live(grouped)

    feed.run(main())


def test_a_market_that_is_listed_later_begins_to_flow(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(), first_data_s=0.5) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            mixed = proxy.subscribe_ticker(["KRW-BTC", "KRW-NEWCOIN"])
            errors: list[Exception] = []
            proxy.error_occurred.connect(errors.append)
            await until(lambda: mixed.states["KRW-NEWCOIN"] is SubscriptionState.NOT_SERVED)
            assert mixed.state is LIVE
            assert [type(error) for error in errors] == [NotServedError]
            assert "KRW-NEWCOIN" in str(errors[0])
            assert "KRW-BTC" not in str(errors[0])
            feed.exchange.list_market("KRW-NEWCOIN", 100)
            feed.exchange.trade("KRW-NEWCOIN", side="BID")
            await until(lambda: mixed.states["KRW-NEWCOIN"] is LIVE)

        feed.run(main())
