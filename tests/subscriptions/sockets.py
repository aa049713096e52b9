"""A socket that drives a reconciler by the contract of its docstrings, with the exchange at its other end."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.events import StreamType
from upbit_qt_ws.subscriptions import Decision, Reconciler
from upbit_qt_ws.subscriptions.reconcile import Timing
from upbit_qt_ws.wire.replies import SubscriptionEntry
from upbit_qt_ws.wire.requests import encode_request
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from upbit_qt_ws.subscriptions.listing import Mismatch

TIMING = Timing(settle=0.15, settle_max=0.5, linger=5.0, first_data=10.0)
BTC, ETH, XRP = (Topic("ticker", f"KRW-{base}") for base in ("BTC", "ETH", "XRP"))


class Socket:
    """Drives a reconciler by the contract of its docstrings, and keeps what the exchange at the other end holds."""

    def __init__(self, *, opened: bool = True) -> None:
        self.reconciler = Reconciler(TIMING)
        self.now = 1000.0
        self.is_open = False
        self.requests: list[Mapping[Topic, Want]] = []
        self.sent_at: list[float] = []
        self.not_served: list[Topic] = []
        self.view: dict[Topic, Want] = {}
        self.snapshots_asked: set[Topic] = set()
        self.snapshots_due: set[Topic] = set()
        self.change_in_flight: Mapping[Topic, Want] | None = None
        self.listings = 0
        # What the exchange lists of what it holds; None for no answer.
        self.listed: Callable[[Iterable[Topic]], Iterable[Topic]] | None = tuple
        self.mismatches: list[Mismatch] = []
        self.confirmed: list[Topic] = []
        if opened:
            self.open()

    def open(self) -> None:
        self.is_open = True
        self.view, self.snapshots_asked, self.snapshots_due = {}, set(), set()
        self.reconciler.opened()
        self.act()

    def lose(self) -> None:
        self.is_open = False
        self.view = {}
        self.reconciler.lost()

    def want(self, wants: Mapping[Topic, Want]) -> None:
        self.note(wants)
        self.reconciler.set_desired(wants, self.now)
        self.act()

    def act(self) -> float:
        """Do what is decided now, and return when to decide again."""
        while True:
            decision = self.reconciler.decide(self.now)
            self.not_served += decision.not_served
            self.confirmed += decision.confirmed
            if decision.close:
                self.lose()
                return math.inf
            if decision.listing:
                self.answer_listing()
                continue
            if decision.request is None:
                self.exchange_keeps(decision)
                return decision.wake_at
            self.before_sent(decision)
            late, self.change_in_flight = self.change_in_flight, None
            changed = late is not None and late != decision.desired
            if late is not None:
                self.reconciler.set_desired(late, self.now)
            self.reconciler.sent(decision, self.now)
            self.exchange_takes(decision, changed=changed)
            if late is not None:
                self.note(late)

    def before_sent(self, decision: Decision) -> None:
        """For checks on a request."""

    def note(self, wants: Mapping[Topic, Want]) -> None:
        """For checks on a change."""

    def exchange_keeps(self, decision: Decision) -> None:
        """For checks on what needs no request."""
        if decision.desired:
            self.snapshots_asked &= decision.desired.keys()
            self.snapshots_due &= decision.desired.keys()

    def answer_listing(self) -> None:
        """Ask the exchange what it holds, as a link does."""
        self.listings += 1
        ticket = str(self.listings)
        self.reconciler.clock.asked(ticket, self.now)
        if self.listed is None:
            return
        entries = [SubscriptionEntry(topic.type, (topic.code,), topic.level) for topic in self.listed(self.view)]
        mismatch, confirmed = self.reconciler.listed(ticket, entries, self.now)
        self.mismatches += [mismatch] if any(mismatch) else []
        self.confirmed += confirmed

    def exchange_takes(self, decision: Decision, *, changed: bool = False) -> None:
        request = decision.request or {}
        self.requests.append(request)
        self.sent_at.append(self.now)
        self.view = dict(request)
        with_snapshot = {topic for topic, asked in request.items() if asked.stream & Stream.SNAPSHOT}
        self.snapshots_due = (self.snapshots_due & set(request)) | with_snapshot
        self.snapshots_asked = (self.snapshots_asked & decision.desired.keys()) | with_snapshot

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            wake_at = self.act()
            if wake_at > end:
                break
            assert wake_at > self.now, "it wakes up again and again without doing anything"
            self.now = wake_at
        self.now = end

    def data(self, topic: Topic, kind: StreamType = StreamType.SNAPSHOT) -> None:
        if kind is StreamType.SNAPSHOT:
            self.snapshots_due.discard(topic)
        if topic in self.reconciler.awaited:
            self.reconciler.arrived(topic, kind)
        self.act()

    def serve(self) -> None:
        """Answer everything that is due."""
        for topic in sorted(self.snapshots_due):
            self.data(topic)

    def serves(self, wants: Mapping[Topic, Want]) -> bool:
        """Whether the exchange holds what is wanted; a snapshot that came earlier on this connection counts."""
        streams = {topic for topic, want in wants.items() if want.stream & Stream.REALTIME}
        held = {topic for topic, asked in self.view.items() if asked.stream & Stream.REALTIME}
        return streams == held and all(
            (topic not in streams or want.units == self.view[topic].units)
            and (not want.stream & Stream.SNAPSHOT or topic in self.snapshots_asked)
            for topic, want in wants.items()
        )

    def last_text(self) -> list[dict[str, Any]]:
        """Return the type objects of the newest request as they are on the wire."""
        objects: list[dict[str, Any]] = json.loads(encode_request("t", self.requests[-1]))[1:-1]
        return objects


def live(wants: Mapping[Topic, Want]) -> Socket:
    """Return a socket on which ``wants`` are served."""
    socket = Socket()
    socket.want(wants)
    socket.wait(1.0)
    socket.serve()
    return socket
