"""A network that swallows packets, as a program sees it: connections that get no answer, bytes that come late."""

from __future__ import annotations

import select
import socket
import sys
from typing import Final

FIRST_REPEAT: Final = 0.2
"""After how long a system sends bytes once more that were not acknowledged, in seconds; each time it waits twice as
long for the next. That is the least of Linux, and what it takes on a fast way."""

LONGEST_REPEAT: Final = 120.0

WINDOW: Final = 64 * 1024
"""Bytes that a system sends ahead while the acknowledgements of the other side vanish."""

SWALLOWS: Final = sys.platform == "linux"
"""Whether a port can be made to give no answer. Elsewhere a full queue refuses, so connections are accepted there and
nothing is said on them."""

_MOST_FILLERS: Final = 8
_SETTLES: Final = 0.01


def repeated_after(lost_for: float) -> float:
    """Return how many seconds pass until bytes are sent once more that have been lost for that long."""
    wait = at = FIRST_REPEAT
    while at < lost_for:
        wait = min(2 * wait, LONGEST_REPEAT)
        at += wait
    return at - lost_for


class SilentQueue:
    """Makes a listening port give no answer: its queue is full, so the system drops the first packet of a connection.

    The clients' systems repeat that packet, and are let in when the port answers again, as late as that comes.
    """

    def __init__(self, listener: socket.socket) -> None:
        """Fill the queue of a port; nobody must accept connections there until :meth:`open`."""
        self._listener = listener
        self._fillers: list[socket.socket] = []
        listener.listen(0)
        for _ in range(_MOST_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            if not select.select([], [filler], [], _SETTLES)[1]:
                filler.close()
                break
            self._fillers.append(filler)

    def open(self, backlog: int) -> list[socket.socket]:
        """Let clients in again; return the connections that have waited since before the port fell silent."""
        own = {filler.getsockname() for filler in self._fillers}
        waiting = []
        self._listener.listen(backlog)
        while True:
            try:
                accepted, peer = self._listener.accept()
            except OSError:
                break
            if peer in own:
                accepted.close()
            else:
                waiting.append(accepted)
        self.close()
        return waiting

    def close(self) -> None:
        """Let go of what fills the queue."""
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
