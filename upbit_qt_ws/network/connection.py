"""One WebSocket connection: frames are handed over as they are read, without a queue or a task per message."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.frames import Frame, Opcode

from upbit_qt_ws.errors import WebSocketConnectionError

if TYPE_CHECKING:
    from websockets.protocol import Event as ProtocolEvent

_MAX_FRAME: Final = 16 * 2**20
"""Largest message in bytes; the largest known one, 444 books in one LIST frame, has about 1.2 MB."""


class FrameSink(Protocol):
    """Who gets the frames of a connection."""

    def frame_received(self, connection: FeedConnection, frame: bytes) -> None:
        """Take one whole message; called while the socket is being read, so it must be short."""

    def connection_closed(self, connection: FeedConnection) -> None:
        """The connection is gone; called once, also when it was this side that closed it."""


class FeedConnection(ClientConnection):
    """A client connection that gives each data message straight to its sink.

    The library's own receive queue costs a task switch per message, and when it is full it stops reading, so that
    pongs are not read either and the link dies of it. Here the reader always drains.
    """

    def __init__(self, *args: Any, sink: FrameSink, **kwargs: Any) -> None:
        """Take what the library passes, and the sink."""
        super().__init__(*args, **kwargs)
        self._sink = sink
        self._fragments: list[bytes] = []

    def process_event(self, event: ProtocolEvent) -> None:
        """Divert data frames to the sink; the handshake and pongs stay with the library."""
        if not isinstance(event, Frame) or event.opcode not in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            super().process_event(event)
            return
        data = bytes(event.data)
        if not event.fin:
            self._fragments.append(data)
            return
        if self._fragments:
            data = b"".join([*self._fragments, data])
            self._fragments.clear()
        self._sink.frame_received(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the sink after the library has settled its own state."""
        super().connection_lost(exc)
        self._sink.connection_closed(self)

    def why_closed(self) -> str:
        """Return in plain words how the connection ended."""
        code = self.protocol.close_code
        reason = self.protocol.close_reason
        if code in (None, 1006):
            return "the connection broke without a closing handshake"
        return f"the connection was closed with code {code}" + (f" ({reason})" if reason else "")


async def open_connection(
    url: str, sink: FrameSink, *, open_timeout: float, ping_interval: float, ping_timeout: float
) -> FeedConnection:
    """Connect to ``url`` and return the open connection.

    No ``Origin`` header is sent: with one, Upbit allows a single request in 10 s.

    Args:
        url: ``wss://`` or ``ws://`` address.
        sink: gets the frames, from the first one on.
        open_timeout: longest time for name look-up, TCP, TLS and handshake together, in seconds.
        ping_interval: pause between protocol pings, in seconds.
        ping_timeout: longest wait for a pong before the connection is given up, in seconds.

    Raises:
        WebSocketConnectionError: it could not be opened; ``status`` is the HTTP status of a refusal.
    """
    local = (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")
    opening = connect(
        url,
        create_connection=functools.partial(FeedConnection, sink=sink),  # type: ignore[arg-type]
        open_timeout=open_timeout,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        close_timeout=1.0,
        compression=None,
        max_size=_MAX_FRAME,
        proxy=None if local else True,
    )
    try:
        connection = await opening
    except InvalidStatus as error:
        status = error.response.status_code
        raise WebSocketConnectionError(
            f"the exchange refused the connection with HTTP {status}", status=status
        ) from error
    except TimeoutError as error:
        raise WebSocketConnectionError(f"no answer from the exchange within {open_timeout:g} s") from error
    except (OSError, InvalidHandshake, WebSocketException, ImportError) as error:
        # ImportError: the system is set to a SOCKS proxy, and the optional library for it is not installed.
        raise WebSocketConnectionError(f"the connection could not be opened: {error}") from error
    assert isinstance(connection, FeedConnection)
    return connection
