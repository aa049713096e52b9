"""HTTP for the REST client: one GET, one answer or a reason in plain words. Knows nothing of calls and limits.

What goes wrong is returned, not raised: the exceptions of the HTTP library hold the request with its headers, and so
the token of a private call, which no traceback of ours may carry.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from upbit_qt_ws.addresses import is_loopback
from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.network.tls import client_context
from upbit_qt_ws.system.shortage import shortage_in
from upbit_qt_ws.wire.text import one_line, without_user_info

if TYPE_CHECKING:
    import ssl

    import httpx2

_CONNECTIONS: Final = 4
"""Most connections at once; a call takes about 10 ms, and a group of calls may have 10 in a second."""

_KEEP_ALIVE: Final = 20.0
"""How long an unused connection is kept, in seconds; well below the usual 60 s of servers."""

_LARGEST: Final = 32 * 2**20
"""Largest answer that is read, in bytes; the largest known one, all tickers, has some 400 KB."""

_LARGEST_REFUSAL: Final = 65_536
"""As much is read of an answer other than 200, in bytes: it is there to be quoted, and a page may be endless."""

_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "upbit_qt_ws"}
"""No ``Origin``: with one, Upbit allows a single call in 10 s."""


class HttpReply(NamedTuple):
    """An answer.

    Attributes:
        status: of HTTP.
        body: decompressed.
        remaining: header ``Remaining-Req``, None without it.
        retry_after: header ``Retry-After``, None without it.
        location: header ``Location`` of a redirect, which is never followed; None without it.
    """

    status: int
    body: bytes
    remaining: str | None = None
    retry_after: str | None = None
    location: str | None = None


class NoReply(NamedTuple):
    """There was no whole answer.

    Attributes:
        why: in plain words, without anything secret.
        worth_retry: the connection broke before an answer began, as one does that the server closed while idle.
    """

    why: str
    worth_retry: bool = False


class HttpConnections:
    """A few connections to one server, kept open between calls. They belong to the event loop of the first call."""

    def __init__(self, base_url: str) -> None:
        """Open nothing yet.

        Args:
            base_url: ``https://`` address, or ``http://`` on this machine; what is asked for is appended to it.
        """
        self._base_url = base_url.rstrip("/")
        self._opening = asyncio.Lock()
        self._client: httpx2.AsyncClient | None = None
        self._closed = False

    async def get(self, target: str, authorization: str | None = None) -> HttpReply | NoReply:
        """Ask for one thing; there is no time limit but the caller's.

        Args:
            target: path and query, percent-encoded.
            authorization: value of the header of that name.
        """
        if authorization is not None and not (authorization.isascii() and authorization.isprintable()):
            return NoReply("the token has characters that no header may have")
        client = await self._opened()
        if isinstance(client, NoReply):
            return client
        return await _get(client, self._base_url + target, authorization)

    async def aclose(self) -> None:
        """Close the connections for good; calls under way end without an answer."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _opened(self) -> httpx2.AsyncClient | NoReply:
        async with self._opening:
            if self._client is None and not self._closed:
                # Importing the library takes about 60 ms and loading the certificates 40 ms; the loop has sockets to
                # read in that time.
                made = await self._make()
                if isinstance(made, NoReply):
                    return made
                self._client = made
            # Read after the thread, in which time it may have been closed; a client without a call holds nothing.
            return NoReply("the client is closed") if self._closed or self._client is None else self._client

    async def _make(self) -> httpx2.AsyncClient | NoReply:
        try:
            secure = urlsplit(self._base_url).scheme == "https"
            context = await client_context() if secure else None
        except WebSocketConnectionError as error:
            return NoReply(str(error))
        return await asyncio.to_thread(_make_client, self._base_url, context)


def _make_client(base_url: str, context: ssl.SSLContext | None) -> httpx2.AsyncClient | NoReply:
    try:
        import httpx2
    except (ImportError, OSError) as error:
        return NoReply(shortage_in(error) or f"the library httpx2 cannot be loaded: {one_line(str(error))}")
    try:
        return httpx2.AsyncClient(
            headers=_HEADERS,
            timeout=None,
            limits=httpx2.Limits(
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_CONNECTIONS,
                keepalive_expiry=_KEEP_ALIVE,
            ),
            # Proxies of the system are for the way out of this machine.
            trust_env=not is_loopback(urlsplit(base_url).hostname or ""),
            # Whoever answers with a redirect must not learn the token, nor have it sent on.
            follow_redirects=False,
            # Certificates are of no use to plain HTTP, which is allowed on this machine only.
            verify=context or False,
        )
    except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
        # ImportError: the system is set to a SOCKS proxy, and the optional library for it is not installed. The text
        # of the error is left out, since the address of a proxy may hold a password.
        unusable = f"the proxy or the certificates of this system cannot be used ({type(error).__name__})"
        if isinstance(error, ImportError):
            unusable = "the system is set to a SOCKS proxy, for which a library is missing: pip install socksio"
        return NoReply(shortage_in(error) or unusable)


class _Opening:
    """Closes the connection of a call that ends during the TLS handshake, which the library forgets to close.

    It is the library's ``trace`` extension: told of each step, and of what came of it.
    """

    def __init__(self) -> None:
        self._bare: Any = None

    async def trace(self, step: str, found: dict[str, Any]) -> None:
        if step.endswith("connect_tcp.complete"):
            self._bare = found["return_value"]
        elif step.endswith("start_tls.complete"):
            self._bare = None

    async def close(self) -> None:
        """Close what is not encrypted yet; one that is belongs to the client, as does one without TLS."""
        if self._bare is not None:
            await self._bare.aclose()


async def _get(client: httpx2.AsyncClient, url: str, authorization: str | None) -> HttpReply | NoReply:
    opening = _Opening()
    headers = {"Authorization": authorization} if authorization else None
    request = client.build_request("GET", url, headers=headers, extensions={"trace": opening.trace})
    try:
        return await _send(client, request)
    except asyncio.CancelledError:
        if request.url.scheme == "https":
            await opening.close()
        raise


async def _send(client: httpx2.AsyncClient, request: httpx2.Request) -> HttpReply | NoReply:
    import httpx2

    answered = False
    try:
        response = await client.send(request, stream=True, follow_redirects=False)
        answered = True
        found, status = response.headers, response.status_code
        try:
            body = await _read(response, _LARGEST if status == HTTPStatus.OK else _LARGEST_REFUSAL)
        finally:
            await response.aclose()
        if len(body) > _LARGEST:
            return NoReply(f"the answer is larger than {_LARGEST // 2**20} MB")
        return HttpReply(status, body, found.get("remaining-req"), found.get("retry-after"), found.get("location"))
    except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError) as error:
        return NoReply(f"the connection broke: {_text(error)}", worth_retry=not answered)
    except httpx2.ConnectError as error:
        return NoReply(f"the connection could not be opened: {_text(error)}")
    except httpx2.DecodingError:
        return NoReply("the answer is not compressed as it says")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        # ValueError: the address in a redirect cannot be read, though nobody wants to go there.
        return NoReply(f"the call could not be made ({type(error).__name__})")
    except OSError as error:
        # The library passes on as it is what is no TLS in the middle of a connection.
        return NoReply(f"the connection broke: {_text(error)}", worth_retry=not answered)


async def _read(response: httpx2.Response, most: int) -> bytes:
    """Return the body, or as much of it as shows that it has more than ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return b"".join(parts)


def _text(error: Exception) -> str:
    return shortage_in(error) or one_line(without_user_info(str(error))) or type(error).__name__
