"""REST candle calls: newest first, ``to`` exclusive, periods without trades missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.candles import DAY_MS, Bar, merged
from upbit_qt_ws.testing.encode import iso, utc_parts
from upbit_qt_ws.testing.jsontext import Number
from upbit_qt_ws.testing.rest_errors import Query, first, invalid, market_of, moment, number, required
from upbit_qt_ws.testing.rest_quotation import price, turnover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.market import Market

_MOST: Final = 200
_MINUTES: Final = (1, 3, 5, 10, 15, 30, 60, 240)
_SECONDS_DAYS: Final = 90


class CandleCalls:
    """Each method takes the parameters of one call and returns its body."""

    def __init__(self, market: SimulatedMarket, *, strict_dates: bool) -> None:
        """Answer from ``market``; ``strict_dates`` refuses a ``to`` that is not percent-encoded."""
        self._market = market
        self._strict = strict_dates

    def calls(self) -> dict[str, Callable[[Query], list[dict[str, Any]]]]:
        """Return the calls by their path below ``/v1/candles/``."""
        return {
            "seconds": self._seconds,
            **{f"minutes/{unit}": self._minutes(unit) for unit in _MINUTES},
            "days": self._days,
            "weeks": self._longer(_week),
            "months": self._longer(_month),
            "years": self._longer(_year),
        }

    def _asked(self, query: Query) -> tuple[Market, int, int]:
        market = market_of(self._market, required(query, "market"))
        to = moment(query, strict=self._strict)
        return market, number(query, "count", 1, most=_MOST), self._market.now_ms + 1 if to is None else to

    def _seconds(self, query: Query) -> list[dict[str, Any]]:
        market, count, before = self._asked(query)
        oldest = self._market.now_ms - _SECONDS_DAYS * DAY_MS
        bars = islice(market.candles_newest_first("1s", before), count)
        return [_candle(market, bar) for bar in bars if bar.start >= oldest]

    def _minutes(self, unit: int) -> Callable[[Query], list[dict[str, Any]]]:
        def call(query: Query) -> list[dict[str, Any]]:
            market, count, before = self._asked(query)
            bars = islice(market.candles_newest_first(f"{unit}m", before), count)
            return [{**_candle(market, bar), "unit": unit} for bar in bars]

        return call

    def _days(self, query: Query) -> list[dict[str, Any]]:
        market, count, before = self._asked(query)
        converting = first(query, "converting_price_unit")
        if converting not in (None, "KRW"):
            raise invalid()
        bars = list(islice(market.candles_newest_first("1d", before), count + 1))
        rows: list[dict[str, Any]] = []
        for index, bar in enumerate(bars[:count]):
            previous = bars[index + 1].close if index + 1 < len(bars) else bar.open
            row = {
                **_candle(market, bar),
                "prev_closing_price": price(previous),
                "change_price": price(bar.close - previous),
                "change_rate": Number(f"{(bar.close - previous) / previous:.10f}"),
            }
            if converting is not None:
                row["converted_trade_price"] = self._in_won(market, bar.close)
            rows.append(row)
        return rows

    def _longer(self, start_of: Callable[[date], date]) -> Callable[[Query], list[dict[str, Any]]]:
        def call(query: Query) -> list[dict[str, Any]]:
            market, count, before = self._asked(query)
            rows: list[dict[str, Any]] = []
            for bar in islice(_periods(market, before, start_of), count):
                first_day = utc_parts(bar.start // 1_000)[2]
                rows.append({**_candle(market, bar), "first_day_of_period": first_day})
            return rows

        return call

    def _in_won(self, market: Market, units: int) -> Number:
        quote = f"KRW-{market.listing.quote}"
        if quote not in self._market.listings:
            return price(units)
        return price(round(units * self._market.market(quote).last / 10**8))


def _periods(market: Market, before: int, start_of: Callable[[date], date]) -> Iterator[Bar]:
    def period(bar: Bar) -> int:
        first_day = start_of(datetime.fromtimestamp(bar.start // 1_000, UTC).date())
        return (first_day - date(1970, 1, 1)).days * DAY_MS

    # The period that contains ``before`` counts in full as soon as it has begun.
    last = before - 1
    for start, bars in groupby(market.candles_newest_first("1d", last - last % DAY_MS + 32 * 12 * DAY_MS), period):
        bar = merged(reversed(list(bars)), start)
        if bar is not None and start < before:
            yield bar


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


def _candle(market: Market, bar: Bar) -> dict[str, Any]:
    return {
        "market": market.code,
        "candle_date_time_utc": iso(bar.start),
        "candle_date_time_kst": iso(bar.start, kst=True),
        "opening_price": price(bar.open),
        "high_price": price(bar.high),
        "low_price": price(bar.low),
        "trade_price": price(bar.close),
        "timestamp": bar.last_ms,
        "candle_acc_trade_price": turnover(bar.turnover),
        "candle_acc_trade_volume": price(bar.volume),
    }
