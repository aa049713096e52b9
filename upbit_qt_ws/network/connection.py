"""One WebSocket connection: frames are handed over as they are read, without a queue or a task per message."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.frames import Frame, Opcode

from upbit_qt_ws.addresses import is_loopback
from upbit_qt_ws.network.addresses import AddressBook
from upbit_qt_ws.network.dialing import leads_through_proxy, open_socket
from upbit_qt_ws.network.handshake import RefusedHandshakeError, connection_error
from upbit_qt_ws.network.read_pacing import FLOOD_READ_SIZE, READ_SIZE, ReadPacer
from upbit_qt_ws.network.tls import client_context
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Awaitable, Callable

    from websockets.protocol import Event as ProtocolEvent

    from upbit_qt_ws.errors import WebSocketConnectionError

_MAX_FRAME: Final = 16 * 2**20
"""Largest message in bytes; the largest known one, 444 books in one LIST frame, has about 1.2 MB."""


_DATA: Final = frozenset({Opcode.BINARY, Opcode.TEXT, Opcode.CONT})


class FrameSink(Protocol):
    """Who gets the frames of a connection."""

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        """Take the whole messages of one read, in order; called while the socket is being read, so it must be short."""

    def connection_closed(self, connection: FeedConnection) -> None:
        """The connection is gone; called once, also when it was this side that closed it."""


class _Gate(Protocol):
    """Lets a socket be read, or not."""

    def hold(self) -> None: ...

    def release(self) -> None: ...


class _HoldingLoop(Protocol):
    """A loop that can let a socket rest, as :class:`NetworkEventLoop` can; the doctor runs on others, without Qt."""

    def hold_reading(self, fd: int) -> None: ...

    def release_reading(self, fd: int) -> None: ...


class _SocketGate:
    """Has the loop not look at the socket: below TLS, whose own buffer would go on being filled."""

    def __init__(self, loop: _HoldingLoop, transport: asyncio.Transport) -> None:
        self._loop = loop
        self._fd: int = transport.get_extra_info("socket").fileno()

    def hold(self) -> None:
        self._loop.hold_reading(self._fd)

    def release(self) -> None:
        self._loop.release_reading(self._fd)


class _TransportGate:
    """Pauses the transport, on a loop that is not ours."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.hold = transport.pause_reading
        self.release = transport.resume_reading


