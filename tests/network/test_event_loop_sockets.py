"""Streams, sockets, readers and WebSockets, on every kind of loop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import socket
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from PyQt6.QtCore import QSocketNotifier
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.helpers.loops import OURS, Loop, everywhere, one_iteration, socket_pair

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication


@everywhere
async def test_a_megabyte_is_echoed_over_tcp() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    handlers: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(lambda r, w: handlers.append(asyncio.ensure_future(echo(r, w))), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    payload = random.Random(2).randbytes(1_000_000)
    writer.write(payload)
    writer.write_eof()
    assert await reader.read() == payload
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    await asyncio.gather(*handlers)


@everywhere
async def test_plain_sockets_can_be_awaited() -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        listener.setblocking(False)
        client.setblocking(False)
        (server, _), _ = await asyncio.gather(
            loop.sock_accept(listener), loop.sock_connect(client, listener.getsockname())
        )
        with server:
            for number in range(50):
                receiving = asyncio.ensure_future(loop.sock_recv(server, 100))
                await asyncio.sleep(0)
                await loop.sock_sendall(client, b"%d" % number)
                assert await receiving == b"%d" % number


@everywhere
async def test_who_is_refused_is_told_at_once() -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    for _ in range(20):
        with socket.socket() as client:
            client.setblocking(False)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.wait_for(loop.sock_connect(client, address), 10)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.wait_for(asyncio.open_connection(*address), 10)


@everywhere
async def test_a_megabyte_is_echoed_over_tls() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    authority = trustme.CA()
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.configure_trust(trusting)
    handlers: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(
        lambda r, w: handlers.append(asyncio.ensure_future(echo(r, w))), "127.0.0.1", 0, ssl=serving
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=trusting)
    payload = random.Random(3).randbytes(1_000_000)
    sending = asyncio.ensure_future(_send_all(writer, payload))
    assert await asyncio.wait_for(reader.readexactly(len(payload)), 30) == payload
    await sending
    writer.close()
    await asyncio.gather(*handlers)
    server.close()
    await server.wait_closed()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


async def _send_all(writer: asyncio.StreamWriter, payload: bytes) -> None:
    writer.write(payload)
    await writer.drain()


@everywhere
async def test_a_full_socket_can_be_written_once_the_other_side_reads() -> None:
    loop = asyncio.get_running_loop()
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        theirs.setblocking(False)
        payload = random.Random(4).randbytes(8_000_000)
        sending = asyncio.ensure_future(loop.sock_sendall(ours, payload))
        await asyncio.sleep(0.02)
        assert not sending.done(), "so much fits into no buffer"
        received = bytearray()
        while len(received) < len(payload):
            # In small pieces, so that the sender is woken many times.
            received += await asyncio.wait_for(loop.sock_recv(theirs, 30_000), 10)
        await sending
        assert received == payload


@everywhere
async def test_hundreds_of_sockets_are_watched() -> None:
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        pairs = [stack.enter_context(socket_pair()) for _ in range(200)]
        for number, (ours, theirs) in enumerate(pairs):
            ours.setblocking(False)
            theirs.setblocking(False)
            loop.call_later(random.Random(number).random() * 0.05, theirs.send, b"%d" % number)
        receiving = [loop.sock_recv(ours, 10) for ours, _ in pairs]
        assert await asyncio.wait_for(asyncio.gather(*receiving), 20) == [b"%d" % number for number in range(200)]


@everywhere
async def test_what_is_not_read_at_once_is_told_of_again() -> None:
    loop = asyncio.get_running_loop()
    payload = random.Random(5).randbytes(20_000)
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        received = bytearray()
        done = loop.create_future()

        def read_a_little() -> None:
            received.extend(ours.recv(500))
            if len(received) == len(payload):
                done.set_result(None)

        loop.add_reader(ours, read_a_little)
        theirs.sendall(payload)
        await asyncio.wait_for(done, 10)
        loop.remove_reader(ours)
        assert received == payload


@everywhere
async def test_the_end_of_a_connection_is_seen_after_its_last_data() -> None:
    loop = asyncio.get_running_loop()
    for _ in range(20):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.sendall(b"the last")
            theirs.close()
            assert await asyncio.wait_for(loop.sock_recv(ours, 4), 10) == b"the "
            assert await asyncio.wait_for(loop.sock_recv(ours, 100), 10) == b"last"
            assert await asyncio.wait_for(loop.sock_recv(ours, 100), 10) == b""


@everywhere
async def test_datagrams_are_received() -> None:
    class Receiver(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            received.set_result(data)

    loop = asyncio.get_running_loop()
    received = loop.create_future()
    receiver, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
    sender, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=receiver.get_extra_info("sockname")
    )
    sender.sendto(b"hello")
    assert await received == b"hello"
    receiver.close()
    sender.close()
    await asyncio.sleep(0)


@everywhere
def test_readers_and_writers_come_and_go(loop: Loop) -> None:
    def next_calls() -> list[str]:
        calls.clear()
        one_iteration(loop)
        return sorted(calls)

    calls: list[str] = []
    with socket_pair() as (ours, theirs):
        theirs.send(b"!")
        loop.add_reader(ours, calls.append, "replaced")
        loop.add_reader(ours, calls.append, "read")
        assert next_calls() == ["read"]
        assert next_calls() == ["read"], "a reader is called as long as there is something to read"
        loop.add_writer(ours.fileno(), calls.append, "write")
        assert next_calls() == ["read", "write"]
        assert loop.remove_reader(ours)
        assert next_calls() == ["write"]
        assert loop.remove_writer(ours)
        assert next_calls() == []
        assert not loop.remove_reader(ours)
        assert not loop.remove_writer(ours)


def with_the_number(wanted: int, stack: contextlib.ExitStack) -> socket.socket:
    """Return a socket that has this number, which was given back just before; the stack closes what it took."""
    for _ in range(1000):
        made = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        if made.fileno() == wanted:
            made.bind(("127.0.0.1", 0))
            return made
    raise AssertionError(f"no new socket has the number {wanted}")


@everywhere
def test_a_socket_may_take_the_number_of_one_that_was_ready(loop: Loop) -> None:
    order: list[str] = []

    def replace(mine: socket.socket, other: socket.socket) -> None:
        order.append("old")
        number = other.fileno()
        loop.remove_reader(mine)
        loop.remove_reader(other)
        other.close()
        quiet = with_the_number(number, stack)
        loop.add_reader(quiet, order.append, "new")
        loop.call_later(0.002, loop.remove_reader, quiet)
        loop.call_later(0.002, loop.stop)

    with socket_pair() as (ours, theirs), contextlib.ExitStack() as stack:
        ours.send(b"!")
        theirs.send(b"!")
        loop.add_reader(ours, replace, ours, theirs)
        loop.add_reader(theirs, replace, theirs, ours)
        loop.run_forever()
    assert order == ["old"]


@everywhere
async def test_websockets_are_served_and_connected() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            for number in range(200):
                await client.send(f"message {number}")
            assert [await client.recv() for _ in range(200)] == [f"message {number}" for number in range(200)]
            pong = await client.ping()
            await pong


@pytest.mark.parametrize("kind", OURS)
def test_no_lock_of_qt_is_taken_while_sockets_come_and_go(qapp: QApplication, kind: str) -> None:
    """A connected QObject takes a lock that all objects share when it is made and destroyed; see qt_selector."""
    before = {*map(id, _notifiers())}
    loop = OURS[kind].for_current_thread()
    with contextlib.closing(loop), socket_pair() as (one, other):
        loop.add_reader(one, print)
        loop.add_writer(other, print)
        found = [notifier for notifier in _notifiers() if id(notifier) not in before]
        # One more is asyncio's own.
        assert len(found) == (3 if kind == "notifiers" else 0)
        assert [notifier.receivers(notifier.activated) for notifier in found] == [0] * len(found)
        loop.remove_reader(one)
        loop.remove_writer(other)


def _notifiers() -> list[QSocketNotifier]:
    return [item for item in gc.get_objects() if issubclass(type(item), QSocketNotifier)]
