"""The engine: when it stops, nothing is begun any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

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
