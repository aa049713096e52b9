"""A connection that is open and says nothing: asked before it is judged, and replaced when it is dead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.conftest import feed_of, link_status, until
from upbit_qt_ws import Event, SubscriptionState
from upbit_qt_ws.network import engine
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

AT_ONCE = SimulatorOptions(snapshot_delays=(0.0, 0.0))
QUICK: dict[str, Any] = {"silence_s": 0.3, "probe_timeout_s": 0.3, "list_every_s": 60.0, "list_after_s": 60.0}
CODE = "KRW-BTC"


def test_a_quiet_market_is_asked_about_and_left_alone(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, rate=0, **QUICK) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            prices = await proxy.subscribe_ticker(CODE)
            asked = [request for request in feed.exchange.requests if request.method]
            await until(lambda: len([r for r in feed.exchange.requests if r.method]) > len(asked) + 2, "questions")
            assert prices.state is SubscriptionState.LIVE
            assert (await link_status(feed)).sockets_opened == 1

        feed.run(main())


def test_an_exchange_that_hears_nothing_any_more_is_left(qapp: QApplication) -> None:
    with feed_of(qapp, AT_ONCE, **QUICK) as feed:

        async def main() -> None:
            reasons: list[str] = []
            feed.manager.link_changed.connect(lambda name, status: reasons.append(status.reason))
            proxy = feed.proxy()
            prices = await proxy.subscribe_ticker(CODE)
            feed.exchange.deafen()
            await until(lambda: prices.state is SubscriptionState.STALE, "the silence was noticed")
            assert any("silent" in reason for reason in reasons)
            feed.exchange.deafen(False)
            await until(lambda: prices.state is SubscriptionState.LIVE, "live again")

        feed.run(main())


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_is_set_interrupts_nothing(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    shift = [0.0]
    monkeypatch.setattr(engine, "wall_clock", lambda: time.time() + shift[0])
    seen: list[Event] = []
    with feed_of(qapp, AT_ONCE, fallback_every_s=0.05) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            proxy.ticker_received.connect(seen.append)
            prices = await proxy.subscribe_ticker(CODE)
            asked = len([request for request in feed.exchange.requests if request.method])
            shift[0] = jump
            if jump > 0:
                await until(lambda: len([r for r in feed.exchange.requests if r.method]) > asked, "a question")
            count = len(seen)
            await until(lambda: len(seen) > count + 20, "data goes on")
            assert prices.state is SubscriptionState.LIVE
            assert (await link_status(feed)).sockets_opened == 1

        feed.run(main())


def test_after_a_sleep_a_dead_connection_is_found_at_once(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    shift = [0.0]
    monkeypatch.setattr(engine, "wall_clock", lambda: time.time() + shift[0])
    with feed_of(qapp, AT_ONCE, fallback_every_s=0.05, silence_s=600.0) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            prices = await proxy.subscribe_ticker(CODE)
            feed.exchange.deafen()
            shift[0] = 600.0
            await until(lambda: prices.state is SubscriptionState.STALE, "the connection was found to be dead")
            feed.exchange.deafen(False)
            await until(lambda: prices.state is SubscriptionState.LIVE, "live again")

        feed.run(main())


def test_after_a_sleep_a_waiting_link_is_tried_at_once(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    shift = [0.0]
    monkeypatch.setattr(engine, "wall_clock", lambda: time.time() + shift[0])
    with feed_of(qapp, AT_ONCE, fallback_every_s=0.05, retry_base_s=60.0, retry_cap_s=60.0) as feed:

        async def main() -> None:
            proxy = feed.proxy()
            feed.exchange.refuse_connections()
            prices = proxy.subscribe_ticker(CODE)
            await until(lambda: len(feed.exchange.handshakes) > 1, "two attempts")
            feed.exchange.refuse_connections(False)
            shift[0] = 600.0
            await prices

        feed.run(main())
