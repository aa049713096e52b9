"""A simulated exchange, and a manager that talks to it, for tests that go through the whole path.

``feed`` comes in both modes: with the network thread, and on the loop that the test itself runs in the GUI thread.
The body of such a test is a coroutine on stock qasync, as it would be in an application.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import qasync

from upbit_qt_ws import GlobalWebSocketManager, LinkStatus, QtWebSocketProxy, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from PyQt6.QtWidgets import QApplication

_T = TypeVar("_T")

PATIENCE = 10.0
"""Seconds after which a condition counts as never to come true; no test waits that long when all is well."""

FAST = WebSocketConfig(
    settle_s=0.02, settle_max_s=0.1, linger_s=0.2, reopen_grace_s=0.0, retry_base_s=0.05, retry_cap_s=0.2
)


@dataclass
class Feed:
    """What a test needs: the exchange, a manager, and a way to run a coroutine in the GUI thread."""

    exchange: SimulatedExchange
    manager: GlobalWebSocketManager
    application: QApplication

    def run(self, main: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on a stock qasync loop in the GUI thread, then shut the manager down on the same loop."""

        async def body() -> _T:
            try:
                return await asyncio.wait_for(main, 4 * PATIENCE)
            finally:
                await self.manager.shutdown()

        loop = qasync.QEventLoop(self.application, already_running=False)
        try:
            asyncio.set_event_loop(loop)
            result: _T = loop.run_until_complete(body())
            return result
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def proxy(self, name: str | None = None) -> QtWebSocketProxy:
        """Make a proxy of the manager."""
        return QtWebSocketProxy(name, manager=self.manager)

    @property
    def market_codes(self) -> list[str]:
        """Return the codes of all markets of the exchange."""
        return list(self.exchange.server.market.listings)

    def last_price(self, code: str) -> float:
        """Return the price of the last trade, as the exchange itself knows it."""
        market = self.exchange.server.market
        return self.exchange.call(lambda: market.market(code).last_trade().price) / 1e8

    def requested(self) -> list[dict[tuple[str, str], str]]:
        """Return each request that the exchange got: (type, code) to ``both``, ``snapshot`` or ``realtime``."""
        return [wire_set(request.text) for request in self.exchange.requests if request.method is None]

    def served(self) -> frozenset[tuple[str, str, float]]:
        """Return the topics that the exchange itself holds on its open connections."""
        return frozenset(
            (entry.type, entry.code, float(entry.level))
            for view in self.exchange.connections
            if view.open
            for entry in view.subscription
        )


def wire_set(text: str) -> dict[tuple[str, str], str]:
    """Return what a request asks for: (type, code with suffix) to the kind of events."""
    wanted = {}
    for entry in json.loads(text):
        kind = "snapshot" if entry.get("is_only_snapshot") else "realtime" if entry.get("is_only_realtime") else "both"
        for code in entry.get("codes", ()):
            wanted[entry["type"], code] = kind
    return wanted


async def link_status(feed: Feed, name: str = "public") -> LinkStatus:
    """Return the state of a link with its counters as they are at this moment."""
    await feed.manager.get_health_status()
    return feed.manager.link(name)


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Let the event loop run until ``condition`` is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what or condition}"
        await asyncio.sleep(0.005)


def simulated_exchange(rate: float = 300) -> SimulatedExchange:
    """Return an exchange with a lively market and no waiting times, not yet started."""
    return SimulatedExchange(seed=7, rate=rate, options=SimulatorOptions(snapshot_delays=(0.0, 0.0)))


def config_for(exchange: SimulatedExchange, **changes: Any) -> WebSocketConfig:
    """Return settings that point to the exchange, with short waiting times."""
    options = exchange.server.options
    addresses = {
        "public_url": exchange.websocket_url,
        "private_url": exchange.private_url,
        "info_url": exchange.info_url,
        "rest_url": exchange.rest_url,
        "access_key": options.access_key,
        "secret_key": options.secret_key,
    }
    return replace(FAST, **{**addresses, **changes})


@contextmanager
def feed_of(
    application: QApplication, options: SimulatorOptions, mode: str = "thread", *, rate: float = 300, **settings: Any
) -> Iterator[Feed]:
    """Make a feed of an exchange with these switches, and of a manager with these settings."""
    with SimulatedExchange(seed=7, rate=rate, options=options) as exchange:
        yield Feed(exchange, GlobalWebSocketManager(config_for(exchange, loop=mode, **settings)), application)


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A running exchange."""
    with simulated_exchange() as running:
        yield running


@pytest.fixture
def config(exchange: SimulatedExchange) -> WebSocketConfig:
    """Settings that point to the exchange."""
    return config_for(exchange)


@pytest.fixture(params=["thread", "application"])
def feed(request: pytest.FixtureRequest, qapp: QApplication, exchange: SimulatedExchange) -> Feed:
    """Exchange and manager, in both modes; ``run`` shuts the manager down."""
    return Feed(exchange, GlobalWebSocketManager(config_for(exchange, loop=request.param)), qapp)


MakeFeed = Callable[[str], AbstractContextManager[Feed]]


@pytest.fixture
def make_feed(qapp: QApplication) -> MakeFeed:
    """Make a feed with an exchange of its own, for tests that need several."""

    @contextmanager
    def make(mode: str) -> Iterator[Feed]:
        with simulated_exchange() as exchange:
            yield Feed(exchange, GlobalWebSocketManager(config_for(exchange, loop=mode)), qapp)

    return make
