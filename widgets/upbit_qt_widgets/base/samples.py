"""Sample data in place of the exchange's: for Qt Designer, and for pictures that are the same each time.

Prices are plausible and made up; nothing here was ever traded.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from upbit_qt_ws.events import (
    CandleEvent,
    Change,
    OrderbookEvent,
    OrderbookUnit,
    Side,
    Source,
    StreamType,
    TickerEvent,
    TradeEvent,
)
from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.rest_records import MarketInfo
from upbit_qt_ws.wire.tick_size import tick_size

NOW: Final = datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
"""The moment of all samples."""

SAMPLE_MARKET: Final = "KRW-BTC"

# Code, names, price, change since the previous close, turnover of 24 hours in the quote currency.
_COINS: Final = (
    ("KRW-BTC", "비트코인", "Bitcoin", 116_539_000.0, 0.0127, 2.65e11),
    ("KRW-XRP", "엑스알피(리플)", "XRP", 2_264.0, -0.0184, 1.81e11),
    ("KRW-ETH", "이더리움", "Ethereum", 3_427_000.0, 0.0041, 1.52e11),
    ("KRW-USDT", "테더", "Tether", 1_342.0, -0.0007, 1.2e11),
    ("KRW-SOL", "솔라나", "Solana", 182_300.0, 0.0256, 9.8e10),
    ("KRW-DOGE", "도지코인", "Dogecoin", 214.0, 0.0, 5.1e10),
    ("KRW-ADA", "에이다", "Cardano", 612.0, -0.0318, 2.3e10),
    ("KRW-SHIB", "시바이누", "Shiba Inu", 0.0123, 0.0082, 8.7e9),
    ("KRW-PEPE", "페페", "Pepe", 0.00761, 0.1142, 7.4e9),
    ("KRW-BTT", "비트토렌트", "BitTorrent", 0.000613, -0.0096, 6.1e8),
    ("BTC-ETH", "이더리움", "Ethereum", 0.02940666, -0.0085, 3.217),
    ("BTC-XRP", "엑스알피(리플)", "XRP", 0.00001943, -0.0307, 1.044),
    ("BTC-DOGE", "도지코인", "Dogecoin", 0.00000184, 0.0, 0.091),
    ("USDT-BTC", "비트코인", "Bitcoin", 86_842.02, 0.0133, 118_400.0),
    ("USDT-ETH", "이더리움", "Ethereum", 2_553.51, 0.0052, 44_310.0),
)
# Rough worth of the quote currencies, which decides how large a usual trade is.
_WON: Final = {"KRW": 1.0, "BTC": 116_539_000.0, "USDT": 1_342.0}
_WARNED: Final = ("KRW-BTT",)
_CAUTIONED: Final = ("KRW-PEPE",)


def sample_markets() -> tuple[MarketInfo, ...]:
    """Return the markets, one of them with a warning and one with a caution."""
    return tuple(
        MarketInfo(
            market=code,
            korean_name=korean,
            english_name=english,
            warning=code in _WARNED,
            caution={"PRICE_FLUCTUATIONS": code in _CAUTIONED},
        )
        for code, korean, english, _, _, _ in _COINS
    )


def sample_ticker(code: str) -> TickerEvent:
    """Return the ticker of a market; one that is not listed looks like the first."""
    known = {coin[0]: coin for coin in _COINS}
    _, _, _, price, rate, turnover = known.get(code, _COINS[0])
    unit = tick_size(quote_of(code), price)
    previous = _on_grid(price / (1 + rate), unit)
    change = price - previous
    return TickerEvent(
        type="ticker",
        code=code,
        timestamp=_milliseconds(NOW),
        trade_price=price,
        opening_price=previous,
        high_price=_on_grid(max(price, previous) * 1.008, unit),
        low_price=_on_grid(min(price, previous) * 0.991, unit),
        prev_closing_price=previous,
        change=Change.RISE if change > 0 else Change.FALL if change < 0 else Change.EVEN,
        change_price=abs(change),
        signed_change_price=change,
        change_rate=abs(change / previous),
        signed_change_rate=change / previous,
        acc_trade_volume_24h=turnover / price,
        acc_trade_price_24h=turnover,
        market_state="ACTIVE",
    )


def sample_orderbook(code: str, depth: int = 30) -> OrderbookEvent:
    """Return a full book around the ticker's price."""
    chance = Random(f"book {code}")
    price = sample_ticker(code).trade_price
    unit = tick_size(quote_of(code), price)
    typical = _typical_size(price)
    units = tuple(
        OrderbookUnit(
            ask_price=_on_grid(price + (level + 1) * unit, unit),
            bid_price=_on_grid(price - level * unit, unit),
            ask_size=round(typical * chance.lognormvariate(0.15 * level**0.5, 0.9), 8),
            bid_size=round(typical * chance.lognormvariate(0.15 * level**0.5, 0.9), 8),
        )
        for level in range(depth)
    )
    return OrderbookEvent(
        type="orderbook",
        code=code,
        timestamp=_milliseconds(NOW),
        orderbook_units=units,
        total_ask_size=sum(entry.ask_size for entry in units),
        total_bid_size=sum(entry.bid_size for entry in units),
    )


