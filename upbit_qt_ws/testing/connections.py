"""All connections of the server: what comes in on them, and the two clocks that watch over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.api_keys import SCOPES_OF_TYPES
from upbit_qt_ws.testing.gateway import headers_of_interest
from upbit_qt_ws.testing.records import ConnectionView, Log, RecordedRequest
from upbit_qt_ws.testing.refusals import RequestRefused
from upbit_qt_ws.testing.requests import Grammar, parse_request
from upbit_qt_ws.testing.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from upbit_qt_ws.testing.edits import Edits
    from upbit_qt_ws.testing.fanout import Fanout
    from upbit_qt_ws.testing.gateway import Gateway
    from upbit_qt_ws.testing.options import SimulatorOptions
    from upbit_qt_ws.testing.requests import Request, TypeRequest
    from upbit_qt_ws.testing.subscribing import Subscribing

_STATUS_UP: Final = '{"status":"UP"}'


class ListeningConnection(ServerConnection):
    """Notes when bytes arrive: for the idle timeout a ping is traffic too, and the library answers it unseen."""

    session: Session | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes from the transport."""
        if self.session is not None:
            self.session.last_activity = self.loop.time()
        super().data_received(data)


class Connections:
    """Serves every connection from its handshake to its end. Lives in the loop of the server.

    Attributes:
        requests: every text that came in.
        deaf: texts that come in are lost.
    """

    def __init__(
        self, gateway: Gateway, fanout: Fanout, subscribing: Subscribing, options: SimulatorOptions, edits: Edits
    ) -> None:
        """Begin without connections."""
        self._edits = edits
        self._gateway = gateway
        self._fanout = fanout
        self._subscribing = subscribing
        self._options = options
        self._grammar = Grammar(
            level=options.has_level,
            camel_case_flags=options.camel_case_flags,
            sdk_categories=options.announcement_categories == "sdk",
            any_indicator_value=options.indicator_params == "any",
        )
        self._open: dict[int, Session] = {}
        self._closed: Log[ConnectionView] = Log(options.records)
        self._last_id = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self.requests: Log[RecordedRequest] = Log(options.records)
        self.deaf = False

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The open connections."""
        return tuple(self._open.copy().values())

    @property
    def most_unread(self) -> int:
        """Most bytes that wait for any client to read them."""
        return max((session.unread for session in self._open.values()), default=0)

    def views(self) -> tuple[ConnectionView, ...]:
        """Return all connections in the order in which they were opened. Safe from any thread."""
        # Open ones first: one that closes in between is then seen twice, not missed.
        views = {session.id: session.view() for session in self.sessions}
        views.update((view.id, view) for view in self._closed.copy())
        return tuple(views[number] for number in sorted(views))

    def chosen(self, connection_id: int | None) -> tuple[Session, ...]:
        """Return one open connection, or all for None.

        Raises:
            SimulatorError: it is not open.
        """
        if connection_id is None:
            return self.sessions
        session = self._open.get(connection_id)
        if session is None:
            raise SimulatorError(f"no open connection has the id {connection_id}; open are {sorted(self._open)}")
        return (session,)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run ``work`` as a task that ends with the server."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self) -> None:
        """End all tasks and send nothing more; the connections themselves are closed by the server."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for session in self.sessions:
            session.give_up()

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        request = connection.request
        assert request is not None, "the handshake is over"
        self._last_id += 1
        path = request.path.partition("?")[0]
        session = Session(self._last_id, path, connection, headers_of_interest(request.headers), self._edits)
        key = self._gateway.key_of(request)
        if key is not None:
            session.access_key, session.scopes = key.access_key, key.scopes
        self._open[session.id] = session
        if isinstance(connection, ListeningConnection):
            connection.session = session
        try:
            if self._gateway.failures.pop(connection, None) is not None:
                self.refuse(session, RequestRefused("INVALID_AUTH"))
            async for message in connection:
                self._receive(session, message)
        except ConnectionClosed:
            pass
        finally:
            self._subscribing.end(session)
            self._fanout.discard(session)
            session.close_code = connection.close_code
            session.closed_at = connection.loop.time()
            self._closed.add(session.view())
            del self._open[session.id]

    async def status_clock(self) -> None:
        """Send ``UP`` on the clock of the server to those who have ever sent ``PING``."""
        while True:
            await asyncio.sleep(self._options.status_period)
            for session in self.sessions:
                if session.wants_status and not session.ended:
                    self._fanout.control(session, _STATUS_UP)

    async def idle_clock(self, limit: float) -> None:
        """Cut connections on which nothing has moved for ``limit`` seconds."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(1.0, limit / 10))
            for session in self.sessions:
                if loop.time() - session.last_activity >= limit:
                    session.cut()

    def refuse(self, session: Session, refusal: RequestRefused) -> None:
        """Send an error frame to an open connection and close it a little later."""
        self._subscribing.refuse(session, refusal)
        self.spawn(self._close_later(session))

    def _receive(self, session: Session, message: str | bytes) -> None:
        if session.ended or self.deaf:
            return
        text = message if isinstance(message, str) else message.decode(errors="replace")
        now = session.connection.loop.time()
        try:
            types, method = self._take(session, text, now)
        except RequestRefused as refusal:
            self.requests.add(RecordedRequest(now, session.id, session.path, text, error=refusal.name))
            self.refuse(session, refusal)
        else:
            self.requests.add(RecordedRequest(now, session.id, session.path, text, types, method))

    def _take(self, session: Session, text: str, now: float) -> tuple[tuple[str, ...], str | None]:
        options = self._options
        if options.message_limits and not session.messages.take(now):
            raise RequestRefused(options.rate_limit_error)
        if text == "PING":
            session.wants_status = True
            return (), text
        request = parse_request(text, private=session.private, info=session.info, grammar=self._grammar)
        if request.types:
            request = request._replace(types=self._allowed(session, request))
            self._subscribing.replace(session, request)
        else:
            self._subscribing.reply_list(session, request)
        return tuple(entry.type for entry in request.types), request.method

    def _allowed(self, session: Session, request: Request) -> tuple[TypeRequest, ...]:
        wanted = request.types
        allowed = tuple(entry for entry in wanted if SCOPES_OF_TYPES.get(entry.type) in (None, *session.scopes))
        if len(allowed) < len(wanted) and self._options.scope_error != "silence":
            raise RequestRefused(self._options.scope_error)
        return allowed

    async def _close_later(self, session: Session) -> None:
        await asyncio.sleep(self._options.close_delay)
        await session.connection.close(1000)