def _gate_of(loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> _Gate:
    if hasattr(loop, "hold_reading"):
        return _SocketGate(cast("_HoldingLoop", loop), transport)
    return _TransportGate(transport)


class FeedConnection(ClientConnection):
    """A client connection that gives the data messages of each read straight to its sink.

    The library's own receive queue costs a task switch per message, and when it is full it stops reading, so that
    pongs are not read either and the link dies of it. Here the reader always drains.
    """

    def __init__(self, *args: Any, sink: FrameSink, pacer: ReadPacer, **kwargs: Any) -> None:
        """Take what the library passes, the sink, and what says when to read."""
        super().__init__(*args, **kwargs)
        self._sink = sink
        self._pacer = pacer
        self._gate: _Gate | None = None
        self._reopening: asyncio.TimerHandle | None = None
        self._read_size = 0
        self._frames: list[bytes] = []
        self._fragments: list[bytes] = []

    async def handshake(self, *args: Any, **kwargs: Any) -> None:
        """Make the handshake; whatever else than 101 is answered ends the attempt, a redirect too.

        Raises:
            RefusedHandshakeError: the server answered with another status.
        """
        refused: RefusedHandshakeError | None = None
        try:
            await super().handshake(*args, **kwargs)
        except InvalidStatus as error:
            refused = RefusedHandshakeError(error.response)
        if refused is not None:
            raise refused

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out how the socket can be left alone."""
        super().connection_made(transport)
        self._gate = _gate_of(self.loop, self.transport)
        self._set_read_size(READ_SIZE)

    def data_received(self, data: bytes) -> None:
        """Handle what was read, then leave the socket alone for a while if it is busy."""
        super().data_received(data)
        if self._frames:
            frames, self._frames = self._frames, []
            self._sink.frames_received(self, frames)
        self._set_read_size(READ_SIZE if len(data) < READ_SIZE else FLOOD_READ_SIZE)
        pause = self._pacer.after_read(len(data), self.loop.time())
        if pause and self._gate is not None and self._reopening is None and not self.transport.is_closing():
            self._gate.hold()
            self._reopening = self.loop.call_later(pause, self._reopen)

    def _set_read_size(self, size: int) -> None:
        """Have the next read take up to ``size`` bytes, where asyncio can be told.

        It would have 256 KiB allocated for each read, which the C library maps and unmaps each time: that alone takes
        as long as to read 50 KB, and pays only in a flood.
        """
        if size != self._read_size and hasattr(self.transport, "max_size"):
            self.transport.max_size = self._read_size = size

    def _reopen(self) -> None:
        self._reopening = None
        if self._gate is not None:
            self._pacer.resumed(self.loop.time())
            self._gate.release()

    def process_event(self, event: ProtocolEvent) -> None:
        """Divert data frames; the handshake and pongs stay with the library."""
        if not isinstance(event, Frame) or event.opcode not in _DATA:
            super().process_event(event)
            return
        data = bytes(event.data)
        if not event.fin:
            self._fragments.append(data)
            return
        if self._fragments:
            data = b"".join([*self._fragments, data])
            self._fragments.clear()
        self._frames.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the sink after the library has settled its own state."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._gate = self._reopening = None
        super().connection_lost(exc)
        self._sink.connection_closed(self)

    def why_closed(self) -> str:
        """Return in plain words how the connection ended."""
        code = self.protocol.close_code
        reason = self.protocol.close_reason
        if code in (None, 1006):
            return "the connection broke without a closing handshake"
        return f"the connection was closed with code {code}" + (f" ({one_line(reason)})" if reason else "")


async def _or_close(step: Awaitable[None], opened: socket.socket | None) -> None:
    """Take a step; close the socket that is waiting for its end if that does not come."""
    try:
        await step
    except BaseException:
        if opened is not None:
            opened.close()
        raise


async def open_connection(
    url: str,
    sink: FrameSink,
    *,
    open_timeout: float,
    ping_interval: float,
    ping_timeout: float,
    authorization: str | None = None,
    compression: bool = False,
    read_interval: float = 0.0,
    handshake_timeout: float | None = None,
    before_handshake: Callable[[], Awaitable[None]] | None = None,
    addresses: AddressBook | None = None,
) -> FeedConnection:
    """Connect to ``url`` and return the open connection.

    No ``Origin`` header is sent: with one, Upbit allows a single request in 10 s. No redirect is followed: whoever
    answers with one would get the token, or send it on.

    Args:
        url: ``wss://`` or ``ws://`` address.
        sink: gets the frames, from the first one on.
        open_timeout: longest time for name look-up and TCP together, in seconds.
        ping_interval: pause between protocol pings, in seconds.
        ping_timeout: longest wait for a pong before the connection is given up, in seconds.
        authorization: value of the ``Authorization`` header, None for none.
        compression: offer permessage-deflate.
        read_interval: pause between two reads of a busy socket, in seconds, see :class:`ReadPacer`.
        handshake_timeout: longest time for TLS and handshake together, in seconds; None for ``open_timeout``. Through
            a proxy of the system it holds for everything.
        before_handshake: is awaited before the exchange is asked to open a WebSocket; None for nothing.
        addresses: remembers where the host is from one call to the next; None remembers nothing.

    Raises:
        WebSocketConnectionError: it could not be opened; ``status`` is the HTTP status of a refusal or a redirect,
            ``name`` the name of the error in its body.
    """
    address = urlsplit(url)
    host, is_secure = address.hostname or "", address.scheme == "wss"
    port = address.port or (443 if is_secure else 80)
    options: dict[str, Any] = {"ssl": await client_context()} if is_secure else {}
    limit = open_timeout
    failure: WebSocketConnectionError
    try:
        if is_loopback(host) or not leads_through_proxy(host, port, is_secure=is_secure):
            options["sock"] = await open_socket(host, port, addresses or AddressBook(), open_timeout)
        limit = open_timeout if handshake_timeout is None else handshake_timeout
        if before_handshake is not None:
            await _or_close(before_handshake(), options.get("sock"))
        opening = connect(
            url,
            create_connection=functools.partial(FeedConnection, sink=sink, pacer=ReadPacer(read_interval)),  # type: ignore[arg-type]
            open_timeout=limit,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            close_timeout=1.0,
            compression="deflate" if compression else None,
            additional_headers=None if authorization is None else {"Authorization": authorization},
            logger=_quiet_logger(),
            max_size=_MAX_FRAME,
            proxy=True,
            **options,
        )
        connection = await opening
    except (OSError, WebSocketException, ImportError, ValueError, MemoryError) as error:
        # ImportError: the system is set to a SOCKS proxy, and the optional library for it is not installed; ValueError:
        # the address of a proxy cannot be read.
        failure = connection_error(error, limit)
    else:
        assert isinstance(connection, FeedConnection)
        return connection
    # Raised out here, since what was caught holds the token, and may hold the password of a proxy; so does this frame.
    opening = None  # type: ignore[assignment]
    del authorization
    raise failure


def _quiet_logger() -> logging.Logger:
    # At DEBUG the library writes every header, the token among them.
    logger = logging.getLogger("upbit_qt_ws.network.websockets")
    logger.setLevel(logging.INFO)
    return logger
