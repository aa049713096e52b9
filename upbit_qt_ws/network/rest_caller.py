"""One REST call from the gate to the record: limits, token, time limit, one retry, and typed errors."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from upbit_qt_ws.errors import AuthError, DecodeError, RateLimitedError, RestError
from upbit_qt_ws.network.rest_http import HttpConnections, HttpReply, NoReply
from upbit_qt_ws.wire.auth_errors import AuthProblem
from upbit_qt_ws.wire.rest_errors import refusal, remaining_in_second

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.network.rest_calls import RestCall
    from upbit_qt_ws.wire.rest_errors import AuthErrorFactory

_T = TypeVar("_T")


class Gate(Protocol):
    """Keeps calls within the limits of the exchange. Paths are those below the base address, such as ``/ticker``."""

    async def acquire(self, path: str, *, method: str = "GET") -> None:
        """Wait until the call may be made."""

    def report(self, path: str, *, method: str = "GET", status: int, retry_after: float | None = None) -> None:
        """Take the HTTP status of every answer, and after 429 and 418 the seconds to wait."""

    def remaining(self, path: str, sec: int, *, method: str = "GET") -> None:
        """Take how many calls of this group the exchange still allows in this second."""


class _Fetched(NamedTuple):
    body: bytes
    received_ns: int


class RestCaller:
    """Makes calls and reads their replies; see :class:`~upbit_qt_ws.network.rest.UpbitRestClient`."""

    def __init__(
        self,
        base_url: str,
        *,
        gate: Gate | None,
        authorize: Callable[[str], str] | None,
        timeout: float,
        auth_error: AuthErrorFactory,
    ) -> None:
        """Open nothing yet; the arguments are those of the client."""
        self._http = HttpConnections(base_url)
        self._gate = gate
        self._authorize = authorize
        self._timeout = timeout
        self._auth_error = auth_error

    async def ask(self, call: RestCall, read: Callable[[bytes], _T]) -> _T:
        """Make a call and return what ``read`` makes of the body.

        Raises:
            RestError: there is no answer, it is a refusal, or it cannot be read; RateLimitedError is one too.
            AuthError: keys are missing or refused.
        """
        fetched = await self._fetch(call)
        return _read(call, lambda: read(fetched.body))

    async def quote(self, call: RestCall, read: Callable[[bytes, int], _T]) -> _T:
        """Do the same with a ``read`` that takes the time of receipt too, a reading of ``time.monotonic_ns``.

        Raises:
            RestError, AuthError: as in :meth:`ask`.
        """
        fetched = await self._fetch(call)
        return _read(call, lambda: read(*fetched))

    async def aclose(self) -> None:
        """Close all connections for good."""
        await self._http.aclose()

    async def _fetch(self, call: RestCall) -> _Fetched:
        """Return the body of a call that went well.

        Errors are raised outside of ``except`` blocks: whatever they interrupted is no part of them.
        """
        if call.private and self._authorize is None:
            raise AuthError(
                f"{call} needs keys, and none are given",
                name=AuthProblem.NO_KEYS.value,
                hint="set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY, or give the keys in code",
            )
        reply: HttpReply | NoReply = NoReply(f"there was no answer within {self._timeout:g} s")
        try:
            async with asyncio.timeout(self._timeout) as limit:
                tried = await self._try(call)
                if isinstance(tried, NoReply) and tried.worth_retry:
                    tried = await self._try(call)
                reply = tried
        except TimeoutError:
            if not limit.expired():
                raise
        if isinstance(reply, NoReply):
            raise RestError(f"{call} failed: {reply.why}")
        received_ns = time.monotonic_ns()
        error = self._judge(call, reply)
        if error is not None:
            raise error
        return _Fetched(reply.body, received_ns)

    async def _try(self, call: RestCall) -> HttpReply | NoReply:
        """Make the call once. Each try passes the gate, which counts what is sent, and has a token of its own."""
        if self._gate is not None:
            await self._gate.acquire(call.path)
        token = self._authorize(call.query_text) if call.private and self._authorize is not None else None
        return await self._http.get(call.target, token)

    def _judge(self, call: RestCall, reply: HttpReply) -> RestError | AuthError | None:
        """Tell the gate about an answer; return the error if it is a refusal."""
        error = None
        if reply.status != 200:
            error = refusal(
                reply.status,
                reply.body,
                call=str(call),
                retry_after=reply.retry_after,
                location=reply.location,
                auth_error=self._auth_error,
            )
        if self._gate is not None:
            left = remaining_in_second(reply.remaining)
            if left is not None:
                self._gate.remaining(call.path, left)
            wait = error.retry_after if isinstance(error, RateLimitedError) else None
            self._gate.report(call.path, status=reply.status, retry_after=wait)
        return error


def _read(call: RestCall, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except DecodeError as error:
        raise RestError(f"the answer to {call} cannot be read: {error}", status=200) from error
