"""Refused REST calls: which error each status and body is, and how long to wait where that matters.

Quotation calls name their errors with integers, which repeat the status, exchange calls with words. A proxy or load
balancer in between answers in HTML. Source: the protocol notes, section on authentication and on rate limits.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from upbit_qt_ws.errors import AuthError, RateLimitedError, RestError
from upbit_qt_ws.wire.auth_errors import AuthProblem, problem_of
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    AuthErrorFactory = Callable[[str, int, str], AuthError]
    """Makes the error of refused keys of ``error.name``, the HTTP status and a message for people."""

NEXT_SECOND: Final = 1.0
"""Wait after 429, in seconds: the limits are counted in whole seconds of the exchange's clock."""

BLOCK: Final = 60.0
"""Wait after 418, in seconds, when the reply does not tell."""

_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
_TOO_MANY: Final = 429
_BLOCKED: Final = 418
_REDIRECT: Final = 3
"""The hundreds of the statuses that point to another address."""
_LONGEST: Final = 86_400.0
_UNITS: Final = {"s": 1, "초": 1, "m": 60, "분": 60, "h": 3_600, "시": 3_600}
_DURATION: Final = re.compile(r"(\d+)\s*(sec|min|hour|초|분|시간|[smh]\b)", re.IGNORECASE)
# Nine digits are decades; Python refuses to read thousands of them.
_INTEGER: Final = re.compile(r"\d{1,9}")
_SECONDS_LEFT: Final = re.compile(r"\bsec\s*=\s*(\d{1,9})")


class _Error(msgspec.Struct, frozen=True):
    name: str | int = ""
    message: str = ""


class _Body(msgspec.Struct, frozen=True):
    error: _Error


_BODY: Final = msgspec.json.Decoder(_Body)

_MOST_BYTES: Final = 65_536
"""As much of a refusal is looked at; the exchange's own have some 200 bytes, and pages of proxies a few thousand."""

_WORDS: Final = 100
"""Most characters that are quoted of a refusal, so that the whole message is one line of at most 200 or so."""


def plain_auth_error(name: str, status: int, message: str) -> AuthError:
    """Return an error of refused keys without a hint."""
    del status
    return AuthError(message, name=name)


def remaining_in_second(header: str | None) -> int | None:
    """Return how many calls are left in this second, told by a ``Remaining-Req`` header.

    Its other parts do not count: ``min`` is deprecated, and the group is spelt in several ways.

    Returns:
        The number after ``sec=``; None without the header or without the number.
    """
    found = _SECONDS_LEFT.search(header or "")
    return int(found[1]) if found else None


def refusal(
    status: int,
    body: bytes,
    *,
    call: str,
    retry_after: str | None = None,
    location: str | None = None,
    auth_error: AuthErrorFactory = plain_auth_error,
) -> RestError | AuthError:
    """Return the error of a call that was answered with a status other than 200.

    Args:
        status: of HTTP.
        body: of the reply, whatever it is; what is quoted of it is one line of printable characters.
        call: the call in words, for the message; without its token.
        retry_after: the header of that name.
        location: the header of that name, of a redirect.
        auth_error: makes the error of refused keys.

    Returns:
        :class:`RateLimitedError` for 429 and 418, :class:`AuthError` for 401 and the names in :class:`AuthProblem`,
        :class:`RestError` for everything else.
    """
    if status // 100 == _REDIRECT and location is not None:
        to = one_line(_pointed_to(location), 100)
        return RestError(
            f"{call} was answered with HTTP {status}, a redirect to {to}: it is not followed", status=status
        )
    body = body[:_MOST_BYTES]
    error = _error_in(body)
    name = one_line(str(error.name), 40) if error is not None else ""
    words = one_line(error.message, _WORDS) if error is not None else ""
    words = words or _described(status, body)
    message = f"{call} was refused with HTTP {status}: {words}"
    if name and name != str(status):
        message += f" ({name})"
    if status in (_TOO_MANY, _BLOCKED):
        told = _told_wait(error, body, retry_after)
        return RateLimitedError(
            message, status=status, name=name, retry_after=_wait(status, told), is_told=told is not None
        )
    if status == HTTPStatus.UNAUTHORIZED or problem_of(name) is not AuthProblem.UNKNOWN:
        return auth_error(name, status, message)
    return RestError(message, status=status, name=name)


def _pointed_to(location: str) -> str:
    """Return the server that a redirect points to; not the whole address, for it may hold anything."""
    try:
        parts = urlsplit(location.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that cannot be read"
    if not host:
        return "another address of the same server"
    return host if port is None else f"{host}:{port}"


def _error_in(body: bytes) -> _Error | None:
    try:
        return _BODY.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _described(status: int, body: bytes) -> str:
    """Describe a reply that has no error object."""
    phrase = _PHRASES.get(status, "no known status")
    text = one_line(body.decode(errors="replace"), 80)
    return f"{phrase}, without an error object" + (f" but with {text!r}" if text else "")


def _wait(status: int, told: float | None) -> float:
    """Return the seconds until the next call: as the reply tells, else by the status."""
    if status == _TOO_MANY:
        return max(NEXT_SECOND, told or 0.0)
    return told or BLOCK


def _told_wait(error: _Error | None, body: bytes, retry_after: str | None) -> float | None:
    """Return the seconds that the text names, else those of the header; None if neither does."""
    named = _named_wait(error, body)
    if named is None and retry_after is not None and retry_after.strip().isdecimal():
        return min(_LONGEST, float(retry_after))
    return named


def _named_wait(error: _Error | None, body: bytes) -> float | None:
    """Return the seconds that the text names; a bare integer counts in the message only, as pages are full of them."""
    text = body.decode(errors="replace") if error is None else error.message
    found = _DURATION.search(text)
    if found is not None:
        return min(_LONGEST, float(found[1]) * _UNITS[found[2][0].lower()])
    bare = _INTEGER.search(text) if error is not None else None
    return float(bare[0]) if bare is not None and 0 < int(bare[0]) <= _LONGEST else None
