"""What the simulated exchange saw, as immutable records for tests to look at from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class SubscriptionEntry(NamedTuple):
    """One stream as the server holds it.

    Attributes:
        type: ``ticker``, ``trade``, ``orderbook``, ``candle.1m``, ``myOrder``, ``myAsset``, ``announcement``,
            ``indicator``, ``indicator_signal``.
        code: without a suffix, as requested (unknown codes are held too: they are silent until listed);
            empty for all codes of myOrder, for myAsset and for announcement.
        level: price grouping of an order book in its quote currency, 0 for none; 0 for other types.
        units: levels of an order book; 0 for other types.
        snapshot, realtime: which of the two was asked for.
    """

    type: str
    code: str
    level: float = 0.0
    units: int = 0
    snapshot: bool = True
    realtime: bool = True


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One text frame that a client sent.

    Attributes:
        time: of the monotonic clock, in s.
        connection_id: which connection sent it.
        path: of the connection.
        text: as received.
        types: the types of its type objects, in order; empty when it was refused or has none.
        method: ``LIST_SUBSCRIPTIONS``, ``PING`` or None.
        error: name of the error frame that it was answered with, or None.
    """

    time: float
    connection_id: int
    path: str
    text: str
    types: tuple[str, ...] = ()
    method: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """One connection at the moment of looking.

    Attributes:
        id: counts up from 1.
        path: ``/websocket/v1``, ``/websocket/v1/private`` or ``/websocket/v1/info``.
        open: whether it is open.
        opened_at, closed_at: of the monotonic clock, in s; ``closed_at`` is None while open.
        close_code: 1000 and so on, 1006 for an end without a close frame, None while open.
        subscription: every stream that the server holds for it.
        format: of the connection, for example ``SIMPLE``.
        frames_sent, bytes_sent: data, error and status frames and their payload, before compression.
        compressed: whether permessage-deflate was negotiated.
        headers: of the handshake, with lower-case names; the token is cut to its scheme.
    """

    id: int
    path: str
    open: bool
    opened_at: float
    closed_at: float | None
    close_code: int | None
    subscription: frozenset[SubscriptionEntry]
    format: str
    frames_sent: int
    bytes_sent: int
    compressed: bool
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One handshake or one REST call.

    Attributes:
        time: of the monotonic clock, in s.
        path: with the query string.
        headers: of interest, with lower-case names; the token is cut to its scheme.
        origin: the ``Origin`` header, or None.
        status: HTTP status of the answer; 0 when the connection was dropped without one.
    """

    time: float
    path: str
    headers: Mapping[str, str]
    origin: str | None
    status: int


T = TypeVar("T")


class Log(Generic[T]):
    """The newest records, at least ``limit`` of them. Reading is safe from any thread."""

    def __init__(self, limit: int) -> None:
        """Keep at least ``limit`` records and at most twice as many."""
        self._limit = limit
        self._entries: list[T] = []

    def add(self, entry: T) -> None:
        """Append one record, forgetting the oldest ones when there are too many."""
        self._entries.append(entry)
        if len(self._entries) > 2 * self._limit:
            del self._entries[: self._limit]

    def copy(self) -> tuple[T, ...]:
        """Return all records, oldest first."""
        return tuple(self._entries)
