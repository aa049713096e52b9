"""What the trades of many markets cost in memory: the short form of ``dev.py soak --wide``."""

from __future__ import annotations

import gc
import time
import tracemalloc

import pytest

from tests.reliability.companion import Companion
from tests.reliability.components import MARKETS, wide_markets
from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.network.intake import Intake
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.wire.topics import Endpoint, Topic

BEGINNING_MS = 1_787_000_000_000
ONE_TENTH = 132 * 2048 / 10
"""Of what 2,048 ids and times take in a dictionary, in bytes."""

READS, OF_EACH = 60, 50

PATIENCE = 30.0

_FRAME = (
    b'{"type":"trade","code":"%s","timestamp":%d,"trade_timestamp":%d,"trade_price":1000.5,"trade_volume":0.5,'
    b'"ask_bid":"BID","sequential_id":%d,"stream_type":"REALTIME"}'
)


def _frames(topics: list[Topic], first: int, every_ms: int) -> list[bytes]:
    """Return the next trades of each topic as the exchange sends them."""
    return [
        _FRAME % (topic.code.encode(), at + 5, at, at * 10_000 + at % 10_000)
        for at in range(BEGINNING_MS + first * every_ms, BEGINNING_MS + (first + OF_EACH) * every_ms, every_ms)
        for topic in topics
    ]


@pytest.mark.parametrize(("every_ms", "most"), [(1, ONE_TENTH), (30, ONE_TENTH), (1_000, 4_000)])
def test_a_topic_of_trades_takes_little_memory_whatever_its_rate(every_ms: int, most: float) -> None:
    """From the frame to what the window takes; the rates are far beyond those of the busiest market, and below."""
    topics = [Topic("trade", f"KRW-A{number}") for number in range(8)]
    mailbox = Mailbox(lambda: None)
    streams = TopicStreams(
        mailbox, Endpoint.PUBLIC, gap_found=lambda _: None, served=lambda _: None, refill=lambda _: None
    )
    intake = Intake(streams, set(), lambda *_: None, lambda _: None)
    streams.keep(frozenset(topics))
    intake.begin_epoch(1)
    passed = 0
    sizes = []
    tracemalloc.start()
    try:
        for read in range(READS):
            intake.take(_frames(topics, read * OF_EACH, every_ms))
            passed += sum(len(letter.items) for letter in mailbox.empty())
            gc.collect(0)
            sizes.append(tracemalloc.get_traced_memory()[0] / len(topics))
    finally:
        tracemalloc.stop()
    assert passed == READS * OF_EACH * len(topics)
    assert max(sizes) - sizes[0] < most


def test_a_client_with_the_trades_of_300_markets_is_live_beside_the_soak() -> None:
    markets = wide_markets("300", 1)
    assert len(set(markets)) == 300
    assert set(MARKETS) <= set(markets)
    with (
        SimulatedExchange(seed=1, rate=1_000, markets=markets) as exchange,
        Companion(_config(exchange), markets) as companion,
    ):
        deadline = time.monotonic() + PATIENCE
        while not _holds(exchange, 300) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _holds(exchange, 300)
        time.sleep(2.0)
        assert companion.memory() > 0
        outcome = companion.finish()
    assert outcome.topics > 300
    assert list(outcome.sleeping) == []
    assert outcome.events > 1_000


def _config(exchange: SimulatedExchange) -> WebSocketConfig:
    options = exchange.server.options
    return WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        access_key=options.access_key,
        secret_key=options.secret_key,
    )


def _holds(exchange: SimulatedExchange, topics: int) -> bool:
    return any(len(view.subscription) >= topics for view in exchange.connections if view.open)


@pytest.mark.parametrize("wide", ["3", "many", "-1"])
def test_what_is_no_number_of_markets_is_refused(wide: str) -> None:
    with pytest.raises(ValueError, match=wide):
        wide_markets(wide, 1)
