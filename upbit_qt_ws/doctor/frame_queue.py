"""The frames of one connection, decoded, for a check that waits for one of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor.results import Text, same
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.network.connection import open_connection
from upbit_qt_ws.wire.codec import FrameDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from upbit_qt_ws.events import Event
    from upbit_qt_ws.network.connection import FeedConnection
    from upbit_qt_ws.wire.replies import Reply

_PING_S: Final = 20.0


class FrameQueue:
    """Takes the frames of a connection.

    Attributes:
        ended: how the connection ended; None while it is open.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.ended: Text | None = None
        self._decoder = FrameDecoder()
        self._arrived: asyncio.Queue[Event | Reply | None] = asyncio.Queue()

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        """Keep what the frames hold; one that cannot be read is as good as none."""
        for frame in frames:
            try:
                found = self._decoder.decode(frame)
            except DecodeError:
                continue
            for item in found if isinstance(found, tuple) else (found,):
                self._arrived.put_nowait(item)

    def connection_closed(self, connection: FeedConnection) -> None:
        """Wake who waits."""
        self.ended = same(connection.why_closed())
        self._arrived.put_nowait(None)

    async def wait_for(self, kinds: tuple[type, ...], limit: float) -> Event | Reply | None:
        """Return the next item of one of these kinds; None when the connection ends before, or the time does.

        Args:
            kinds: classes of events and replies.
            limit: longest wait, in seconds.
        """
        try:
            async with asyncio.timeout(limit):
                while (item := await self._arrived.get()) is not None:
                    if isinstance(item, kinds):
                        return item
        except TimeoutError:
            return None
        return None


@asynccontextmanager
async def opened(
    url: str, frames: FrameQueue, *, limit: float, authorization: str | None = None
) -> AsyncIterator[FeedConnection]:
    """Open a connection, and close it at the end.

    Raises:
        WebSocketConnectionError: it could not be opened.
    """
    connection = await open_connection(
        url,
        frames,
        open_timeout=limit,
        ping_interval=_PING_S,
        ping_timeout=_PING_S,
        authorization=authorization,
    )
    try:
        yield connection
    finally:
        await connection.close()
