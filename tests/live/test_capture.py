"""A recording of the real exchange goes the whole way: simulated exchange, socket, mailbox, proxy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import Feed, until
from upbit_qt_ws import OrderbookEvent, TradeEvent

if TYPE_CHECKING:
    from upbit_qt_ws import Event

CAPTURE = Path(__file__).parents[2].parent / "shared" / "samples" / "capture_2021_simple.tsv"


@pytest.mark.skipif(not CAPTURE.exists(), reason="the recordings are not here")
def test_a_recording_reaches_the_components(feed: Feed) -> None:
    codes = ["KRW-LAMB", "KRW-WAVES", "BTC-ITAM", "BTC-XTZ"]
    lines = [line.split("\t", 1)[1] for line in CAPTURE.read_text(encoding="utf-8").splitlines()]
    trades_sent = sum('"ty":"trade"' in line for line in lines)
    seen: list[Event] = []

    async def main() -> None:
        feed.exchange.set_rate(0)
        proxy = feed.proxy()
        proxy.batch_received.connect(seen.extend)
        trades = proxy.subscribe_trade(codes, stream="realtime")
        books = proxy.subscribe_orderbook(codes, stream="realtime")
        await until(lambda: len(feed.served()) == 8, "all eight streams are subscribed")
        feed.exchange.play_capture(CAPTURE, speed=math.inf)
        await until(lambda: trades.account.received == trades_sent)
        await until(lambda: books.account.received == len(lines) - trades_sent)

    feed.run(main())

    trades = [event for event in seen if isinstance(event, TradeEvent)]
    assert len(trades) == trades_sent
    assert len({(trade.code, trade.sequential_id) for trade in trades}) == trades_sent
    last = {event.code: event for event in seen if isinstance(event, OrderbookEvent)}
    assert {len(book.orderbook_units) for book in last.values()} == {15}
    assert all(book.orderbook_units[0].bid_price < book.orderbook_units[0].ask_price for book in last.values())
