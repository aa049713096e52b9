"""Make before break: the replacement of a connection by a new one that delivers before the old one is given up."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.errors import RecoveryError
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from upbit_qt_ws.network.connection import FeedConnection
    from upbit_qt_ws.network.dialogue import Dialogue

_LONGEST: Final = 10.0
"""How long the new connection may take until it delivers what the old one does, in seconds."""

_RESCUE: Final = 5.0
"""The same where the old connection is probably dead: nobody else delivers meanwhile."""

_LAST_WORDS: Final = 1.0
"""How long the old connection may take to tell what it had to tell before the new one was there, in seconds."""

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
        self._longest = _LONGEST
        self._deadline = math.inf
        self._last_words_by: float | None = None
        self._is_asked = False
        self._finished = asyncio.Event()

    async def open(
        self,
        opening: Coroutine[Any, Any, FeedConnection],
        go_on: Callable[[], Awaitable[float | None]],
        wait_until: Callable[[float], Awaitable[None]],
        changed: asyncio.Event,
    ) -> FeedConnection | None:
        """Open the new connection while the old one is still served.

        Args:
            opening: makes the connection.
            go_on: serves the old one; returns when to do that again, and None if no other connection is needed.
            wait_until: waits until a time, or until ``changed`` is set.
            changed: something has happened that must be looked at.

        Returns:
            The new connection; None if it is not needed any more.

        Raises:
            AuthError: as ``opening`` does.
            WebSocketConnectionError: likewise.
        """
        task = asyncio.ensure_future(opening)
        task.add_done_callback(lambda _: changed.set())
        is_wanted = False
        try:
            while not task.done():
                wake_at = await go_on()
                if wake_at is None:
                    return None
                await wait_until(wake_at)
            is_wanted = True
            return task.result()
        finally:
            # It may be there, or have failed, at the very moment when it is not needed any more.
            if not is_wanted:
                task.cancel()
                await asyncio.wait((task,))
                if not task.cancelled() and task.exception() is None:
                    task.result().transport.abort()

    def opened(self, connection: FeedConnection | None, now: float) -> None:
        """The new connection is open; None if it was lost at once. Its time to deliver begins."""
        self.connection = connection
        self._longest = min(_RESCUE, _LONGEST) if self.is_rescue else _LONGEST
        self._deadline = now + self._longest

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
            refused = f"the exchange refused the request on the new connection: {error.name} ({error.message})"
            self.failed(one_line(refused))
        elif self.connection is None:
            self.failed("the new connection was lost before it delivered everything")
        elif self.dialogue.is_spoken and not missing and (self.dialogue.is_heard or not old.is_heard):
            return True
        elif now >= self._deadline and not self.dialogue.is_heard:
            self.failed(f"the new connection delivered nothing within {self._longest:g} s")
        elif now >= self._deadline:
            # What is missing is quiet, or not served any more: the new connection knows as much as any would.
            return True
        return bool(self.problem)

    async def is_owed_last_words(self, now: float, old: Dialogue, connection: FeedConnection) -> bool:
        """Tell whether ``connection``, the old one, may still tell something that was sent before the new one asked.

        It is asked what it holds: the answer comes behind that.
        """
        if self._last_words_by is None:
            self._last_words_by = now + _LAST_WORDS
            old.has_told_all = False
        if not self._is_asked:
            self._is_asked = await old.ask_for_the_last(connection)
        return not old.has_told_all and now < self._last_words_by

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
