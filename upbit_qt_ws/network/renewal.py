"""Make before break: the replacement of a connection by a new one that delivers before the old one is given up."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import RecoveryError

if TYPE_CHECKING:
    from upbit_qt_ws.network.connection import FeedConnection
    from upbit_qt_ws.network.dialogue import Dialogue

_LONGEST: Final = 10.0
"""How long the new connection may take until it delivers what the old one does, in seconds."""

_OVERTAKING: Final = 0.03
"""By how much one connection may be ahead of the other, in seconds, besides the pauses between reads."""


class Renewal:
    """One replacement: the new connection beside the old one.

    Attributes:
        is_rescue: the old one gives no sign of life; if it speaks before the new one is open, that is not needed.
        mistrusted_since: what the old one has not told since then, by the monotonic clock in seconds, it may have
            missed; ``inf`` if it is trusted.
        dialogue: what is said on the new connection.
        connection: the new connection; None before it is open and after it is lost.
        problem: why it came to nothing; empty as long as it has not.
        broke_order: the new connection has delivered something and then failed: what the old one says of that would
            look older than it is, so it has to be given up as well.
    """

    STEP: Final = 0.02
    """How often progress is looked at, in seconds."""

    def __init__(
        self,
        dialogue: Dialogue,
        read_interval: float,
        *,
        is_rescue: bool = False,
        mistrusted_since: float = math.inf,
    ) -> None:
        """Begin.

        Args:
            dialogue: a successor of the present one.
            read_interval: how long a connection may be left unread, in seconds.
            is_rescue: see the class.
            mistrusted_since: see the class.
        """
        self.is_rescue = is_rescue
        self.mistrusted_since = mistrusted_since
        self.dialogue = dialogue
        self._lag = _OVERTAKING + 2 * read_interval
        self._kept: deque[tuple[float, list[bytes]]] = deque()
        self.connection: FeedConnection | None = None
        self.problem = ""
        self.broke_order = False
        self._deadline = math.inf
        self._finished = asyncio.Event()

    def opened(self, connection: FeedConnection | None, now: float) -> None:
        """The new connection is open; None if it was lost at once. Its time to deliver begins."""
        self.connection = connection
        self._deadline = now + _LONGEST

    def failed(self, problem: str) -> None:
        """It came to nothing."""
        self.problem = problem
        self.broke_order = self.dialogue.intake.last_data_ns is not None

    def keep(self, frames: list[bytes], now: float) -> None:
        """Keep what the new connection tells for a moment: what the old one told before may still be under way."""
        if frames:
            self._kept.append((now + self._lag, frames))

    def pass_on(self, now: float) -> None:
        """Pass on what was kept for long enough; ``inf`` passes everything on."""
        while self._kept and self._kept[0][0] <= now:
            self.dialogue.intake.take(self._kept.popleft()[1])

    def is_decided(self, now: float, old: Dialogue) -> bool:
        """Pass on what is due, and tell whether the new connection can take over, or has failed (see ``problem``).

        It takes over when it has delivered everything that the old one ever has. What the old one still waits for,
        such as a market that is not served, or a stream without snapshots, it need not have.
        """
        self.pass_on(now)
        missing = self.dialogue.reconciler.awaited - old.reconciler.awaited
        error = self.dialogue.error
        if error is not None:
            self.failed(f"the exchange refused the request on the new connection: {error.name} ({error.message})")
        elif self.connection is None:
            self.failed("the new connection was lost before it delivered everything")
        elif self.dialogue.is_spoken and not missing and (self.dialogue.is_heard or not old.is_heard):
            return True
        elif now >= self._deadline and not self.dialogue.is_heard:
            self.failed(f"the new connection delivered nothing within {_LONGEST:g} s")
        elif now >= self._deadline:
            # What is missing is quiet, or not served any more: the new connection knows as much as any would.
            return True
        return bool(self.problem)

    def finish(self) -> None:
        """It has taken over, or come to nothing."""
        self._finished.set()

    async def wait(self) -> None:
        """Wait for the end.

        Raises:
            RecoveryError: it came to nothing.
        """
        await self._finished.wait()
        if self.problem:
            raise RecoveryError(f"the connection was not replaced: {self.problem}")
