"""Frames of data as a busy market brings them, made from what the exchange has told last."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from upbit_qt_ws import CandleEvent, OrderbookEvent, OrderbookUnit, Side, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.tick_size import tick_size
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws import Event, GlobalWebSocketManager

_CHART_TICKS: Final = 20
"""How far the newest candle's close goes away from where it began, in price units."""
_FIRST_MOVED: Final = 10

Seen = TypeVar("Seen", bound="Event")


class Frames:
    """Makes the letters of frames; each follows on the one before it, as on the wire.

    Args:
        manager: of the widgets; whatever they show has come once.
    """

    def __init__(self, manager: GlobalWebSocketManager) -> None:
        self._router = manager.registry.router
        self._chance = random.Random(1)
        self._newest: dict[Topic, Event] = {}
        self._number = 0

    def has(self, topic: Topic) -> bool:
        """Whether the exchange has told anything of a topic."""
        return self._router.last_values.for_joiner(topic) is not None

    def tickers(self, codes: Iterable[str]) -> list[Letter]:
        """Return tickers of which every price has moved by one unit."""
        return [self._ticker(code) for code in codes]

    def book(self, code: str) -> list[Letter]:
        """Return a book with other sizes on all levels; one level of each side is gone, those behind it move up."""
        topic, before = self._last(Topic("orderbook", code, 0.0), OrderbookEvent)
        units = before.orderbook_units
        unit = tick_size(quote_of(code), units[0].ask_price)
        asks, bids = ([self._chance.randrange(_FIRST_MOVED, len(units)), self._chance.choice((-1, 1))] for _ in "ab")
        first_ask, first_bid = units[0].ask_price, units[0].bid_price
        made = tuple(
            OrderbookUnit(
                ask_price=first_ask + (depth + (depth >= asks[0])) * unit,
                bid_price=first_bid - (depth + (depth >= bids[0])) * unit,
                ask_size=self._size(),
                bid_size=self._size(),
            )
            for depth in range(len(units))
        )
        totals = {f"total_{side}_size": sum(getattr(u, f"{side}_size") for u in made) for side in ("ask", "bid")}
        return [self._letter(topic, before, orderbook_units=made, **totals)]

    def candle(self, code: str, interval: str) -> list[Letter]:
        """Return another state of the candle that is under way."""
        topic, before = self._last(Topic(f"candle.{interval}", code), CandleEvent)
        unit = tick_size(quote_of(code), before.opening_price)
        step = before.trade_price + self._chance.randint(-2, 2) * unit
        price = min(max(step, before.opening_price - _CHART_TICKS * unit), before.opening_price + _CHART_TICKS * unit)
        return [
            self._letter(
                topic,
                before,
                trade_price=price,
                high_price=max(price, before.high_price),
                low_price=min(price, before.low_price),
                candle_acc_trade_volume=(before.candle_acc_trade_volume or 0.0) + self._size() / 100,
            )
        ]

    def trades(self, code: str, count: int) -> list[Letter]:
        """Return new trades of one market."""
        topic, before = self._last(Topic("trade", code), TradeEvent)
        unit = tick_size(quote_of(code), before.trade_price)
        made: list[tuple[Event, int]] = []
        for _ in range(count):
            self._number += 1
            [letter] = [
                self._letter(
                    topic,
                    before,
                    trade_price=before.trade_price + self._chance.randint(-3, 3) * unit,
                    trade_volume=self._size(),
                    ask_bid=self._chance.choice((Side.ASK, Side.BID)),
                    sequential_id=before.sequential_id + self._number,
                    trade_timestamp=before.trade_timestamp + self._number,
                    remembered=False,
                )
            ]
            made += letter.items
        return [Letter(topic, tuple(made))]

    def _ticker(self, code: str) -> Letter:
        topic, before = self._last(Topic("ticker", code), TickerEvent)
        unit = tick_size(quote_of(code), before.trade_price)
        # Never away from where it began for good: a price of one unit must not come to nothing.
        price = before.trade_price + (unit if self._chance.random() < 0.5 or before.trade_price <= 2 * unit else -unit)
        previous = before.prev_closing_price or price
        return self._letter(
            topic,
            before,
            trade_price=price,
            signed_change_price=price - previous,
            signed_change_rate=price / previous - 1,
            acc_trade_price_24h=(before.acc_trade_price_24h or 0.0) + 1_000_000,
        )

    def _size(self) -> float:
        return round(self._chance.lognormvariate(0.0, 1.2), 8)

    def _last(self, topic: Topic, kind: type[Seen]) -> tuple[Topic, Seen]:
        event = self._newest.get(topic) or self._router.last_values.for_joiner(topic)
        assert isinstance(event, kind), f"nothing has come of {topic}"
        return topic, event

    def _letter(self, topic: Topic, before: Event, *, remembered: bool = True, **changes: Any) -> Letter:
        event = msgspec.structs.replace(
            before,
            stream_type=StreamType.REALTIME,
            timestamp=before.timestamp + 1,
            received_ns=time.monotonic_ns(),
            **changes,
        )
        if remembered:
            self._newest[topic] = event
        return Letter(topic, ((event, 1),))
