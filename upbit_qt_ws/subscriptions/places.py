"""Where an event stands among those of its topic, and what tells two of them apart. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.events import CandleEvent, Event, TickerEvent, TradeEvent

if TYPE_CHECKING:
    from upbit_qt_ws.wire.topics import Topic

_ASKED_WITHIN: Final = 5.0
"""How long it may take until the exchange has a question of ours, in seconds; candles reach back enough until then."""

_VOLUME_DIGITS: Final = 6
"""Decimals to which volumes of candles are compared: both sources spell so many."""

_PERIODS: Final = {"s": 1, "m": 60}


def period_of(event_type: str) -> int:
    """Return the length of a streamed candle in seconds: 60 of ``candle.1m``."""
    interval = event_type.removeprefix("candle.")
    return int(interval[:-1]) * _PERIODS[interval[-1]]


def count_reaching(topic: Topic, before: CandleEvent, first: CandleEvent) -> int:
    """Return how many candles, back from now, reach ``before``."""
    period = period_of(topic.type)
    # More candles may begin before the exchange is asked.
    spare = math.ceil(_ASKED_WITHIN / period) + 1
    return max(0, math.ceil((first.start - before.start).total_seconds() / period)) + spare


def changed_at(event: Event) -> int:
    """Return when the state last changed: a ticker's own time is that of the frame."""
    if isinstance(event, TickerEvent) and event.trade_timestamp is not None:
        return event.trade_timestamp
    return event.timestamp


def trade_place(trade: TradeEvent) -> tuple[int, int]:
    """Return the place of a trade among those of its topic."""
    return trade.trade_timestamp, trade.sequential_id


def sequential_id_of(event: Event) -> int | None:
    """Return the number of a trade; None for another event."""
    return event.sequential_id if isinstance(event, TradeEvent) else None


def start_of(event: Event) -> str:
    """Return the start of a candle, in ISO 8601; an empty text for another event."""
    return event.candle_date_time_utc if isinstance(event, CandleEvent) else ""


def state_of(event: Event) -> tuple[str | float, ...]:
    """Return what tells the states of candles of one topic apart; REST may spell fewer digits than the socket."""
    if not isinstance(event, CandleEvent):
        return place_of(event)
    prices = (event.opening_price, event.high_price, event.low_price, event.trade_price)
    return (*place_of(event), *prices, round(event.candle_acc_trade_volume or 0.0, _VOLUME_DIGITS))


def place_of(event: Event) -> tuple[str, int]:
    """Return the place of an event among those of its topic: of candles the start comes first."""
    return start_of(event), event.timestamp
