"""Sixty components change their minds at random; the exchange's own view must follow (invariants 1 to 3)."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QObject

from tests.live.conftest import Feed, until, wire_set
from upbit_qt_ws import QtWebSocketProxy, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.conftest import MakeFeed
    from upbit_qt_ws.testing import RecordedRequest

CODES = [f"KRW-{base}" for base in ("BTC", "ETH", "XRP", "ADA", "SOL", "DOGE", "DOT", "TRX")]
KINDS = ("ticker", "trade", "orderbook", "candle")
PROXIES = 60

LATE = 0.5
"""Seconds by which the exchange may stamp a request later than it was sent: its thread has to get its turn."""

Step = tuple[str, int, int, int]
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(["subscribe", "subscribe", "swap", "cancel", "destroy", "pause"]),
        st.integers(0, PROXIES - 1),
        st.integers(0, len(KINDS) - 1),
        st.integers(0, 2 ** len(CODES) - 2),
    ),
    min_size=40,
    max_size=150,
)


class Crowd:
    """The components, and a naive account of what they want, kept with the time of each change."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.owners: dict[int, QObject] = {}
        self.subscriptions: dict[int, list[Subscription]] = {}
        self.history: list[tuple[float, frozenset[tuple[str, str]]]] = []

    def wanted(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (subscription.spec.type, code)
            for held in self.subscriptions.values()
            for subscription in held
            for code in subscription.codes
        )

    def do(self, step: Step) -> None:
        action, number, kind, mask = step
        codes = [code for bit, code in enumerate(CODES) if (mask + 1) >> bit & 1]
        held = self.subscriptions.setdefault(number, [])
        if action == "subscribe":
            held.append(self.subscribe(number, KINDS[kind], codes))
        elif action == "swap" and held:
            held[mask % len(held)].set_codes(codes)
        elif action == "cancel" and held:
            held.pop(mask % len(held)).cancel()
        elif action == "destroy" and number in self.owners:
            del self.owners[number]
            self.subscriptions[number] = []
        self.history.append((time.monotonic(), self.wanted()))

    def subscribe(self, number: int, kind: str, codes: list[str]) -> Subscription:
        if number not in self.owners:
            self.owners[number] = owner = QObject()
            QtWebSocketProxy(str(number), parent=owner, manager=self.feed.manager)
        (proxy,) = self.owners[number].findChildren(QtWebSocketProxy)
        subscribe: dict[str, Callable[[list[str]], Subscription]] = {
            "ticker": proxy.subscribe_ticker,
            "trade": proxy.subscribe_trade,
            "orderbook": proxy.subscribe_orderbook,
            "candle": proxy.subscribe_candle,
        }
        return subscribe[kind](codes)

    def held_throughout(self, start: float, end: float) -> frozenset[tuple[str, str]]:
        """Return what somebody wanted at every moment from ``start`` to ``end``."""
        before = [wanted for moment, wanted in self.history if moment <= start][-1:]
        during = [wanted for moment, wanted in self.history if start < moment <= end]
        return frozenset.intersection(*(before or [frozenset()]), *during)


def asked(request: RecordedRequest) -> frozenset[tuple[str, str]]:
    return frozenset(wire_set(request.text))


def check_wire(crowd: Crowd, requests: tuple[RecordedRequest, ...]) -> None:
    for first, second in itertools.pairwise(requests):
        if first.connection_id != second.connection_id:
            continue
        held = crowd.held_throughout(first.time - LATE, second.time)
        missing = held - asked(first) - asked(second)
        assert not missing, f"missing from two requests in a row: {sorted(missing)}"
        dropped = (held & asked(first)) - asked(second)
        assert not dropped, f"on the wire, wanted all the time, and dropped: {sorted(dropped)}"
    for connection in {request.connection_id for request in requests}:
        times = [request.time for request in requests if request.connection_id == connection]
        # A little less than a second, since stamps may be late; the exact windows are the limiter's own tests.
        for window, limit in ((0.8, 5), (59.8, 100)):
            crowded = max((sum(start <= other < start + window for other in times) for start in times), default=0)
            assert crowded <= limit
    assert not [request for request in requests if request.error]


def check_counts(crowd: Crowd) -> None:
    """Reference counts are exact: as many holders in the ledger as components hold."""
    expected = Counter(
        topic for held in crowd.subscriptions.values() for subscription in held for topic in subscription.spec.topics
    )
    ledger = crowd.feed.manager.registry.ledger
    assert {topic: len(ledger.subscribers(topic)) for topic in expected} == dict(expected)
    assert set(ledger.desired().wants) == set(expected)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", ["thread", "application"])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(program=steps, seed=st.integers(0, 1000))
def test_the_exchange_holds_what_the_components_want(
    make_feed: MakeFeed, mode: str, program: list[Step], seed: int
) -> None:
    dice = random.Random(seed)

    async def main(crowd: Crowd) -> None:
        feed = crowd.feed
        for step in program:
            crowd.do(step)
            if step[0] == "pause" or dice.random() < 0.1:
                await asyncio.sleep(dice.choice([0, 0.01, 0.15]))
        check_counts(crowd)
        wanted = crowd.wanted()
        if wanted:
            await until(lambda: {(kind, code) for kind, code, _ in feed.served()} == wanted, f"server holds {wanted}")
        else:
            await until(lambda: not any(view.open for view in feed.exchange.connections), "the socket closes")
        crowd.owners.clear()

    with make_feed(mode) as feed:
        crowd = Crowd(feed)
        feed.run(main(crowd))
        check_wire(crowd, feed.exchange.requests)
