"""Events as text: the exact JSON of each event, in each set of keys.

Field names and their order come from the key tables; how numbers are spelled from :mod:`.numbers`.
"""

from __future__ import annotations

from functools import lru_cache
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.frames import StreamFormat
from upbit_qt_ws.testing.jsontext import Number, renamed, write
from upbit_qt_ws.testing.numbers import SCALE, NumberSpelling, Spelling, shortest
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS, SIMPLE_KEYS, simple_keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.testing.book import BookView
    from upbit_qt_ws.testing.candles import Bar
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

EMISSION_DELAY_MS: Final = 48
"""From a trade to its ``timestamp``, which is the time of sending; 40 to 60 ms in the frames of 2026."""

_KST_SECONDS: Final = 9 * 3_600
_TEXT_FIELDS: Final = frozenset(
    {
        "type", "code", "change", "ask_bid", "trade_date", "trade_time", "highest_52_week_date",
        "lowest_52_week_date", "market_state", "market_warning", "stream_type", "candle_date_time_utc",
        "candle_date_time_kst",
    }
)  # fmt: skip


@lru_cache(maxsize=8_192)
def utc_parts(second: int) -> tuple[str, str, str, str]:
    """Return a time (s since 1970) as ``yyyyMMdd``, ``HHmmss``, ``yyyy-MM-dd``, ``HH:mm:ss``."""
    date, time = strftime("%Y-%m-%d %H:%M:%S", gmtime(second)).split()
    return date.replace("-", ""), time.replace(":", ""), date, time


