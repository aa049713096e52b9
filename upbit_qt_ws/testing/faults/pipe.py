"""One connection through the proxy: two streams of bytes, and what happens to them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from typing import Final

from upbit_qt_ws.testing.faults.hole import WINDOW, repeated_after

_READ: Final = 65_536
_HANDSHAKE_END: Final = b"\r\n\r\n"
_LAST_BYTES: Final = 0.5
"""How long the last bytes of a connection may take, in seconds."""

_TICK: Final = 0.02
"""How finely a slow stream is cut, in seconds."""


@dataclass
class Weather:
    """What all connections of a proxy go through; changed at any time, felt by the next bytes.

    Attributes:
        flowing: cleared while bytes are held back.
        to_client: bytes a second from the exchange; 0 for as many as come.
        to_exchange: bytes a second to the exchange; 0 likewise.
        single_bytes: bytes go one by one.
        lag: delay of all bytes, in seconds.
        mute: new connections are accepted and go nowhere.
        from_exchange: cleared while packets of the exchange vanish.
        from_client: cleared while packets of the client vanish.
        cut_handshakes: new connections end in the middle of the handshake.
        cut_first_read: new connections end in the first bytes after the handshake.
    """

    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    to_client: int = 0
    to_exchange: int = 0
    single_bytes: bool = False
    lag: float = 0.0
    mute: bool = False
    from_exchange: asyncio.Event = field(default_factory=asyncio.Event)
    from_client: asyncio.Event = field(default_factory=asyncio.Event)
    cut_handshakes: bool = False
    cut_first_read: bool = False

    def __post_init__(self) -> None:
        """Begin with fair weather."""
        self.flowing.set()
        self.from_exchange.set()
        self.from_client.set()


class Pipe:
    """A connection of a client, and the one to the exchange that belongs to it."""

    def __init__(self, weather: Weather, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join the client's streams; :meth:`run` opens the other side."""
        self._weather = weather
        self._client = (reader, writer)
        self._exchange: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._left: int | None = None
        self._unacknowledged = 0
        self._free_at = {True: 0.0, False: 0.0}
        _send_at_once(writer)

    async def run(self, host: str, port: int) -> None:
        """Carry bytes until one side ends the connection."""
        try:
            if self._weather.mute:
                await self._client[0].read()
                return
            await self._begin()
            self._exchange = await asyncio.open_connection(host, port)
            _send_at_once(self._exchange[1])
            if self._weather.cut_handshakes:
                self._left = 40
            elif self._weather.cut_first_read:
                self._left = -1
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(self._client[0], self._exchange[1], to_client=False))
                group.create_task(self._carry(self._exchange[0], self._client[1], to_client=True))
        except* (OSError, asyncio.IncompleteReadError, _Cut):
            pass
        finally:
            self.cut()

    def cut(self) -> None:
        """End both connections, without a close frame."""
        for side in (self._client, self._exchange):
            if side is not None:
                side[1].transport.abort()

    def reset(self) -> None:
        """Reset the client's connection."""
        raw = self._client[1].get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.cut()

    def cut_after(self, size: int) -> None:
        """End both connections after so many more bytes to the client."""
        self._left = size

    def inject(self, junk: bytes) -> None:
        """Put bytes into the stream to the client."""
        self._client[1].write(junk)

    async def _begin(self) -> None:
        """Wait until a network that swallows packets lets the first one through.

        Where no port can be made to give no answer, connections are accepted in a black hole, too.
        """
        weather, loop = self._weather, asyncio.get_running_loop()
        while not (weather.from_client.is_set() and weather.from_exchange.is_set()):
            lost_at = loop.time()
            await weather.from_client.wait()
            await weather.from_exchange.wait()
            await asyncio.sleep(repeated_after(loop.time() - lost_at))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        try:
            while data := await reader.read(_READ):
                if self._weather.lag:
                    await asyncio.sleep(self._weather.lag)
                if to_client and self._left is not None:
                    data, ends = self._cut_off(data)
                    writer.write(data)
                    if ends:
                        await writer.drain()
                        raise _Cut
                    continue
                await self._write(data, writer, to_client=to_client)
        except OSError:
            # A reset is a packet, too, as is the end of a connection.
            await self._arrive(0, to_client=to_client)
            raise
        await self._arrive(0, to_client=to_client)
        # This side has ended the connection; what it said before still has to reach the other one.
        writer.close()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LAST_BYTES):
                await writer.wait_closed()
        raise _Cut

    def _cut_off(self, data: bytes) -> tuple[bytes, bool]:
        """Return what may still pass, and whether that is the end."""
        assert self._left is not None
        if self._left < 0:
            end = data.find(_HANDSHAKE_END)
            if end < 0:
                return data, False
            self._left = end + len(_HANDSHAKE_END) + 20
        if len(data) < self._left:
            self._left -= len(data)
            return data, False
        return data[: self._left], True

    async def _write(self, data: bytes, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        weather = self._weather
        start = 0
        while start < len(data):
            await weather.flowing.wait()
            await self._arrive(len(data) - start, to_client=to_client)
            rate = weather.to_client if to_client else weather.to_exchange
            if weather.single_bytes:
                size = 1
            elif rate:
                size = max(1, int(rate * _TICK))
            else:
                size = len(data)
            writer.write(data[start : start + size])
            await writer.drain()
            start += size
            if rate:
                await self._pass(size / rate, to_client=to_client)
            elif weather.single_bytes:
                await asyncio.sleep(0)

    async def _pass(self, seconds: float, *, to_client: bool) -> None:
        """Wait until a slow line has carried bytes that take it so long.

        Each wait is counted from when the one before should have ended: on Windows they end up to 16 ms too early.
        """
        now = asyncio.get_running_loop().time()
        self._free_at[to_client] = max(now, self._free_at[to_client]) + seconds
        await asyncio.sleep(self._free_at[to_client] - now)

    async def _arrive(self, size: int, *, to_client: bool) -> None:
        """Wait until a network that swallows packets lets these bytes through: they are repeated ever more rarely."""
        weather, loop = self._weather, asyncio.get_running_loop()
        own, acknowledging = weather.from_exchange, weather.from_client
        if not to_client:
            own, acknowledging = acknowledging, own
        while not own.is_set() or not acknowledging.is_set():
            if own.is_set():
                # They get through, but no word of that comes back: their system soon sends no more.
                self._unacknowledged += size
                if self._unacknowledged <= WINDOW:
                    return
            lost_at = loop.time()
            await own.wait()
            await acknowledging.wait()
            await asyncio.sleep(repeated_after(loop.time() - lost_at))
        self._unacknowledged = 0


class _Cut(Exception):
    """The connection has been cut by the proxy, or ended by one side."""


def _send_at_once(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
