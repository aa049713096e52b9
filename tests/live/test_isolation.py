"""A subscriber that raises, blocks, changes its mind or dies in its callback changes nothing for the others."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6 import sip

from tests.live.conftest import Feed, until
from upbit_qt_ws import CallbackError, SubscriptionState, TickerEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws import QtWebSocketProxy, Subscription


def fail(_event: TickerEvent) -> None:
    raise ZeroDivisionError("from a callback")


async def fail_later(_event: TickerEvent) -> None:
    await asyncio.sleep(0)
    raise ZeroDivisionError("from a coroutine")


@pytest.mark.parametrize("callback", [fail, fail_later])
def test_what_a_callback_raises_goes_to_its_owner_only(
    feed: Feed, callback: Callable[[TickerEvent], object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="upbit_qt_ws")
    reported: list[Exception] = []
    handled: list[Exception] = []

    async def main() -> None:
        bad, handling, good = feed.proxy("bad"), feed.proxy("handling"), feed.proxy("good")
        bad.error_occurred.connect(reported.append)
        good.error_occurred.connect(lambda error: pytest.fail(str(error)))
        await bad.subscribe_ticker("KRW-BTC", callback)
        await handling.subscribe_ticker("KRW-BTC", callback, error_handler=handled.append)
        prices = await good.subscribe_ticker("KRW-BTC")
        before = prices.account.delivered
        await until(lambda: prices.account.delivered > before + 3 and reported and handled)

    feed.run(main())

    assert {type(error) for error in reported + handled} == {ZeroDivisionError}


def test_a_callback_may_cancel_swap_subscribe_clean_up_or_destroy(feed: Feed) -> None:
    async def main() -> None:
        good = feed.proxy("good")
        prices = await good.subscribe_ticker(["KRW-BTC", "KRW-ETH"])
        victims = [feed.proxy(name) for name in ("cancel", "swap", "subscribe", "cleanup", "delete")]
        actions: dict[str, Callable[[QtWebSocketProxy, Subscription], object]] = {
            "cancel": lambda proxy, subscription: subscription.cancel(),
            "swap": lambda proxy, subscription: subscription.set_codes("KRW-XRP"),
            "subscribe": lambda proxy, subscription: proxy.subscribe_trade("KRW-BTC"),
            "cleanup": lambda proxy, subscription: proxy.cleanup(),
            "delete": lambda proxy, subscription: sip.delete(proxy),
        }
        done: list[str] = []

        def act(proxy: QtWebSocketProxy, event: TickerEvent) -> None:
            if proxy.name not in done:
                done.append(proxy.name)
                actions[proxy.name](proxy, proxy.subscriptions[0])

        held = []
        for victim in victims:
            held.append(victim.subscribe_ticker(["KRW-BTC", "KRW-ETH"], functools.partial(act, victim)))
        await until(lambda: len(done) == len(victims), "every callback ran")
        before = prices.account.delivered
        await until(lambda: prices.account.delivered > before + 3)
        assert held[0].state is SubscriptionState.CLOSED
        await held[1]
        assert held[1].codes == ("KRW-XRP",)
        assert len(victims[2].subscriptions) == 2
        assert held[3].state is SubscriptionState.CLOSED
        assert held[4].state is SubscriptionState.CLOSED
        for subscription in held:
            account = subscription.account
            assert account.received == account.delivered + account.coalesced + account.dropped

    feed.run(main())


def test_a_frozen_gui_costs_bounded_memory_and_wakes_up_to_the_newest_values(feed: Feed) -> None:
    seen: list[TickerEvent] = []

    async def main() -> None:
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker("KRW-BTC", seen.append)
        feed.exchange.set_rate(3000)
        # On the application's own loop the network stands still, too, and the system keeps what comes.
        frames, coalesced = feed.manager.frames, prices.account.coalesced
        time.sleep(0.5)  # noqa: ASYNC251 - the test is about a GUI thread that does nothing
        await until(lambda: feed.manager.frames > frames)
        assert prices.account.coalesced > coalesced
        feed.exchange.set_rate(0)
        await asyncio.sleep(0.3)
        account = prices.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        assert account.dropped == 0

    feed.run(main())

    assert seen[-1].trade_price == feed.last_price("KRW-BTC")


def test_a_callback_that_always_fails_is_paused_and_a_slow_one_is_named(
    feed: Feed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="upbit_qt_ws")
    errors: list[Exception] = []

    def dawdle(_event: TickerEvent) -> None:
        time.sleep(0.06)

    async def main() -> None:
        bad, slow, good = feed.proxy("bad"), feed.proxy("slow"), feed.proxy("good")
        bad.error_occurred.connect(errors.append)
        paused = await bad.subscribe_ticker("KRW-BTC", fail)
        prices = await good.subscribe_ticker("KRW-BTC")
        await until(lambda: paused.is_paused, "the callback is paused")
        assert isinstance(errors[-1], CallbackError)
        assert len(errors) <= 7
        before = prices.account.delivered
        await until(lambda: prices.account.delivered > before + 3)
        slow.ticker_received.connect(dawdle)
        slow.subscribe_ticker("KRW-BTC", dawdle)
        await until(lambda: len(feed.manager.slow_calls.worst) == 2, "the slow callback and the slow slot are named")
        status: dict[str, Any] = await feed.manager.get_health_status()
        assert all(call["worst_ms"] >= 50 for call in status["slow_callbacks"])
        of_slot, of_callback = sorted((call["name"] for call in status["slow_callbacks"]), key=len)
        assert of_slot == "slow: slots of ticker"
        assert of_callback.endswith("dawdle")
        paused.resume()
        await until(lambda: paused.is_paused, "it fails on")

    feed.run(main())
