"""A ticker as the exchange writes it, for those who only decode. It needs msgspec and nothing of this toolkit."""

from __future__ import annotations

import msgspec


class Ticker(msgspec.Struct, frozen=True, gc=False):
    type: str
    code: str
    opening_price: float
    high_price: float
    low_price: float
    trade_price: float
    prev_closing_price: float
    change: str
    change_price: float
    signed_change_price: float
    change_rate: float
    signed_change_rate: float
    trade_volume: float
    acc_trade_volume: float
    acc_trade_volume_24h: float
    acc_trade_price: float
    acc_trade_price_24h: float
    trade_date: str
    trade_time: str
    trade_timestamp: int
    ask_bid: str
    acc_ask_volume: float
    acc_bid_volume: float
    highest_52_week_price: float
    highest_52_week_date: str
    lowest_52_week_price: float
    lowest_52_week_date: str
    market_state: str
    is_trading_suspended: bool
    market_warning: str
    timestamp: int
    stream_type: str
    delisting_date: dict[str, int] | None = None
