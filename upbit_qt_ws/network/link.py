"""A link: keeps one socket to the exchange true to what is wanted of it, through every outage.

One task owns the socket. It asks the pure parts (reconciler, limiter, recovery, liveness, keys) what to do and does
it. Frames do not pass through the task: the connection hands them to the intake while it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from websockets.protocol import State

from upbit_qt_ws.errors import AuthError, WebSocketConnectionError
from upbit_qt_ws.health.exchange_clock import ExchangeClock
from upbit_qt_ws.health.status import LinkState
from upbit_qt_ws.network.account_streams import AccountStreams
from upbit_qt_ws.network.attempts import Attempts, Pacer
from upbit_qt_ws.network.credentials import Credentials
from upbit_qt_ws.network.dialogue import LIMIT_ERRORS, Dialogue
from upbit_qt_ws.network.link_watch import LinkWatch
from upbit_qt_ws.network.recovery import EpochManager
from upbit_qt_ws.network.renewal import Renewal
from upbit_qt_ws.network.status_book import StatusBook
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.subscriptions.states import Refusal
from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.wire.auth_errors import AuthProblem, error_of, problem_of
from upbit_qt_ws.wire.rest_errors import NEXT_SECOND
from upbit_qt_ws.wire.text import one_line, without_user_info
from upbit_qt_ws.wire.topics import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.arrival import ArrivalMeter
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.connection import FeedConnection
    from upbit_qt_ws.network.key_source import KeySource
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill
    from upbit_qt_ws.wire.replies import ErrorReply
    from upbit_qt_ws.wire.topics import Topic, Want

__all__ = ["Link", "Pacer"]

_log = logging.getLogger(__name__)

_CLOSING_SECONDS: Final = 0.5
"""How long a closing handshake may take; the whole shutdown has 2 s."""

_ERROR_SECONDS: Final = 1.0
"""How long the exchange may take to close the socket after an error frame; measured: 0.15 to 0.8 s."""

_WAKING_SECONDS: Final = 2.0
"""How long an answer is waited for after the machine has slept: the connection is probably gone."""

_SECOND_LOOK_SECONDS: Final = 0.05
"""How long what has come is given to be read before a silence is believed."""

_SILENT: Final = "the exchange fell silent: no data, and no answer to a question"


class Link:
    """One socket to the exchange.

    Args:
        config: addresses and times.
        endpoint: which socket it is.
        url: the socket's address.
        mailbox: where events go.
        connects: the limiter of new connections, shared by all links.
        keys: where the keys come from, for sockets that need a token; None for the public one.
        report_status: called with each change of the link's state.
        report_topics: called with news of topics that the data cannot show.
        refill: called with what is to be fetched to fill a gap, see :class:`TopicStreams`.
        clock: the exchange's, which all links share; one of its own if None.

    Attributes:
        streams: what passes into the mailbox, and what REST may add.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        endpoint: Endpoint,
        url: str,
        mailbox: Mailbox,
        connects: Pacer,
        keys: KeySource | None,
        report_status: Callable[[LinkStatus], None],
        report_topics: Callable[[TopicNews], None],
        refill: Callable[[Refill], None],
        clock: ExchangeClock | None = None,
    ) -> None:
        """Set up the pure parts; nothing is opened before :meth:`run`."""
        clock = ExchangeClock() if clock is None else clock
        self._keys = None if keys is None else Credentials(keys)
        self._endpoint = endpoint
        self._config = config
        self._attempts = Attempts(config, url, connects, self._keys, clock)
        self._recovery = self._attempts.recovery
        self._epochs = EpochManager()
        self._changed = asyncio.Event()
        kind = AccountStreams if endpoint is Endpoint.PRIVATE else TopicStreams
        self.streams: TopicStreams = kind(
            mailbox,
            endpoint,
            fills=config.refill_gaps,
            gap_found=self._note_gap,
            served=self._note_served,
            refill=refill,
            clock=clock,
        )
        self._watch = LinkWatch(config, endpoint, self.streams)
        self._dialogue = Dialogue(config, endpoint, self.streams, report_topics, self._changed.set)
        self._connection: FeedConnection | None = None
        self._renewal: Renewal | None = None
        self._is_hurried = False
        self._wanted: frozenset[Topic] = frozenset()
        self._reason = ""
        self._troubles = Repeats()
        self._failures = 0
        self._sockets_opened = 0
        self._rescue_at = -math.inf
        self._book = StatusBook(report_status, self._counters)

    def apply(self, wants: Mapping[Topic, Want]) -> None:
        """Take the newest wishes; the mapping must not change afterwards. Those of other sockets wake nobody here."""
        if wants == self._dialogue.wants:
            return
        self._wanted = frozenset(wants)
        self._watch.apply(wants)
        self._dialogue.apply(wants)
        if self._renewal is not None:
            self._renewal.dialogue.apply(wants)
        self._changed.set()

    def keys_changed(self) -> None:
        """There may be other keys now: try again at once what was refused for want of them."""
        if self._keys is not None:
            self._keys.changed()
            self._dialogue.forgive()
            self._changed.set()

    def hurry(self) -> None:
        """Make the next attempt at once, if one is waited for; a pause that the exchange asked for stays."""
        self._recovery.forgive()
        self._is_hurried = True
        self._changed.set()

    def woke(self) -> None:
        """The machine has slept, or this process stood still: find out at once whether the connection is alive."""
        self._dialogue.liveness.doubt(time.monotonic(), _WAKING_SECONDS)
        self.hurry()

    async def renew(self) -> None:
        """Replace the connection by a new one, which delivers everything before the old one is given up.

        Without a connection, the next attempt is made at once.

        Raises:
            RecoveryError: no new connection could be made; the old one is still there if it was not lost meanwhile.
        """
        if self._connection is None:
            self.hurry()
            return
        if self._renewal is None:
            self._renewal = Renewal(self._dialogue.successor(), self._config.read_interval_s)
            self._changed.set()
        # Whoever asks for a new connection gets one, also if that was only a rescue until now.
        self._renewal.is_rescue = False
        await self._renewal.wait()

    @property
    def newest_epoch(self) -> int:
        """The number of the newest connection, also of one that does not serve yet; 0 before the first."""
        return self._epochs.current

    def count_epochs_from(self, epoch: int) -> None:
        """Number the connections from here on, because those before were made by another link in this one's place."""
        self._epochs.current = epoch

    @property
    def is_up(self) -> bool:
        """Whether the newest connection is open and the exchange has said something on it."""
        return self._connection is not None and self._dialogue.is_heard

    @property
    def epoch(self) -> int:
        """Number of the connection that serves; 0 before the first."""
        return self._dialogue.epoch

    @property
    def is_doubtful(self) -> bool:
        """Whether the connection is open and has given no sign of life where it should have."""
        return self._connection is not None and self._dialogue.is_doubtful

    @property
    def live_topics(self) -> frozenset[Topic]:
        """What is wanted in real time and has brought its first data, or was confirmed."""
        awaited = self._dialogue.reconciler.awaited
        return self._watch.wanted - awaited if awaited else self._watch.wanted

    @property
    def wants(self) -> Mapping[Topic, Want]:
        """What is wanted of this socket."""
        return self._dialogue.wants

    @property
    def arrival(self) -> ArrivalMeter:
        """How old real-time events are when they come."""
        return self._dialogue.intake.arrival

    def keep_wanted(self) -> None:
        """Have the mailbox keep all that is wanted, also what no connection has been asked for yet."""
        self._dialogue.keep(self._wanted | self.streams.kept)

    def status(self) -> LinkStatus:
        """Return the state with its counters as they are now."""
        return self._book.read()

    def report(self) -> None:
        """Report the state with its counters as they are now, if it differs from the last one that was reported."""
        self._book.report()

    def _counters(self) -> dict[str, Any]:
        dialogue, intake, watch = self._dialogue, self._dialogue.intake, self._watch
        return {
            "sockets_opened": self._sockets_opened,
            "failures": self._failures,
            "requests_sent": dialogue.requests_sent,
            "listings": dialogue.listings,
            "repairs": dialogue.repairs,
            "frames": intake.frames,
            "late": intake.late,
            "malformed": intake.malformed,
            "unknown": intake.unknown,
            "unknown_fields": tuple(sorted(intake.unknown_fields)),
            "bad_values": intake.bad.count,
            "bad_fields": tuple(sorted(intake.bad.names)),
            "duplicates": self.streams.duplicates,
            "refilled": self.streams.filled,
            "unanswered": watch.unanswered,
            "audits": watch.audits,
            "starved": watch.starved,
        }

    # -- what is looked at regularly --------------------------------------------------------------------------

    def look(self, now: float) -> frozenset[Topic]:
        """Look whether what is live still comes; return the topics that REST is to be asked about."""
        if self._connection is None or not self._wanted:
            self._watch.rest()
            return frozenset()
        suspects = self._watch.look(self._dialogue, now)
        if self._watch.renew:
            self._changed.set()
        self._publish_doubt()
        return suspects

    def suspect(self) -> None:
        """Find out at once whether the connection is alive: another one of this machine has fallen silent."""
        if self._connection is not None:
            self._dialogue.suspect()

    def audited(self, epoch: int, starved: Collection[Topic], calm: Iterable[Topic]) -> None:
        """Take what an audit has found of the connection ``epoch``; what it says of an older one is of no use.

        Args:
            epoch: of the connection.
            starved: topics that REST knows something of that they did not tell.
            calm: those that told all that REST knows.
        """
        if epoch == self.epoch and self._connection is not None:
            self._watch.audited(self._dialogue, starved, calm)
            self._publish_doubt()

    async def run(self) -> None:
        """Serve until cancelled; on return the socket is closed."""
        try:
            while True:
                try:
                    if not await self._until_due():
                        continue
                    connection = await self._open()
                except (AuthError, WebSocketConnectionError) as error:
                    self._reason = str(error)
                    self._complain(self._reason)
                    continue
                except Exception as error:
                    # Whatever it is, it must not end the feed for ever: it is shown, and the link tries again later.
                    self._reason = one_line(f"the connection could not be opened: {without_user_info(repr(error))}")
                    self._complain(self._reason, error)
                    self._recovery.refused(time.monotonic())
                    await asyncio.sleep(_ERROR_SECONDS)  # What fails before it waits must not fail without end.
                    continue
                await self._serve_all(connection)
        finally:
            self._publish(LinkState.STOPPED)

    # -- waiting ----------------------------------------------------------------------------------------------

    async def _until_due(self) -> bool:
        """Wait until the next attempt may be made; False if it must be thought over anew."""
        if not self._dialogue.reconciler.is_wanted():
            self._reason = ""
            self._dialogue.keep(frozenset())
            self._publish(LinkState.IDLE)
            await self._wait_until(math.inf)
            return False
        if self._keys is not None and not await self._may_try(self._keys):
            return False
        now = time.monotonic()
        due = now + self._recovery.delay(now)
        self._is_hurried = False
        if due > now or self._reason:
            self._publish(LinkState.WAITING, self._reason, retry_at=due)
        while self._dialogue.reconciler.is_wanted() and not self._is_hurried:
            if time.monotonic() >= due:
                return True
            await self._wait_until(due)
        return False

    async def _may_try(self, keys: Credentials) -> bool:
        """Tell whether there is a token to try now; else say why not, and wait until that may have changed."""
        problem = await keys.problem()
        if problem is not None:
            due = keys.next_attempt
            self._publish(LinkState.UNAUTHORIZED, str(problem), problem.hint, retry_at=None if due == math.inf else due)
            self._dialogue.refuse(self._wanted, Refusal(str(problem), problem.name, problem.hint, is_auth=True))
        elif time.monotonic() < keys.retry_at:
            due = keys.retry_at
            self._publish(LinkState.WAITING, self._reason, retry_at=due)
        else:
            return True
        await self._wait_until(due)
        return False

    async def _wait_until(self, moment: float) -> None:
        """Sleep until a monotonic time, or until something has changed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if moment == math.inf else max(0.0, moment - time.monotonic())):
                await self._changed.wait()
        self._changed.clear()
        if self._book.requests_reported not in (None, self._dialogue.requests_sent):
            self._book.report()

    # -- one connection ---------------------------------------------------------------------------------------

    async def _open(self) -> FeedConnection:
        self._publish(LinkState.CONNECTING, self._reason)
        connection = await self._attempts.open(self)
        # The peer may have closed the socket right after the handshake, before anybody listened for that.
        self._connection = connection if connection.state is State.OPEN else None
        self._dialogue.begin(self._epochs.advance())
        self._dialogue.intake.take(self._attempts.take_early(connection))
        self._note_opened()
        return connection

    def _note_opened(self) -> None:
        self._sockets_opened += 1
        self._rescue_at = -math.inf
        self._watch.opened()
        self._publish(LinkState.CONNECTED)

    async def _serve_all(self, connection: FeedConnection) -> None:
        """Serve a connection, and those that replace it without a break, until the newest one ends."""
        successor: FeedConnection | None = connection
        reason = ""
        try:
            while successor is not None:
                connection = successor
                successor, reason = await self._serve(connection)
                if successor is not None:
                    await self._shut(connection)
        except Exception as error:
            # A defect of ours must not end the feed for ever; it is logged and the link starts anew.
            self._complain("the link failed and reconnects", error)
        finally:
            self._reason = await self._close(connection if successor is None else successor, reason)

    async def _serve(self, connection: FeedConnection) -> tuple[FeedConnection | None, str]:
        """Say what is due until the connection is replaced, lost, refused, dead or no longer wanted.

        Returns:
            The connection that has replaced it, if one has; and why it is given up, if that is this side's decision.
        """
        while self._connection is connection:
            if self._dialogue.error is not None:
                await self._wait_until(time.monotonic() + _ERROR_SECONDS)
                return None, ""
            if self._renewal is not None:
                renewal = self._renewal
                try:
                    successor = await self._renew(renewal, connection)
                finally:
                    self._renewal = None
                    renewal.finish()
                if successor is not None:
                    return successor, ""
                if renewal.broke_order:
                    return None, renewal.problem
                if renewal.problem:
                    _log.info("the connection was not replaced: %s", renewal.problem)
                self._rescue_at = time.monotonic() + self._recovery.delay(time.monotonic())
            wake_at = await self._dialogue.speak(connection)
            if wake_at is None:
                return None, ""
            if await self._is_dead():
                return None, _SILENT
            if self.is_up and (over := self._troubles.worked(time.monotonic())) is not None:
                _log.info("the trouble of the connection is %s", over)
            wake_at = min(wake_at, await self._judge())
            if self._keys is not None:
                if not await self._keys.still_current(proven=self._dialogue.is_heard):
                    return None, ""
                wake_at = min(wake_at, self._keys.next_attempt)
            await self._wait_until(wake_at)
        return None, ""

    async def _is_dead(self) -> bool:
        """Tell whether the exchange has left a question unanswered.

        The answer may have come while this loop stood still, and waits to be read.
        """
        if self._dialogue.is_dead:
            await asyncio.sleep(_SECOND_LOOK_SECONDS)
        return self._dialogue.is_dead

    async def _judge(self) -> float:
        """Take whether the connection is in doubt, and have it replaced if need be; return when to do that again."""
        if self._dialogue.is_doubtful and self._watch.is_answered:
            await asyncio.sleep(_SECOND_LOOK_SECONDS)
        is_doubtful = self._dialogue.is_doubtful
        self._watch.judge(self._dialogue, is_doubtful=is_doubtful)
        self._publish_doubt()
        if is_doubtful and time.monotonic() < self._rescue_at:
            return self._rescue_at
        if is_doubtful or self._watch.renew:
            self._watch.renew = False
            self._renewal = Renewal(
                self._dialogue.successor(),
                self._config.read_interval_s,
                is_rescue=is_doubtful,
                mistrusted_since=self._watch.starving_since,
            )
            self._changed.set()
        return math.inf

    async def _renew(self, renewal: Renewal, connection: FeedConnection) -> FeedConnection | None:
        """Make a new connection deliver what the present one does; None if that was not to be."""
        try:
            opening = self._attempts.open(self)
            go_on = partial(self._go_on, renewal, connection)
            successor = await renewal.open(opening, go_on, self._wait_until, self._changed)
        except (AuthError, WebSocketConnectionError) as error:
            renewal.failed(str(error))
            return None
        if successor is None:
            return None
        epoch = self.epoch
        # What is known of the silence of the present one is forgotten when the new one begins.
        was_doubtful = self._dialogue.is_doubtful
        try:
            renewal.opened(successor if successor.state is State.OPEN else None, time.monotonic())
            renewal.dialogue.begin(self._epochs.advance(), overlaps=True)
            if self._connection is None:
                self._watch.note_end(epoch, connection.why_closed())
            else:
                self._watch.note_missed(epoch, is_doubtful=was_doubtful, mistrusted_since=renewal.mistrusted_since)
            self.streams.follow(self._watch.wanted)
            renewal.keep(self._attempts.take_early(successor), time.monotonic())
            self._dialogue.intake.is_retiring = True
            # What one that gives no sign of life has not told is looked for anyway.
            while not renewal.is_decided(time.monotonic(), self._dialogue) or (
                not was_doubtful and await self._owes_anything(renewal, connection)
            ):
                wake_at = await renewal.dialogue.speak(successor)
                await self._wait_until(min(math.inf if wake_at is None else wake_at, time.monotonic() + renewal.STEP))
            if renewal.problem:
                self._dialogue.intake.is_retiring = False
                if was_doubtful:
                    self._dialogue.suspect()
                return None
            renewal.pass_on(math.inf)
            self.streams.end_overlap(
                is_told=was_doubtful or self._connection is None or self._dialogue.has_told_all,
                awaited=renewal.dialogue.reconciler.awaited,
            )
            renewal.dialogue.take_over(self._dialogue)
            if was_doubtful:
                # It would not go along with a closing handshake.
                connection.transport.abort()
            self._dialogue, self._connection = renewal.dialogue, renewal.connection
            self._note_opened()
            return successor
        finally:
            if self._dialogue is not renewal.dialogue:
                self.streams.epoch = epoch
                self.streams.end_overlap(is_replaced=False)
                await self._shut(successor)

    async def _owes_anything(self, renewal: Renewal, connection: FeedConnection) -> bool:
        """Tell whether the present connection may still tell what the new one, which could take over, never will."""
        if renewal.problem or self._connection is None:
            return False
        if self._endpoint is Endpoint.PUBLIC:
            return self.streams.is_met_soon(time.monotonic_ns())
        return await renewal.is_owed_last_words(time.monotonic(), self._dialogue, connection)

    async def _go_on(self, renewal: Renewal, connection: FeedConnection) -> float | None:
        """Serve the present connection while another one is opened beside it.

        Returns:
            When to do that again, monotonic; None if no other one is needed any more, or the end of the present one has
            to be dealt with first.
        """
        if not self._dialogue.reconciler.is_wanted():
            return None
        if self._connection is not connection:
            return math.inf
        wake_at = await self._dialogue.speak(connection)
        if await self._is_dead():
            renewal.failed("the present connection is dead")
            return None
        has_spoken = renewal.is_rescue and not self._dialogue.is_doubtful
        return None if has_spoken or self._dialogue.error is not None else wake_at

    async def _close(self, connection: FeedConnection, reason: str) -> str:
        """Close what is left of a connection, and return why it ended."""
        reason = reason or (connection.why_closed() if self._connection is None else "")
        excused = False
        error = self._dialogue.error
        if error is not None:
            reason = one_line(f"the exchange refused the request: {error.name} ({error.message})")
            excused = self._blame(error, reason)
        if reason:
            self._complain(reason)
        self._connection = None
        self._dialogue.lost(reason or "the connection was no longer needed")
        if reason == _SILENT:
            # It would not go along with a closing handshake.
            connection.transport.abort()
        try:
            await self._shut(connection)
        finally:
            if self._dialogue.reconciler.is_wanted() and not excused:
                self._recovery.lost(self._dialogue.last_sign)
        return reason

    @staticmethod
    async def _shut(connection: FeedConnection) -> None:
        """Close a socket, with a closing handshake if the other side goes along with it."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await connection.close()
        except TimeoutError:
            pass
        finally:
            connection.transport.abort()

    def _blame(self, error: ErrorReply, reason: str) -> bool:
        """Find out what was refused; tell whether the next attempt is worth making soon."""
        now = time.monotonic()
        if error.name in LIMIT_ERRORS:
            self._recovery.hold(now, NEXT_SECOND)
            return False
        if self._keys is None or problem_of(error.name) is AuthProblem.UNKNOWN:
            return self._dialogue.blame(Refusal(reason, error.name))
        typed = error_of(error.name, None, error.message)
        # An error frame names nothing: as long as there is a smaller set to try, or one that was accepted before, it
        # may be a permission that is missing; only what is refused on its own is the fault of the token.
        if problem_of(error.name).concerns_one_call or self._dialogue.reconciler.can_bisect:
            return self._dialogue.blame(Refusal(str(typed), error.name, typed.hint, is_auth=True))
        self._keys.refused(typed)
        return True

    # -- the connections call ---------------------------------------------------------------------------------

    def frames_received(self, connection: FeedConnection, frames: list[bytes]) -> None:
        """Take frames from a connection, unless that is no longer ours."""
        if connection is self._connection:
            self._dialogue.intake.take(frames)
        elif self._renewal is not None and connection is self._renewal.connection:
            self._renewal.keep(frames, time.monotonic())
        elif self._connection is None or self._renewal is not None:
            self._attempts.keep_early(connection, frames)

    def connection_closed(self, connection: FeedConnection) -> None:
        """Note that a connection is gone; the task does the rest."""
        if connection is self._connection:
            self._connection = None
            self._dialogue.reconciler.lost()
            if self._renewal is not None and self._renewal.connection is not None:
                self._watch.note_end(self.epoch, connection.why_closed())
            self._changed.set()
        elif self._renewal is not None and connection is self._renewal.connection:
            self._renewal.connection = None
            self._changed.set()

    def _note_gap(self, gap: Gap) -> None:
        self._dialogue.note_gap(gap)

    def _note_served(self, topic: Topic) -> None:
        self._dialogue.note_served(topic)

    def _complain(self, reason: str, defect: Exception | None = None) -> None:
        """Count a failure, and log it unless it is one of many that are alike.

        Args:
            reason: in words, as one line.
            defect: an exception that nobody expected, whose traceback is wanted.
        """
        self._failures += 1
        line = self._troubles.complain(reason, time.monotonic())
        if line is not None:
            _log.log(logging.WARNING if defect is None else logging.ERROR, "%s", line, exc_info=defect)

    def _publish(self, state: LinkState, reason: str = "", hint: str = "", *, retry_at: float | None = None) -> None:
        self._book.publish(state, self._epochs.current, reason, hint, retry_at)

    def _publish_doubt(self) -> None:
        """Say why topics are not live though the connection is open, or that they are again."""
        if self._book.state is LinkState.CONNECTED and self._book.reason != self._watch.reason:
            self._publish(LinkState.CONNECTED, self._watch.reason)
