"""The proxy breaks real connections of a plain client in every way that it says."""

from __future__ import annotations

import asyncio
import json
import socket as socket_module
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.protocol import State

from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions
from upbit_qt_ws.testing.faults import Authority, FaultProxy
from upbit_qt_ws.testing.faults.hole import SWALLOWS, WINDOW, repeated_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    options = SimulatorOptions(snapshot_delays=(0.0, 0.0))
    with SimulatedExchange(rate=300, options=options, markets=["KRW-BTC", "KRW-ETH"]) as running:
        yield running


@pytest.fixture
def proxy(exchange: SimulatedExchange) -> Iterator[FaultProxy]:
    with FaultProxy(exchange) as running:
        yield running


async def open_socket(proxy: FaultProxy, **options: Any) -> ClientConnection:
    # Without a bound, since a test that does not read would not see a pong behind what it has not read.
    unbound: dict[str, Any] = {"ping_interval": None, "max_queue": None, "proxy": None, "close_timeout": 0.2}
    socket = await connect(proxy.websocket_url, **unbound, **options)
    await socket.send(json.dumps([{"ticket": "t"}, {"type": "trade", "codes": ["KRW-BTC", "KRW-ETH"]}]))
    assert json.loads(await socket.recv())["type"] == "trade"
    return socket


async def drain(socket: ClientConnection, seconds: float) -> int:
    """Return how many messages come in a time."""
    count, until = 0, time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            await asyncio.wait_for(socket.recv(), left)
        except TimeoutError:
            break
        count += 1
    return count


async def recv_or_nothing(socket: ClientConnection) -> bytes:
    """Return the next message; nothing if none comes for a while."""
    try:
        message = await asyncio.wait_for(socket.recv(), 0.5)
    except TimeoutError:
        return b""
    assert isinstance(message, bytes)
    return message


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5.0):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def test_without_faults_everything_passes(exchange: SimulatedExchange, proxy: FaultProxy) -> None:
    async with await open_socket(proxy) as socket:
        assert await drain(socket, 0.3) > 5
        assert proxy.connections == 1
    for _ in range(500):
        if not exchange.connections[0].open:
            break
        await asyncio.sleep(0.01)
    assert exchange.connections[0].close_code == 1000


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_a_connection_ends_without_a_close_frame(proxy: FaultProxy, how: str) -> None:
    socket = await open_socket(proxy)
    getattr(proxy, how)()
    assert await close_code(socket) == 1006


