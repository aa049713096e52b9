"""What it costs to take a trade into its stream, forgetting of old ones included; and when every trade comes twice."""

from __future__ import annotations

import json
import sys
import time

from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.events import Side, TradeEvent
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.wire.topics import Endpoint, Topic

TOPICS = [Topic("trade", f"KRW-A{number}") for number in range(30)]
MOMENTS = range(1_787_000_000_000, 1_787_000_000_000 + 4_000 * 50, 50)
"""Of each topic 20 trades a second; more than are remembered."""

READS = 100
"""The window takes what has come after so many trades of a topic."""


def main(seconds: float) -> None:
    print(json.dumps({"put": _put(seconds, 1), "put, every trade twice": _put(seconds, 2)}), flush=True)


def _put(seconds: float, times: int) -> float:
    """Return the microseconds of a trade, the least of some rounds."""
    made = [
        (topic, trade)
        for at in MOMENTS
        for topic in TOPICS
        for trade in [_trade(topic, at, TOPICS.index(topic))] * times
    ]
    step = READS * len(TOPICS)
    reads = [made[start : start + step] for start in range(0, len(made), step)]
    best, ends = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < ends:
        best = min(best, _round(reads))
    return best / len(made) * 1e6


def _trade(topic: Topic, at: int, number: int) -> TradeEvent:
    return TradeEvent(
        type="trade",
        code=topic.code,
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        sequential_id=at * 10_000 + number,
        trade_timestamp=at,
        timestamp=at,
    )


def _round(reads: list[list[tuple[Topic, TradeEvent]]]) -> float:
    """Return the seconds that it takes to put all into new streams."""
    mailbox = Mailbox(lambda: None)
    streams = TopicStreams(
        mailbox, Endpoint.PUBLIC, gap_found=lambda _: None, served=lambda _: None, refill=lambda _: None
    )
    streams.keep(frozenset(TOPICS))
    taken = 0.0
    put = streams.put
    for read in reads:
        began = time.perf_counter()
        for topic, trade in read:
            put(topic, trade)
        taken += time.perf_counter() - began
        mailbox.empty()
    return taken


if __name__ == "__main__":
    main(float(sys.argv[1]))
