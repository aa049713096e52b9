"""From an address to an open TCP connection, also through a network that swallows packets.

A system repeats the first packet of a connection after 1, 3, 7 and 15 s. When the network comes back in such a pause,
the attempt notices that seconds later. So another attempt is started every so often beside those that have had no
answer, and the first one that gets one wins.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from upbit_qt_ws.network.addresses import Address, AddressBook

_NEXT_ADDRESS: Final = 0.25
"""After how long without an answer the next address of a host is tried, in seconds; so RFC 8305 has it."""

_NEXT_ATTEMPT: Final = 1.25
"""After how long without an answer an address is tried once more, in seconds."""

_MOST_AT_ONCE: Final = 4
"""Attempts that may wait for an answer; the oldest one makes room for a new one. So none is older than 5 s."""

_UNACKNOWLEDGED_MS: Final = 15_000
"""After how long without an acknowledgement of what was sent the system gives a connection up, where it can be told."""


async def open_socket(host: str, port: int, book: AddressBook, limit: float) -> socket.socket:
    """Return a connected TCP socket, which does not block.

    Args:
        host: name or address.
        port: of the host.
        book: looks the host up, and remembers what worked.
        limit: longest time, look-up included, in seconds.

    Raises:
        TimeoutError: there was no answer in that time.
        OSError: the look-up failed, or each address refuses connections or cannot be reached; the first such error.
    """
    async with asyncio.timeout(limit):
        addresses = await book.find(host, port)
        connected, chosen = await _Race(addresses).run()
    book.worked(host, port, addresses, chosen)
    return connected


class _Race:
    """Attempts to connect to the addresses of one host, of which the first that succeeds wins.

    All addresses are tried once, one soon after the other; then those that have given no answer are tried again in
    turn. One that says no, or that nothing leads to, is not tried again in this race.
    """

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = deque(addresses)
        self._untried = len(addresses)
        self._running: dict[asyncio.Task[socket.socket], Address] = {}
        self._ended: list[asyncio.Task[socket.socket]] = []
        self._error: OSError | None = None

    async def run(self) -> tuple[socket.socket, Address]:
        """Return the first connection that is there, and its address."""
        try:
            while self._addresses:
                self._start()
                won = await self._wait()
                if won is not None:
                    return won
            assert self._error is not None, "an address leaves the race with an error"
            raise self._error
        finally:
            await self._end()

    def _start(self) -> None:
        if len(self._running) == _MOST_AT_ONCE:
            self._give_up(next(iter(self._running)))
        address = self._addresses[0]
        self._addresses.rotate(-1)
        self._untried = max(0, self._untried - 1)
        self._running[asyncio.create_task(_connect(address), name=f"connect to {address.target[0]}")] = address

    async def _wait(self) -> tuple[socket.socket, Address] | None:
        """Wait until another attempt is due; return the winner if there is one."""
        loop = asyncio.get_running_loop()
        pause = _NEXT_ADDRESS if self._untried and len(self._running) < _MOST_AT_ONCE else _NEXT_ATTEMPT
        until = loop.time() + pause
        while self._running and (left := until - loop.time()) > 0:
            done, _ = await asyncio.wait(self._running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for attempt in done:
                error = attempt.exception()
                if error is None:
                    return attempt.result(), self._running.pop(attempt)
                if not isinstance(error, OSError):
                    raise error
                self._error = self._error or error
                self._leave(self._running.pop(attempt))
            if done and self._untried:
                break
        return None

    def _leave(self, address: Address) -> None:
        if address in self._addresses:
            self._addresses.remove(address)

    def _give_up(self, attempt: asyncio.Task[socket.socket]) -> None:
        del self._running[attempt]
        self._ended.append(attempt)
        attempt.add_done_callback(_close)
        attempt.cancel()

    async def _end(self) -> None:
        """End the attempts that are not needed, and close what they have opened."""
        for attempt in tuple(self._running):
            self._give_up(attempt)
        if self._ended:
            await asyncio.wait(self._ended)


def _close(attempt: asyncio.Task[socket.socket]) -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


async def _connect(address: Address) -> socket.socket:
    opened = socket.socket(address.family, address.type, address.protocol)
    try:
        opened.setblocking(False)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)
        await asyncio.get_running_loop().sock_connect(opened, address.target)
    except BaseException:
        opened.close()
        raise
    return opened


def leads_through_proxy(host: str, port: int, *, is_secure: bool) -> bool:
    """Tell whether the settings of the system lead WebSockets to this place through a proxy.

    The same places are looked at as the WebSocket library does, which then sees to the way through it.
    """
    known = getproxies()
    names = ("wss", "socks", "https") if is_secure else ("ws", "socks", "https", "http")
    return any(name in known for name in names) and not proxy_bypass(f"{host}:{port}")
