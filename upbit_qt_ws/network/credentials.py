"""The keys of one socket: when they are read, what token the next connection gets, and when it may be tried."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import AuthError

if TYPE_CHECKING:
    from upbit_qt_ws.network.key_source import KeySource


class Credentials:
    """Joins the state of the keys with the connections that are made with them.

    Args:
        source: where the keys come from.

    Attributes:
        retry_at: monotonic time before which no connection may be tried, since the last one's token was refused.
    """

    def __init__(self, source: KeySource) -> None:
        """Read nothing yet."""
        self._source = source
        self._keys = source.manager()
        self._generation = 0
        self.retry_at = -math.inf

    @property
    def next_attempt(self) -> float:
        """When the keys are to be read next, monotonic; ``inf`` for not before they change."""
        due = self._keys.next_attempt()
        return math.inf if due is None else due

    async def problem(self) -> AuthError | None:
        """Read the keys if that is due, and return why no token can be made now; None if one can."""
        await self._source.renew(self._keys)
        try:
            self._keys.authorization()
        except AuthError as error:
            return error
        return None

    def authorization(self) -> str:
        """Return the header for a new connection, with a nonce of its own.

        Raises:
            AuthError: no token can be made.
        """
        self._generation = self._keys.generation
        return self._keys.authorization()

    def refused(self, error: AuthError) -> None:
        """The token of the newest connection was refused; the next try waits as long as the keys need."""
        self._keys.refused(error, generation=self._generation)
        self.retry_at = self.next_attempt if self.next_attempt < math.inf else time.monotonic()

    async def still_current(self, *, proven: bool) -> bool:
        """Read the keys anew if that is due; tell whether the connection was opened with the pair that is there now.

        Args:
            proven: the exchange has said something that shows that it accepted the token.
        """
        if proven:
            self._keys.accepted(generation=self._generation)
        await self._source.renew(self._keys)
        return self._keys.generation == self._generation

    def changed(self) -> None:
        """There may be other keys now: try again at once."""
        self._keys.keys_changed()
        self.retry_at = -math.inf
