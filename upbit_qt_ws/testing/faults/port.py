"""The port of a proxy: it accepts connections, refuses them, or gives no answer. Belongs to the exchange's loop."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.testing.faults.hole import SWALLOWS, SilentQueue

if TYPE_CHECKING:
    from collections.abc import Callable

_BACKLOG: Final = 100


class Port:
    """A port of this machine that stays the same from the first opening on.

    Args:
        accepted: called with each connection.

    Attributes:
        number: of the port; 0 until it has been opened.
    """

    def __init__(self, accepted: Callable[[socket.socket], None]) -> None:
        """Open nothing yet."""
        self._accepted = accepted
        self._listener: socket.socket | None = None
        self._place: socket.socket | None = None
        self._queue: SilentQueue | None = None
        self._is_silent = False
        self.number = 0

    def open(self) -> None:
        """Accept connections, or give no answer if the port is to be silent; an open one stays as it is."""
        if self._listener is not None:
            return
        self._listener, self._place = self._place or _bound(self.number), None
        self._listener.listen(_BACKLOG)
        self.number = self._listener.getsockname()[1]
        # A server of asyncio leaves connections open that it has just accepted when it is closed.
        asyncio.get_running_loop().add_reader(self._listener, self._take)
        self._fall_silent()

    def close(self) -> None:
        """Refuse connections."""
        if self._queue is not None:
            self._queue.close()
            self._queue = None
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
            # A port that nobody holds may be given to somebody else, and the client would connect to that.
            self._place = _bound(self.number)

    def silence(self, is_silent: bool) -> None:
        """Give no answer to connections, or (False) answer again."""
        self._is_silent = is_silent
        if is_silent:
            self._fall_silent()
            return
        queue, self._queue = self._queue, None
        if queue is not None and self._listener is not None:
            for waiting in queue.open(_BACKLOG):
                self._accepted(waiting)
            asyncio.get_running_loop().add_reader(self._listener, self._take)

    def give_up(self) -> None:
        """Close for good."""
        self._is_silent = False
        self.close()
        if self._place is not None:
            self._place.close()
            self._place = None

    def _fall_silent(self) -> None:
        if self._is_silent and SWALLOWS and self._listener is not None and self._queue is None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._queue = SilentQueue(self._listener)

    def _take(self) -> None:
        if self._listener is None:
            return
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            # The client has gone already.
            return
        self._accepted(accepted)


def _bound(port: int) -> socket.socket:
    """Return a socket with this port (0 for any), which refuses connections as long as nobody listens on it."""
    place = socket.socket()
    if os.name == "posix":
        # Elsewhere the option has another meaning: somebody else may take the port then.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.setblocking(False)
    place.bind(("127.0.0.1", port))
    return place
