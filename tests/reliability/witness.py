"""Listens to one subscription and writes down what must never be (the invariants of a stream)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from upbit_qt_ws import CandleEvent, OrderbookEvent, Source, StreamType, TickerEvent, TradeEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws import Event, Subscription

_STATES = (TickerEvent, OrderbookEvent)
_MAY_STAND_IN = (TickerEvent, OrderbookEvent, CandleEvent)

_REMEMBERED = 4_000
_IDS_PER_MS = 10_000
_REACH_MS = 2_500
"""How far REST looks back beyond the last trade before a gap, since the exchange sometimes sends trades out of order:
what it finds there comes late, which is better than never."""


class Witness:
    """Checks each event as it comes.

    * No event of an older connection than one that was delivered.
    * On each new connection a snapshot first, for streams that have one. What began without is in ``bare`` until it is
      known whether that connection has replaced another one without a break: then the stream just goes on.
    * Each trade once in the real-time stream, and in order.
    * Tickers and books never go back in time.
    * Candles come in their order, and none of them goes back in time; ``candles`` has the last state of each.

    Args:
        name: of the subscription, for the report.
        complain: called with the kind of a violation and its description.
        snapshots: the stream has snapshots and real-time events, from the first connection to the last.
        lasting: the codes never change, so that the stream may be followed.
        in_order: the exchange sends trades in their order.
        stood_in: tells whether REST has been asked for states.
    """

    def __init__(
        self,
        name: str,
        complain: Callable[[str, str], None],
        *,
        snapshots: bool = False,
        lasting: bool = True,
        in_order: bool = True,
        stood_in: Callable[[], bool] = lambda: False,
    ) -> None:
        """Expect nothing yet."""
        self.name = name
        self.subscription: Subscription | None = None
        self.count = 0
        self.counts: dict[str, int] = {}
        self.bare: list[tuple[int, str]] = []
        self.newest: dict[str, Event] = {}
        self.trades: dict[str, dict[int, None]] = {}
        self.candles: dict[str, dict[str, CandleEvent]] = {}
        self.last_delay = 0.0
        self._complain = complain
        self._snapshots = snapshots
        self._lasting = lasting
        self._in_order = in_order
        self._stood_in = stood_in
        self._epochs: dict[str, int] = {}
        self._heard: dict[str, int] = {}
        self._last_ids: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Take an event; this is the callback of the subscription."""
        self.count += 1
        self.last_delay = (time.monotonic_ns() - event.received_ns) / 1e9
        if event.source is Source.CACHE:
            # The last value for somebody who has just joined may be of an older connection: it says so.
            return
        code = getattr(event, "code", "")
        if event.source is Source.WEBSOCKET:
            self.counts[code] = self.counts.get(code, 0) + 1
        key = f"{event.type} {code}"
        if event.epoch < self._epochs.get(key, 0):
            self._complain("stale", f"{self.name}: {key} of epoch {event.epoch} after {self._epochs[key]}")
        self._epochs[key] = max(event.epoch, self._epochs.get(key, 0))
        if self._lasting:
            self._follow(key, code, event)
        self.newest[code] = event

    def _follow(self, key: str, code: str, event: Event) -> None:
        if event.source is Source.WEBSOCKET and event.epoch != self._heard.get(key):
            is_snapshot = event.stream_type is StreamType.SNAPSHOT
            # A snapshot that is older than what REST has told is not passed on, and what REST has told may have been
            # replaced by this very event before anybody got it.
            if self._snapshots and not is_snapshot and not (isinstance(event, _MAY_STAND_IN) and self._stood_in()):
                self.bare.append((event.epoch, f"{self.name}: {key} begins epoch {event.epoch} without a snapshot"))
            self._heard[key] = event.epoch
        if isinstance(event, TradeEvent) and event.stream_type is StreamType.REALTIME:
            told = self.trades.setdefault(event.code, {})
            if event.sequential_id in told:
                self._complain("duplicate", f"{self.name}: trade {event.sequential_id} of {event.code} came twice")
            elif self._in_order and event.sequential_id < self._last_ids.get(event.code, 0) - _tolerance(event):
                self._complain(
                    "order",
                    f"{self.name}: trade {event.sequential_id} of {event.code} ({event.source}, epoch {event.epoch}) "
                    f"after {self._last_ids[event.code]}",
                )
            told[event.sequential_id] = None
            if len(told) > _REMEMBERED:
                del told[next(iter(told))]
            self._last_ids[event.code] = max(event.sequential_id, self._last_ids.get(event.code, 0))
        if isinstance(event, CandleEvent):
            candles = self.candles.setdefault(code, {})
            # A snapshot is no part of the stream, but may show the end of a candle that is.
            if event.stream_type is StreamType.REALTIME or event.candle_date_time_utc in candles:
                self._follow_candle(candles, event)
        before = self.newest.get(code)
        if isinstance(event, _STATES) and before is not None and event.timestamp < before.timestamp:
            self._complain(
                "order",
                f"{self.name}: {key} of {event.timestamp} ({event.source}) after {before.timestamp} ({before.source})",
            )

    def _follow_candle(self, told: dict[str, CandleEvent], event: CandleEvent) -> None:
        start = event.candle_date_time_utc
        if told and start not in told and start < max(told):
            self._complain("order", f"{self.name}: {event.type} of {start} ({event.source}) first after {max(told)}")
        earlier = told.get(start)
        if earlier is not None and event.timestamp < earlier.timestamp:
            self._complain("order", f"{self.name}: {event.type} of {start} goes back ({event.source})")
        told[start] = event


def _tolerance(trade: TradeEvent) -> int:
    """Return by how much an id may be below the last one."""
    return _REACH_MS * _IDS_PER_MS if trade.source is Source.REST else 0
