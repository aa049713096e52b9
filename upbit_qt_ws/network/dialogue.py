"""What is said on one socket, and what the exchange answers: the reconciler's shell. It outlives the connections."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
import uuid
from typing import TYPE_CHECKING, Final

from websockets.exceptions import ConnectionClosed

from upbit_qt_ws.network.intake import Intake
from upbit_qt_ws.network.liveness import Liveness, Verdict
from upbit_qt_ws.network.news import TopicNews
from upbit_qt_ws.network.rate_limit import MESSAGE_RATES, RateLimiter
from upbit_qt_ws.subscriptions.reconcile import Decision, Reconciler, Timing
from upbit_qt_ws.wire.replies import ErrorReply, Reply, SubscriptionsReply
from upbit_qt_ws.wire.requests import WireFormat, encode_listing, encode_request
from upbit_qt_ws.wire.text import one_line
from upbit_qt_ws.wire.topics import Endpoint, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.network.connection import FeedConnection
    from upbit_qt_ws.network.streams import TopicStreams
    from upbit_qt_ws.subscriptions.gaps import Gap
    from upbit_qt_ws.subscriptions.states import Refusal
    from upbit_qt_ws.wire.topics import Topic, Want

_log = logging.getLogger(__name__)

LIMIT_ERRORS: Final = frozenset({"Too Many Requests", "TOO_MANY_REQUEST", "I'm a teapot"})
"""Errors that are about how often was asked, not about what. The second is also that of more than 100 indicators,
which are never asked for."""


_CONFIRM_AFTER: Final = 0.3
"""Sockets without snapshots are asked sooner what they hold, in seconds: only the answer makes their topics live."""


class Dialogue:
    """Makes the exchange hold what is wanted of one socket, and checks that it does.

    Args:
        config: the wire format and the waiting times.
        endpoint: which socket this is.
        streams: where events go.
        report_topics: called with news of topics.
        changed: called when something has come that the link must look at.

    Attributes:
        reconciler: decides what to say.
        intake: takes the frames.
        liveness: judges silence.
        error: the error frame that ends the current connection, None while there is none.
        has_told_all: the exchange has answered what :meth:`ask_for_the_last` asked, and with it has told what it had
            sent before.
        requests_sent, listings, repairs: counters since the start, see :class:`LinkStatus`.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        endpoint: Endpoint,
        streams: TopicStreams,
        report_topics: Callable[[TopicNews], None],
        changed: Callable[[], None],
    ) -> None:
        """Start with nothing wanted and no connection."""
        self._has_snapshots = endpoint is Endpoint.PUBLIC
        self._endpoint = endpoint
        self._config = config
        self._streams = streams
        self._report_topics = report_topics
        self._changed = changed
        self._format = WireFormat(config.wire_format)
        self._messages = RateLimiter(MESSAGE_RATES)
        timing = Timing(
            settle=config.settle_s,
            settle_max=config.settle_max_s,
            linger=config.linger_s,
            first_data=config.first_data_s,
            list_after=config.list_after_s if self._has_snapshots else min(config.list_after_s, _CONFIRM_AFTER),
            list_every=config.list_every_s,
        )
        self.reconciler = Reconciler(timing)
        self.intake = Intake(streams, self.reconciler.awaited, self.reconciler.arrived, self._replied)
        # Where silence is normal, the exchange is asked as often as it is asked for its list anyway.
        silence = config.silence_s if self._has_snapshots else max(config.silence_s, config.list_every_s)
        self.liveness = Liveness(silence, config.probe_timeout_s, needs_proof=not self._has_snapshots)
        self.error: ErrorReply | None = None
        self.has_told_all = False
        self._last_question = ""
        self.requests_sent = self.listings = self.repairs = 0
        self._ticket = str(uuid.uuid4())
        self._questions = itertools.count(1)
        self._epoch = 0
        self._spoken = ""
        self._is_listed = False
        self._refused: frozenset[Topic] = frozenset()
        self._wants: Mapping[Topic, Want] = {}
        self._gaps: list[Gap] = []
        self._served: list[Topic] = []

    def apply(self, wants: Mapping[Topic, Want]) -> None:
        """Take the newest wishes; the mapping must not change afterwards."""
        self._wants = wants
        self.reconciler.set_desired(wants, time.monotonic())

    def begin(self, epoch: int, *, overlaps: bool = False) -> None:
        """A new connection is open; with ``overlaps`` the one before still delivers."""
        self._epoch = epoch
        self._spoken = ""
        self._is_listed = False
        self.error = None
        self.intake.begin_epoch(epoch, overlaps=overlaps)
        self.liveness.opened(time.monotonic())
        self.reconciler.opened()

    def lost(self, reason: str) -> None:
        """The connection is gone, and with it what it was asked for."""
        self.reconciler.lost()
        self._streams.lost((topic for topic, want in self._wants.items() if want.stream & Stream.REALTIME), reason)
        self._tell_gaps()

    def successor(self) -> Dialogue:
        """Return a dialogue for a connection that replaces the present one, with the same wishes and experience."""
        other = Dialogue(self._config, self._endpoint, self._streams, self._report_topics, self._changed)
        other.reconciler = self.reconciler.successor()
        other.intake = Intake(self._streams, other.reconciler.awaited, other.reconciler.arrived, other._replied)
        other.liveness = self.liveness
        other._wants, other._refused = self._wants, self._refused
        return other

    def take_over(self, old: Dialogue) -> None:
        """Go on counting where the dialogue that this one replaces has stopped."""
        self.requests_sent += old.requests_sent
        self.listings += old.listings
        self.repairs += old.repairs
        self._gaps = old._gaps + self._gaps
        self._served = old._served + self._served
        self.intake.take_over(old.intake)

    async def speak(self, connection: FeedConnection) -> float | None:
        """Say what is due now; return when to come back (monotonic), or None when the socket is no longer wanted."""
        while True:
            now = time.monotonic()
            decision = self.reconciler.decide(now)
            if decision.not_served:
                self._report_topics(TopicNews(self._epoch, not_served=decision.not_served))
            self._confirm(decision.confirmed)
            self._tell_gaps()
            if decision.close:
                return None
            verdict = self._judge(now)
            probe = verdict.probe and self.reconciler.is_wanted()
            if decision.request is None and not decision.listing and not probe:
                if decision.desired:
                    self.keep(frozenset(decision.desired))
                return min(decision.wake_at, verdict.wake_at)
            delay = self._messages.delay(now)
            if delay > 0.0:
                return min(decision.wake_at, now + delay) if decision.request is not None else now + delay
            await (self._ask(connection, now) if decision.request is None else self._request(connection, decision, now))

    async def _request(self, connection: FeedConnection, decision: Decision, now: float) -> None:
        assert decision.request is not None
        text = encode_request(self._ticket, decision.request, self._format)
        # All books are kept before the first await, because the answer may be read while the send is drained.
        self.keep(frozenset(decision.desired))
        self.forgive(self._refused & decision.desired.keys())
        self.reconciler.sent(decision, now)
        if text == self._spoken and not self._has_snapshots:
            # Somebody joins whose wish is part of what everybody gets already, such as one market's orders.
            return
        self._spoken = text
        self._messages.take(now)
        with contextlib.suppress(ConnectionClosed):
            await connection.send(text)
            self.requests_sent += 1
            self._changed()

    async def _ask(self, connection: FeedConnection, now: float) -> None:
        ticket = f"{self._ticket}-{next(self._questions)}"
        self.reconciler.clock.asked(ticket, now)
        self.liveness.asked(now)
        self._messages.take(now)
        with contextlib.suppress(ConnectionClosed):
            if self.liveness.is_suspected:
                # Some exchange may never answer what it holds; whether the way there leads anywhere, a pong tells.
                asyncio.ensure_future(await connection.ping()).add_done_callback(self._ponged)
            await connection.send(encode_listing(ticket, self._format))

    async def ask_for_the_last(self, connection: FeedConnection) -> bool:
        """Ask something whose answer comes behind all that is under way; tell whether the limits let it be asked.

        Another connection is to take over, and what this one still has to tell would be lost.
        """
        now = time.monotonic()
        if self._messages.delay(now) > 0.0:
            return False
        self.has_told_all = False
        self._last_question = f"{self._ticket}-{next(self._questions)}"
        self._messages.take(now)
        with contextlib.suppress(ConnectionClosed):
            await connection.send(encode_listing(self._last_question, self._format))
        return True

    def _ponged(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self.liveness.breathed(time.monotonic())
            self._changed()

    def keep(self, topics: frozenset[Topic]) -> None:
        """Have the mailbox keep these topics of this socket and no others."""
        if topics != self._streams.kept:
            retired = self._streams.keep(topics)
            if retired:
                self._report_topics(TopicNews(self._epoch, retired=retired))

    def refuse(self, topics: frozenset[Topic], refusal: Refusal) -> None:
        """Tell the owners of these topics that they are not asked for, and why."""
        self._refused |= topics
        if topics:
            self._report_topics(TopicNews(self._epoch, refused=tuple((topic, refusal) for topic in sorted(topics))))

    def forgive(self, topics: frozenset[Topic] | None = None) -> None:
        """Tell the owners of refused topics, of all of them for None, that they are asked for again."""
        topics = self._refused if topics is None else topics
        if topics:
            self._refused -= topics
            self._report_topics(TopicNews(self._epoch, asked_again=tuple(sorted(topics))))

    def blame(self, refusal: Refusal) -> bool:
        """Find out what the exchange refused; tell whether the next request will be a different one."""
        different, culprits = self.reconciler.refused(time.monotonic())
        self.refuse(frozenset(culprits), refusal)
        return different

    def suspect(self) -> None:
        """Ask at once whether the exchange is there: data is overdue."""
        self.liveness.suspect(time.monotonic(), self._config.stall_patience_s)
        self._changed()

    def tell_unheard(self, topics: Iterable[Topic]) -> None:
        """Tell the owners of these topics that they are not live, though the socket is open."""
        if unheard := tuple(topics):
            self._report_topics(TopicNews(self._epoch, unheard=unheard))

    def tell_served(self, topics: Iterable[Topic]) -> None:
        """Tell the owners of these topics that they are live, though nothing new has come."""
        if served := tuple(topics):
            self._report_topics(TopicNews(self._epoch, confirmed=served))

    def ask_again(self, topics: Iterable[Topic], reason: str) -> None:
        """Ask for topics anew that have told too little, and look for what was missed once they are heard."""
        lacking = tuple(topics)
        self._streams.lost(lacking, reason)
        self.reconciler.ask_again(lacking)
        self._spoken = ""
        self._changed()

    def note_gap(self, gap: Gap) -> None:
        """A gap was found; it is told with the others of this moment."""
        if not self._gaps:
            self._changed()
        self._gaps.append(gap)

    def note_served(self, topic: Topic) -> None:
        """The exchange serves a topic, though what it has told of it is not passed on."""
        if not self._served:
            self._changed()
        self._served.append(topic)

    @property
    def epoch(self) -> int:
        """Number of the connection; 0 before the first."""
        return self._epoch

    @property
    def is_dead(self) -> bool:
        """Whether the exchange has left a question unanswered, and said nothing else since."""
        return self._judge(time.monotonic()).dead

    @property
    def is_doubtful(self) -> bool:
        """Whether the exchange has given no sign of life where it should have, for a moment or for good."""
        verdict = self._judge(time.monotonic())
        return verdict.doubtful or verdict.dead

    @property
    def is_spoken(self) -> bool:
        """Whether a subscription was asked for on this connection."""
        return bool(self._spoken)

    @property
    def wants(self) -> Mapping[Topic, Want]:
        """The newest wishes."""
        return self._wants

    @property
    def is_heard(self) -> bool:
        """Whether the exchange has said anything on this connection that proves that it accepts the token."""
        return self.intake.last_data_ns is not None or self._is_listed

    @property
    def last_sign(self) -> float | None:
        """When the exchange last served this connection, monotonic; None if it never did.

        Where silence is normal, an exchange that has once said what it holds has served it until now.
        """
        if not self._has_snapshots:
            return time.monotonic() if self.is_heard else None
        last = self.intake.last_data_ns
        return None if last is None else last / 1e9

    def _replied(self, reply: Reply) -> None:
        if isinstance(reply, ErrorReply):
            self.error = reply
        elif isinstance(reply, SubscriptionsReply):
            self._listed(reply)
        else:
            return
        self._changed()

    def _judge(self, now: float) -> Verdict:
        last = self.intake.last_data_ns
        if last is not None:
            self.liveness.heard(last / 1e9)
        return self.liveness.check(now)

    def _confirm(self, topics: tuple[Topic, ...]) -> None:
        """Topics without snapshots are served."""
        if topics:
            self._report_topics(TopicNews(self._epoch, confirmed=topics))
            self._streams.served_again(topics)

    def _tell_gaps(self) -> None:
        if self._served:
            served, self._served = tuple(self._served), []
            self._report_topics(TopicNews(self._epoch, confirmed=served))
        if self._gaps:
            gaps, self._gaps = tuple(self._gaps), []
            self._report_topics(TopicNews(self._epoch, gaps=gaps))

    def _listed(self, reply: SubscriptionsReply) -> None:
        self.listings += 1
        self._tell_gaps()
        self.liveness.answered(time.monotonic())
        self._is_listed = True
        self.has_told_all = self.has_told_all or reply.ticket == self._last_question != ""
        mismatch, confirmed = self.reconciler.listed(reply.ticket, reply.result, time.monotonic())
        self._confirm(confirmed)
        if not any(mismatch):
            return
        self._spoken = ""
        self.repairs += len(mismatch.missing) + len(mismatch.extra)
        _log.warning("the exchange does not hold what it was asked for and is asked again: %s", one_line(str(mismatch)))
        if mismatch.missing:
            self._streams.lost(mismatch.missing, "the exchange no longer listed it")
            self._report_topics(TopicNews(self._epoch, missing=mismatch.missing))
