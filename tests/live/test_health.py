"""The toolkit watches itself, through the simulated exchange."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.live.conftest import feed_of, until
from upbit_qt_ws.health import Alert, AlertKind
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    import pytest
    from PyQt6.QtWidgets import QApplication

    from tests.live.conftest import Feed
    from upbit_qt_ws import LinkStatus

FAST_SNAPSHOTS = SimulatorOptions(snapshot_delays=(0.0, 0.0))


def test_the_health_status_tells_everything_in_json_and_no_secret(feed: Feed) -> None:
    async def main() -> dict[str, Any]:
        proxy = feed.proxy("board")
        proxy.subscribe_ticker(["KRW-BTC", "KRW-ETH"])
        proxy.subscribe_trade(["KRW-BTC"])
        proxy.subscribe_my_order()
        await until(lambda: feed.manager.metrics.exchange_latency.count and feed.manager.metrics.gui_lag.count)
        await until(lambda: feed.manager.metrics.deliveries > 0 and feed.manager.link("private").epoch)
        return await feed.manager.get_health_status()

    status = feed.run(main())
    text = json.dumps(status)
    options = feed.exchange.server.options
    assert options.access_key not in text
    assert options.secret_key not in text
    assert {"status", "connections", "subscriptions", "performance", "rate_limiter", "alerts"} <= status.keys()
    assert status["status"] == "healthy"
    assert status["reasons"] == []
    assert status["alerts"] == {"active": [], "past": []}
    performance = status["performance"]
    assert performance["frames_in_per_s"] > 0
    assert performance["deliveries_per_s"] > 0
    assert 0 < performance["exchange_latency"]["p50_ms"] < 5000
    assert 0 < performance["delivery_latency"]["p50_ms"] < 5000
    assert performance["network_lag"]["count"] > 0
    assert performance["memory_mb"] > 10
    assert status["subscriptions"]["silent_s"]["ticker KRW-BTC"] >= 0.0


def test_no_keys_is_healthy(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    with feed_of(qapp, FAST_SNAPSHOTS, access_key="", secret_key="") as feed:

        async def main() -> dict[str, Any]:
            proxy = feed.proxy()
            proxy.subscribe_ticker(["KRW-BTC"])
            proxy.subscribe_my_asset()
            await until(lambda: feed.manager.link("private").state.value == "unauthorized")
            return await feed.manager.get_health_status()

        assert feed.run(main())["status"] == "healthy"


def test_an_alert_reaches_the_application_once(qapp: QApplication) -> None:
    with feed_of(qapp, FAST_SNAPSHOTS, alert_error_rate=0.05) as feed:

        async def main() -> list[Alert]:
            alerts: list[Alert] = []
            feed.manager.alert_changed.connect(alerts.append)
            proxy = feed.proxy()
            proxy.subscribe_ticker(["KRW-BTC"])
            await until(lambda: feed.manager.metrics.frames_in > 0)
            while not alerts:
                for _ in range(50):
                    feed.exchange.broadcast(b"{broken")
                await asyncio.sleep(0.05)
            status = await feed.manager.get_health_status()
            assert status["status"] == "degraded"
            assert feed.manager.alerts == tuple(alerts)
            return alerts

        (alert,) = feed.run(main())
        assert alert.kind is AlertKind.ERROR_RATE
        assert alert.is_active


def test_a_frozen_window_is_told_from_a_slow_network(qapp: QApplication) -> None:
    with feed_of(qapp, FAST_SNAPSHOTS, alert_latency_s=0.3) as feed:

        async def main() -> list[Alert]:
            alerts: list[Alert] = []
            feed.manager.alert_changed.connect(alerts.append)
            proxy = feed.proxy()
            proxy.subscribe_ticker(["KRW-BTC"], callback=lambda _: time.sleep(0.5))
            await until(lambda: alerts)
            return alerts

        alerts = feed.run(main())
        assert [alert.kind for alert in alerts] == [AlertKind.DELIVERY]


def test_a_clock_that_is_an_hour_off_is_not_latency(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr("upbit_qt_ws.network.intake.wall_clock", lambda: real() + 3600.0)
    with feed_of(qapp, FAST_SNAPSHOTS) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            proxy.subscribe_trade(["KRW-BTC", "KRW-ETH"])
            await until(lambda: feed.manager.metrics.exchange_latency.count > 5)

        feed.run(main())
        metrics = feed.manager.metrics
        assert metrics.clock_offset is not None
        assert 3599.0 < metrics.clock_offset < 3605.0
        assert metrics.exchange_latency.p50 < 5.0


def test_nothing_is_measured_while_nothing_is_wanted(feed: Feed) -> None:
    async def main() -> None:
        proxy = feed.proxy()
        subscription = proxy.subscribe_ticker(["KRW-BTC"])
        await until(lambda: feed.manager.metrics.at > 0)
        subscription.cancel()
        await until(lambda: feed.manager.link().state.value == "idle")
        measured = feed.manager.metrics
        await asyncio.sleep(1.5)
        assert feed.manager.metrics is measured

    feed.run(main())


def test_a_link_tells_its_status_only_when_it_has_changed(feed: Feed) -> None:
    told: dict[str, list[LinkStatus]] = {"public": [], "private": [], "info": []}

    async def main() -> None:
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker("KRW-BTC")
        feed.manager.link_changed.connect(lambda name, status: told[name].append(status))
        for code in ("KRW-ETH", "KRW-XRP", "KRW-SOL"):
            asked = len(feed.requested())
            prices.set_codes(code)
            await until(lambda asked=asked: len(feed.requested()) > asked, "a request")  # type: ignore[misc]
            await feed.manager.get_health_status()

    feed.run(main())

    # Nothing is wanted of them: all that there is to tell is that they are idle, and that they have stopped.
    assert len(told["private"]) <= 2
    assert len(told["info"]) <= 2
    for statuses in told.values():
        assert all(before != after for before, after in pairwise(statuses))
