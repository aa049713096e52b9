"""Whatever a server, a proxy or somebody between says: the error is one short printable line, and costs nothing."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection, serve

from upbit_qt_ws.errors import AuthError, RestError, UpbitQtError, WebSocketConnectionError
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.rest import UpbitRestClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Ask = Callable[[int], Awaitable[UpbitQtError]]

EVIL = "\x1b[2J\x07forged\r\nline \u202e\u2066 <b>markup</b> \ud55c\uae00 \x00"
LONG = 5 * 2**20


class Nobody:
    """A sink that takes nothing, and tells when its connection has gone."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        """Nothing is read."""

    def connection_closed(self, connection: FeedConnection) -> None:
        self.closed.set()


@asynccontextmanager
async def server(*answer: bytes) -> AsyncIterator[int]:
    """A server that answers every request with these bytes, whatever they are."""

    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            for part in answer:
                writer.write(part)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    answering: list[asyncio.Task[None]] = []
    async with await asyncio.start_server(
        lambda reader, writer: answering.append(asyncio.ensure_future(answer_all(reader, writer))), "127.0.0.1", 0
    ) as listening:
        yield listening.sockets[0].getsockname()[1]
    # What writes to somebody who has gone is told so now or a moment later, as the system likes.
    await asyncio.wait_for(asyncio.gather(*answering), 20)


async def connection(port: int, sink: Nobody | None = None) -> FeedConnection:
    return await open_connection(
        f"ws://127.0.0.1:{port}/", sink or Nobody(), open_timeout=10, ping_interval=20, ping_timeout=20
    )


async def handshake(port: int) -> UpbitQtError:
    with pytest.raises(WebSocketConnectionError) as caught:
        await connection(port)
    return caught.value


async def call(port: int) -> UpbitQtError:
    client = UpbitRestClient(f"http://127.0.0.1:{port}/v1", timeout=10)
    try:
        with pytest.raises((RestError, AuthError)) as caught:
            await client.markets()
    finally:
        await client.aclose()
    return caught.value


def reply(status: str, body: bytes, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


ANSWERS = {
    "error body": reply("400 Bad", json.dumps({"error": {"name": EVIL, "message": EVIL}}).encode()),
    "html": reply("502 Bad Gateway", f"<html>{EVIL}</html>".encode()),
    "latin": reply("500 Oh", b"\xff\xfe\x00\x1b]0;title\x07" * 50),
    "refused keys": reply("401 No", json.dumps({"error": {"name": "jwt_verification", "message": EVIL}}).encode()),
    "too many": reply("429 Slow", json.dumps({"error": {"name": EVIL, "message": "9" * 6000}}).encode()),
    "blocked": reply("418 Tea", b"9" * 6000, "Retry-After: " + "9" * 4000),
    "switching": reply("101 Switching Protocols", b"", "Upgrade: \x1b[31mred", "Connection: " + "x" * 2000),
    "no http": b"\x1b[2J" * 20 + b"\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("ask", [handshake, call])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.asyncio
async def test_the_error_is_one_short_printable_line(ask: Ask, answer: bytes) -> None:
    async with server(answer) as port:
        error = await ask(port)
    assert str(error).isprintable()
    assert len(str(error)) <= 260
    assert getattr(error, "name", "").isprintable()
    assert error.__cause__ is None or "upbit_qt_ws" in type(error.__cause__).__module__


@pytest.mark.parametrize("ask", [handshake, call])
@pytest.mark.parametrize("status", ["400 Bad", "418 Tea", "500 Oh"])
@pytest.mark.asyncio
async def test_a_refusal_of_five_megabytes_costs_nothing(ask: Ask, status: str) -> None:
    body = json.dumps({"error": {"name": "long", "message": EVIL * (LONG // len(EVIL))}}).encode()
    async with server(reply(status, body)) as port:
        began = time.thread_time()
        error = await ask(port)
        took = time.thread_time() - began
    assert len(str(error)) <= 260
    # The server runs in the same thread; it has to write what nobody reads.
    assert took < 1.0


@pytest.mark.asyncio
async def test_an_answer_without_end_is_given_up() -> None:
    part = b"x" * 2**20
    chunk = b"%x\r\n%b\r\n" % (len(part), part)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with server(head, *[chunk] * 200) as port:
        assert "larger than 16 MiB" in str(await call(port))


@pytest.mark.asyncio
async def test_the_reason_of_a_close_is_one_line() -> None:
    async def close(socket: ServerConnection) -> None:
        await socket.close(4321, "gone\r\n\x1b[31m\u202e<b>now</b>")

    sink = Nobody()
    async with serve(close, "127.0.0.1", 0) as serving:
        made = await connection(next(iter(serving.sockets)).getsockname()[1], sink)
        await asyncio.wait_for(sink.closed.wait(), 10)
    assert made.why_closed() == "the connection was closed with code 4321 (gone �[31m�<b>now</b>)"


@pytest.mark.parametrize(
    "proxy",
    ["http://me:hidden@127.0.0.1:{port}", "gopher://me:hidden@host", "http://me:hid/den@h", "http://hidden@h:x"],
)
@pytest.mark.asyncio
async def test_no_password_of_a_proxy_is_in_an_error(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(f"HTTP/1.1 407 {EVIL}\r\n\r\n".encode()) as port:
        for name in ("HTTPS_PROXY", "https_proxy", "WSS_PROXY", "wss_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.format(port=port))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(WebSocketConnectionError) as caught:
            await open_connection("wss://upbit.invalid/", Nobody(), open_timeout=5, ping_interval=20, ping_timeout=20)
        client = UpbitRestClient("https://upbit.invalid/v1", timeout=5)
        with pytest.raises(RestError) as told:
            await client.markets()
        await client.aclose()
    for error in (caught.value, told.value):
        assert str(error).isprintable()
        assert "hid" not in str(error)
        assert "den@" not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None