def iso(time_ms: int, *, kst: bool = False) -> str:
    """Return a time as ``yyyy-MM-ddTHH:mm:ss`` in UTC, or in Korean time."""
    _, _, date, time = utc_parts(time_ms // 1_000 + (_KST_SECONDS if kst else 0))
    return f"{date}T{time}"


def change_of(price: int, prev_close: int) -> str:
    """Return the ``change`` of ``price`` against yesterday's close."""
    return "RISE" if price > prev_close else "FALL" if price < prev_close else "EVEN"


def _template(names: Mapping[str, str], *, simple: bool, skip: frozenset[str] = frozenset()) -> str:
    fields = (
        f'"{short if simple else name}":' + ('"%s"' if name in _TEXT_FIELDS else "%s")
        for name, short in names.items()
        if name not in skip
    )
    return "{" + ",".join(fields) + "}"


class Encoder:
    """Writes events in one set of keys and number spellings, that of ``DEFAULT`` or that of ``SIMPLE``."""

    def __init__(self, *, simple: bool, spelling: NumberSpelling, with_level: bool) -> None:
        """Build the templates. ``with_level`` is False for the Indonesian exchange, whose books have no level."""
        self.simple = simple
        self._numbers = Spelling(simple=simple, style=spelling)
        self._spelling = spelling
        self._ticker = _template(SIMPLE_KEYS["ticker"], simple=simple)
        self._trade = _template(SIMPLE_KEYS["trade"], simple=simple)
        self._candle = _template(SIMPLE_KEYS["candle"], simple=simple)
        skip = frozenset() if with_level else frozenset({"level"})
        self._with_level = with_level
        self._book = _template(SIMPLE_KEYS["orderbook"], simple=simple, skip=skip)
        self._unit = _template(NESTED_SIMPLE_KEYS["orderbook_units"], simple=simple)
        self._zero = "0" if simple else "0.0"

    def ticker(self, market: Market, trade: Trade, now_ms: int, stream_type: str) -> str:
        """Write the ticker of ``market``, whose newest trade is ``trade``."""
        numbers = self._numbers
        price, size, turnover = numbers.price, numbers.size, numbers.turnover
        date, time, _, _ = utc_parts(trade.time_ms // 1_000)
        volume_24h, turnover_24h = market.last_24_hours(now_ms)
        (high, high_ms), (low, low_ms) = market.year_extremes(now_ms)
        difference = market.last - market.prev_close
        rate = round(difference / market.prev_close, 10)
        return self._ticker % (
            "ticker",
            market.code,
            price(market.open),
            price(market.high),
            price(market.low),
            price(market.last),
            price(market.prev_close),
            turnover(market.turnover),
            change_of(market.last, market.prev_close),
            price(abs(difference)),
            price(difference),
            numbers.number(abs(rate)),
            numbers.number(rate),
            trade.side,
            size(trade.size),
            size(market.volume),
            date,
            time,
            trade.time_ms,
            size(market.ask_volume),
            size(market.bid_volume),
            price(high),
            utc_parts(high_ms // 1_000)[2],
            price(low),
            utc_parts(low_ms // 1_000)[2],
            market.status.state,
            "true" if market.status.is_suspended else "false",
            write(market.status.delisting_date),
            "CAUTION" if market.listing.warning else "NONE",
            now_ms + EMISSION_DELAY_MS,
            turnover(turnover_24h),
            size(volume_24h),
            stream_type,
        )

    def trade(self, market: Market, trade: Trade, now_ms: int, stream_type: str) -> str:
        """Write one trade."""
        numbers = self._numbers
        _, _, date, time = utc_parts(trade.time_ms // 1_000)
        return self._trade % (
            "trade",
            market.code,
            now_ms + EMISSION_DELAY_MS,
            date,
            time,
            trade.time_ms,
            numbers.price(trade.price),
            numbers.size(trade.size),
            trade.side,
            numbers.price(trade.prev_close),
            change_of(trade.price, trade.prev_close),
            numbers.price(abs(trade.price - trade.prev_close)),
            trade.sequential_id,
            self._best(trade.best_ask),
            numbers.size(trade.best_ask_size),
            self._best(trade.best_bid),
            numbers.size(trade.best_bid_size),
            stream_type,
        )

    def candle(self, market: Market, interval: str, bar: Bar, stream_type: str) -> str:
        """Write one candle."""
        numbers = self._numbers
        price = numbers.candle_price
        return self._candle % (
            f"candle.{interval}",
            market.code,
            iso(bar.start),
            iso(bar.start, kst=True),
            price(bar.open),
            price(bar.high),
            price(bar.low),
            price(bar.close),
            numbers.size(bar.volume),
            numbers.candle_turnover(bar.turnover),
            bar.last_ms,
            stream_type,
        )

    def orderbook(self, code: str, view: BookView, level: int, units: int, stream_type: str) -> str:
        """Write the best ``units`` levels of ``view``, which is grouped by ``level`` already; pad thin sides."""
        price, size, unit = self._numbers.price, self._numbers.size, self._unit
        asks, bids = view.asks[:units], view.bids[:units]
        padding = (self._zero, self._zero)
        shown_asks = [(price(at), size(amount)) for at, amount in asks] + [padding] * (units - len(asks))
        shown_bids = [(price(at), size(amount)) for at, amount in bids] + [padding] * (units - len(bids))
        rows = [
            unit % (ask, bid, ask_size, bid_size)
            for (ask, ask_size), (bid, bid_size) in zip(shown_asks, shown_bids, strict=True)
        ]
        fields = (
            "orderbook",
            code,
            view.timestamp,
            size(sum(amount for _, amount in asks)),
            size(sum(amount for _, amount in bids)),
            f"[{','.join(rows)}]",
            stream_type,
        )
        return self._book % ((*fields, shortest(level)) if self._with_level else fields)

    def account_event(self, event_type: str, event: Mapping[str, Any]) -> str:
        """Write an event given with its full field names, in the documented order.

        Decimals are written exactly; floats, which only indicators have, as prices are spelled.
        """
        names = simple_keys_of(event_type)
        ordered = {name: event[name] for name in names if name in event}
        ordered.update((name, item) for name, item in event.items() if name not in ordered)
        if event_type.startswith("indicator") and isinstance(ordered.get("value"), dict):
            ordered["value"] = {name: self._spelled(item) for name, item in ordered["value"].items()}
        return write(renamed(ordered, names, NESTED_SIMPLE_KEYS) if self.simple else ordered)

    def _spelled(self, value: Any) -> Any:
        return Number(self._numbers.number(value)) if isinstance(value, float) else value

    def _best(self, price: int) -> str:
        # Beside "trade_price":109847000.0 the documented frames have "best_ask_price":109867000.
        return str(price // SCALE) if price % SCALE == 0 else self._numbers.price(price)


def encoders(*, spelling: NumberSpelling, with_level: bool) -> dict[StreamFormat, Encoder]:
    """Return the encoder of each format; a format and its list variant share one."""
    full = Encoder(simple=False, spelling=spelling, with_level=with_level)
    short = Encoder(simple=True, spelling=spelling, with_level=with_level)
    return {form: short if form.simple else full for form in StreamFormat}
