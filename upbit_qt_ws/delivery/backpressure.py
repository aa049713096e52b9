"""Back-pressure: what waits for one subscription, and what gives way when events come faster than they are taken.

Pure: the caller says what time it is. Every operation costs the same however much waits.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import CandleEvent, Event, StreamType
from upbit_qt_ws.wire.topics import CONFLATED_TYPES, PRIVATE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_LIMIT: Final = 1024
_LONGEST_INTERVAL_MS: Final = 3_600_000.0

_EACH_COUNTS: Final = frozenset(PRIVATE_TYPES)

_Key = tuple[str, StreamType, str]


class BackpressureHandler(ABC):
    """What waits for one subscription, by its policy.

    Attributes:
        loses: what gives way is lost; otherwise it is replaced by something newer.
        due: when :meth:`take` may have something to give, in seconds of the caller's clock; ``inf`` while nothing
            waits.
    """

    loses: bool = False
    due: float = math.inf

    @abstractmethod
    def __len__(self) -> int:
        """Return how many events wait."""

    @abstractmethod
    def offer(self, event: Event, now: float) -> int:
        """Have an event wait; return how many others gave way to it."""

    @abstractmethod
    def take(self, now: float) -> list[Event]:
        """Return what may be delivered at ``now``, in order; it waits no longer."""

    @abstractmethod
    def discard(self) -> int:
        """Let nothing wait any more; return how many events that were."""


class WaitingRoom(BackpressureHandler):
    """A queue that may also be left one by one."""

    @abstractmethod
    def pop(self) -> Event | None:
        """Return the event that is to be delivered next, None if none waits."""


class Policy(ABC):
    """How a subscription meets more events than it can take; see :func:`drop_oldest` and its neighbours."""

    @abstractmethod
    def handler(self) -> BackpressureHandler:
        """Return a queue that follows the policy."""

    @abstractmethod
    def waiting_room(self) -> WaitingRoom:
        """Return a queue for what has been handed over and waits for an async callback to be free."""

    @property
    def interval(self) -> float:
        """Shortest time between two events of one market, in seconds; 0 for none."""
        return 0.0


@dataclass(frozen=True, slots=True)
class DropOldest(Policy):
    """See :func:`drop_oldest`."""

    limit: int

    def handler(self) -> BackpressureHandler:
        """Return a queue of so many events."""
        return _Bounded(self.limit)

    def waiting_room(self) -> WaitingRoom:
        """Return another one like it."""
        return _Bounded(self.limit)


@dataclass(frozen=True, slots=True)
class CoalesceBySymbol(Policy):
    """See :func:`coalesce_by_symbol`."""

    def handler(self) -> BackpressureHandler:
        """Return a queue of the newest events."""
        return _Newest()

    def waiting_room(self) -> WaitingRoom:
        """Return another one like it."""
        return _Newest()


@dataclass(frozen=True, slots=True)
class Throttle(Policy):
    """See :func:`throttle`."""

    interval_ms: float

    def handler(self) -> BackpressureHandler:
        """Return a queue that gives the newest events now and then."""
        return _Throttled(self.interval)

    def waiting_room(self) -> WaitingRoom:
        """Return a queue of the newest events: they have waited for their time already."""
        return _Newest()

    @property
    def interval(self) -> float:
        """The interval in seconds."""
        return self.interval_ms / 1000.0


def drop_oldest(limit: int = DEFAULT_LIMIT) -> Policy:
    """Have each event delivered, in order, as long as no more than ``limit`` wait; then the oldest are dropped.

    Args:
        limit: events of the whole subscription that may wait for a frame, or for an async callback; from 1.

    Raises:
        SubscriptionError: ``limit`` is no such number.
    """
    if type(limit) is not int or limit < 1:
        raise SubscriptionError(f"drop_oldest(limit={limit!r}): give a whole number of events from 1")
    return DropOldest(limit)


def coalesce_by_symbol() -> Policy:
    """Have only the newest event of each market delivered; it replaces the ones that still wait.

    Of candles the newest state of each one, so that the last state of a closed candle is never lost. A snapshot and
    what follows it do not replace each other.
    """
    return CoalesceBySymbol()


def throttle(interval_ms: float) -> Policy:
    """Have an event of each market delivered at most every ``interval_ms``: the first at once, then the newest.

    The last one before a silence is always delivered, when its time has come.

    Args:
        interval_ms: milliseconds, more than 0 and up to an hour.

    Raises:
        SubscriptionError: ``interval_ms`` is no such number.
    """
    if type(interval_ms) not in (int, float) or not 0.0 < interval_ms <= _LONGEST_INTERVAL_MS:
        raise SubscriptionError(
            f"throttle(interval_ms={interval_ms!r}): give milliseconds, more than 0 and up to {_LONGEST_INTERVAL_MS:g}"
        )
    return Throttle(float(interval_ms))


def check_policy(policy: object, event_type: str) -> None:
    """Check that a policy may be used for a type.

    Raises:
        SubscriptionError: it is no policy, or it would replace orders or balances by later ones without a word.
    """
    if not isinstance(policy, Policy):
        raise SubscriptionError(
            f"policy {policy!r} is none: give drop_oldest(limit), coalesce_by_symbol() or throttle(interval_ms)"
        )
    if event_type in _EACH_COUNTS and not isinstance(policy, DropOldest):
        raise SubscriptionError(
            f"policy {policy!r} would leave out some of the account's own events ({event_type}): "
            "give drop_oldest(limit), which reports what it has to drop"
        )


def default_policy(event_type: str) -> Policy:
    """Return what is done without a policy: states are coalesced, events are kept up to a bound."""
    return CoalesceBySymbol() if event_type in CONFLATED_TYPES else DropOldest(DEFAULT_LIMIT)


class _Bounded(WaitingRoom):
    loses = True

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Event] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, event: Event, now: float) -> int:
        gone = 0
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            gone = 1
        self._waiting.append(event)
        self.due = -math.inf
        return gone

    def take(self, now: float) -> list[Event]:
        taken = list(self._waiting)
        self._waiting.clear()
        self.due = math.inf
        return taken

    def pop(self) -> Event | None:
        return self._waiting.popleft() if self._waiting else None

    def discard(self) -> int:
        return len(self.take(0.0))


class _Newest(WaitingRoom):
    def __init__(self) -> None:
        self._waiting: dict[_Key, Event] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, event: Event, now: float) -> int:
        gone = 0 if self._waiting.pop(key := _key(event), None) is None else 1
        self._waiting[key] = event
        self.due = -math.inf
        return gone

    def take(self, now: float) -> list[Event]:
        taken = list(self._waiting.values())
        self._waiting.clear()
        self.due = math.inf
        return taken

    def pop(self) -> Event | None:
        return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def discard(self) -> int:
        return len(self.take(0.0))


class _Throttled(BackpressureHandler):
    """Per market: what waits, and when the next may be delivered."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._waiting: dict[str, dict[_Key, Event]] = {}
        self._next: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def offer(self, event: Event, now: float) -> int:
        key = _key(event)
        waiting = self._waiting.setdefault(key[0], {})
        gone = 0 if waiting.pop(key, None) is None else 1
        waiting[key] = event
        self.due = min(self.due, self._next.get(key[0], -math.inf))
        return gone

    def take(self, now: float) -> list[Event]:
        if now < self.due:
            return []
        taken = list(self._ready(now))
        self.due = min((self._next.get(symbol, -math.inf) for symbol in self._waiting), default=math.inf)
        return taken

    def _ready(self, now: float) -> Iterator[Event]:
        for symbol in [symbol for symbol in self._waiting if self._next.get(symbol, -math.inf) <= now]:
            self._next[symbol] = now + self._interval
            yield from self._waiting.pop(symbol).values()

    def discard(self) -> int:
        count = len(self)
        self._waiting.clear()
        self._next.clear()
        self.due = math.inf
        return count


def _key(event: Event) -> _Key:
    start = event.candle_date_time_utc if isinstance(event, CandleEvent) else ""
    return getattr(event, "code", ""), event.stream_type, start
