"""Policies of subscriptions, through the simulated exchange."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import (
    BackpressureError,
    SubscriptionError,
    coalesce_by_symbol,
    drop_oldest,
    throttle,
)
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws import Subscription

CODES = ["KRW-BTC", "KRW-ETH"]


def adds_up(subscription: Subscription) -> bool:
    account = subscription.account
    return account.received == account.delivered + account.coalesced + account.dropped


def test_each_subscription_follows_its_own_policy(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        shown: list[Any] = []
        proxy.ticker_received.connect(shown.append)
        calls: dict[str, list[tuple[float, Any]]] = {"all": [], "newest": [], "now and then": []}

        def into(name: str) -> Any:
            return lambda event: calls[name].append((time.monotonic(), event))

        subscriptions = {
            "all": proxy.subscribe_ticker(CODES, into("all"), policy=drop_oldest(5000)),
            "newest": proxy.subscribe_ticker(CODES, into("newest"), policy=coalesce_by_symbol()),
            "now and then": proxy.subscribe_ticker(CODES, into("now and then"), policy=throttle(200)),
        }
        for subscription in subscriptions.values():
            await subscription
        await until(lambda: len(calls["all"]) > 200, "200 events")
        feed.exchange.set_rate(0)
        for code in CODES:
            feed.exchange.trade(code)
        await asyncio.sleep(0.5)
        assert all(map(adds_up, subscriptions.values()))
        last = {
            name: {code: [event for _, event in got if event.code == code][-1] for code in CODES}
            for name, got in calls.items()
        }
        assert last["all"] == last["newest"] == last["now and then"]
        assert subscriptions["all"].account.coalesced == 0
        assert subscriptions["newest"].account.coalesced > 0
        for code in CODES:
            moments = [at for at, event in calls["now and then"] if event.code == code]
            # A frame may be late, and the next one early for it; but there are no more than the time has room for.
            assert len(moments) <= (moments[-1] - moments[0]) / 0.2 + 2
            of_code = [event for event in shown if event.code == code]
            assert [event.timestamp for event in of_code] == sorted(event.timestamp for event in of_code)
        assert len(shown) == len(set(map(id, shown)))

    feed.run(main())


def test_own_orders_that_an_application_cannot_take_are_reported_and_raise_an_alert(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions()) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            errors: list[Exception] = []
            proxy.error_occurred.connect(errors.append)
            free = asyncio.Event()

            async def slow(event: object) -> None:
                await free.wait()

            orders = await proxy.subscribe_my_order(callback=slow, policy=drop_oldest(2))
            for _ in range(5):
                feed.exchange.place_order("KRW-BTC", "BID", 6000, None)
                await asyncio.sleep(0.05)
            await until(lambda: bool(errors), "the loss is reported")
            assert isinstance(errors[0], BackpressureError)
            assert "get_my_order_snapshot" in str(errors[0])
            await until(lambda: any(alert.kind == "overflow" for alert in feed.manager.alerts), "an alert is raised")
            assert adds_up(orders)
            free.set()

        feed.run(main())


def test_a_policy_that_makes_no_sense_is_refused_before_anything_is_asked_for(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        with pytest.raises(SubscriptionError, match="is none: give"):
            proxy.subscribe_ticker(CODES, policy="coalesce")  # type: ignore[arg-type]
        with pytest.raises(SubscriptionError, match="drop_oldest"):
            proxy.subscribe_my_asset(policy=throttle(100))
        for number in (0, 1.5, True, None):
            with pytest.raises(SubscriptionError, match=r"concurrency .*give a whole number"):
                proxy.subscribe_ticker(CODES, concurrency=number)  # type: ignore[arg-type]
        assert proxy.subscriptions == ()

    feed.run(main())


def test_a_window_that_cannot_keep_up_is_given_fewer_frames_until_it_can(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(), rate=2000) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            cost = 0.015

            def work(_events: object) -> None:
                time.sleep(cost)

            proxy.batch_received.connect(work)
            await proxy.subscribe_ticker(CODES)
            await until(lambda: feed.manager.frame_rate < 60, "it gives way")
            assert feed.manager.health_status()["frame_rate"] == feed.manager.frame_rate
            cost = 0.0
            await until(lambda: feed.manager.frame_rate == 60, "it comes back")

        feed.run(main())
