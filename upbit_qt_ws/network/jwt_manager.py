"""Whether there are keys that work, when they are read anew, and what is wrong when they do not. Pure but for the read.

The exchange checks a token at the handshake of a socket and with every REST call, and a token has no expiry on the
wire. So each use gets a fresh one, an open socket never needs a new one, and what grows old is only the pair of keys
in memory: it is read anew from its source at 80 % of a configured lifetime, so that a pair which was replaced there is
found before it is needed.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.errors import AuthError, ConfigurationError
from upbit_qt_ws.network.keys import KeyReading
from upbit_qt_ws.wire.auth_errors import AuthProblem, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.network.auth import Algorithm, UpbitAuthenticator
    from upbit_qt_ws.network.keys import ApiKeys, KeysProvider

RENEW_AT: Final = 0.8
"""The part of the lifetime after which the keys are read anew."""
BACK_OFF_S: Final = (1.0, 2.0, 4.0)
"""The waits before the three further tries after a failure that may pass, in s."""
SLOW_RETRY_S: Final = 300.0
"""The wait before another try once those failed, in s: keys are mended on the web site, and nothing tells of it."""


class AuthState(StrEnum):
    """How it stands with the keys."""

    NO_KEYS = "no_keys"
    """There are none, or they were not read yet."""
    VALID = "valid"
    """There are keys, and nothing is known against them."""
    RENEWING = "renewing"
    """They are being read, or are tried again after a failure; tokens are made if there are keys."""
    DEGRADED = "degraded"
    """They cannot be read, or the exchange refuses them: no tokens are made until the next try."""


class _Trouble(NamedTuple):
    problem: AuthProblem
    text: str
    hint: str
    name: str


_NO_KEYS: Final = _Trouble(
    AuthProblem.NO_KEYS, "there are no API keys", AuthProblem.NO_KEYS.hint(), AuthProblem.NO_KEYS.value
)


class JWTManager:
    """Gives out tokens, and decides when the keys are read anew and when to stop trying.

    A shell calls :meth:`renew` whenever :meth:`renewal_due` says so, and tells of the exchange's answers with
    :meth:`accepted` and :meth:`refused`. For a provider that blocks it calls ``begin``, ``KeyReading.read`` in a
    thread, and ``finish`` instead; everything but that ``read`` belongs to one thread. The constructor reads nothing,
    and the first reading is due at once. Times are those of ``clock``, which is asked where ``now`` is None.
    """

    def __init__(
        self,
        provider: KeysProvider,
        *,
        lifetime: float = 3600.0,
        algorithm: Algorithm = "HS512",
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[AuthState], None] | None = None,
    ) -> None:
        """Take where the keys come from.

        Args:
            provider: returns the keys, or None when there are none; may raise.
            lifetime: how long keys are used without being read anew, in s.
            algorithm: how tokens are signed.
            clock: monotonic time in s.
            on_change: called with the state after it, the problem or the pair of keys changed.

        Raises:
            ConfigurationError: the lifetime is not above 0 and finite.
        """
        if not 0 < lifetime < float("inf"):
            raise ConfigurationError(f"lifetime {lifetime!r} is not a number of seconds above 0")
        self._provider = provider
        self._lifetime = lifetime
        self._algorithm: Algorithm = algorithm
        self._clock = clock
        self._on_change = on_change
        self._state = AuthState.NO_KEYS
        self._keys: ApiKeys | None = None
        self._authenticator: UpbitAuthenticator | None = None
        self._generation = 0
        self._reading: KeyReading | None = None
        self._asked = True  # For a reading at once.
        self._due: float | None = None
        self._waiting = False  # For the end of a back-off.
        self._unread: _Trouble | None = None
        self._refusal: _Trouble | None = None
        self._failures = 0
        self._refusals = 0
        self._read_at: float | None = None
        self._accepted_at: float | None = None
        self._published = (self._state, self._trouble, self._generation)

    @property
    def state(self) -> AuthState:
        """How it stands with the keys."""
        return self._state

    @property
    def generation(self) -> int:
        """Counts the pairs of keys; when it changes, a socket opened with the older pair is to be opened anew."""
        return self._generation

    @property
    def problem(self) -> AuthProblem | None:
        """What is wrong, or None."""
        return self._trouble.problem if self._trouble else None

    @property
    def hint(self) -> str:
        """What the user can do about it; empty when nothing is wrong."""
        return self._trouble.hint if self._trouble else ""

    def authorization(self, query: str = "") -> str:
        """Return the value of the header ``Authorization`` for one use, with a nonce of its own.

        Args:
            query: see :meth:`upbit_qt_ws.network.auth.UpbitAuthenticator.token`.

        Raises:
            AuthError: there are no keys (yet), or they are given up for now; its ``hint`` says what to do.
        """
        if self._authenticator is None or self._state is AuthState.DEGRADED:
            trouble = self._trouble or _NO_KEYS
            error = AuthError(f"no token can be made: {trouble.text}", name=trouble.name, hint=trouble.hint)
            error.add_note(trouble.hint)
            raise error
        return self._authenticator.authorization(query)

    def next_attempt(self, now: float | None = None) -> float | None:
        """Return when the keys are to be read next, never before ``now``; None while they are read, or have no need."""
        if self._reading is not None:
            return None
        now = self._time(now)
        if self._asked:
            return now
        return None if self._due is None else max(self._due, now)

    def renewal_due(self, now: float | None = None) -> bool:
        """Tell whether the keys are to be read now."""
        now = self._time(now)
        return self.next_attempt(now) == now

    def renew(self, now: float | None = None) -> AuthState:
        """Read the keys here and now, and return the state; blocks for as long as the provider does."""
        reading = self.begin()
        reading.read()
        self.finish(reading, now)
        return self._state

    def begin(self) -> KeyReading:
        """Return a reading of the keys that is to be made, in any thread; an older one is forgotten."""
        self._reading = reading = KeyReading(self._provider)
        self._asked = False
        self._state = AuthState.RENEWING
        self._publish()
        return reading

    def finish(self, reading: KeyReading, now: float | None = None) -> None:
        """Take what a reading found. One that was overtaken by a newer one or by other keys changes nothing."""
        if reading is not self._reading:
            return
        now = self._time(now)
        self._reading = None
        if reading.failure:
            problem = AuthProblem.KEYS_UNREADABLE
            self._unread = _Trouble(problem, reading.failure, reading.hint, problem.value)
            self._failures += 1
            self._retry_or_degrade(self._failures, now, lasting=reading.lasting)
        else:
            self._take(reading.keys, now)
        self._publish()

    def accepted(self, now: float | None = None, *, generation: int | None = None) -> None:
        """The exchange accepted a token: whatever it refused before is mended.

        Args:
            now: the time.
            generation: of the keys that the token was made with; None for the present ones.
        """
        if self._keys is None or generation not in (None, self._generation):
            return
        self._accepted_at = self._time(now)
        self._refusal, self._refusals = None, 0
        if self._unread is None and self._reading is None:
            self._settle()
        self._publish()

    def refused(self, error: AuthError, now: float | None = None, *, generation: int | None = None) -> None:
        """The exchange refused a token.

        What may pass is tried again after 1, 2 and 4 s, each time with keys read anew, and then given up like what
        only the user can mend: for 5 minutes at a time, or until other keys come. Refusals that arrive together count
        as one. What ``AuthProblem.concerns_one_call`` in a REST call is for its caller, and need not be told here.

        Args:
            error: what the exchange said.
            now: the time.
            generation: of the keys that the token was made with, so that a late answer does not condemn their
                successors; None for the present ones.
        """
        if self._keys is None or generation not in (None, self._generation):
            return
        problem = problem_of(error.name, 401)
        if problem.transient and (self._waiting or self._state is AuthState.DEGRADED):
            return
        self._refusal = _Trouble(problem, str(error), error.hint or problem.hint(), error.name)
        self._refusals += 1
        self._retry_or_degrade(self._refusals, self._time(now), lasting=not problem.transient)
        self._publish()

    def set_provider(self, provider: KeysProvider) -> None:
        """Read the keys from somewhere else from now on, the first time at once."""
        self._provider = provider
        self.keys_changed()

    def keys_changed(self) -> None:
        """The user changed the keys, or something about them: a reading is due at once."""
        self._reading = None
        self._failures = self._refusals = 0
        self._asked = True

    def report(self, now: float | None = None) -> dict[str, str | int | float | None]:
        """Return how it stands, for a status page or a diagnostic bundle: no secrets, times as s from ``now``."""
        now = self._time(now)
        due = self.next_attempt(now)
        return {
            "state": self._state.value,
            "problem": self.problem.value if self.problem else None,
            "reason": self._trouble.text if self._trouble else "",
            "hint": self.hint,
            "access_key": self._keys.masked if self._keys else None,
            "generation": self._generation,
            "failed_reads": self._failures,
            "refusals": self._refusals,
            "lifetime_s": self._lifetime,
            "read_s_ago": None if self._read_at is None else now - self._read_at,
            "accepted_s_ago": None if self._accepted_at is None else now - self._accepted_at,
            "next_attempt_in_s": None if due is None else due - now,
        }

    def __repr__(self) -> str:
        return f"JWTManager({self._keys!r}, state={self._state.value}, problem={self.problem})"

    def _take(self, keys: ApiKeys | None, now: float) -> None:
        self._unread, self._failures = None, 0
        self._read_at = now
        if keys != self._keys:
            self._keys = keys
            self._authenticator = None if keys is None else self._new_authenticator(keys)
            self._generation += 1
            self._refusal, self._refusals, self._accepted_at = None, 0, None
        self._settle()

    def _new_authenticator(self, keys: ApiKeys) -> UpbitAuthenticator:
        # Imported when there are keys: PyJWT takes a fifth of the whole import, and most applications need none.
        from upbit_qt_ws.network.auth import UpbitAuthenticator

        return UpbitAuthenticator(keys, algorithm=self._algorithm)

    def _settle(self) -> None:
        self._waiting = False
        if self._keys is None or self._read_at is None:
            self._state, self._due = AuthState.NO_KEYS, None
            return
        # Keys that were refused stay on trial until the exchange accepts them: only it can call them good again.
        self._state = AuthState.VALID if self._refusal is None else AuthState.RENEWING
        self._due = self._read_at + RENEW_AT * self._lifetime

    def _retry_or_degrade(self, count: int, now: float, *, lasting: bool) -> None:
        if not lasting and count <= len(BACK_OFF_S):
            self._state, self._waiting = AuthState.RENEWING, True
            self._due = now + BACK_OFF_S[count - 1]
            return
        if self._state is not AuthState.DEGRADED:  # Late refusals do not put the next try off.
            self._due = now + SLOW_RETRY_S
        self._state, self._waiting = AuthState.DEGRADED, False

    @property
    def _trouble(self) -> _Trouble | None:
        return _NO_KEYS if self._state is AuthState.NO_KEYS else self._unread or self._refusal

    def _time(self, now: float | None) -> float:
        return self._clock() if now is None else now

    def _publish(self) -> None:
        snapshot = (self._state, self._trouble, self._generation)
        if snapshot != self._published:
            self._published = snapshot
            if self._on_change is not None:
                self._on_change(self._state)
