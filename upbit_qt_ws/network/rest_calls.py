"""The REST calls as pure values: path, query and what a wrong argument gets, before anything is sent.

A query has two spellings. On the line, values are percent-encoded, since Upbit refuses a date with plain colons, but
the brackets of ``states[]`` are not. Signed is the text without any encoding, in the order of the request.
Source: the protocol notes, sections on authentication and on REST.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.wire.markets import is_quote, parse_code, parse_codes
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS, parse_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CANDLE_PAGE: Final = 200
"""Most candles in one reply."""

TRADE_PAGE: Final = 500
"""Most trades in one reply."""

REST_INTERVALS: Final = (*CANDLE_INTERVALS, "1d", "1w", "1M", "1y")
"""The candle intervals of REST; the last four are not streamed."""

_LONG: Final = {"1s": "seconds", "1d": "days", "1w": "weeks", "1M": "months", "1y": "years"}
_CODES_LENGTH: Final = 6_000
"""Most characters of codes in one call: servers commonly refuse a request line above 8,192 bytes."""

_NAMED: Final = 10
_BOOK_DEPTH: Final = 30
_ORDERS_PAGE: Final = 100
_OLDEST_DAY: Final = 7
_TIME: Final = re.compile(r"([01]\d|2[0-3]):?[0-5]\d:?[0-5]\d")


class RestCall(NamedTuple):
    """One GET call.

    Attributes:
        path: below the base address, for example ``/ticker``.
        query: names and values in the order in which they are sent.
        private: whether it needs a token.
        codes: the markets that it is about, for messages.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    private: bool = False
    codes: tuple[str, ...] = ()

    @property
    def query_text(self) -> str:
        """The query without encoding, whose hash a token signs; empty without a query."""
        return "&".join(f"{name}={value}" for name, value in self.query)

    @property
    def target(self) -> str:
        """Path and query as they go on the line."""
        encoded = "&".join(f"{name}={quote(value, safe=',')}" for name, value in self.query)
        return f"{self.path}?{encoded}" if encoded else self.path

    def __str__(self) -> str:
        """Name the call for people; a long list of codes is shortened."""
        if not self.codes:
            return f"GET {self.path}"
        shown = ", ".join(self.codes[:_NAMED])
        return f"GET {self.path} of {shown}" + (
            f" and {len(self.codes) - _NAMED} more" if len(self.codes) > _NAMED else ""
        )


def market_calls(path: str, codes: str | Iterable[str], *more: tuple[str, str]) -> Iterator[RestCall]:
    """Yield the calls that ask ``path`` about all codes: one, unless the codes would make its address too long.

    Raises:
        SubscriptionError: a code is misspelt, or there is none.
    """
    chunk: list[str] = []
    length = 0
    for code in parse_codes(codes):
        if length + len(code) >= _CODES_LENGTH:
            yield _of_markets(path, chunk, more)
            chunk, length = [], 0
        chunk.append(code)
        length += len(code) + 1
    yield _of_markets(path, chunk, more)


def _of_markets(path: str, codes: list[str], more: tuple[tuple[str, str], ...]) -> RestCall:
    return RestCall(path, (("markets", ",".join(codes)), *more), codes=tuple(codes))


def all_tickers_call(quote_currencies: str | Iterable[str]) -> RestCall:
    """Return the call for the tickers of all markets quoted in some currencies.

    Raises:
        SubscriptionError: a currency is not of the form ``KRW``, or there is none.
    """
    listed = (quote_currencies,) if isinstance(quote_currencies, str) else tuple(quote_currencies)
    for currency in listed:
        if not is_quote(str(currency)):
            raise SubscriptionError(f"quote currency {currency!r} is not a currency in upper case: write it as 'KRW'")
    if not listed:
        raise SubscriptionError("no quote currency was given: write at least one, for example ['KRW']")
    return RestCall("/ticker/all", (("quote_currencies", ",".join(dict.fromkeys(listed))),))


def orderbook_calls(codes: str | Iterable[str], level: float, units: int) -> Iterator[RestCall]:
    """Yield the calls for order books with the best ``units`` depths, grouped by ``level`` (0: not grouped).

    Raises:
        SubscriptionError: a bad code or level, or a number of units that is not from 1 to 30.
    """
    known = parse_codes(codes)
    more = [("count", str(_whole("order book units", units, 1, _BOOK_DEPTH)))]
    grouping = parse_level(level, known)
    if grouping:
        more.append(("level", f"{Decimal(repr(grouping)).normalize():f}"))
    return market_calls("/orderbook", known, *more)


