"""No handshake and no call follows a redirect: the token goes to the address that the user chose, and to no other."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.helpers.loops import everywhere
from upbit_qt_ws.errors import RestError, WebSocketConnectionError
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.rest import UpbitRestClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Ask = Callable[[int], Awaitable[WebSocketConnectionError | RestError]]

TOKEN = "Bearer eyJhbGciOiJIUzUxMiJ9.secret.token"
STATUSES = (300, 301, 302, 303, 307, 308)


class Nobody:
    """A sink of a connection that never opens."""

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        raise AssertionError("there is nothing to read")

    def connection_closed(self, connection: FeedConnection) -> None:
        """It is closed."""


class Origin:
    """A server that answers every request in the same way, and keeps what it was sent."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(self.answer.encode())
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def origin(answer: str) -> AsyncIterator[Origin]:
    made = Origin(answer)
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made


def redirect(status: int, location: str) -> str:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"


async def handshake(port: int) -> WebSocketConnectionError:
    with pytest.raises(WebSocketConnectionError) as caught:
        await open_connection(
            f"ws://127.0.0.1:{port}/websocket/v1/private",
            Nobody(),
            open_timeout=5,
            ping_interval=20,
            ping_timeout=20,
            authorization=TOKEN,
        )
    return caught.value


async def call(port: int) -> RestError:
    client = UpbitRestClient(f"http://127.0.0.1:{port}/v1", authorize=lambda _: TOKEN)
    try:
        with pytest.raises(RestError) as caught:
            await client.accounts()
    finally:
        await client.aclose()
    return caught.value


@pytest.mark.parametrize("ask", [handshake, call])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.asyncio
async def test_another_origin_hears_nothing(ask: Ask, status: int) -> None:
    async with origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]") as thief:
        elsewhere = f"//localhost:{thief.port}/steal?secret=1"
        async with origin(redirect(status, f"{'ws' if ask is handshake else 'http'}:{elsewhere}")) as exchange:
            error = await ask(exchange.port)
            assert error.status == status
            assert f"HTTP {status}" in str(error)
            assert f"localhost:{thief.port}" in str(error)
            assert "steal" not in str(error)
            assert len(exchange.requests) == 1
            assert TOKEN in exchange.requests[0]
        assert thief.requests == []


@everywhere
async def test_the_same_origin_is_not_asked_again() -> None:
    for ask in (handshake, call):
        async with origin(redirect(302, "/elsewhere")) as exchange:
            assert "another address of the same server" in str(await ask(exchange.port))
            assert len(exchange.requests) == 1


@pytest.mark.parametrize("ask", [handshake, call])
@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://[",
        "ws://host:99999/",
        "javascript:alert(1)",
        "http://user:secret@other/",
        "//%zz:1",
        "http://" + "x" * 5000,
        "\x1b[2J",
        "wss://\u202e",
    ],
)
@pytest.mark.asyncio
async def test_wherever_it_points_to_is_told_in_one_short_line(ask: Ask, location: str) -> None:
    async with origin(redirect(307, location)) as exchange:
        error = await ask(exchange.port)
        assert len(str(error)) <= 250
        assert str(error).isprintable()
        assert "secret" not in str(error)
        assert 1 <= len(exchange.requests) <= 2, "a broken connection is tried once more, at the same address"


@pytest.mark.asyncio
async def test_no_error_of_a_handshake_holds_the_token() -> None:
    async with origin(redirect(302, "/elsewhere")) as exchange:
        error = await handshake(exchange.port)
    assert error.__cause__ is None
    assert error.__context__ is None
    traceback = error.__traceback__
    while traceback is not None:
        if "upbit_qt_ws" in traceback.tb_frame.f_code.co_filename:
            assert "secret" not in repr(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next
