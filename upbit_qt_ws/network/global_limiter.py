"""The limiter of a process: everybody who calls one host shares its limits, in whichever thread or event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.rate_groups import CONNECT, LIMITS, MESSAGE, Bucket, bucket_of
from upbit_qt_ws.network.rate_limit import RateLimiter
from upbit_qt_ws.network.slot_queue import SlotQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.network.rate_limit import Rate

_TOO_MANY: Final = 429
_BLOCKED: Final = 418
_NEXT_SECOND: Final = 1.0


class _Waiter:
    """One call that waits, on the loop of its caller."""

    __slots__ = ("_event", "_loop")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Have it ask again; from any thread."""
        with contextlib.suppress(RuntimeError):  # Its loop is closed, and nobody waits any more.
            self._loop.call_soon_threadsafe(self._event.set)

    async def sleep(self, seconds: float) -> None:
        """Wait until woken, or for so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                await self._event.wait()
        self._event.clear()


class _Gate:
    """A limiter with the queue before it, and what became of the calls."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        self.limiter = RateLimiter(rates)
        self.queue: SlotQueue[_Waiter] = SlotQueue(self.limiter)
        self.refused = 0

    def wake_first(self) -> None:
        first = self.queue.first
        if first is not None:
            first.wake()


class ConnectPacer:
    """The limiter of new connections for callers that wait in their own way; safe in any thread."""

    def __init__(self, limiter: RateLimiter, lock: threading.Lock) -> None:
        """Share ``limiter`` with those who wait in the queue."""
        self._limiter = limiter
        self._lock = lock

    def delay(self, now: float) -> float:
        """Return how many seconds from ``now`` the next connection must wait."""
        with self._lock:
            return self._limiter.delay(now)

    def take(self, now: float) -> None:
        """Book a connection that is opened at ``now``."""
        with self._lock:
            self._limiter.take(now)


class GlobalRateLimiter:
    """Lets calls through as fast as the exchange allows and no faster, in the order in which they came.

    Args:
        limits: per bucket its rates.
        clock: monotonic seconds.

    Attributes:
        connects: the limiter of new connections.
    """

    def __init__(
        self, limits: Mapping[Bucket, tuple[Rate, ...]] = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with all limits unused."""
        self._clock = clock
        self._lock = threading.Lock()
        self._gates = {bucket: _Gate(rates) for bucket, rates in limits.items()}
        self._of_connections: weakref.WeakKeyDictionary[object, _Gate] = weakref.WeakKeyDictionary()
        self._message_rates = limits[MESSAGE]
        self.connects = ConnectPacer(self._gates[CONNECT].limiter, self._lock)

    async def acquire(self, path: str, *, method: str = "GET") -> None:
        """Wait until the call of ``path`` may be made, and book it. Cancelling gives the place back."""
        await self._pass(self._gates[bucket_of(path, method)])

    async def connect(self) -> None:
        """Wait until a connection may be opened, and book it."""
        await self._pass(self._gates[CONNECT])

    async def message(self, connection: object) -> None:
        """Wait until a message may be sent on ``connection``, and book it; each connection has limits of its own."""
        with self._lock:
            gate = self._of_connections.get(connection)
            if gate is None:
                gate = self._of_connections[connection] = _Gate(self._message_rates)
        await self._pass(gate)

    async def _pass(self, gate: _Gate) -> None:
        waiter = _Waiter()
        with self._lock:
            gate.queue.enter(waiter, self._clock())
        try:
            while True:
                with self._lock:
                    seconds = gate.queue.wait(waiter, self._clock())
                if seconds == 0.0:
                    return
                await waiter.sleep(seconds)
        finally:
            with self._lock:
                gate.queue.leave(waiter)
                gate.wake_first()

    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None:
        """Take the HTTP status of an answer: 429 holds its own bucket, 418 is about the address and holds all.

        Args:
            path: of the call.
            method: of the call.
            status: of the answer; others than 429 and 418 change nothing.
            retry_after: seconds that the answer told to wait; None for the next second.
        """
        if status not in (_TOO_MANY, _BLOCKED):
            return
        bucket, now = bucket_of(path, method), self._clock()
        with self._lock:
            self._gates[bucket].refused += 1
            held = [self._gates[bucket]] if status == _TOO_MANY else list(self._gates.values())
            for gate in held:
                gate.limiter.hold(now, _NEXT_SECOND if retry_after is None else retry_after)
                gate.wake_first()

    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None:
        """Take how many calls the exchange says are left in this second; with none left, wait for the next one."""
        if sec > 0:
            return
        with self._lock:
            gate = self._gates[bucket_of(path, method)]
            gate.limiter.hold(self._clock(), _NEXT_SECOND)

    def set_scale(self, bucket: Bucket, scale: float) -> None:
        """Use only this part of a bucket's limits; calls that were made stay booked.

        Raises:
            ConfigurationError: it is not above 0 and at most 1.
        """
        if not 0 < scale <= 1:
            raise ConfigurationError(f"scale {scale!r} of {bucket} is not above 0 and at most 1")
        with self._lock:
            gate = self._gates[bucket]
            gate.limiter.scale = scale
            gate.wake_first()

    def snapshot(self) -> dict[str, dict[str, float]]:
        """Return, per bucket that was used, its figures as a mapping that can be written as JSON."""
        with self._lock:
            return {
                str(bucket): {
                    "calls": gate.queue.calls,
                    "waited": gate.queue.waited,
                    "longest_wait_s": round(gate.queue.longest_wait, 3),
                    "waiting": len(gate.queue),
                    "refused": gate.refused,
                    "scale": round(gate.limiter.scale, 3),
                }
                for bucket, gate in self._gates.items()
                if gate.queue.calls or gate.refused or len(gate.queue)
            }


_limiters: Final[dict[str, GlobalRateLimiter]] = {}
_making: Final = threading.Lock()


def get_global_rate_limiter(host: str = "api.upbit.com") -> GlobalRateLimiter:
    """Return the limiter that everybody in this process shares who calls ``host``.

    Args:
        host: a host, with its port if that is not the usual one, or an address with a scheme.
    """
    key = urlsplit(host).netloc if "://" in host else host
    with _making:
        return _limiters.setdefault(key, GlobalRateLimiter())


async def gate_websocket(
    kind: Literal["connect", "message"] = "message", *, connection: object = None, host: str = "api.upbit.com"
) -> None:
    """Wait until a WebSocket may be opened, or a message be sent on one, and book it.

    Args:
        kind: what is to be done.
        connection: the connection that a message is for; any object that is the same for the same connection.
        host: of the exchange.

    Raises:
        ConfigurationError: the kind is unknown, or a message is for no connection.
    """
    limiter = get_global_rate_limiter(host)
    if kind == "connect":
        await limiter.connect()
    elif kind != "message":
        raise ConfigurationError(f"kind {kind!r} is unknown: write 'connect' or 'message'")
    elif connection is None:
        raise ConfigurationError("a message needs its connection: the limits are counted for each one")
    else:
        await limiter.message(connection)
