"""The attempts of one link to connect: when the next may be made, with which token, and what a refusal means."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.network.addresses import AddressBook
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.recovery import RecoveryEngine, RecoveryPolicy
from upbit_qt_ws.wire.auth_errors import error_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.network.connection import FrameSink
    from upbit_qt_ws.network.credentials import Credentials

_log = logging.getLogger(__name__)

_MOST_EARLY: Final = 16
"""Frames that are kept while a connection opens; the exchange says nothing then but that it refuses a token."""


_FIRST_HANDSHAKE: Final = 4.0
"""How long TLS and handshake may take on a connection that is there, in seconds, up to the configured limit.

If the network swallows them, the system repeats them ever later. So a new connection is better soon; but each one that
runs out of time doubles the time of the next, since the network may just be slow.
"""


class Pacer(Protocol):
    """A limiter that is shared: says how long to wait, and books."""

    def delay(self, now: float) -> float:
        """Return how many seconds from ``now`` the next call must wait."""

    def take(self, now: float) -> None:
        """Book a call that is made at ``now``."""


class Attempts:
    """Opens connections for a link, one after the other.

    Args:
        config: the times, and whether to compress.
        url: the socket's address.
        connects: the limiter of new connections, shared by all links.
        keys: the token's source; None for a socket that needs none.

    Attributes:
        recovery: when the next attempt is due.
    """

    def __init__(self, config: WebSocketConfig, url: str, connects: Pacer, keys: Credentials | None) -> None:
        """Attempt nothing yet."""
        self._config = config
        self._url = url
        self._connects = connects
        self._keys = keys
        self.recovery = RecoveryEngine(RecoveryPolicy(config.retry_base_s, config.retry_cap_s, config.stable_after_s))
        # Frames that came right behind a handshake, before anybody knew of the connection.
        self._early: list[tuple[FeedConnection, bytes]] = []
        self._addresses = AddressBook()
        self._handshake_limit = _FIRST_HANDSHAKE
        self._is_reached = False

    async def open(self, sink: FrameSink) -> FeedConnection:
        """Connect. Only what asks the exchange for a WebSocket counts against the limit of connections.

        Raises:
            AuthError: the token was refused, or there are no keys to make one.
            WebSocketConnectionError: anything else that keeps the connection from opening.
        """
        self._early.clear()
        self._is_reached = False
        config, began = self._config, time.monotonic()
        try:
            connection = await open_connection(
                self._url,
                sink,
                authorization=None if self._keys is None else self._keys.authorization(),
                compression=config.compression,
                open_timeout=config.connect_timeout_s,
                handshake_timeout=min(self._handshake_limit, config.connect_timeout_s),
                ping_interval=config.ping_interval_s,
                ping_timeout=config.ping_timeout_s,
                read_interval=0.0 if config.low_latency else config.read_interval_s,
                before_handshake=self._book,
                addresses=self._addresses,
            )
        except WebSocketConnectionError as error:
            if self._keys is not None and error.status in (401, 403):
                refused = error_of(error.name, error.status, str(error))
                self._keys.refused(refused)
                raise refused from None
            now = time.monotonic()
            if error.is_unreachable:
                self.recovery.unreachable(now - began)
            else:
                self.recovery.refused(now, status=error.status, retry_after=error.retry_after)
            if self._is_reached and error.is_timeout:
                self._handshake_limit = min(2 * self._handshake_limit, config.connect_timeout_s)
            raise
        self._handshake_limit = _FIRST_HANDSHAKE
        self.recovery.opened(time.monotonic())
        return connection

    async def _book(self) -> None:
        """Book a handshake, as soon as the limiter allows it."""
        self._is_reached = True
        delay = self._connects.delay(time.monotonic())
        while delay > 0.0:
            await asyncio.sleep(delay)
            delay = self._connects.delay(time.monotonic())
        self._connects.take(time.monotonic())

    def keep_early(self, connection: FeedConnection, frames: Iterable[bytes]) -> None:
        """Keep frames of a connection that is still being opened."""
        self._early += [(connection, frame) for frame in frames]
        del self._early[_MOST_EARLY:]

    def take_early(self, connection: FeedConnection) -> list[bytes]:
        """Return the frames that came with the handshake of ``connection``."""
        early, self._early = self._early, []
        return [frame for sender, frame in early if sender is connection]