async def test_a_connection_ends_in_the_middle_of_a_frame(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    proxy.cut_after(333)
    assert await close_code(socket) == 1006


async def test_junk_in_the_stream_is_a_protocol_error(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    proxy.inject(bytes(range(256)))
    assert await close_code(socket) in (1002, 1006, 1007, 1009)


async def test_frozen_bytes_are_held_back_and_flow_on(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    proxy.freeze()
    await drain(socket, 0.1)
    assert await drain(socket, 0.3) == 0
    proxy.freeze(False)
    assert await drain(socket, 0.3) > 10
    await socket.close()


async def test_a_closed_port_refuses_and_the_same_port_opens_again(proxy: FaultProxy) -> None:
    port = proxy.port
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await open_socket(proxy)
    proxy.refuse(False)
    assert proxy.port == port
    await (await open_socket(proxy)).close()


async def test_a_mute_port_accepts_and_says_nothing(proxy: FaultProxy) -> None:
    proxy.mute()
    with pytest.raises(TimeoutError):
        await open_socket(proxy, open_timeout=0.3)
    proxy.mute(False)
    await (await open_socket(proxy)).close()


async def test_slow_reading_limits_what_comes(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    fast = await drain(socket, 0.5)
    proxy.slow(2_000)
    # What has been let through already is read first.
    counts = [await drain(socket, 0.5)]
    while counts[-1] >= fast / 4 and len(counts) < 20:
        counts.append(await drain(socket, 0.5))
    assert counts[-1] < fast / 4
    proxy.slow()
    await socket.close()


async def test_single_bytes_make_whole_messages(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    proxy.fragment()
    proxy.slow_writes(400)
    counts = [await drain(socket, 0.4)]
    while sum(counts) <= 5 and len(counts) < 20:
        counts.append(await drain(socket, 0.4))
    assert sum(counts) > 5
    await socket.ping()
    proxy.fragment(False)
    proxy.slow_writes()
    await socket.close()


async def test_lag_delays_an_answer(proxy: FaultProxy) -> None:
    socket = await open_socket(proxy)
    proxy.lag(0.2)
    started = time.monotonic()
    await (await socket.ping())
    assert time.monotonic() - started >= 0.2
    proxy.lag()
    await socket.close()


async def test_handshakes_and_first_reads_are_cut(proxy: FaultProxy) -> None:
    proxy.cut_handshakes()
    with pytest.raises((InvalidMessage, ConnectionError, EOFError)):
        await open_socket(proxy)
    proxy.cut_handshakes(False)
    proxy.cut_first_read()
    with pytest.raises((ConnectionClosed, ConnectionError)):
        await open_socket(proxy)
    proxy.cut_first_read(False)
    await (await open_socket(proxy)).close()


async def test_tls_passes_untouched(tmp_path: Path) -> None:
    authority = Authority()
    trusting = ssl.create_default_context(cafile=str(authority.write(tmp_path / "authority.pem")))
    with SimulatedExchange(rate=300, ssl_context=authority.serving) as exchange, FaultProxy(exchange) as proxy:
        assert proxy.websocket_url.startswith("wss://")
        assert proxy.rest_url.startswith("https://")
        socket = await open_socket(proxy, ssl=trusting)
        proxy.reset()
        assert await close_code(socket) == 1006


async def raw_connection(proxy: FaultProxy, patience: float) -> bool:
    """Tell whether a plain TCP connection is answered in time."""
    loop = asyncio.get_running_loop()
    with socket_module.socket() as plain:
        plain.setblocking(False)
        try:
            await asyncio.wait_for(loop.sock_connect(plain, ("127.0.0.1", proxy.port)), patience)
        except TimeoutError:
            return False
        return True


@pytest.mark.parametrize("direction", ["both", "in", "out"])
async def test_in_a_black_hole_nothing_is_refused_and_nothing_is_answered(proxy: FaultProxy, direction: str) -> None:
    socket = await open_socket(proxy, compression=None)
    proxy.black_hole(direction)
    came = sum([len(await recv_or_nothing(socket)) for _ in range(3)])
    while more := len(await recv_or_nothing(socket)):
        came += more
    assert came < 2 * WINDOW, "nothing comes, or no more than is sent without an acknowledgement"
    with pytest.raises(TimeoutError):
        await open_socket(proxy, open_timeout=0.3)
    proxy.black_hole(None)
    # It was lost for less than 6.2 s, so that is the latest time at which what was under way is sent again.
    assert await drain(socket, 7.0) > 10
    await (await open_socket(proxy)).close()
    await socket.close()


async def test_a_connection_that_was_begun_in_a_black_hole_is_there_when_its_first_packet_is_repeated(
    proxy: FaultProxy,
) -> None:
    proxy.black_hole()
    # Where a port cannot swallow packets, a connection is there, and nothing is said on it.
    assert await raw_connection(proxy, 0.3) is not SWALLOWS
    waiting = asyncio.ensure_future(raw_connection(proxy, 10.0))
    opening = asyncio.ensure_future(open_socket(proxy, open_timeout=15.0))
    await asyncio.sleep(0.2)
    assert not opening.done()
    proxy.black_hole(None)
    assert await waiting
    await (await opening).close()
    assert await raw_connection(proxy, 0.5)


async def test_a_port_that_is_closed_and_opened_again_in_a_black_hole_stays_silent(proxy: FaultProxy) -> None:
    proxy.black_hole()
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await open_socket(proxy)
    proxy.refuse(False)
    with pytest.raises(TimeoutError):
        await open_socket(proxy, open_timeout=0.3)
    proxy.black_hole(None)
    await (await open_socket(proxy)).close()


async def test_the_end_of_a_connection_does_not_get_through_a_black_hole(
    exchange: SimulatedExchange, proxy: FaultProxy
) -> None:
    socket = await open_socket(proxy)
    proxy.black_hole()
    exchange.drop(abort=True)
    await drain(socket, 0.3)
    assert socket.state is State.OPEN
    proxy.black_hole(None)
    assert await close_code(socket) == 1006


@pytest.mark.parametrize(
    ("lost_for", "late"), [(0.0, 0.2), (0.2, 0.0), (0.3, 0.3), (3.5, 2.7), (14.0, 11.4), (300.0, 24.6)]
)
async def test_lost_bytes_are_repeated_ever_more_rarely(lost_for: float, late: float) -> None:
    assert repeated_after(lost_for) == pytest.approx(late)


async def test_a_direction_that_is_none_is_refused(proxy: FaultProxy) -> None:
    with pytest.raises(ConfigurationError, match="sideways"):
        proxy.black_hole("sideways")


async def test_a_proxy_that_does_not_run_says_so(exchange: SimulatedExchange) -> None:
    proxy = FaultProxy(exchange)
    with pytest.raises(SimulatorError, match="does not run"):
        proxy.freeze()
    with pytest.raises(SimulatorError, match="does not run"):
        _ = proxy.websocket_url
    proxy.stop()
