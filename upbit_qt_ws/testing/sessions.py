"""One connection as the server keeps it: what it asked for, what is waiting to be written, when it last lived."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from websockets.protocol import State

from upbit_qt_ws.testing.api_keys import ALL_SCOPES
from upbit_qt_ws.testing.frames import Frame, StreamFormat
from upbit_qt_ws.testing.limits import MessageLimit
from upbit_qt_ws.testing.records import ConnectionView, SubscriptionEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from websockets.asyncio.server import ServerConnection

    from upbit_qt_ws.testing.api_keys import Scope
    from upbit_qt_ws.testing.edits import Edits
    from upbit_qt_ws.testing.streams import Stream, TopicKey


class Session:
    """The state of one connection. Lives in the loop of the server; ``view`` may be called from any thread.

    Attributes:
        id: counts up from 1.
        path: of the handshake, without the query.
        connection: of the websockets library.
        access_key: of the key with which it was opened; None on the public path.
        scopes: what that key was allowed to do at the handshake.
        format: of the connection; every request may change it.
        entries: all streams that are held, in the order of the request.
        topics: the streams whose real-time frames are being sent.
        forgotten: topics of the present request that the server has lost.
        unserved: streams that are silent: unknown codes, unsupported levels, silenced codes.
        generation: counts requests, so that snapshots of a replaced request are not sent.
        late_left: frames of the old subscription that may still be sent while a new request is being taken
            up; None when no request is.
        wants_status: a text ``PING`` was received.
        ended: an error was sent or the connection was given up; nothing is sent any more.
        last_activity: monotonic time (s) of the last byte in either direction.
    """

    def __init__(
        self, session_id: int, path: str, connection: ServerConnection, headers: Mapping[str, str], edits: Edits
    ) -> None:
        """Begin without a subscription."""
        self._edits = edits
        self.id = session_id
        self.path = path
        self.connection = connection
        self.headers = MappingProxyType(dict(headers))
        self.access_key: str | None = None
        self.scopes: frozenset[Scope] = ALL_SCOPES
        self.format = StreamFormat.DEFAULT
        self.entries: tuple[Stream, ...] = ()
        self.subscription: frozenset[SubscriptionEntry] = frozenset()
        self.topics: set[TopicKey] = set()
        self.forgotten: set[TopicKey] = set()
        self.unserved: tuple[Stream, ...] = ()
        self.generation = 0
        self.late_left: int | None = None
        self.wants_status = False
        self.ended = False
        self.messages = MessageLimit()
        self.opened_at = self.last_activity = connection.loop.time()
        self.closed_at: float | None = None
        self.close_code: int | None = None
        self.waiting: list[Frame] = []
        self.frames_sent = 0
        self.bytes_sent = 0
        self.compressed = bool(connection.protocol.extensions)

    @property
    def private(self) -> bool:
        """Whether this is a connection to the private path."""
        return self.path.endswith("/private")

    @property
    def info(self) -> bool:
        """Whether this is a connection to the path of the indicators."""
        return self.path.endswith("/info")

    @property
    def is_open(self) -> bool:
        """Whether frames can be sent."""
        return self.connection.protocol.state is State.OPEN

    @property
    def unread(self) -> int:
        """Bytes that were written but that the client's side has not taken yet."""
        return self.connection.transport.get_write_buffer_size() if self.closed_at is None else 0

    def accept(self, frame: Frame) -> bool:
        """Queue one data frame; False when it is not to be sent because a newer request is being taken up."""
        if self.late_left is not None:
            if self.late_left <= 0:
                return False
            self.late_left -= 1
        edit = self._edits.frame
        self.waiting.append(frame if edit is None else Frame(edit(frame.payload.decode()).encode()))
        return True

    def write(self) -> None:
        """Write the waiting frames to the transport in one piece."""
        frames, self.waiting = self.waiting, []
        if not frames or not self.is_open or self.closed_at is not None:
            return
        connection = self.connection
        # Counted first: a client may look at the counters as soon as it has received a frame.
        self.frames_sent += len(frames)
        self.bytes_sent += sum([len(frame.payload) for frame in frames])
        self.last_activity = connection.loop.time()
        if self.compressed:
            for frame in frames:
                connection.protocol.send_binary(frame.payload)
            connection.send_data()
        else:
            connection.transport.write(b"".join([frame.wire for frame in frames]))

    def give_up(self) -> None:
        """Send nothing more, not even what waits."""
        self.ended = True
        self.waiting.clear()

    def cut(self) -> None:
        """End the connection at once, without a close frame."""
        self.give_up()
        self.connection.transport.abort()

    def view(self) -> ConnectionView:
        """Return the present state as an immutable record."""
        return ConnectionView(
            id=self.id,
            path=self.path,
            open=self.closed_at is None,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            close_code=self.close_code,
            subscription=self.subscription,
            format=self.format.value,
            frames_sent=self.frames_sent,
            bytes_sent=self.bytes_sent,
            compressed=self.compressed,
            headers=self.headers,
        )
