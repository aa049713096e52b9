"""A connection to the simulated exchange: what it reads, and when."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.helpers.loops import everywhere
from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.event_loop import NetworkEventLoop
from upbit_qt_ws.network.read_pacing import READ_SIZE
from upbit_qt_ws.testing import MockUpbitWebSocketServer
from upbit_qt_ws.testing.faults import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

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


@contextlib.asynccontextmanager
async def endless_socket(*messages: bytes | str, fragment: bytes = b"", empty: int = 0) -> AsyncIterator[str]:
    """Serve a socket that says these messages, and fragments of another one that has no end."""

    async def fragments() -> AsyncIterator[bytes]:
        for _ in range(empty):
            yield b""
        while True:
            await asyncio.sleep(0)
            yield fragment

    async def speak(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in messages:
                await connection.send(message)
            if fragment:
                await connection.send(fragments())
            await connection.wait_closed()

    async with serve(speak, "127.0.0.1", 0, max_size=None) as running:
        yield f"ws://127.0.0.1:{next(iter(running.sockets)).getsockname()[1]}/"


async def ended(connection: FeedConnection) -> None:
    """Wait until a connection has ended by itself, and its pings with it."""
    async with asyncio.timeout(20):
        keepalive = connection.keepalive_task
        await connection.wait_closed()
        if keepalive is not None:
            await asyncio.wait([keepalive])


@pytest.mark.asyncio
@pytest.mark.parametrize("compression", [False, True])
async def test_a_message_larger_than_the_bound_ends_the_connection_and_says_so(compression: bool) -> None:
    reader = Reader()
    async with endless_socket(b"small", bytes(17 * 2**20), b"never") as url:
        connection = await open_connection(
            url, reader, open_timeout=5, ping_interval=20, ping_timeout=20, compression=compression
        )
        await ended(connection)
        assert reader.frames == [b"small"]
        assert connection.why_closed() == (
            "the exchange sent a message larger than 16 MiB, which is the most that is read"
        )


@pytest.mark.asyncio
@pytest.mark.parametrize("compression", [False, True])
async def test_a_message_in_fragments_without_end_ends_the_connection(compression: bool) -> None:
    reader = Reader()
    async with endless_socket(fragment=bytes(2**20), empty=1_000) as url:
        connection = await open_connection(
            url, reader, open_timeout=5, ping_interval=20, ping_timeout=20, compression=compression
        )
        await ended(connection)
        assert reader.frames == []
        assert "larger than 16 MiB" in connection.why_closed()


@everywhere
async def test_empty_fragments_take_no_memory() -> None:
    reader = Reader()
    async with endless_socket(fragment=b"", empty=0) as url:
        connection = await open_connection(url, reader, open_timeout=5, ping_interval=20, ping_timeout=20)
        for fin, data in ((False, b"on"), *(((False, b""),) * 1_000), (False, b"e"), (True, b"")):
            connection.process_event(Frame(Opcode.BINARY, data, fin))
            assert len(connection._fragments) <= 2
        assert connection._frames == [b"one"]
        await connection.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("head", ["", "Content-Length: 99999999\r\n", "Transfer-Encoding: chunked\r\n"])
async def test_the_body_of_a_refused_handshake_is_read_up_to_a_bound(head: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 403 Forbidden\r\n{head}\r\n".encode())
            piece = b"10000\r\n" + bytes(65_536) + b"\r\n" if "chunked" in head else bytes(65_536)
            while not writer.is_closing():
                writer.write(piece)
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with listening:
        url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        with pytest.raises(WebSocketConnectionError, match=r"1048576 bytes|body too large"):
            await open_connection(url, Reader(), open_timeout=20, ping_interval=20, ping_timeout=20)


@everywhere
async def test_a_handshake_tells_the_date() -> None:
    async with endless_socket() as url:
        connection = await open_connection(url, Reader(), open_timeout=5, ping_interval=20, ping_timeout=20)
        assert connection.date is not None
        assert connection.date.endswith("GMT")
        await connection.close()
