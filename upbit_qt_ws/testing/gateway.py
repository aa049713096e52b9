"""The HTTP front of the simulated exchange: routes each request to REST or to the WebSocket, and guards both."""

from __future__ import annotations

import http
import socket
import struct
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.testing.blocks import AddressBlocks
from upbit_qt_ws.testing.http_replies import LimitReplies, http_reply
from upbit_qt_ws.testing.limits import GroupLimits
from upbit_qt_ws.testing.records import Log, RecordedCall
from upbit_qt_ws.testing.rest import NOT_ROUTED, RestApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from websockets.asyncio.server import ServerConnection
    from websockets.datastructures import Headers
    from websockets.http11 import Request, Response

    from upbit_qt_ws.testing.api_keys import ApiKey
    from upbit_qt_ws.testing.auth import Authenticator, AuthFailure
    from upbit_qt_ws.testing.edits import Edits
    from upbit_qt_ws.testing.options import SimulatorOptions

PUBLIC_PATH: Final = "/websocket/v1"
PRIVATE_PATH: Final = "/websocket/v1/private"
INFO_PATH: Final = "/websocket/v1/info"
_TOKEN_PATHS: Final = (PRIVATE_PATH, INFO_PATH)

_OF_INTEREST: Final = (
    "Host", "Origin", "User-Agent", "Authorization", "Accept-Encoding", "Sec-WebSocket-Extensions",
)  # fmt: skip


def headers_of_interest(headers: Headers) -> dict[str, str]:
    """Return the headers that tests ask for, with lower-case names; of a token only its scheme is kept."""
    found = {name.lower(): headers[name] for name in _OF_INTEREST if name in headers}
    if "authorization" in found:
        found["authorization"] = found["authorization"].partition(" ")[0] + " ***"
    return found


def reset(connection: ServerConnection) -> None:
    """Break the TCP connection with a reset, as a crashing peer does."""
    raw = connection.transport.get_extra_info("socket")
    if raw is not None and connection.transport.get_extra_info("ssl_object") is None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