def candle_call(code: str, interval: str, count: int, before: datetime | None) -> RestCall:
    """Return the call for at most 200 candles that start before ``before``, an aware time (None: the newest).

    Raises:
        SubscriptionError: a bad code or interval.
    """
    if interval not in REST_INTERVALS:
        raise SubscriptionError(
            f"candle interval {interval!r} is not served by Upbit: choose one of {', '.join(REST_INTERVALS)}"
        )
    path = _LONG.get(interval) or f"minutes/{interval.removesuffix('m')}"
    query = [("market", parse_code(code)), ("count", str(count))]
    if before is not None:
        query.append(("to", _moment(before)))
    return RestCall(f"/candles/{path}", tuple(query), codes=(code,))


def _moment(moment: datetime) -> str:
    """Spell a time in UTC and whole seconds, rounded up: candles start at whole seconds, and ``to`` is exclusive."""
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def parse_moment(moment: datetime | None) -> datetime | None:
    """Return ``moment`` if it says where on earth it is.

    Raises:
        SubscriptionError: it is no datetime, or one without a time zone.
    """
    if moment is not None and getattr(moment, "tzinfo", None) is None:
        raise SubscriptionError(f"time {moment!r} has no time zone: write datetime(2026, 11, 23, tzinfo=UTC)")
    return moment


def parse_count(count: int) -> int:
    """Return ``count`` if it is a whole number from 1 on.

    Raises:
        SubscriptionError: it is not.
    """
    return _whole("count", count, 1, None)


def trades_query(code: str, days_ago: int | None, to: str | time | None) -> tuple[tuple[str, str], ...]:
    """Return what all pages of past trades have in common.

    Args:
        code: the market.
        days_ago: 1 to 7 UTC days before today; None for the newest trades.
        to: only trades before this time of the day in UTC, ``HHmmss`` or ``HH:mm:ss``.

    Raises:
        SubscriptionError: a bad code, day or time.
    """
    query = [("market", parse_code(code))]
    if days_ago is not None:
        query.append(("days_ago", str(_whole("days_ago", days_ago, 1, _OLDEST_DAY))))
    if to is not None:
        text = f"{to:%H:%M:%S}" if isinstance(to, time) else str(to)
        if not _TIME.fullmatch(text):
            raise SubscriptionError(f"to {to!r} is not a time of the day in UTC: write it as '05:39:42'")
        query.append(("to", text))
    return tuple(query)


def trades_call(query: tuple[tuple[str, str], ...], count: int, cursor: int | None) -> RestCall:
    """Return the call for one page of past trades, before the trade with the ``sequential_id`` of ``cursor``."""
    page = [("count", str(count))]
    if cursor is not None:
        page.append(("cursor", str(cursor)))
    return RestCall("/trades/ticks", (*query, *page), codes=(query[0][1],))


def parse_cursor(cursor: int | None) -> int | None:
    """Return ``cursor`` if it may be a ``sequential_id``.

    Raises:
        SubscriptionError: it is not a whole number from 0 on.
    """
    return None if cursor is None else _whole("cursor", cursor, 0, None)


def open_orders_call(market: str | None, states: str | Iterable[str], page: int, limit: int, order_by: str) -> RestCall:
    """Return the call for a page of open orders.

    Raises:
        SubscriptionError: a bad argument.
    """
    wanted = (states,) if isinstance(states, str) else tuple(states)
    if not wanted or not set(wanted) <= {"wait", "watch"}:
        raise SubscriptionError(f"states {wanted!r} are not those of open orders: choose 'wait', 'watch' or both")
    if order_by not in ("asc", "desc"):
        raise SubscriptionError(f"order_by {order_by!r} is unknown: write 'asc' or 'desc'")
    query = [] if market is None else [("market", parse_code(market))]
    query += [("states[]", state) for state in dict.fromkeys(wanted)]
    query += [
        ("page", str(_whole("page", page, 1, None))),
        ("limit", str(_whole("limit", limit, 1, _ORDERS_PAGE))),
        ("order_by", order_by),
    ]
    return RestCall("/orders/open", tuple(query), private=True, codes=() if market is None else (market,))


def order_call(uuid: str | None, identifier: str | None) -> RestCall:
    """Return the call for one order, by the exchange's ``uuid`` or by the ``identifier`` that its maker gave it.

    Raises:
        SubscriptionError: not exactly one of the two is given.
    """
    given = [(name, str(value)) for name, value in (("uuid", uuid), ("identifier", identifier)) if value is not None]
    if len(given) != 1 or not given[0][1].strip():
        raise SubscriptionError(f"an order is asked for by uuid or by identifier, one of them, not {given!r}")
    return RestCall("/order", tuple(given), private=True)


def _whole(name: str, value: int, least: int, most: int | None) -> int:
    if type(value) is int and least <= value and (most is None or value <= most):
        return value
    span = f"from {least} on" if most is None else f"from {least} to {most}"
    raise SubscriptionError(f"{name} {value!r} is not a whole number {span}")
