"""What the exchange holds is asked for, and what it lost is asked for again (rule R11), however it spells the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, feed_of, link_status, until
from upbit_qt_ws import NotServedError, QtWebSocketProxy, Subscription, SubscriptionState
from upbit_qt_ws.testing import SimulatorOptions
from upbit_qt_ws.testing.subscribing import Subscribing

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QApplication

LIVE, STALE = SubscriptionState.LIVE, SubscriptionState.STALE

LISTING: dict[str, Any] = {"list_after_s": 0.1, "list_every_s": 0.25, "first_data_s": 1.0}
"""A list soon after each change, and four a second, which the limit of five messages allows."""

FORMATS = ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST")

STREAMS: dict[str, tuple[str, Callable[[QtWebSocketProxy, str], Subscription]]] = {
    "ticker": ("public", lambda proxy, code: proxy.subscribe_ticker(code)),
    "trade": ("public", lambda proxy, code: proxy.subscribe_trade(code)),
    "orderbook": ("public", lambda proxy, code: proxy.subscribe_orderbook(code, units=15, level=10_000)),
    "candle.1m": ("public", lambda proxy, code: proxy.subscribe_candle(code, "1m")),
    "myOrder": ("private", lambda proxy, code: proxy.subscribe_my_order(code)),
    "myAsset": ("private", lambda proxy, _: proxy.subscribe_my_asset()),
    "announcement": ("private", lambda proxy, _: proxy.subscribe_announcement()),
    "indicator": ("info", lambda proxy, code: proxy.subscribe_indicator(code, "rsi", timeframe="5m")),
    "indicator_signal": (
        "info",
        lambda proxy, code: proxy.subscribe_indicator_signal(code, "ma_crossover", "golden_cross", timeframe="5m"),
    ),
}
"""Per type, its socket and how to subscribe."""

READINGS: dict[str, SimulatorOptions] = {
    "as documented": SimulatorOptions(),
    "wrapped": SimulatorOptions(wrap_control_frames=True),
    "suffixes": SimulatorOptions(suffix_in_list=True),
    "only known codes": SimulatorOptions(unknown_in_list="only_known"),
    "format is not kept": SimulatorOptions(list_without_format="default"),
}

CASES = [
    ("as documented", "DEFAULT", "thread"),
    ("as documented", "DEFAULT", "application"),
    ("wrapped", "SIMPLE_LIST", "thread"),
    ("suffixes", "DEFAULT", "thread"),
    ("only known codes", "SIMPLE_LIST", "thread"),
    ("format is not kept", "SIMPLE", "thread"),
]


class Watch:
    """The states that a subscription went through, in order."""

    def __init__(self, feed: Feed, stream: str, code: str = "KRW-BTC") -> None:
        self.link, subscribe = STREAMS[stream]
        self.code = code if stream not in ("myAsset", "announcement") else ""
        self.proxy = feed.proxy(f"{stream} {code}")
        self.subscription = subscribe(self.proxy, code)
        self.states: list[SubscriptionState] = []
        self.errors: list[Exception] = []
        self.proxy.state_changed.connect(lambda subscription: self.states.append(subscription.state))
        self.proxy.error_occurred.connect(self.errors.append)


async def listed(feed: Feed, *links: str, times: int = 1) -> None:
    """Wait until the exchange has told so many times more what it holds on these sockets."""
    for link in links:
        before = (await link_status(feed, link)).listings
        while (await link_status(feed, link)).listings < before + times:
            await until(lambda: True)


@pytest.mark.parametrize(
    ("stream", "mode"),
    [("orderbook", "application"), ("myAsset", "thread")],
)
def test_a_stream_that_the_exchange_forgot_is_stale_until_it_is_served_again(
    qapp: QApplication, stream: str, mode: str
) -> None:
    with feed_of(qapp, SimulatorOptions(), mode, **LISTING) as feed:

        async def main() -> None:
            lost, kept = Watch(feed, stream), Watch(feed, stream, "KRW-ETH")
            await lost.subscription
            await kept.subscription
            await listed(feed, lost.link)
            requests = len(feed.requested())
            assert feed.exchange.forget(lost.code, stream) == 1
            await until(lambda: lost.states[-2:] == [STALE, LIVE], "it is live again")
            await listed(feed, lost.link, times=2)
            assert lost.states == [LIVE, STALE, LIVE]
            assert kept.states == ([LIVE] if lost.code else lost.states), "streams of the account are one"
            assert (await link_status(feed, lost.link)).repairs == 1
            assert len(feed.requested()) == requests + 1
            assert (lost.code or "", stream) in {(code, kind) for kind, code, _ in feed.served()}

        feed.run(main())
        assert not [request for request in feed.exchange.requests if request.error]


@pytest.mark.parametrize(("reading", "wire_format", "mode"), CASES)
def test_all_that_was_forgotten_is_healed_at_once_however_the_list_is_spelled(
    qapp: QApplication, reading: str, wire_format: str, mode: str
) -> None:
    with feed_of(qapp, READINGS[reading], mode, wire_format=wire_format, **LISTING) as feed:

        async def main() -> None:
            lost = [Watch(feed, stream) for stream in STREAMS]
            kept = [Watch(feed, stream, "KRW-ETH") for stream in STREAMS if stream not in ("myAsset", "announcement")]
            for watch in (*lost, *kept):
                await watch.subscription
            await listed(feed, "public", "private", "info")
            assert [(await link_status(feed, link)).repairs for link in ("public", "private", "info")] == [0, 0, 0]
            assert feed.exchange.forget("KRW-BTC") + feed.exchange.forget("") == len(STREAMS)
            await until(lambda: all(watch.states[-2:] == [STALE, LIVE] for watch in lost), "all are live again")
            await listed(feed, "public", "private", "info")
            assert [watch.states for watch in kept] == [[LIVE]] * len(kept)
            assert [(await link_status(feed, link)).repairs for link in ("public", "private", "info")] == [4, 3, 2]

        feed.run(main())
        assert {view.format for view in feed.exchange.connections} == {wire_format}
        assert len(feed.exchange.connections) == 3, "no socket was lost over it"
        assert not [request for request in feed.exchange.requests if request.error]


@pytest.mark.parametrize("reading", ["as_asked", "only_known"])
def test_a_code_that_is_not_served_is_asked_for_ever_more_seldom(qapp: QApplication, reading: Any) -> None:
    options = SimulatorOptions(unknown_in_list=reading)
    with feed_of(qapp, options, **{**LISTING, "first_data_s": 0.4}) as feed:

        async def main() -> None:
            good, bad = feed.proxy(), feed.proxy()
            served = await good.subscribe_ticker("KRW-BTC")
            with pytest.raises(NotServedError):
                await bad.subscribe_ticker("KRW-NOSUCH")
            await listed(feed, "public", times=9)
            # Once more before it counts as not served, then with the first, second, fourth and eighth list without it.
            repairs = (await link_status(feed)).repairs
            assert repairs == 0 if reading == "as_asked" else 4 <= repairs <= 5
            assert len(feed.requested()) == 2 + repairs
            assert served.state is LIVE

        feed.run(main())
        assert len(feed.exchange.connections) == 1


def test_an_exchange_that_lists_nothing_for_anybody_is_served_as_before(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Subscribing, "reply_list", lambda *_: None)
    with feed_of(qapp, SimulatorOptions(), **{**LISTING, "first_data_s": 0.5}) as feed:

        async def main() -> None:
            watches = [Watch(feed, stream) for stream in STREAMS]
            for watch in watches:
                await watch.subscription
            asked = [request for request in feed.exchange.requests if request.method is not None]
            await until(lambda: len(feed.exchange.requests) > 3, "it is asked")
            assert [watch.states for watch in watches] == [[LIVE]] * len(watches)
            assert not any(watch.errors for watch in watches)
            assert len(asked) <= 3
            status = await link_status(feed)
            assert (status.listings, status.repairs) == (0, 0)

        feed.run(main())
        assert len(feed.requested()) == 3


def test_a_stream_that_is_lost_again_and_again_is_healed_each_time(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(), **LISTING) as feed:

        async def main() -> None:
            watch = Watch(feed, "ticker")
            await watch.subscription
            for times in range(1, 5):
                await listed(feed, "public")
                feed.exchange.forget("KRW-BTC", "ticker")
                await until(lambda: watch.states == [LIVE, *[STALE, LIVE] * times], f"healed {times} times")

        feed.run(main())


def test_an_indicator_that_the_list_never_shows_is_not_called_live(qapp: QApplication) -> None:
    options = SimulatorOptions(unknown_in_list="only_known")
    with feed_of(qapp, options, **{**LISTING, "first_data_s": 0.4}) as feed:

        async def main() -> None:
            watch = Watch(feed, "indicator", "KRW-NOSUCH")
            await listed(feed, "info", times=4)
            assert watch.subscription.state is not LIVE

        feed.run(main())
