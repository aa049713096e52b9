"""What the tests of the simulated exchange share: a plain websockets client, as a user would write one."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect

from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

START_MS = 1_795_412_382_605
"""2026-11-23 05:39:42.605 UTC."""

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

_FAST = SimulatorOptions(
    snapshot_delays=(0.0, 0.0),
    error_close_delay=0.01,
    connect_limits=False,
    message_limits=False,
    rest_limits=False,
    reorder=0.0,
)


def fast(**changes: Any) -> SimulatorOptions:
    """Options without delays and limits, so that a test does not wait."""
    return replace(_FAST, **changes)


@asynccontextmanager
async def exchange(**arguments: Any) -> AsyncIterator[MockUpbitWebSocketServer]:
    """A running exchange whose market stands still unless the test moves it."""
    arguments.setdefault("options", fast())
    arguments.setdefault("realtime", False)
    arguments.setdefault("rate", 0.0)
    arguments.setdefault("start_ms", START_MS)
    async with MockUpbitWebSocketServer(**arguments) as server:
        yield server


class Client:
    """A connection with short words for what tests do all the time."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, *objects: dict[str, Any], form: str | None = None) -> None:
        request = [{"ticket": str(uuid4())}, *objects]
        if form is not None:
            request.append({"format": form})
        await self.socket.send(json.dumps(request))

    async def raw(self) -> bytes:
        message = await asyncio.wait_for(self.socket.recv(), 5)
        assert isinstance(message, bytes), "every frame of the exchange is binary"
        return message

    async def next(self) -> Any:
        return json.loads(await self.raw())

    async def take(self, count: int) -> list[Any]:
        return [await self.next() for _ in range(count)]

    async def all_sent(self) -> list[Any]:
        """Everything that the server has sent up to now, told by a reply to LIST_SUBSCRIPTIONS."""
        ticket = str(uuid4())
        await self.socket.send(json.dumps([{"ticket": ticket}, {"method": "LIST_SUBSCRIPTIONS"}]))
        frames: list[Any] = []
        while True:
            frame = await self.next()
            if isinstance(frame, dict) and ticket in (frame.get("ticket"), frame.get("tckt")):
                return frames
            frames.append(frame)

    async def closed(self) -> int | None:
        """Wait until the server has ended the connection; return the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), 5)
        return self.socket.close_code


@asynccontextmanager
async def client(server: MockUpbitWebSocketServer, *, private: bool = False, **options: Any) -> AsyncIterator[Client]:
    """Connect to the public path, or to the private one."""
    options.setdefault("compression", None)
    url = server.private_url if private else server.websocket_url
    async with connect(url, ping_interval=None, proxy=None, **options) as socket:
        yield Client(socket)


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds, 5 s at most."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  What is waited for happens in code that knows of no event.
            await asyncio.sleep(0.002)


def sample(name: str) -> list[Any]:
    """The values of a documented or recorded sample; skips the test when the samples are not at hand."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the samples are not at hand: {path}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