def sample_levels(code: str) -> tuple[float, ...]:
    """Return grouping levels of a market's book, 0 first; only books quoted in KRW have more than that."""
    if quote_of(code) != "KRW":
        return (0.0,)
    unit = tick_size("KRW", sample_ticker(code).trade_price)
    return (0.0, *(round(unit * factor, 8) for factor in (10, 100, 1_000, 10_000)))


def sample_trades(code: str, count: int = 40) -> tuple[TradeEvent, ...]:
    """Return trades up to now, oldest first.

    The first quarter of them and three of the last were told by REST, as after an outage; some are large.
    """
    chance = Random(f"trades {code}")
    ticker = sample_ticker(code)
    price = ticker.trade_price
    unit = tick_size(quote_of(code), price)
    typical = _typical_size(price * _WON.get(quote_of(code), 1.0))
    trades = []
    at = NOW - timedelta(seconds=count * 0.7)
    for number in range(count):
        at += timedelta(seconds=chance.expovariate(1.6))
        is_filled = number < count // 4 or count - 9 <= number < count - 6
        size = typical * chance.lognormvariate(-0.5, 1.4) * (15 if number % 9 == 0 else 1)
        trades.append(
            TradeEvent(
                type="trade",
                code=code,
                timestamp=_milliseconds(at),
                trade_timestamp=_milliseconds(at),
                trade_price=_on_grid(price + chance.choice((-1, 0, 0, 1)) * unit, unit),
                trade_volume=round(size, 8),
                ask_bid=chance.choice((Side.ASK, Side.BID)),
                sequential_id=_milliseconds(at) * 10_000 + number,
                prev_closing_price=ticker.prev_closing_price,
                source=Source.REST if is_filled else Source.WEBSOCKET,
            )
        )
    return tuple(trades)


def sample_candles(code: str, interval: str = "1m", count: int = 120, seconds: int = 60) -> tuple[CandleEvent, ...]:
    """Return candles that end at the ticker's price, oldest first.

    Args:
        code: the market.
        interval: its name, as in ``1m``.
        count: how many.
        seconds: length of one candle.
    """
    chance = Random(f"candles {code}")
    price = sample_ticker(code).trade_price
    unit = tick_size(quote_of(code), price)
    closes = [price]
    for _ in range(count):
        closes.append(closes[-1] * (1 + chance.gauss(0, 0.0016)))
    closes.reverse()
    candles = []
    for number in range(count):
        opened, closed = (_on_grid(value, unit) for value in closes[number : number + 2])
        spread = abs(chance.gauss(0, 0.0009)) * closed
        start = NOW - timedelta(seconds=(count - 1 - number) * seconds)
        volume = _typical_size(price) * chance.lognormvariate(2.5, 0.8)
        candles.append(
            CandleEvent(
                type=f"candle.{interval}",
                code=code,
                timestamp=_milliseconds(start + timedelta(seconds=seconds)),
                stream_type=StreamType.SNAPSHOT,
                candle_date_time_utc=start.strftime("%Y-%m-%dT%H:%M:%S"),
                opening_price=opened,
                high_price=_on_grid(max(opened, closed) + spread, unit),
                low_price=_on_grid(min(opened, closed) - spread, unit),
                trade_price=closed,
                candle_acc_trade_volume=volume,
                candle_acc_trade_price=volume * closed,
            )
        )
    return tuple(candles)


def _typical_size(price: float) -> float:
    """Return the size of a usual order, in the base currency."""
    return 1_500_000 / price if price > 1 else 25_000 / max(price, 1e-4)


def _on_grid(value: float, unit: float) -> float:
    return round(round(value / unit) * unit, 8)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
