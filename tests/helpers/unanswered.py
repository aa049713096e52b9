"""Connections that get no answer, on every system."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.testing.faults.hole import SWALLOWS

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from upbit_qt_ws.testing.faults import FaultProxy


@contextmanager
def unanswered(proxy: FaultProxy) -> Iterator[None]:
    """Swallow what clients of a proxy send, the first packet of a connection too, until the end of the block.

    Where a port cannot be made to swallow packets, the running loop is made to: it sends them when the block ends, as
    the system would repeat them.
    """
    proxy.black_hole()
    try:
        if SWALLOWS:
            yield
        else:
            with _unsent(proxy.port):
                yield
    finally:
        proxy.black_hole(None)


@contextmanager
def _unsent(port: int) -> Iterator[None]:
    loop: Any = asyncio.get_running_loop()
    connect, over = loop.sock_connect, asyncio.Event()

    async def sock_connect(connecting: socket.socket, address: tuple[str, int]) -> None:
        if address[1] == port:
            await over.wait()
        await connect(connecting, address)

    loop.sock_connect = sock_connect
    try:
        yield
    finally:
        del loop.sock_connect
        over.set()
