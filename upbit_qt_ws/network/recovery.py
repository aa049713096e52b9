"""When to try again after a link was lost, and which connection an event belongs to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

_BLOCKED: Final = 418
_TOO_MANY: Final = 429

_FIRST_BLOCK: Final = 60.0
_LONGEST_BLOCK: Final = 3600.0
"""Waits after a 418 that names no time, in seconds: each further one in a row doubles the wait, as the exchange does
with its blocks. [A: "the block time grows"; the numbers are not documented]"""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
"""Waits after a 429 that names no time, in seconds: the limit is one of calls in a second."""


_UNREACHABLE_CAP: Final = 3.0
"""Largest bound of the waits while the network leads nowhere, in seconds. There is nobody to be polite to, and the user
should have live prices again within 5 s of the network's return."""


@dataclass(frozen=True, slots=True)
class RecoveryPolicy:
    """How a link is retried; times in seconds.

    Attributes:
        base: upper bound of the wait before the second try; it doubles with every further one.
        cap: largest upper bound.
        stable_after: how long a connection must have delivered data before its loss counts as a new outage.
    """

    base: float = 1.0
    cap: float = 60.0
    stable_after: float = 10.0


@dataclass(slots=True)
class RecoveryEngine:
    """Decides how long to wait before the next connection attempt: for ever, but politely.

    The first retry after a stable connection comes at once; then the waits are drawn evenly from zero to a
    bound that doubles up to the cap ("full jitter"), so that many clients do not come back in step. The count
    of failures is reset only by a connection that stayed stable, not by one that merely opened. While the exchange
    cannot even be reached, as with a cable that is out, the bound stops at 3 s, and such attempts do not make the
    waits longer that follow an answer.

    What the exchange itself asks for comes before that: after a 429 or a 418 on the handshake no attempt is made for
    the time that it names, or for a time that doubles from one such answer to the next.
    """

    policy: RecoveryPolicy = field(default_factory=RecoveryPolicy)
    random: Random = field(default_factory=Random)
    failures: int = 0
    unreached: int = 0
    _opened_at: float | None = None
    _hold_until: float = float("-inf")
    _limited: int = 0
    _waited: float = 0.0

    def delay(self, now: float) -> float:
        """Return how many seconds to wait from ``now`` before the next attempt."""
        wait = 0.0
        attempts = self.failures + self.unreached
        if attempts > 1:
            cap = min(self.policy.cap, _UNREACHABLE_CAP) if self.unreached else self.policy.cap
            # The exponent is bounded because a link that fails for weeks would overflow a float.
            bound = min(cap, self.policy.base * 2.0 ** min(attempts - 2, 32))
            wait = max(0.0, self.random.uniform(0.0, bound) - self._waited)
        return max(wait, self._hold_until - now)

    def opened(self, now: float) -> None:
        """A connection was opened; that alone proves nothing but that the exchange lets this address in."""
        self._opened_at = now
        self._limited = self.unreached = 0
        self._waited = 0.0

    def lost(self, last_data_at: float | None) -> None:
        """The connection was lost; ``last_data_at`` is when it was last seen to serve, None if it never did."""
        opened_at, self._opened_at = self._opened_at, None
        stable = (
            opened_at is not None and last_data_at is not None and last_data_at - opened_at >= self.policy.stable_after
        )
        self.failures = 1 if stable else self.failures + 1

    def refused(self, now: float, *, status: int | None = None, retry_after: float = 0.0) -> None:
        """The exchange was reached, but the connection could not be opened.

        Args:
            now: monotonic time.
            status: HTTP status of the refusal; None when there was no answer.
            retry_after: the pause that the exchange named, in seconds; 0 when it named none.
        """
        self.failures += 1
        self.unreached = 0
        self._waited = 0.0
        first, longest = _PAUSES.get(status, (0.0, 0.0))
        if first and not retry_after:
            retry_after = min(longest, first * 2.0 ** min(self._limited, 32))
        self._limited = self._limited + 1 if first else 0
        self.hold(now, retry_after)

    def unreachable(self, waited: float = 0.0) -> None:
        """The network did not lead to the exchange.

        Args:
            waited: how long that attempt has waited for an answer, in seconds. It counts as a part of the wait before
                the next one: a network that swallows packets has been waited for already.
        """
        self.unreached += 1
        self._waited = waited

    def forgive(self) -> None:
        """The world has changed, as after a sleep of the machine: the next attempt may come at once.

        A pause that the exchange asked for stays.
        """
        self.failures = min(self.failures, 1)
        self.unreached = 0

    def hold(self, now: float, seconds: float) -> None:
        """Make no attempt for that long."""
        self._hold_until = now + seconds


_PAUSES: Final[dict[int | None, tuple[float, float]]] = {
    _BLOCKED: (_FIRST_BLOCK, _LONGEST_BLOCK),
    _TOO_MANY: (_FIRST_PAUSE, _LONGEST_PAUSE),
}


@dataclass(slots=True)
class EpochManager:
    """Numbers the connections of a link, so that an event of an older one can be told and dropped.

    Attributes:
        current: the newest connection's number; 0 before the first.
    """

    current: int = 0

    def advance(self) -> int:
        """Return the number of a new connection."""
        self.current += 1
        return self.current

    def is_current(self, epoch: int) -> bool:
        """Tell whether an event of ``epoch`` belongs to the newest connection."""
        return epoch == self.current
