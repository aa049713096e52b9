"""Streams, sockets, readers and WebSockets, on every kind of loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.helpers.loops import Loop, everywhere, one_iteration, socket_pair
from upbit_qt_ws.network.event_loop import NetworkEventLoop

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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with socket.socket() as client:
        client.setblocking(False)
        with pytest.raises(ConnectionRefusedError):
            await loop.sock_connect(client, address)


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


@pytest.mark.skipif(os.name == "nt", reason="os.dup2 takes no sockets there")
@everywhere
def test_a_socket_may_take_the_number_of_one_that_was_ready(loop: Loop) -> None:
    order: list[str] = []

    def replace(mine: socket.socket, other: socket.socket) -> None:
        order.append("old")
        loop.remove_reader(mine)
        loop.remove_reader(other)
        os.dup2(quiet.fileno(), other.fileno())
        loop.add_reader(other, order.append, "new")
        loop.call_later(0.002, loop.remove_reader, other)
        loop.call_later(0.002, loop.stop)

    with socket_pair() as (ours, theirs), socket_pair() as (quiet, _):
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


def test_no_lock_of_qt_is_taken_while_sockets_come_and_go(qapp: QApplication) -> None:
    """A connected QObject takes a lock that all objects share when it is made and destroyed; see qt_selector."""
    loop = NetworkEventLoop.for_current_thread()
    selector: Any = loop._selector  # type: ignore[attr-defined]
    with contextlib.closing(loop), socket_pair() as (one, other):
        loop.add_reader(one, print)
        loop.add_writer(other, print)
        notifiers = list(selector._notifiers.values())
        assert len(notifiers) >= 2
        assert [notifier.receivers(notifier.activated) for notifier in notifiers] == [0] * len(notifiers)
        loop.remove_reader(one)
        loop.remove_writer(other)


def test_the_reader_of_a_held_socket_rests_until_it_is_released(qapp: QApplication) -> None:
    loop = NetworkEventLoop.for_current_thread()
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        found: list[bytes] = []

        def read() -> None:
            with contextlib.suppress(BlockingIOError):
                found.append(ours.recv(10))
                loop.hold_reading(ours.fileno())

        async def scenario() -> None:
            loop.add_reader(ours, read)
            theirs.send(b"first")
            await asyncio.sleep(0.02)
            theirs.send(b"second")
            await asyncio.sleep(0.02)
            assert found == [b"first"]
            loop.release_reading(ours.fileno())
            await asyncio.sleep(0.02)
            assert found == [b"first", b"second"]
            # Nothing has come by the time of the release, but something does later.
            loop.release_reading(ours.fileno())
            await asyncio.sleep(0.02)
            theirs.send(b"third")
            await asyncio.sleep(0.02)
            assert found == [b"first", b"second", b"third"]
            # A socket that is watched anew is not held, and one that is not watched is no error.
            loop.remove_reader(ours)
            loop.release_reading(ours.fileno())
            loop.hold_reading(ours.fileno())
            loop.add_reader(ours, read)
            theirs.send(b"fourth")
            await asyncio.sleep(0.02)
            assert found[3:] == [b"fourth"]
            loop.remove_reader(ours)

        loop.run_until_complete(scenario())
    loop.close()


def test_a_socket_can_be_held_and_released_between_two_turns(qapp: QApplication) -> None:
    loop = NetworkEventLoop.for_current_thread()
    with socket_pair() as (ours, theirs):
        ours.setblocking(False)
        found: list[bytes] = []
        loop.add_reader(ours, lambda: found.append(ours.recv(10)))
        loop.hold_reading(ours.fileno())
        theirs.send(b"data")
        loop.run_until_complete(asyncio.sleep(0.02))
        assert found == []
        loop.release_reading(ours.fileno())
        loop.run_until_complete(asyncio.sleep(0.02))
        assert found == [b"data"]
        loop.remove_reader(ours)
    loop.close()