class Gateway:
    """Decides about each HTTP request before a WebSocket is opened.

    Attributes:
        handshakes, rest_requests: what came in.
        blocks: addresses that are answered 418.
        refusing: every request is refused.
        refused_path: the handshakes on this path are refused; None for none.
        refusal_status: the HTTP status of refusals; None breaks the TCP connection instead.
        refusal_seconds: how long refusals with 418 say that they last.
        failures: per connection, why its token on the private path was refused, when the option asks to tell
            it in a frame.
    """

    def __init__(
        self,
        rest: RestApi,
        authenticator: Authenticator,
        options: SimulatorOptions,
        date: Callable[[], str],
        edits: Edits,
    ) -> None:
        """Guard with fresh limits; ``date`` returns the ``Date`` header of this moment."""
        self._date = date
        self._edits = edits
        self._rest = rest
        self._authenticator = authenticator
        self._options = options
        self._connects = GroupLimits(enforced=options.connect_limits)
        self._calls = GroupLimits(enforced=options.rest_limits)
        # The path of the indicators is documented for Korea alone. [A]
        self._socket_paths = (PUBLIC_PATH, PRIVATE_PATH, *((INFO_PATH,) if options.region == "kr" else ()))
        self._limit_headers: dict[ServerConnection, str] = {}
        self.handshakes: Log[RecordedCall] = Log(options.records)
        self.rest_requests: Log[RecordedCall] = Log(options.records)
        self._replies = LimitReplies(options)
        self.blocks = AddressBlocks(options.block_after)
        self.refusing = False
        self.refused_path: str | None = None
        self.refusal_status: int | None = None
        self.refusal_seconds = 60.0
        self.failures: dict[ServerConnection, AuthFailure] = {}

    def process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer REST calls and refusals; None lets the WebSocket handshake go on."""
        path = request.path.partition("?")[0]
        is_socket = path in self._socket_paths
        response: Response | None
        blocked = self.blocks.left(_address(connection), connection.loop.time())
        if self.refusing or path == self.refused_path:
            response = self._refusal(connection)
        elif blocked:
            response = self._replies.blocked(blocked)
        elif is_socket:
            response = self._handshake(connection, request, path)
        else:
            response = self._call(connection, request, path)
        if response is None:
            return None
        response.headers["Date"] = self._date()
        status = 0 if self.refusing and self.refusal_status is None else response.status_code
        self._record(self.handshakes if is_socket else self.rest_requests, connection, request, status)
        return response

    def key_of(self, request: Request) -> ApiKey | None:
        """Return the key with which a connection was opened; None for a public one."""
        return self._authenticator.key_of(request.headers.get("Authorization"))

    def process_response(self, connection: ServerConnection, request: Request, response: Response) -> None:
        """Add the limit headers to the answer to a handshake that was let through."""
        if request.path.partition("?")[0] not in self._socket_paths:
            return
        # The library has put this machine's clock there.
        del response.headers["Date"]
        response.headers["Date"] = self._date()
        limit = self._limit_headers.pop(connection, None)
        if limit is not None:
            response.headers["remaining-req"] = limit
            response.headers["limit-by-ip"] = "Yes"
            self._record(self.handshakes, connection, request, response.status_code)

    def _handshake(self, connection: ServerConnection, request: Request, path: str) -> Response | None:
        now = connection.loop.time()
        caller = _address(connection)
        # Connects are counted per address, those with a token per account: there is only one.
        passed, limit = self._connects.take("websocket", "account" if path in _TOKEN_PATHS else caller, now)
        if "Origin" in request.headers and passed:
            passed, limit = self._connects.take_origin(caller, now)
        if not passed:
            return self._too_many(caller, limit, now)
        if path in _TOKEN_PATHS:
            failure = self._authenticator.check(request.headers.get("Authorization"), address=caller)
            if failure is not None and self._options.private_auth_failure == "http":
                return http_reply(failure.status, failure.body, limit)
            if failure is not None:
                self.failures[connection] = failure
        self._limit_headers[connection] = limit
        return None

    def _call(self, connection: ServerConnection, request: Request, path: str) -> Response:
        group = self._rest.group(path)
        if group is None:
            return http_reply(404, NOT_ROUTED)
        now = connection.loop.time()
        caller = _address(connection)
        # Exchange calls are counted per pocket, quotation calls per address. [A] The account has one pocket.
        passed, limit = self._calls.take(group, "account" if group == "default" else caller, now)
        if "Origin" in request.headers and group != "default" and passed:
            passed, limit = self._connects.take_origin(caller, now)
        if not passed:
            return self._too_many(caller, limit, now)
        reply = self._rest.answer(request.path, _plain(request.headers), caller)
        body, edit = reply.body, self._edits.reply
        if edit is not None and reply.status == http.HTTPStatus.OK:
            body = edit(path.removeprefix("/v1"), body)
        zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        return http_reply(reply.status, body, limit, zipped=zipped)

    def _refusal(self, connection: ServerConnection) -> Response:
        if self.refusal_status is None:
            reset(connection)
            return http_reply(503, "{}")
        if self.refusal_status == 429:
            return self._replies.too_many(None)
        if self.refusal_status == 418:
            return self._replies.blocked(self.refusal_seconds)
        phrase = http.HTTPStatus(self.refusal_status).phrase
        return http_reply(self.refusal_status, f'{{"error":{{"name":{self.refusal_status},"message":"{phrase}"}}}}')

    def _too_many(self, caller: str, limit: str, now: float) -> Response:
        self.blocks.count_refusal(caller, now)
        return self._replies.too_many(limit)

    def _record(self, log: Log[RecordedCall], connection: ServerConnection, request: Request, status: int) -> None:
        headers = headers_of_interest(request.headers)
        log.add(RecordedCall(connection.loop.time(), request.path, headers, headers.get("origin"), status))


def _plain(headers: Headers) -> Mapping[str, str]:
    return {"Authorization": headers["Authorization"]} if "Authorization" in headers else {}


def _address(connection: ServerConnection) -> str:
    peer = connection.remote_address
    return str(peer[0]) if peer else ""
