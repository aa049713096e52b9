"""Gaps: what an outage may have cost a topic, as immutable records that may cross between the threads."""

from __future__ import annotations

import msgspec

from upbit_qt_ws.wire.topics import Topic


class Gap(msgspec.Struct, frozen=True):
    """Between two moments nothing was heard of a topic, and something may have happened.

    Of a state (ticker, order book) the newest value is known again; what lay in between is lost. Missed trades and
    candles are fetched over REST where that is possible: they come as real-time events with ``source`` REST, in order,
    before the trades that follow them. Of missed changes of own orders and balances only what they have led to comes.

    Attributes:
        topic: what it is about.
        since: exchange time of the last event before it, in ms since 1970 UTC.
        until: exchange time of the first event after it, likewise; None when that has not come yet, as on a quiet
            account.
        reason: why the connection was lost, in plain words.
        last_sequential_id: of the last trade before; None for other types.
        next_sequential_id: of the first trade after; None for other types.
        filled: how many missed events were fetched and delivered.
        is_complete: nothing is missing any more. Always False for states.
    """

    topic: Topic
    since: int
    until: int | None
    reason: str
    last_sequential_id: int | None = None
    next_sequential_id: int | None = None
    filled: int = 0
    is_complete: bool = False


class Refill(msgspec.Struct, frozen=True):
    """What is to be fetched to fill a gap.

    Attributes:
        topic: what it is about.
        since: of trades: only those of this exchange time or later are of interest, in ms since 1970 UTC.
        count: of candles: how many, back from now, reach the last one before the gap.
    """

    topic: Topic
    since: int = 0
    count: int = 0
