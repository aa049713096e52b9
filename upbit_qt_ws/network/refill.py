"""Fetching over REST what an outage has cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_ws.events import Event, TradeEvent
    from upbit_qt_ws.network.rest import UpbitRestClient
    from upbit_qt_ws.subscriptions.gaps import Refill

_FIRST_PAGE: Final = 100
_PAGE: Final = 500
_MOST_CANDLES: Final = 1_000
_DAY_MS: Final = 86_400_000
_DAYS: Final = 7
"""How many days back the exchange tells trades. [A]"""


class Fetched(NamedTuple):
    """What REST has told of a gap: the events, oldest first, and whether they reach back to before it."""

    events: Sequence[Event]
    is_complete: bool


async def fetch(client: UpbitRestClient, refill: Refill, *, most_trades: int) -> Fetched:
    """Fetch what a gap has cost.

    Args:
        client: asks the exchange.
        refill: the gap.
        most_trades: trades to fetch at most.

    Returns:
        What was found. It is not complete if a row of it could not be read.

    Raises:
        UpbitQtError: as :class:`UpbitRestClient` says.
    """
    if refill.topic.type == "trade":
        return await _trades(client, refill, most_trades)
    interval = refill.topic.type.removeprefix("candle.")
    count = min(refill.count, _MOST_CANDLES)
    candles = await client.candles(refill.topic.code, interval, count)
    return Fetched(candles, count == refill.count and not candles.unread)


async def _trades(client: UpbitRestClient, refill: Refill, most: int) -> Fetched:
    """Page back through the trades until those from before the gap come.

    The exchange tells the trades of one UTC day of its own at a time: which day it has is for it to say, so the trades
    themselves tell how far back they reach, and no clock is asked.
    """
    found: list[TradeEvent] = []
    is_whole = True
    for days_ago in range(_DAYS + 1):
        cursor: int | None = None
        size = _FIRST_PAGE
        while len(found) < most:
            size = min(size, most - len(found))
            page = await client.trades(refill.topic.code, size, cursor=cursor, days_ago=days_ago or None)
            found[:0] = page
            is_whole = is_whole and not page.unread
            if page and page[0].trade_timestamp < refill.since:
                return Fetched(found, is_whole)
            if len(page) + len(page.unread) < size or not page:
                break
            cursor, size = page[0].sequential_id, _PAGE
        if len(found) >= most:
            return Fetched(found, False)
        if found and _day(found[0].trade_timestamp) <= _day(refill.since):
            # That day was told to its beginning, and the gap began on it.
            return Fetched(found, is_whole)
    return Fetched(found, False)


def _day(moment: int) -> int:
    """Return the number of the UTC day of a moment in ms since 1970 UTC."""
    return moment // _DAY_MS
