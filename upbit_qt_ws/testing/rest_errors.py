"""Refusals of REST calls and the reading of their parameters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.market import Market

Query = dict[str, list[str]]


class CallRefused(Exception):
    """A REST call that is answered with an error.

    Attributes:
        status: HTTP status.
        body: the JSON error body. Quotation errors have an integer ``name``, exchange errors a string.
    """

    def __init__(self, status: int, message: str, name: str | None = None) -> None:
        """Word the body; ``name`` is the status itself unless given."""
        super().__init__(message)
        self.status = status
        self.body = json.dumps({"error": {"name": name or status, "message": message}}, ensure_ascii=False)


def first(query: Query, name: str) -> str | None:
    """Return a parameter, or None when it is absent or empty."""
    return query.get(name, [""])[0] or None


def invalid() -> CallRefused:
    """Return the refusal of a parameter value."""
    return CallRefused(400, "Invalid parameter. Check the given value!")


def required(query: Query, name: str) -> str:
    """Return a parameter.

    Raises:
        CallRefused: 400, it is missing.
    """
    value = first(query, name)
    if value is None:
        raise CallRefused(400, "Missing request parameter error. Check the required parameter!")
    return value


def number(query: Query, name: str, default: int, *, most: int) -> int:
    """Return a whole number from 1 on, clamped to ``most``.

    Raises:
        CallRefused: 400, it is not such a number.
    """
    text = first(query, name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise invalid()
    return min(int(text), most)


def market_of(market: SimulatedMarket, code: str) -> Market:
    """Return the market; lower case is accepted, unlike on the WebSocket.

    Raises:
        CallRefused: 404, no such market.
    """
    if code.upper() not in market.listings:
        raise CallRefused(404, "Code not found")
    return market.market(code.upper())


def moment(query: Query, *, strict: bool) -> int | None:
    """Return the parameter ``to`` in ms since 1970, or None without it. Without an offset it is UTC.

    Raises:
        CallRefused: 400, it is no ISO 8601 time, or ``strict`` and not percent-encoded.
    """
    text = first(query, "to")
    if text is None:
        return None
    raw = next((part for part in query["raw query"][0].split("&") if part.startswith("to=")), "")
    if strict and ":" in raw:
        raise invalid()
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise invalid() from None
    return int((parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)).timestamp() * 1_000)
