"""A link: keeps one socket to the exchange true to what is wanted of it, through every outage.

One task owns the socket. It asks the pure parts (reconciler, limiter, recovery) what to do and does it. Frames
do not pass through the task: the connection hands them to the intake while it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
import uuid
from typing import TYPE_CHECKING, Final

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.health.status import LinkState, LinkStatus
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.intake import Intake
from upbit_qt_ws.network.news import TopicNews
from upbit_qt_ws.network.rate_limit import MESSAGE_RATES, RateLimiter
from upbit_qt_ws.network.recovery import EpochManager, RecoveryEngine, RecoveryPolicy
from upbit_qt_ws.subscriptions.reconcile import Decision, Reconciler, Timing
from upbit_qt_ws.wire.replies import ErrorReply, Reply
from upbit_qt_ws.wire.requests import WireFormat, encode_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.wire.topics import Topic, Want

_log = logging.getLogger(__name__)

_HOLD_SECONDS: Final = {429: 1.0, 418: 60.0}
"""Pause after a refusal: 429 lasts until the next second; a 418 block's length is not documented."""

_LIMIT_ERRORS: Final = frozenset({"Too Many Requests", "TOO_MANY_REQUEST", "I'm a teapot"})
"""Errors that are about how often was asked, not about what."""

_CLOSING_SECONDS: Final = 0.5
"""How long a closing handshake may take; the whole shutdown has 2 s."""

_ERROR_SECONDS: Final = 1.0
"""How long the exchange may take to close the socket after an error frame; measured: 0.15 to 0.8 s."""


