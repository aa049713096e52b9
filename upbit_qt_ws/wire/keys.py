"""Field names of Upbit's wire format: full names and their abbreviations in the SIMPLE formats.

Upbit uses the same abbreviation for different things in different types (``ap`` is the ask price of an
order book unit and the average price of an order; ``td`` is a date only in trades), so every mapping
belongs to one type or one nested object. Source: the field tables of the WebSocket reference.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = {"type": "ty", "code": "cd"}
_TAIL = {"timestamp": "tms", "stream_type": "st"}
_OHLC = {"opening_price": "op", "high_price": "hp", "low_price": "lp", "trade_price": "tp"}

_TICKER = {
    **_HEAD,
    **_OHLC,
    "prev_closing_price": "pcp",
    "acc_trade_price": "atp",
    "change": "c",
    "change_price": "cp",
    "signed_change_price": "scp",
    "change_rate": "cr",
    "signed_change_rate": "scr",
    "ask_bid": "ab",
    "trade_volume": "tv",
    "acc_trade_volume": "atv",
    "trade_date": "tdt",
    "trade_time": "ttm",
    "trade_timestamp": "ttms",
    "acc_ask_volume": "aav",
    "acc_bid_volume": "abv",
    "highest_52_week_price": "h52wp",
    "highest_52_week_date": "h52wdt",
    "lowest_52_week_price": "l52wp",
    "lowest_52_week_date": "l52wdt",
    "market_state": "ms",
    "is_trading_suspended": "its",
    "delisting_date": "dd",
    "market_warning": "mw",
    "timestamp": "tms",
    "acc_trade_price_24h": "atp24h",
    "acc_trade_volume_24h": "atv24h",
    "stream_type": "st",
}

_TRADE = {
    **_HEAD,
    "timestamp": "tms",
    "trade_date": "td",
    "trade_time": "ttm",
    "trade_timestamp": "ttms",
    "trade_price": "tp",
    "trade_volume": "tv",
    "ask_bid": "ab",
    "prev_closing_price": "pcp",
    "change": "c",
    "change_price": "cp",
    "sequential_id": "sid",
    "best_ask_price": "bap",
    "best_ask_size": "bas",
    "best_bid_price": "bbp",
    "best_bid_size": "bbs",
    "stream_type": "st",
}

_ORDERBOOK = {
    **_HEAD,
    "timestamp": "tms",
    "total_ask_size": "tas",
    "total_bid_size": "tbs",
    "orderbook_units": "obu",
    "stream_type": "st",
    "level": "lv",
}

_CANDLE = {
    **_HEAD,
    "candle_date_time_utc": "cdttmu",
    "candle_date_time_kst": "cdttmk",
    **_OHLC,
    "candle_acc_trade_volume": "catv",
    "candle_acc_trade_price": "catp",
    **_TAIL,
}

_MY_ORDER = {
    **_HEAD,
    "uuid": "uid",
    "ask_bid": "ab",
    "order_type": "ot",
    "state": "s",
    "trade_uuid": "tuid",
    "price": "p",
    "avg_price": "ap",
    "volume": "v",
    "remaining_volume": "rv",
    "executed_volume": "ev",
    "trades_count": "tc",
    "reserved_fee": "rsf",
    "remaining_fee": "rmf",
    "paid_fee": "pf",
    "locked": "l",
    "executed_funds": "ef",
    "time_in_force": "tif",
    "trade_fee": "tf",
    "is_maker": "im",
    "identifier": "id",
    "smp_type": "smpt",
    "prevented_volume": "pv",
    "prevented_locked": "pl",
    "trade_timestamp": "ttms",
    "order_timestamp": "otms",
    **_TAIL,
}

_MY_ASSET = {
    "type": "ty",
    "asset_uuid": "astuid",
    "assets": "ast",
    "asset_timestamp": "asttms",
    **_TAIL,
}

_ANNOUNCEMENT = {
    "type": "ty",
    "event_type": "et",
    "uuid": "uid",
    "title": "tt",
    "category": "cat",
    "url": "url",
    "first_listed_at": "flat",
    "listed_at": "lat",
    **_TAIL,
    "body": "bd",
}

_INDICATOR = {
    **_HEAD,
    "timeframe": "tf",
    "indicator": "ind",
    "params": "p",
    "candle_date_time_utc": "cdttmu",
    "value": "v",
    **_TAIL,
}

SIMPLE_KEYS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ticker": MappingProxyType(_TICKER),
        "trade": MappingProxyType(_TRADE),
        "orderbook": MappingProxyType(_ORDERBOOK),
        "candle": MappingProxyType(_CANDLE),
        "myOrder": MappingProxyType(_MY_ORDER),
        "myAsset": MappingProxyType(_MY_ASSET),
        "announcement": MappingProxyType(_ANNOUNCEMENT),
        "indicator": MappingProxyType(_INDICATOR),
        "indicator_signal": MappingProxyType({**_INDICATOR, "trigger": "tr", "event_params": "ep"}),
    }
)
"""Per event type: full field name → SIMPLE abbreviation, in the order Upbit writes the fields.

All nine candle types share the entry ``candle``.
"""

NESTED_SIMPLE_KEYS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "orderbook_units": MappingProxyType({"ask_price": "ap", "bid_price": "bp", "ask_size": "as", "bid_size": "bs"}),
        "assets": MappingProxyType({"currency": "cu", "balance": "b", "locked": "l"}),
        "params": MappingProxyType(
            {
                "period": "p",
                "type": "t",
                "short_period": "shp",
                "long_period": "lop",
                "multiplier": "m",
                "fast": "f",
                "slow": "s",
                "signal_period": "sgp",
            }
        ),
        "value": MappingProxyType(
            {
                "volume": "vol",
                "avg_volume": "av",
                "ratio": "rto",
                "rsi": "rsi",
                "value": "value",
                "ma_short": "mas",
                "ma_long": "mal",
                "bb_upper": "bbu",
                "bb_middle": "bbm",
                "bb_lower": "bbl",
                "macd": "macd",
                "macd_signal": "macds",
                "histogram": "hist",
            }
        ),
        "event_params": MappingProxyType({"threshold": "threshold", "multiplier": "mul"}),
    }
)
"""Per nested object: full field name → SIMPLE abbreviation."""

LIST_SUBSCRIPTIONS_SIMPLE_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {"method": "mthd", "result": "rslt", "ticket": "tckt", "type": "ty", "codes": "cds", "level": "lv"}
)
"""Abbreviations in a reply to ``LIST_SUBSCRIPTIONS`` (the outer object and the entries of its result)."""


def simple_keys_of(event_type: str) -> Mapping[str, str]:
    """Return the abbreviations of one event type; ``candle.1m`` and its like share one table.

    Raises:
        KeyError: the type is not one that Upbit documents.
    """
    return SIMPLE_KEYS["candle" if event_type.startswith("candle.") else event_type]
