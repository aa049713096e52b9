"""REST quotation calls but candles: markets, tickers, order books, trades."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.book import MAX_LEVELS, grouped
from upbit_qt_ws.testing.candles import DAY_MS
from upbit_qt_ws.testing.coins import CAUTIONS
from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS, change_of, utc_parts
from upbit_qt_ws.testing.jsontext import Number
from upbit_qt_ws.testing.numbers import SCALE, Spelling, shortest
from upbit_qt_ws.testing.rest_errors import Query, first, invalid, market_of, number, required

if TYPE_CHECKING:
    from upbit_qt_ws.testing.coins import Listing
    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.history import PastTrade
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

_KST_SECONDS: Final = 9 * 3_600
_MOST_DAYS_AGO: Final = 7
_NUMBERS: Final = Spelling(simple=True, style="plain")


def price(units: int) -> Number:
    """Spell units of 1e-8 as REST does: plain, whole numbers without a point."""
    return Number(_NUMBERS.price(units))


def turnover(units: int) -> Number:
    """Spell units of 1e-16 as REST does."""
    return Number(_NUMBERS.turnover(units))


class QuotationCalls:
    """Each method takes the parameters of one call and returns its body."""

    def __init__(self, market: SimulatedMarket) -> None:
        """Answer from ``market``."""
        self._market = market

    def markets(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/market/all``."""
        details = (first(query, "is_details") or first(query, "isDetails") or "false").lower() == "true"
        rows: list[dict[str, Any]] = []
        for listing in self._market.listings.values():
            if self._market.local_currency != "KRW":
                rows.append(_regional(listing))
                continue
            row: dict[str, Any] = {
                "market": listing.code,
                "korean_name": listing.korean_name,
                "english_name": listing.english_name,
            }
            if details:
                row["market_event"] = {
                    "warning": listing.warning,
                    "caution": {kind: kind in listing.cautions for kind in CAUTIONS},
                }
            rows.append(row)
        return rows

    def tickers(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/ticker``."""
        return [self._ticker(market) for market in self._wanted(query)]

    def tickers_of_quotes(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/ticker/all``."""
        quotes = required(query, "quote_currencies").upper().split(",")
        known = {listing.quote for listing in self._market.listings.values()}
        if not set(quotes) <= known:
            raise invalid()
        codes = [listing.code for listing in self._market.listings.values() if listing.quote in quotes]
        return [self._ticker(self._market.market(code)) for code in codes]

    def orderbooks(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/orderbook``. A level that a market does not support leaves the market out."""
        count = number(query, "count", MAX_LEVELS, most=MAX_LEVELS)
        try:
            level = round(float(first(query, "level") or 0) * SCALE)
        except (ValueError, OverflowError):
            raise invalid() from None
        return [self._book(market, count, level) for market in self._wanted(query) if level in market.levels]

    def instruments(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/orderbook/instruments``."""
        return [
            {
                "market": market.code,
                "quote_currency": market.listing.quote,
                "tick_size": shortest(market.grid.unit(market.last)),
                "supported_levels": [shortest(level) for level in market.levels],
            }
            for market in self._wanted(query)
        ]

    def ticks(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/trades/ticks``, newest first."""
        market = market_of(self._market, required(query, "market"))
        count = number(query, "count", 1, most=500)
        cursor = first(query, "cursor")
        if cursor is not None and not cursor.isdecimal():
            raise invalid()
        before = self._before(query)
        last_id = int(cursor) if cursor is not None else None
        wanted = (
            trade for trade in market.trades_newest_first(before) if last_id is None or trade.sequential_id < last_id
        )
        return [self._tick(market, trade) for trade in islice(wanted, count)]

    def _wanted(self, query: Query) -> list[Market]:
        return [market_of(self._market, code) for code in required(query, "markets").split(",")]

    def _before(self, query: Query) -> int | None:
        days_ago, to = first(query, "days_ago"), first(query, "to")
        if days_ago is None and to is None:
            return None
        ago = number(query, "days_ago", 0, most=10**6)
        if ago > _MOST_DAYS_AGO:
            raise invalid()
        now = self._market.now_ms
        start = now - now % DAY_MS - ago * DAY_MS
        if to is None:
            return start + DAY_MS
        digits = to.replace(":", "")
        if len(digits) != 6 or not digits.isdecimal():
            raise invalid()
        return start + (int(digits[:2]) * 3_600 + int(digits[2:4]) * 60 + int(digits[4:])) * 1_000

    @staticmethod
    def _tick(market: Market, trade: Trade | PastTrade) -> dict[str, Any]:
        _, _, date, time = utc_parts(trade.time_ms // 1_000)
        prev_close = market.prev_close_at(trade.time_ms)
        return {
            "market": market.code,
            "trade_date_utc": date,
            "trade_time_utc": time,
            "timestamp": trade.time_ms,
            "trade_price": price(trade.price),
            "trade_volume": price(trade.size),
            "prev_closing_price": price(prev_close),
            "change_price": price(trade.price - prev_close),
            "ask_bid": trade.side,
            "sequential_id": trade.sequential_id,
        }

    def _ticker(self, market: Market) -> dict[str, Any]:
        now = self._market.now_ms
        trade = market.last_trade()
        date, time, _, _ = utc_parts(trade.time_ms // 1_000)
        date_kst, time_kst, _, _ = utc_parts(trade.time_ms // 1_000 + _KST_SECONDS)
        volume_24h, turnover_24h = market.last_24_hours(now)
        (high, high_ms), (low, low_ms) = market.year_extremes(now)
        difference = market.last - market.prev_close
        rate = round(difference / market.prev_close, 10)
        return {
            "market": market.code,
            "trade_date": date,
            "trade_time": time,
            "trade_date_kst": date_kst,
            "trade_time_kst": time_kst,
            "trade_timestamp": trade.time_ms,
            "opening_price": price(market.open),
            "high_price": price(market.high),
            "low_price": price(market.low),
            "trade_price": price(market.last),
            "prev_closing_price": price(market.prev_close),
            "change": change_of(market.last, market.prev_close),
            "change_price": price(abs(difference)),
            "change_rate": Number(_NUMBERS.number(abs(rate))),
            "signed_change_price": price(difference),
            "signed_change_rate": Number(_NUMBERS.number(rate)),
            "trade_volume": price(trade.size),
            "acc_trade_price": turnover(market.turnover),
            "acc_trade_price_24h": turnover(turnover_24h),
            "acc_trade_volume": price(market.volume),
            "acc_trade_volume_24h": price(volume_24h),
            "highest_52_week_price": price(high),
            "highest_52_week_date": utc_parts(high_ms // 1_000)[2],
            "lowest_52_week_price": price(low),
            "lowest_52_week_date": utc_parts(low_ms // 1_000)[2],
            "timestamp": now + EMISSION_DELAY_MS,
        }

    def _book(self, market: Market, count: int, level: int) -> dict[str, Any]:
        view = grouped(market.display.shown(self._market.now_ms), level)
        asks = (*view.asks, *[(0, 0)] * MAX_LEVELS)[:count]
        bids = (*view.bids, *[(0, 0)] * MAX_LEVELS)[:count]
        return {
            "market": market.code,
            "timestamp": view.timestamp,
            "total_ask_size": price(sum(size for _, size in asks)),
            "total_bid_size": price(sum(size for _, size in bids)),
            "orderbook_units": [
                {
                    "ask_price": price(ask[0]),
                    "bid_price": price(bid[0]),
                    "ask_size": price(ask[1]),
                    "bid_size": price(bid[1]),
                }
                for ask, bid in zip(asks, bids, strict=True)
            ],
            "level": price(level),
        }


def _regional(listing: Listing) -> dict[str, Any]:
    # So it was captured on the Indonesian host in 2026, whatever is_details says.
    return {
        "market": listing.code,
        "english_name": listing.english_name,
        "market_warning": "CAUTION" if listing.warning else "NONE",
    }
