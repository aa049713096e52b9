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

from upbit_qt_ws.events import StreamType
from upbit_qt_ws.subscriptions.trials import Trials
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """

    settle: float = 0.15
    settle_max: float = 0.5
    linger: float = 5.0
    first_data: float = 10.0
    trial: float = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now.

    Attributes:
        request: the whole set to ask for, or None to send nothing.
        desired: the wishes that the request was made from.
        close: the socket has been unwanted for long enough.
        wake_at: when to decide again if nothing happens before; ``inf`` for never.
        not_served: topics whose first data is overdue since the last decision.
    """

    request: Mapping[Topic, Want] | None = None
    desired: Mapping[Topic, Want] = field(default_factory=lambda: _NOTHING)
    close: bool = False
    wake_at: float = math.inf
    not_served: tuple[Topic, ...] = ()


@dataclass(slots=True)
class _OnWire:
    """One topic of the connection's subscription, and what has come of it in this epoch."""

    want: Want
    asked_at: float
    snapshot_asked: bool
    snapshot_seen: bool = False
    data_seen: bool = False
    overdue: bool = False
    probe: bool = False


@dataclass(slots=True)
class Reconciler:
    """The state machine of one socket's subscription.

    Attributes:
        awaited: topics that still owe their first data (or their first snapshot) in this epoch. The caller looks
            here, once a frame, whether :meth:`arrived` has to be told.
    """

    timing: Timing = field(default_factory=Timing)
    awaited: set[tuple[str, str, float]] = field(default_factory=set)
    _desired: Mapping[Topic, Want] = field(default_factory=lambda: _NOTHING)
    _admitted: Mapping[Topic, Want] = field(default_factory=lambda: _NOTHING)
    _wire: dict[Topic, _OnWire] = field(default_factory=dict)
    _trials: Trials = field(default_factory=Trials)
    _trial_ends: float = math.inf
    _open: bool = False
    _first_change: float | None = None
    _last_change: float = -math.inf
    _emptied_at: float | None = None

    def set_desired(self, wants: Mapping[Topic, Want], now: float) -> None:
        """Take the newest wishes; the mapping must not change afterwards."""
        if wants == self._desired:
            return
        if not (self._desired and self._differs()):
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
        self._open = True
        self._wire.clear()
        self.awaited.clear()

    def lost(self) -> None:
        """The connection is gone, and with it all that it was asked for."""
        self._open = False
        self._wire.clear()
        self.awaited.clear()

    def decide(self, now: float) -> Decision:
        """Say what to do at ``now``; the caller reports a request that it did send with :meth:`sent`."""
        if not self._open:
            return Decision()
        overdue, next_deadline = self._check_deadlines(now)
        next_deadline = min(next_deadline, self._check_trial(now))
        if not self._desired:
            closes_at = (now if self._emptied_at is None else self._emptied_at) + self.timing.linger
            return Decision(close=now >= closes_at, wake_at=closes_at, not_served=overdue)
        self._admitted = self._trials.admitted(self._desired, now)
        if not self._admitted or not self._differs():
            self._first_change = None
            return Decision(wake_at=next_deadline, not_served=overdue)
        due = self._due(now)
        if now < due:
            return Decision(wake_at=min(due, next_deadline), not_served=overdue)
        return Decision(self._request(), self._admitted, wake_at=next_deadline, not_served=overdue)

    def sent(self, decision: Decision, now: float) -> None:
        """Note that a decision's request is what the connection holds from now on."""
        request = decision.request or {}
        for topic in [topic for topic in self._wire if topic not in request]:
            del self._wire[topic]
            self.awaited.discard(topic)
        for topic, asked in request.items():
            want = decision.desired[topic]
            has_snapshot = bool(asked.stream & Stream.SNAPSHOT)
            known = self._wire.get(topic)
            if known is None:
                self._wire[topic] = _OnWire(want, now, has_snapshot)
                self.awaited.add(topic)
                continue
            known.want = want
            known.probe = False
            if has_snapshot:
                # A topic that still owes its first snapshot is not given more time by the changes of others.
                known.asked_at = now if known.snapshot_seen or not known.snapshot_asked else known.asked_at
                known.snapshot_asked, known.snapshot_seen = True, False
                self.awaited.add(topic)
        if decision.desired is self._admitted:
            self._first_change = None
        self._trials.sent(request)
        self._trial_ends = now + self.timing.trial

    def refused(self, now: float) -> tuple[bool, tuple[Topic, ...]]:
        """The exchange answered the newest request with an error; the connection is about to be lost.

        Returns:
            Whether the next request will be a different one, so that it is worth sending soon; and the topics that
            are to blame, which are not asked for again for a while.
        """
        return self._trials.refused(now)

    def arrived(self, topic: tuple[str, str, float], kind: StreamType) -> None:
        """Data of an awaited topic has come."""
        entry = self._wire.get(topic)  # type: ignore[call-overload]
        if entry is None:
            return
        if self._trials.has_newcomer(topic):
            self._trials.accepted()
        entry.data_seen = True
        entry.overdue = False
        if kind is StreamType.SNAPSHOT:
            entry.snapshot_seen = True
        if entry.snapshot_seen or not entry.snapshot_asked:
            self.awaited.discard(topic)

    def _differs(self) -> bool:
        """Whether the connection must be asked for something else than it holds."""
        if self._wire.keys() != self._admitted.keys():
            return True
        return any(self._must_ask(self._wire[topic], want) for topic, want in self._admitted.items())

    @staticmethod
    def _must_ask(entry: _OnWire, want: Want) -> bool:
        if entry.probe or want.units != entry.want.units:
            return True
        if want.stream == entry.want.stream:
            return False
        if (want.stream ^ entry.want.stream) & Stream.REALTIME:
            return True
        # Only the wish for a snapshot differs: it needs a request if this epoch has brought none yet.
        return bool(want.stream & Stream.SNAPSHOT) and not entry.snapshot_asked

    def _request(self) -> Mapping[Topic, Want]:
        """Return the whole desired set, where topics that have had their snapshot only go on in real time (R3)."""
        return {topic: Want(self._ask(topic, want), want.units) for topic, want in self._admitted.items()}

    def _ask(self, topic: Topic, want: Want) -> Stream:
        entry = self._wire.get(topic)
        if entry is None:
            return want.stream
        if entry.probe:
            return want.stream | Stream.SNAPSHOT
        # A deeper book must not wait for the next change of a quiet market.
        deeper = want.units > entry.want.units
        if want.stream == Stream.BOTH and entry.snapshot_seen and not deeper:
            return Stream.REALTIME
        return want.stream

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

    def _check_deadlines(self, now: float) -> tuple[tuple[Topic, ...], float]:
        """Find topics whose first data is overdue.

        Upbit answers an unknown code with silence. A snapshot always comes for a code that it serves, so silence
        means "not served"; a topic that was asked for in real time only may just be quiet, and is asked for its
        snapshot once before it is judged.
        """
        overdue: list[Topic] = []
        next_deadline = math.inf
        for key in self.awaited:
            entry = self._wire[Topic(*key)]
            if entry.overdue or entry.probe or entry.data_seen:
                continue
            deadline = entry.asked_at + self.timing.first_data
            if deadline > now:
                next_deadline = min(next_deadline, deadline)
            elif entry.snapshot_asked:
                entry.overdue = True
                overdue.append(Topic(*key))
            else:
                entry.probe = True
        return tuple(sorted(overdue)), next_deadline
