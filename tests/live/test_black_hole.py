"""A network that swallows packets without a reset: what is called live, and how soon there is data again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import Feed, link_status, until
from upbit_qt_ws import Event, Gap, GlobalWebSocketManager, LinkState, SubscriptionState
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions
from upbit_qt_ws.testing.faults import Authority, FaultProxy
from upbit_qt_ws.testing.pytest_plugin import config_through

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

    from PyQt6.QtWidgets import QApplication

CODES = ["KRW-BTC", "KRW-ETH"]
LIVE, STALE = SubscriptionState.LIVE, SubscriptionState.STALE
# What else would end a silent connection is far away.
ALONE: dict[str, Any] = {
    "ping_interval_s": 60.0,
    "ping_timeout_s": 60.0,
    "silence_s": 60.0,
    "probe_timeout_s": 60.0,
    "connect_timeout_s": 30.0,
    "list_every_s": 60.0,
    "stall_s": 0.6,
    "stall_patience_s": 0.3,
    "rest_fallback": False,
}


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten looks tell how often something comes; here they take half a second."""
    monkeypatch.setattr("upbit_qt_ws.network.engine.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("upbit_qt_ws.network.link_watch.LOOK_SECONDS", 0.05)


@contextmanager
def behind_proxy(
    application: QApplication, tls: ssl.SSLContext | None = None, **settings: Any
) -> Iterator[tuple[Feed, FaultProxy]]:
    options = SimulatorOptions(snapshot_delays=(0.0, 0.0))
    with (
        SimulatedExchange(seed=7, rate=600, options=options, ssl_context=tls) as exchange,
        FaultProxy(exchange) as proxy,
    ):
        config = config_through(exchange, proxy, **{**ALONE, **settings})
        yield Feed(exchange, GlobalWebSocketManager(config), application), proxy


async def pause(seconds: float) -> None:
    end = time.monotonic() + seconds
    await until(lambda: time.monotonic() >= end)


@pytest.mark.parametrize("direction", ["both", "in", "out"])
@pytest.mark.parametrize("mode", ["thread", "application"])
def test_what_is_silent_is_stale_and_there_is_data_soon_after_the_return(
    qapp: QApplication, mode: str, direction: str
) -> None:
    events: list[Event] = []
    gaps: list[Gap] = []
    with behind_proxy(qapp, loop=mode) as (feed, proxy):

        async def main() -> None:
            window = feed.proxy()
            window.batch_received.connect(events.extend)
            window.gap_detected.connect(gaps.append)
            ticker = await window.subscribe_ticker(CODES)
            trades = await window.subscribe_trade(CODES)
            orders = await window.subscribe_my_order()
            await pause(1.5)
            proxy.black_hole(direction)
            await until(lambda: (ticker.state, trades.state) == (STALE, STALE), "stale")
            await until(lambda: "no sign of life" in feed.manager.link().reason, "the reason")
            link = await link_status(feed)
            assert link.state is LinkState.CONNECTED
            assert link.unanswered == 1
            await until(lambda: orders.state is STALE, "the private connection takes the same way")
            # Long enough that what is under way would come seconds later.
            await pause(3.0)
            proxy.black_hole(None)
            back = time.monotonic()
            await until(lambda: (ticker.state, trades.state) == (LIVE, LIVE), "live again")
            await until(lambda: orders.state is LIVE, "the private one, too")
            assert time.monotonic() - back < 5.0
            await until(lambda: not feed.manager.link().reason, "nothing to say any more")

        feed.run(main())


def test_missed_trades_are_fetched_when_another_connection_takes_over(qapp: QApplication) -> None:
    gaps: list[Gap] = []
    with behind_proxy(qapp) as (feed, proxy):

        async def main() -> None:
            window = feed.proxy()
            window.gap_detected.connect(gaps.append)
            trades = await window.subscribe_trade("KRW-BTC")
            await window.subscribe_ticker(CODES)
            await pause(1.5)
            proxy.black_hole()
            await until(lambda: trades.state is STALE, "stale")
            await pause(2.5)
            # What was under way is sent again after 6.2 s; a new connection is through long before.
            proxy.black_hole(None)
            await until(lambda: trades.state is LIVE, "live")
            await until(lambda: any(gap.topic.type == "trade" for gap in gaps), "the gap is told")

        feed.run(main())


def test_a_connection_that_speaks_again_in_time_is_kept(qapp: QApplication) -> None:
    with behind_proxy(qapp) as (feed, proxy):

        async def main() -> None:
            window = feed.proxy()
            ticker = await window.subscribe_ticker(CODES)
            quiet = await window.subscribe_candle("KRW-BTC", "240m")
            await pause(1.5)
            # New connections get no answer, and this one stands still for a moment.
            proxy.black_hole()
            proxy.freeze()
            await until(lambda: ticker.state is STALE and quiet.state is STALE, "stale")
            proxy.refuse()
            proxy.black_hole(None)
            proxy.freeze(False)
            await until(lambda: ticker.state is LIVE and quiet.state is LIVE, "live")
            proxy.refuse(False)
            await until(lambda: not feed.manager.link().reason, "nothing to say any more")
            link = await link_status(feed)
            assert (link.sockets_opened, link.epoch) == (1, 1)

        feed.run(main())


def test_it_is_the_same_over_tls(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))
    with behind_proxy(qapp, authority.serving) as (feed, proxy):

        async def main() -> None:
            window = feed.proxy()
            ticker = await window.subscribe_ticker(CODES)
            await pause(1.5)
            proxy.black_hole()
            await until(lambda: ticker.state is STALE, "stale")
            await pause(1.0)
            proxy.black_hole(None)
            await until(lambda: ticker.state is LIVE, "live again")

        feed.run(main())


def test_a_program_that_is_closed_in_a_black_hole_ends_at_once(qapp: QApplication) -> None:
    with behind_proxy(qapp) as (feed, proxy):

        async def main() -> None:
            window = feed.proxy()
            ticker = await window.subscribe_ticker(CODES)
            await pause(1.5)
            proxy.black_hole()
            await until(lambda: ticker.state is STALE, "stale")
            began = time.monotonic()
            await feed.manager.shutdown()
            assert time.monotonic() - began < 2.0

        feed.run(main())
