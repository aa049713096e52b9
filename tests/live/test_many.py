"""Many components at once, and one bad code among many: few requests, and only its owner notices."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import Feed, feed_of, until
from upbit_qt_ws import SubscriptionError, SubscriptionState
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

LIVE = SubscriptionState.LIVE


def test_350_codes_of_100_components_are_three_requests_at_most(feed: Feed) -> None:
    async def main() -> None:
        codes = feed.market_codes[:350]
        assert len(codes) == 350
        proxies = [feed.proxy() for _ in range(100)]
        started = time.monotonic()
        subscriptions = [
            proxy.subscribe_ticker([codes[(number * 7 + offset) % 350] for offset in range(10)])
            for number, proxy in enumerate(proxies)
            for _ in range(2)
        ]
        await until(lambda: all(subscription.state is LIVE for subscription in subscriptions), "all are live")
        assert time.monotonic() - started < 8.0  # Measured: 0.5 s; a machine may be busy.
        assert len(feed.requested()) <= 3
        assert {code for _, code, _ in feed.served()} == set(codes)
        before = len(feed.requested())
        for proxy in proxies:
            for subscription in proxy.subscriptions:
                left = [code for code in subscription.codes if code != codes[5]]
                if len(left) < len(subscription.codes):
                    subscription.set_codes(left)
        await until(lambda: codes[5] not in {code for _, code, _ in feed.served()}, "one code is gone")
        assert len(feed.requested()) == before + 1
        for proxy in proxies:
            proxy.cleanup()
        await until(lambda: not any(view.open for view in feed.exchange.connections), "the socket closes")
        assert len(feed.requested()) == before + 1

    feed.run(main())
    assert not [request.error for request in feed.exchange.requests if request.error]


@pytest.mark.parametrize("count", [300])
def test_one_poisoned_code_leaves_the_others_live(qapp: QApplication, count: int) -> None:
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0))) as feed:

        async def main() -> None:
            codes = feed.market_codes[:count]
            poisoned = codes[count * 2 // 3]
            feed.exchange.poison(poisoned)
            good, bad = feed.proxy("good"), feed.proxy("bad")
            errors: dict[str, list[Exception]] = {"good": [], "bad": []}
            good.error_occurred.connect(errors["good"].append)
            bad.error_occurred.connect(errors["bad"].append)
            many = good.subscribe_ticker([code for code in codes if code != poisoned])
            one = bad.subscribe_ticker(poisoned)
            with pytest.raises(SubscriptionError, match=poisoned):
                await one
            await until(lambda: many.state is LIVE, "all others are live")
            assert one.state is SubscriptionState.REJECTED
            assert (len(errors["good"]), len(errors["bad"])) == (0, 1)

        feed.run(main())
        refused = [request for request in feed.exchange.requests if request.error]
        assert len(refused) <= 1 + math.ceil(math.log2(count))
        assert len(feed.exchange.connections) == len(refused) + 1


def test_a_bad_newcomer_costs_the_others_one_reconnect(qapp: QApplication) -> None:
    with feed_of(qapp, SimulatorOptions(snapshot_delays=(0.0, 0.0))) as feed:

        async def main() -> None:
            feed.exchange.poison("KRW-XRP", "WRONG_FORMAT")
            good, bad = feed.proxy(), feed.proxy()
            many = good.subscribe_ticker(feed.market_codes[:50])
            if "KRW-XRP" in many.codes:
                many.set_codes([code for code in many.codes if code != "KRW-XRP"])
            await many
            one = bad.subscribe_trade("KRW-XRP")
            with pytest.raises(SubscriptionError, match="WRONG_FORMAT"):
                await one
            await until(lambda: len(feed.exchange.connections) == 2 and many.state is LIVE)

        feed.run(main())
        assert len(feed.exchange.connections) == 2
