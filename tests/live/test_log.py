"""What an exchange that does not serve writes into the log: a handful of lines, however often it refuses."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tests.live.conftest import PATIENCE, Feed, link_status, until
from upbit_qt_ws import LinkState

if TYPE_CHECKING:
    import pytest


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("upbit_qt_ws") and record.levelno >= logging.WARNING
    ]


def test_refusals_are_told_once_and_counted(feed: Feed, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        feed.exchange.refuse_connections(True, status=503)
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        await until(lambda: len(feed.exchange.handshakes) >= 15)
        refused = (await link_status(feed)).failures
        # Another reason is news.
        feed.exchange.refuse_connections(True, status=502)
        await until(lambda: "HTTP 502" in feed.manager.link().reason)
        feed.exchange.refuse_connections(False)
        await prices
        return refused

    with caplog.at_level(logging.INFO):
        refused = feed.run(main())
    assert refused >= 14
    lines = lines_of(caplog)
    assert [line for line in lines if "HTTP 503" in line] == [lines[0]]
    assert len([line for line in lines if "HTTP 502" in line]) <= 1
    assert len(lines) <= 4


def test_a_connection_that_is_lost_again_and_again_is_told_once(feed: Feed, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        proxy = feed.proxy()
        proxy.subscribe_ticker("KRW-BTC")
        for epoch in range(1, 8):
            await until(lambda epoch=epoch: feed.manager.link().epoch >= epoch)  # type: ignore[misc]
            await until(lambda: feed.manager.link().state is LinkState.CONNECTED)
            feed.exchange.drop(abort=True)
        await until(lambda: feed.manager.link().epoch >= 8)
        return (await link_status(feed)).failures

    with caplog.at_level(logging.INFO):
        lost = feed.run(main())
    assert lost >= 7
    assert len([line for line in lines_of(caplog) if "without a closing handshake" in line]) == 1
    assert len(lines_of(caplog)) <= 4


def test_malformed_frames_of_many_connections_are_a_few_lines(feed: Feed, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        proxy = feed.proxy()
        prices = proxy.subscribe_ticker("KRW-BTC")
        await prices
        malformed = 0
        for epoch in range(2, 14):
            await until(lambda: feed.manager.link().state is LinkState.CONNECTED)
            for _ in range(5):
                feed.exchange.call(lambda: feed.exchange.server.broadcast(b"\x1b[2Jno JSON\r\n"))
            # Windows throws away what has not been read when a connection is aborted.
            async with asyncio.timeout(PATIENCE):
                while (now := (await link_status(feed)).malformed) == malformed:  # noqa: ASYNC110 - a counter is no event
                    await asyncio.sleep(0.01)
            malformed = now
            feed.exchange.drop(abort=True)
            await until(lambda epoch=epoch: feed.manager.link().epoch >= epoch)  # type: ignore[misc]
        return malformed

    with caplog.at_level(logging.INFO):
        malformed = feed.run(main())
    assert malformed >= 12
    lines = [line for line in lines_of(caplog) if "malformed" in line]
    assert 1 <= len(lines) <= 8
    assert all(line.isprintable() for line in lines)
