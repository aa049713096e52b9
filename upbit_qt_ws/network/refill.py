"""Fetching over REST what an outage has cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_ws.events import Event, TradeEvent
    from upbit_qt_ws.network.rest import UpbitRestClient
    from upbit_qt_ws.subscriptions.gaps import Refill

_FIRST_PAGE: Final = 100
_PAGE: Final = 500
_MOST_CANDLES: Final = 1_000
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

    Raises:
        UpbitQtError: as :class:`UpbitRestClient` says.
    """
    if refill.topic.type == "trade":
        return await _trades(client, refill, most_trades)
    interval = refill.topic.type.removeprefix("candle.")
    count = min(refill.count, _MOST_CANDLES)
    return Fetched(await client.candles(refill.topic.code, interval, count), count == refill.count)


async def _trades(client: UpbitRestClient, refill: Refill, most: int) -> Fetched:
    """Page back through the trades until those from before the gap come.

    The exchange tells the trades of one UTC day at a time.
    """
    found: list[TradeEvent] = []
    cursor: int | None = None
    today = datetime.now(UTC).date()
    days = (today - datetime.fromtimestamp(refill.since / 1000, UTC).date()).days
    for day in range(min(days, _DAYS) + 1):
        size = _FIRST_PAGE
        while len(found) < most:
            size = min(size, most - len(found))
            page = await client.trades(refill.topic.code, size, cursor=cursor, days_ago=day or None)
            found[:0] = page
            if page and page[0].trade_timestamp < refill.since:
                return Fetched(found, True)
            if len(page) < size:
                break
            cursor, size = page[0].sequential_id, _PAGE
        cursor = None
    return Fetched(found, len(found) < most)
