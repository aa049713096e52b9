"""The engine: when it stops, nothing is begun any more; and what it looks after regularly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.helpers.made import trade
from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.delivery import Mailbox
from upbit_qt_ws.network.engine import FeedEngine
from upbit_qt_ws.network.questions import Question
from upbit_qt_ws.subscriptions.gaps import Refill
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from upbit_qt_ws.network.questions import Answer


async def main() -> None:
    answers: list[Answer] = []
    engine = FeedEngine(WebSocketConfig(), Mailbox(lambda: None), lambda *_: None, lambda *_: None, answers.append)
    engine.start()
    await asyncio.sleep(0)
    await engine.stop()
    # As a frame does that is read while the links are being closed.
    engine._refill(Endpoint.PUBLIC, Refill(Topic("trade", "KRW-BTC"), since=1))
    engine.ask(1, Question("ticker", ("KRW-BTC",)))
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert answers == []


def test_nothing_is_begun_after_the_end() -> None:
    asyncio.run(main())


def test_looking_after_the_links_gives_memory_of_silent_topics_back() -> None:
    """What is remembered shows by what may still come: of a silent topic nothing that is older than the newest few."""
    topic = Topic("trade", "KRW-BTC")

    async def run() -> None:
        engine = FeedEngine(WebSocketConfig(), Mailbox(lambda: None), lambda *_: None, lambda *_: None, lambda _: None)
        streams = engine._links[Endpoint.PUBLIC].streams
        streams.keep(frozenset({topic}))
        for number in range(1_000):
            streams.put(topic, trade(number))
        told = streams._continuity._trades[topic]
        assert len(told) == 1_000
        for second in range(200):
            engine._look(5_000.0 + second)
        assert len(told) < 10
        await engine.stop()

    asyncio.run(run())
