"""HTTP answers: their headers, and the words of refusals that have to do with limits.

No body of a 429 or 418 was ever captured, so its shape and its words are switches. [D]
"""

from __future__ import annotations

import gzip
import http
import json
import math
from typing import TYPE_CHECKING, Final

from websockets.datastructures import Headers
from websockets.http11 import Response

if TYPE_CHECKING:
    from upbit_qt_ws.testing.options import SimulatorOptions

_TOO_MANY: Final = "Too many API requests."
_SMALLEST_GZIP: Final = 256
_NAMES: Final = {429: "too_many_requests", 418: "im_a_teapot"}


def http_reply(
    status: int, body: str, limit: str | None = None, *, zipped: bool = False, retry_after: float | None = None
) -> Response:
    """Return an answer as the exchange sends it, but for its date.

    Args:
        status: HTTP status.
        body: JSON or plain text.
        limit: the ``Remaining-Req`` header, which comes with ``limit-by-ip``; None leaves both out.
        zipped: compress the body when it is worth it.
        retry_after: the ``Retry-After`` header in s; None leaves it out.
    """
    content = body.encode()
    headers = Headers()
    headers["Content-Type"] = "application/json;charset=UTF-8" if body[:1] in "[{" else "text/plain;charset=UTF-8"
    headers["Cache-Control"] = "no-cache, no-store, max-age=0, must-revalidate"
    headers["Connection"] = "close"
    if limit is not None:
        headers["remaining-req"] = limit
        headers["limit-by-ip"] = "Yes"
    if retry_after is not None:
        headers["Retry-After"] = str(math.ceil(retry_after))
    if zipped and len(content) >= _SMALLEST_GZIP:
        content = gzip.compress(content, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(content))
    return Response(status, http.HTTPStatus(status).phrase, headers, content)


class LimitReplies:
    """Words refusals for too many calls, as the options want them."""

    def __init__(self, options: SimulatorOptions) -> None:
        """Take ``limit_error_body``, ``block_message`` and ``retry_after``."""
        self._shape = options.limit_error_body
        self._with_number = options.block_message == "seconds"
        self._retry_after = options.retry_after

    def too_many(self, limit: str | None) -> Response:
        """Return a 429; a limit is free again at the next second."""
        return http_reply(429, self._body(429, _TOO_MANY), limit, retry_after=1.0 if self._retry_after else None)

    def blocked(self, seconds: float) -> Response:
        """Return a 418 for an address that is blocked for ``seconds`` more."""
        told = f"Blocked for {math.ceil(seconds)} seconds." if self._with_number else "Temporarily blocked."
        body = self._body(418, f"{_TOO_MANY} {told}")
        return http_reply(418, body, retry_after=seconds if self._retry_after else None)

    def _body(self, status: int, message: str) -> str:
        if self._shape == "text":
            return message
        name = _NAMES[status] if self._shape == "name" else status
        return json.dumps({"error": {"name": name, "message": message}})
