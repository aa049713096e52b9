"""A connection to the simulated exchange: what it reads, and when."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING

from tests.helpers.loops import everywhere
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.event_loop import NetworkEventLoop
from upbit_qt_ws.network.read_pacing import READ_SIZE
from upbit_qt_ws.testing import MockUpbitWebSocketServer
from upbit_qt_ws.testing.faults import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest
    from PyQt6.QtWidgets import QApplication

PAUSE = 0.05


class Reader:
    """Takes the frames, and remembers when."""

    def __init__(self) -> None:
        self.reads: list[tuple[float, list[bytes]]] = []
        self.closed = 0
        self._arrived = asyncio.Event()

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        self._arrived.set()
        self.reads.append((time.monotonic(), frames))

    def connection_closed(self, connection: FeedConnection) -> None:
        self.closed += 1

    @property
    def frames(self) -> list[bytes]:
        return [frame for _, frames in self.reads for frame in frames]

    async def until(self, frames: int) -> None:
        async with asyncio.timeout(10):
            while len(self.frames) < frames:
                self._arrived.clear()
                await self._arrived.wait()


@contextlib.asynccontextmanager
async def connected(
    server: MockUpbitWebSocketServer, read_interval: float, *types: str
) -> AsyncIterator[tuple[FeedConnection, Reader]]:
    reader = Reader()
    connection = await open_connection(
        server.websocket_url, reader, open_timeout=5, ping_interval=20, ping_timeout=20, read_interval=read_interval
    )
    codes = [code for code in server.market.listings if code.startswith("KRW-")][:100]
    entries = [{"type": kind, "codes": codes} for kind in types]
    await connection.send(json.dumps([{"ticket": "test"}, *entries]))
    try:
        yield connection, reader
    finally:
        await connection.close()
        assert reader.closed == 1


async def stays_paced(server: MockUpbitWebSocketServer) -> None:
    """Reads a busy market in pauses, without losing anything."""
    async with connected(server, PAUSE, "ticker", "trade") as (_, reader):
        await reader.until(1000)
        for first, second, third in zip(reader.reads, reader.reads[1:], reader.reads[2:], strict=False):
            # However slow the machine is: a read that is not followed by a pause was waited for that long, or was full.
            if not (is_full(first) or is_full(second)):
                assert third[0] - first[0] >= PAUSE * 0.45
        server.set_rate(0)
        server.market.trade("KRW-BTC")
        await asyncio.sleep(3 * PAUSE)
        assert len(reader.frames) == server.connections[-1].frames_sent


def is_full(read: tuple[float, list[bytes]]) -> bool:
    """Tell whether a read may have been as large as it can be: up to a frame of it belongs to its neighbours."""
    return sum(map(len, read[1])) > READ_SIZE - 5000


@everywhere
async def test_a_busy_socket_is_read_in_pauses_and_nothing_is_lost() -> None:
    async with MockUpbitWebSocketServer(rate=400) as server:
        await stays_paced(server)


def test_the_pauses_hold_below_tls_too(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))

    async def scenario() -> None:
        async with MockUpbitWebSocketServer(rate=2000, ssl_context=authority.serving) as server:
            await stays_paced(server)

    loop = NetworkEventLoop.for_current_thread()
    try:
        loop.run_until_complete(scenario())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


@everywhere
async def test_a_connection_that_is_closed_in_a_pause_leaves_no_timer() -> None:
    async with MockUpbitWebSocketServer(rate=400) as server, connected(server, 30.0, "ticker") as (_, reader):
        await reader.until(1)
        await asyncio.sleep(0.05)
    loop = asyncio.get_running_loop()
    pending = [handle for handle in loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    assert not [handle for handle in pending if handle.when() > loop.time() + 21], "30 s are those of the pause"


@everywhere
async def test_the_frames_of_one_read_come_together_and_in_order() -> None:
    async with MockUpbitWebSocketServer(rate=0) as server, connected(server, PAUSE, "trade") as (_, reader):
        await reader.until(100)
        await asyncio.sleep(PAUSE)
        for _ in range(30):
            server.market.trade("KRW-BTC")
        await reader.until(130)
        trades = [json.loads(frame)["sequential_id"] for frame in reader.frames[100:]]
        assert trades == sorted(trades)
        assert len(reader.reads[-1][1]) == 30
