"""Desired, sent, confirmed: decides what one socket must be told, and when.

The reconciler is level-triggered. It compares what is desired with what this connection was asked for, and
tells its caller to send, to wait until a moment, or to close; it does not remember single changes, so a change
that cancels out before it was sent sends nothing (rule R8). All times are seconds of a monotonic clock that
the caller passes in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.subscriptions.listing import ListingClock, Mismatch
from upbit_qt_ws.subscriptions.on_wire import OnWire
from upbit_qt_ws.subscriptions.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_ws.events import StreamType
    from upbit_qt_ws.wire.replies import SubscriptionEntry
    from upbit_qt_ws.wire.topics import Topic, Want


_NOTHING: Final[Mapping[Topic, Want]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Timing:
    """The waiting times of a reconciler, in seconds.

    Attributes:
        settle: how long wishes must be quiet before they are sent, so that a burst becomes one request (R3).
        settle_max: the longest that a steady stream of changes can put a request off.
        linger: how long an unwanted socket stays open, since Upbit has no way to unsubscribe (R9).
        first_data: how long a topic may be silent after it was first asked for (R10).
        trial: after how long a request that was not refused counts as accepted; refusals come at once.
        list_after: how long after a request the exchange is asked what it holds (R11).
        list_every: how often it is asked while nothing changes; 0 for never.
    """

    settle: float = 0.15
    settle_max: float = 0.5
    linger: float = 5.0
    first_data: float = 10.0
    trial: float = 1.0
    list_after: float = 2.0
    list_every: float = 60.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now.

    Attributes:
        request: the whole set to ask for, or None to send nothing.
        desired: the wishes that the request was made from, or that the connection serves as it is; empty while
            changes settle.
        listing: ask the exchange what it holds.
        close: the socket has been unwanted for long enough.
        wake_at: when to decide again if nothing happens before; ``inf`` for never.
        not_served: topics whose first data is overdue since the last decision.
        confirmed: topics without snapshots that count as served since the last decision, because the exchange has
            not refused them and gives no list.
    """

    request: Mapping[Topic, Want] | None = None
    desired: Mapping[Topic, Want] = field(default_factory=lambda: _NOTHING)
    listing: bool = False
    close: bool = False
    wake_at: float = math.inf
    not_served: tuple[Topic, ...] = ()
    confirmed: tuple[Topic, ...] = ()


