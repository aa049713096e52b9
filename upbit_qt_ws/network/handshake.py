"""What a connection that could not be opened is told as: every failure of the library, in words of ours.

The library's exceptions hold the request with its headers, and quote what servers and proxies said: neither may get
into a log. So the errors made here have no cause.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from websockets.exceptions import InvalidHandshake

from upbit_qt_ws.errors import RateLimitedError, WebSocketConnectionError
from upbit_qt_ws.system.shortage import shortage_in
from upbit_qt_ws.wire.rest_errors import refusal
from upbit_qt_ws.wire.text import one_line, without_user_info

if TYPE_CHECKING:
    from websockets.http11 import Response


class RefusedHandshakeError(InvalidHandshake):
    """The server answered a handshake with another status than 101.

    The library has an exception for that, and a loop that follows those which are redirects, to other hosts too, and
    up to version 16 with the token in the request. This class is not known to it, and so ends the attempt.

    Attributes:
        response: what the server said.
    """

    def __init__(self, response: Response) -> None:
        """Keep the response."""
        super().__init__(f"HTTP {response.status_code}")
        self.response = response


def connection_error(error: Exception, open_timeout: float) -> WebSocketConnectionError:
    """Return what to raise for an exception that kept a connection from opening.

    Args:
        error: of the library, of the network, or of anything in between.
        open_timeout: the time that there was, in seconds.
    """
    if isinstance(error, RefusedHandshakeError):
        return _refused(error.response)
    if isinstance(error, TimeoutError):
        why = f"no answer from the exchange within {open_timeout:g} s"
        return WebSocketConnectionError(why, is_unreachable=True, is_timeout=True)
    if isinstance(error, ImportError) and not shortage_in(error):
        # The only thing that is imported on the way: what a SOCKS proxy of the system needs.
        why = "the system is set to a SOCKS proxy, for which a library is missing: pip install python-socks"
        return WebSocketConnectionError(f"the connection could not be opened: {why}")
    why = shortage_in(error) or one_line(without_user_info(str(error))) or type(error).__name__
    # A certificate that is not trusted is an OSError, too, but somebody was reached.
    unreachable = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
    return WebSocketConnectionError(f"the connection could not be opened: {why}", is_unreachable=unreachable)


def _refused(response: Response) -> WebSocketConnectionError:
    """Return the error of a refused handshake, with what its body says and how long to wait."""
    told = refusal(
        response.status_code,
        bytes(response.body or b""),
        call="the connection",
        retry_after=response.headers.get("Retry-After"),
        location=response.headers.get("Location"),
    )
    wait = told.retry_after if isinstance(told, RateLimitedError) and told.is_told else 0.0
    return WebSocketConnectionError(str(told), status=response.status_code, name=told.name, retry_after=wait)
