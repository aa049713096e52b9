"""A link: keeps one socket to the exchange true to what is wanted of it, through every outage.

One task owns the socket. It asks the pure parts (reconciler, limiter, recovery, keys) what to do and does it. Frames
do not pass through the task: the connection hands them to the intake while it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from websockets.protocol import State

from upbit_qt_ws.errors import AuthError, WebSocketConnectionError
from upbit_qt_ws.health.status import LinkState, LinkStatus
from upbit_qt_ws.network.connection import FeedConnection, open_connection
from upbit_qt_ws.network.credentials import Credentials
from upbit_qt_ws.network.dialogue import LIMIT_ERRORS, Dialogue
from upbit_qt_ws.network.recovery import EpochManager, RecoveryEngine, RecoveryPolicy
from upbit_qt_ws.subscriptions.states import Refusal
from upbit_qt_ws.wire.auth_errors import AuthProblem, error_of, problem_of
from upbit_qt_ws.wire.rest_errors import NEXT_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.network.key_source import KeySource
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.wire.replies import ErrorReply
    from upbit_qt_ws.wire.topics import Endpoint, Topic, Want

_log = logging.getLogger(__name__)

_CLOSING_SECONDS: Final = 0.5
"""How long a closing handshake may take; the whole shutdown has 2 s."""

_MOST_EARLY: Final = 16
"""Frames that are kept while a connection opens; the exchange says nothing then but that it refuses a token."""

_ERROR_SECONDS: Final = 1.0
"""How long the exchange may take to close the socket after an error frame; measured: 0.15 to 0.8 s."""


class Pacer(Protocol):
    """A limiter that is shared: says how long to wait, and books."""

    def delay(self, now: float) -> float:
        """Return how many seconds from ``now`` the next call must wait."""

    def take(self, now: float) -> None:
        """Book a call that is made at ``now``."""


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
    ) -> None:
        """Set up the pure parts; nothing is opened before :meth:`run`."""
        self._config = config
        self._url = url
        self._connects = connects
        self._keys = None if keys is None else Credentials(keys)
        self._reason = ""
        self._report_status = report_status
        self._recovery = RecoveryEngine(RecoveryPolicy(config.retry_base_s, config.retry_cap_s, config.stable_after_s))
        self._epochs = EpochManager()
        self._changed = asyncio.Event()
        self._dialogue = Dialogue(config, endpoint, mailbox, report_topics, self._changed.set)
        self._connection: FeedConnection | None = None
        # Frames that came right behind the handshake, before the connection was ours.
        self._early: list[tuple[FeedConnection, bytes]] = []
        self._wanted: frozenset[Topic] = frozenset()
        self._status = LinkStatus(since=time.monotonic())
        self._reported_requests = 0

    def apply(self, wants: Mapping[Topic, Want]) -> None:
        """Take the newest wishes; the mapping must not change afterwards."""
        self._wanted = frozenset(wants)
        self._dialogue.apply(wants)
        self._changed.set()

    def keys_changed(self) -> None:
        """There may be other keys now: try again at once what was refused for want of them."""
        if self._keys is not None:
            self._keys.changed()
            self._dialogue.forgive()
            self._changed.set()

    def status(self) -> LinkStatus:
        """Return the state with its counters as they are now."""
        dialogue, intake = self._dialogue, self._dialogue.intake
        self._status = msgspec.structs.replace(
            self._status,
            requests_sent=dialogue.requests_sent,
            listings=dialogue.listings,
            repairs=dialogue.repairs,
            frames=intake.frames,
            late=intake.late,
            malformed=intake.malformed,
            unknown=intake.unknown,
            unknown_fields=tuple(sorted(intake.unknown_fields)),
        )
        return self._status

    async def run(self) -> None:
        """Serve until cancelled; on return the socket is closed."""
        try:
            while True:
                if not await self._until_due():
                    continue
                try:
                    connection = await self._open()
                except (AuthError, WebSocketConnectionError) as error:
                    self._reason = str(error)
                    _log.warning("%s", self._reason)
                    continue
                except Exception as error:
                    # Whatever it is, it must not end the feed for ever: it is shown, and the link tries again later.
                    self._reason = f"the connection could not be opened: {error!r}"
                    _log.exception("the connection could not be opened")
                    self._recovery.refused(time.monotonic())
                    continue
                try:
                    await self._serve(connection)
                except Exception:
                    # A defect of ours must not end the feed for ever; it is logged and the link starts anew.
                    _log.exception("the link failed and reconnects")
                finally:
                    self._reason = await self._close(connection)
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
        if due > now or self._reason:
            self._publish(LinkState.WAITING, self._reason, retry_at=due)
        while self._dialogue.reconciler.is_wanted():
            now = time.monotonic()
            ready_at = max(due, now + self._connects.delay(now))
            if now >= ready_at:
                self._connects.take(now)
                return True
            await self._wait_until(ready_at)
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
        if self._dialogue.requests_sent != self._reported_requests:
            self._reported_requests = self._dialogue.requests_sent
            self._report_status(self.status())

    # -- one connection ---------------------------------------------------------------------------------------

    async def _open(self) -> FeedConnection:
        self._publish(LinkState.CONNECTING, self._reason)
        self._early.clear()
        try:
            connection = await open_connection(
                self._url,
                self,
                authorization=None if self._keys is None else self._keys.authorization(),
                compression=self._config.compression,
                open_timeout=self._config.connect_timeout_s,
                ping_interval=self._config.ping_interval_s,
                ping_timeout=self._config.ping_timeout_s,
            )
        except WebSocketConnectionError as error:
            if self._keys is not None and error.status in (401, 403):
                refused = error_of(error.name, error.status, str(error))
                self._keys.refused(refused)
                raise refused from None
            self._recovery.refused(time.monotonic(), status=error.status, retry_after=error.retry_after)
            raise
        # The peer may have closed the socket right after the handshake, before anybody listened for that.
        self._connection = connection if connection.state is State.OPEN else None
        self._recovery.opened(time.monotonic())
        self._dialogue.begin(self._epochs.advance())
        early, self._early = self._early, []
        for sender, frame in early:
            if sender is connection:
                self._dialogue.intake.take(frame)
        self._status = msgspec.structs.replace(self._status, sockets_opened=self._status.sockets_opened + 1)
        self._publish(LinkState.CONNECTED)
        return connection

    async def _serve(self, connection: FeedConnection) -> None:
        """Say what is due until the connection is lost, refused or no longer wanted."""
        while self._connection is connection:
            if self._dialogue.error is not None:
                await self._wait_until(time.monotonic() + _ERROR_SECONDS)
                return
            wake_at = await self._dialogue.speak(connection)
            if wake_at is None:
                return
            if self._keys is not None:
                if not await self._keys.still_current(proven=self._dialogue.is_heard):
                    return
                wake_at = min(wake_at, self._keys.next_attempt)
            await self._wait_until(wake_at)

    async def _close(self, connection: FeedConnection) -> str:
        """Close what is left of a connection, and return why it ended."""
        reason = connection.why_closed() if self._connection is None else ""
        excused = False
        error = self._dialogue.error
        if error is not None:
            reason = f"the exchange refused the request: {error.name} ({error.message})"
            _log.warning("%s", reason)
            excused = self._blame(error, reason)
        self._connection = None
        self._dialogue.reconciler.lost()
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await connection.close()
        except TimeoutError:
            pass
        finally:
            connection.transport.abort()
        if self._dialogue.reconciler.is_wanted() and not excused:
            last = self._dialogue.intake.last_data_ns
            self._recovery.lost(None if last is None else last / 1e9)
        return reason

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

    # -- the connection calls ---------------------------------------------------------------------------------

    def frame_received(self, connection: FeedConnection, frame: bytes) -> None:
        """Take a frame from the connection, unless that connection is no longer ours."""
        if connection is self._connection:
            self._dialogue.intake.take(frame)
        elif self._connection is None and len(self._early) < _MOST_EARLY:
            self._early.append((connection, frame))

    def connection_closed(self, connection: FeedConnection) -> None:
        """Note that the connection is gone; the task does the rest."""
        if connection is self._connection:
            self._connection = None
            self._dialogue.reconciler.lost()
            self._changed.set()

    def _publish(self, state: LinkState, reason: str = "", hint: str = "", *, retry_at: float | None = None) -> None:
        status = self.status()
        since = status.since if status.state is state else time.monotonic()
        self._status = msgspec.structs.replace(
            status, state=state, epoch=self._epochs.current, since=since, reason=reason, hint=hint, retry_at=retry_at
        )
        self._report_status(self._status)
