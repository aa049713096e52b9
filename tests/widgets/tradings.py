"""A market's trades, and what the exchange tells of them: tickers with its own running figures, and candles."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

from upbit_qt_ws.events import CandleEvent, TickerEvent

MINUTE = 60_000
DAY = 86_400_000


class Traded(NamedTuple):
    """One trade: its time in ms since 1970 UTC, price and size."""

    at: int
    price: float
    size: float


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def tickers(trades: list[Traded]) -> list[TickerEvent]:
    """Return a ticker for each trade, with the exchange's figures of the UTC day."""
    found = []
    today: list[Traded] = []
    for trade in trades:
        if today and today[0].at // DAY != trade.at // DAY:
            today = []
        today.append(trade)
        prices = [each.price for each in today]
        found.append(
            TickerEvent(
                type="ticker",
                code="KRW-BTC",
                timestamp=trade.at,
                trade_timestamp=trade.at,
                trade_price=trade.price,
                opening_price=prices[0],
                high_price=max(prices),
                low_price=min(prices),
                acc_trade_volume=sum(each.size for each in today),
            )
        )
    return found


def candles(trades: list[Traded], interval: str, length: int, until: int, count: int = 200) -> tuple[CandleEvent, ...]:
    """Return the newest candles that start before ``until``, oldest first, as REST does."""
    groups: dict[int, list[Traded]] = defaultdict(list)
    for trade in trades:
        groups[trade.at // length * length].append(trade)
    return tuple(candle(group, interval, start) for start, group in sorted(groups.items()) if start < until)[-count:]


def candle(trades: list[Traded], interval: str, start: int) -> CandleEvent:
    prices = [trade.price for trade in trades]
    return CandleEvent(
        type=f"candle.{interval}",
        code="KRW-BTC",
        timestamp=trades[-1].at,
        candle_date_time_utc=iso(start),
        opening_price=prices[0],
        high_price=max(prices),
        low_price=min(prices),
        trade_price=prices[-1],
        candle_acc_trade_volume=sum(trade.size for trade in trades),
    )