class Reconciler:
    """The state machine of one socket's subscription.

    Attributes:
        timing: its waiting times.
        wire: what this connection was asked for, and what has come of it.
        clock: when the exchange is asked what it holds.
    """

    def __init__(self, timing: Timing | None = None) -> None:
        """Start with nothing wanted and no connection."""
        self.timing = timing or Timing()
        self.wire = OnWire(self.timing.first_data)
        self.clock = ListingClock(self.timing.list_after, self.timing.list_every)
        self._desired: Mapping[Topic, Want] = _NOTHING
        self._admitted: Mapping[Topic, Want] = _NOTHING
        self._trials = Trials()
        self._trial_ends = math.inf
        self._open = False
        self._first_change: float | None = None
        self._last_change = -math.inf
        self._emptied_at: float | None = None

    def successor(self) -> Reconciler:
        """Return one for another connection: with the same wishes, and what was learnt about refused ones."""
        other = Reconciler(self.timing)
        other._trials = self._trials
        other.set_desired(self._desired, -math.inf)
        return other

    @property
    def awaited(self) -> set[tuple[str, str, float]]:
        """Topics that still owe their first data (or their first snapshot) in this epoch.

        The caller looks here, once a frame, whether :meth:`arrived` has to be told; it is the same set for ever.
        """
        return self.wire.awaited

    def set_desired(self, wants: Mapping[Topic, Want], now: float) -> None:
        """Take the newest wishes; the mapping must not change afterwards."""
        if wants == self._desired:
            return
        if not (self._desired and self.wire.differs(self._admitted)):
            # What was wanted before is on the wire, or nothing was: a new burst of changes begins.
            self._first_change = now
        self._admitted = wants
        self._desired = wants
        self._last_change = now
        if wants:
            self._emptied_at = None
        elif self._emptied_at is None:
            self._emptied_at = now

    def is_wanted(self) -> bool:
        """Whether anybody wants anything of this socket."""
        return bool(self._desired)

    def opened(self) -> None:
        """A new connection is there: nothing was asked for on it, everything is new (R3)."""
        self._forget()
        self._trials.abandoned()
        self._open = True

    def lost(self) -> None:
        """The connection is gone, and with it all that it was asked for."""
        self._forget()
        self._open = False

    def _forget(self) -> None:
        self.wire.clear()
        self.clock.reset()

    def decide(self, now: float) -> Decision:
        """Say what to do at ``now``; the caller reports a request that it did send with :meth:`sent`."""
        if not self._open:
            return Decision()
        found = self.wire.check_deadlines(now)
        wake_at = min(found.next_at, self._check_trial(now))
        overdue, confirmed = found.not_served, found.confirmed
        if not self._desired:
            closes_at = (now if self._emptied_at is None else self._emptied_at) + self.timing.linger
            return Decision(close=now >= closes_at, wake_at=closes_at, not_served=overdue, confirmed=confirmed)
        self._admitted = self._trials.admitted(self._desired, now)
        if not self._admitted or not self.wire.differs(self._admitted):
            self._first_change = None
            listing = self.clock.is_due(now)
            return Decision(
                listing=listing, wake_at=min(wake_at, self.clock.wake_at), not_served=overdue, confirmed=confirmed
            )
        due = self._due(now)
        if now < due:
            return Decision(wake_at=min(due, wake_at), not_served=overdue, confirmed=confirmed)
        return Decision(
            self.wire.request_for(self._admitted),
            self._admitted,
            wake_at=wake_at,
            not_served=overdue,
            confirmed=confirmed,
        )

    def sent(self, decision: Decision, now: float) -> None:
        """Note that a decision's request is what the connection holds from now on."""
        request = decision.request or {}
        self.wire.sent(request, decision.desired, now)
        if decision.desired is self._admitted:
            self._first_change = None
        # What is on the wire already and needs no new asking is no newcomer.
        self._trials.sent(decision.desired)
        self._trial_ends = now + self.timing.trial
        self.clock.changed(now)

    def refused(self, now: float) -> tuple[bool, tuple[Topic, ...]]:
        """The exchange answered the newest request with an error; the connection is about to be lost.

        Returns:
            Whether the next request will be a different one, so that it is worth sending soon; and the topics that
            are to blame, which are not asked for again for a while.
        """
        return self._trials.refused(now)

    def ask_again(self, topics: Iterable[Topic]) -> None:
        """Have topics asked for once more that the exchange should have told something of, and has not."""
        self.wire.ask_again(topics)

    @property
    def can_bisect(self) -> bool:
        """Whether a refusal of the newest request can be pinned on less than all that it held."""
        return self._trials.can_bisect

    def listed(
        self, ticket: str, entries: Iterable[SubscriptionEntry], now: float
    ) -> tuple[Mismatch, tuple[Topic, ...]]:
        """The exchange has answered what it holds; what is missing will be asked for again.

        Returns:
            Where that differs from what it was asked for; and the topics without snapshots that are now known to be
            served. Both are empty when the answer is about an older request.
        """
        if not self._open or not self.clock.answered(ticket, now):
            return Mismatch(), ()
        self._trials.accepted()
        return self.wire.listed(entries)

    def arrived(self, topic: tuple[str, str, float], kind: StreamType) -> None:
        """Data of an awaited topic has come."""
        if self.wire.arrived(topic, kind) and self._trials.has_newcomer(topic):
            self._trials.accepted()

    def _due(self, now: float) -> float:
        """Return when the difference may be sent: after a quiet moment, but not later than the longest wait."""
        if self._first_change is None:
            return now
        return min(self._last_change + self.timing.settle, self._first_change + self.timing.settle_max)

    def _check_trial(self, now: float) -> float:
        """Accept a request that was not refused in time; return when to look again."""
        if self._trials.under_way and now >= self._trial_ends:
            self._trials.accepted()
        release = self._trials.next_release(now)
        return min(release, self._trial_ends) if self._trials.under_way else release