class Link:
    """One socket to the exchange.

    Args:
        config: addresses and times.
        url: the socket's address.
        mailbox: where events go.
        connects: the limiter of new connections, shared by all links.
        report_status: called with each change of the link's state.
        report_topics: called when topics were retired or are overdue.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        url: str,
        mailbox: Mailbox,
        connects: RateLimiter,
        report_status: Callable[[LinkStatus], None],
        report_topics: Callable[[TopicNews], None],
    ) -> None:
        """Set up the pure parts; nothing is opened before :meth:`run`."""
        self._config = config
        self._url = url
        self._mailbox = mailbox
        self._connects = connects
        self._messages = RateLimiter(MESSAGE_RATES)
        self._report_status = report_status
        self._report_topics = report_topics
        timing = Timing(config.settle_s, config.settle_max_s, config.linger_s, config.first_data_s)
        policy = RecoveryPolicy(config.retry_base_s, config.retry_cap_s, config.stable_after_s)
        self._reconciler = Reconciler(timing)
        self._recovery = RecoveryEngine(policy)
        self._epochs = EpochManager()
        self._intake = Intake(mailbox, self._reconciler.awaited, self._reconciler.arrived, self._replied)
        self._connection: FeedConnection | None = None
        self._changed = asyncio.Event()
        self._error: ErrorReply | None = None
        self._status = LinkStatus(since=time.monotonic())
        self._ticket = str(uuid.uuid4())
        # The topics that the mailbox keeps for this link; they outlive a lost connection.
        self._kept: frozenset[Topic] = frozenset()
        self._refused: frozenset[Topic] = frozenset()

    def apply(self, wants: Mapping[Topic, Want]) -> None:
        """Take the newest wishes; the mapping must not change afterwards."""
        self._reconciler.set_desired(wants, time.monotonic())
        self._changed.set()

    def status(self) -> LinkStatus:
        """Return the state with its counters as they are now."""
        intake = self._intake
        self._status = msgspec.structs.replace(
            self._status,
            frames=intake.frames,
            late=intake.late,
            malformed=intake.malformed,
            unknown=intake.unknown,
            unknown_fields=tuple(sorted(intake.unknown_fields)),
        )
        return self._status

    async def run(self) -> None:
        """Serve until cancelled; on return the socket is closed."""
        reason = ""
        try:
            while True:
                if not await self._until_due(reason):
                    continue
                try:
                    connection = await self._open()
                except WebSocketConnectionError as error:
                    reason = str(error)
                    _log.warning("%s", reason)
                    continue
                except Exception as error:
                    # Whatever it is, it must not end the feed for ever: it is shown, and the link tries again later.
                    reason = f"the connection could not be opened: {error!r}"
                    _log.exception("the connection could not be opened")
                    self._recovery.refused(time.monotonic(), 0.0)
                    continue
                try:
                    await self._serve(connection)
                except Exception:
                    # A defect of ours must not end the feed for ever; it is logged and the link starts anew.
                    _log.exception("the link failed and reconnects")
                finally:
                    reason = await self._close(connection)
        finally:
            self._publish(LinkState.STOPPED)

    async def _until_due(self, reason: str) -> bool:
        """Wait until the next attempt may be made; False if nobody wants the socket any more."""
        if not self._reconciler.is_wanted():
            self._keep(frozenset())
            self._publish(LinkState.IDLE)
            await self._wait_until(math.inf)
            return False
        now = time.monotonic()
        due = now + self._recovery.delay(now)
        if due > now or reason:
            self._publish(LinkState.WAITING, reason, retry_at=due)
        while self._reconciler.is_wanted():
            now = time.monotonic()
            ready_at = max(due, now + self._connects.delay(now))
            if now >= ready_at:
                self._connects.take(now)
                return True
            await self._wait_until(ready_at)
        return False

    async def _open(self) -> FeedConnection:
        self._publish(LinkState.CONNECTING, self._status.reason)
        try:
            connection = await open_connection(
                self._url,
                self,
                open_timeout=self._config.connect_timeout_s,
                ping_interval=self._config.ping_interval_s,
                ping_timeout=self._config.ping_timeout_s,
            )
        except WebSocketConnectionError as error:
            self._recovery.refused(time.monotonic(), _HOLD_SECONDS.get(error.status or 0, 0.0))
            raise
        # The peer may have closed the socket right after the handshake, before anybody listened for that.
        self._connection = connection if connection.state is State.OPEN else None
        self._error = None
        self._recovery.opened(time.monotonic())
        self._intake.begin_epoch(self._epochs.advance())
        self._reconciler.opened()
        self._status = msgspec.structs.replace(self._status, sockets_opened=self._status.sockets_opened + 1)
        self._publish(LinkState.CONNECTED)
        return connection

    async def _serve(self, connection: FeedConnection) -> None:
        """Do what the reconciler decides until the connection is lost, refused or no longer wanted."""
        while self._connection is connection:
            now = time.monotonic()
            if self._error is not None:
                await self._wait_until(now + _ERROR_SECONDS)
                return
            decision = self._reconciler.decide(now)
            if decision.not_served:
                self._report_topics(TopicNews(not_served=decision.not_served))
            if decision.close:
                return
            wake_at = decision.wake_at
            if decision.request is not None:
                delay = self._messages.delay(now)
                if delay == 0.0:
                    await self._send(connection, decision, now)
                    continue
                wake_at = min(wake_at, now + delay)
            await self._wait_until(wake_at)

    async def _send(self, connection: FeedConnection, decision: Decision, now: float) -> None:
        assert decision.request is not None
        text = encode_request(self._ticket, decision.request, WireFormat(self._config.wire_format))
        # All books are kept before the first await, because the answer may be read while the send is drained.
        self._messages.take(now)
        self._keep(frozenset(decision.request))
        asked_again = self._refused & decision.request.keys()
        if asked_again:
            self._refused -= asked_again
            self._report_topics(TopicNews(asked_again=tuple(sorted(asked_again))))
        self._reconciler.sent(decision, now)
        with contextlib.suppress(ConnectionClosed):
            await connection.send(text)
            self._status = msgspec.structs.replace(self._status, requests_sent=self._status.requests_sent + 1)
            self._report_status(self.status())

    def _keep(self, topics: frozenset[Topic]) -> None:
        """Have the mailbox keep these topics and no others."""
        retired = tuple(sorted(self._kept - topics))
        self._mailbox.open(topics)
        self._mailbox.retire(retired)
        self._kept = topics
        if retired:
            self._report_topics(TopicNews(retired=retired))

    async def _close(self, connection: FeedConnection) -> str:
        """Close what is left of a connection, and return why it ended."""
        reason = connection.why_closed() if self._connection is None else ""
        excused = False
        if self._error is not None:
            reason = f"the exchange refused the request: {self._error.name} ({self._error.message})"
            _log.warning("%s", reason)
            excused = self._blame(self._error, reason)
        self._connection = None
        self._reconciler.lost()
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await connection.close()
        except TimeoutError:
            pass
        finally:
            connection.transport.abort()
        if self._reconciler.is_wanted() and not excused:
            last = self._intake.last_data_ns
            self._recovery.lost(None if last is None else last / 1e9)
        return reason

    def _blame(self, error: ErrorReply, reason: str) -> bool:
        """Find out what the exchange refused; tell whether the next request will be a different one."""
        if error.name in _LIMIT_ERRORS:
            self._recovery.hold(time.monotonic(), _HOLD_SECONDS[429])
            return False
        different, culprits = self._reconciler.refused(time.monotonic())
        if culprits:
            self._refused |= set(culprits)
            self._report_topics(TopicNews(refused=tuple((topic, reason) for topic in culprits)))
        return different

    def frame_received(self, connection: FeedConnection, frame: bytes) -> None:
        """Take a frame from the connection, unless that connection is no longer ours."""
        if connection is self._connection:
            self._intake.take(frame)

    def connection_closed(self, connection: FeedConnection) -> None:
        """Note that the connection is gone; the task does the rest."""
        if connection is self._connection:
            self._connection = None
            self._reconciler.lost()
            self._changed.set()

    def _replied(self, reply: Reply) -> None:
        if isinstance(reply, ErrorReply):
            self._error = reply
            self._changed.set()

    async def _wait_until(self, moment: float) -> None:
        """Sleep until a monotonic time, or until something has changed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if moment == math.inf else max(0.0, moment - time.monotonic())):
                await self._changed.wait()
        self._changed.clear()

    def _publish(self, state: LinkState, reason: str = "", retry_at: float | None = None) -> None:
        status = self.status()
        since = status.since if status.state is state else time.monotonic()
        self._status = msgspec.structs.replace(
            status, state=state, epoch=self._epochs.current, since=since, reason=reason, retry_at=retry_at
        )
        self._report_status(self._status)
