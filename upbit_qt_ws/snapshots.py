"""Snapshots: the newest values once, from the cache if a live stream keeps them up to date, else over REST."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSlot

from upbit_qt_ws.errors import SnapshotTimeoutError, SubscriptionError
from upbit_qt_ws.events import CandleEvent, Event, MarketEvent, OrderbookEvent, TickerEvent, TradeEvent
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.network.questions import Question
from upbit_qt_ws.outcome import Outcome
from upbit_qt_ws.wire.markets import parse_code, parse_codes
from upbit_qt_ws.wire.rest_rows import Rows
from upbit_qt_ws.wire.topics import CANDLE_INTERVALS, Topic, parse_level, parse_units

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable

    from upbit_qt_ws.events import MyOrderEvent
    from upbit_qt_ws.loop_witness import LoopWitness
    from upbit_qt_ws.registry import ComponentRegistry
    from upbit_qt_ws.wire.rest_records import Balance, MarketInfo, Order, OrderbookInstrument

_T = TypeVar("_T")
_EventT = TypeVar("_EventT", bound=MarketEvent)


class SnapshotService(QObject):
    """Answers with the cache where that is true at this moment, and asks the exchange for the rest.

    Equal questions at the same time share one call. Every outcome is decided within the timeout, at the latest with
    :class:`SnapshotTimeoutError`; it also ends with the errors of :class:`UpbitRestClient`. GUI thread only.

    Args:
        registry: the states and the last values.
        ask: sends a question to the network side.
        witness: finds out whether answers can come at all.
        timeout: longest wait unless a call says otherwise, in seconds.
    """

    def __init__(
        self,
        registry: ComponentRegistry,
        ask: Callable[[Question], Outcome[Any]],
        witness: LoopWitness,
        timeout: float,
        parent: QObject,
    ) -> None:
        """Wait for nothing yet."""
        super().__init__(parent)
        self._witness = witness
        self._registry = registry
        self._ask = ask
        self._timeout = timeout
        self._under_way: dict[Question, Outcome[Any]] = {}
        self._deadlines: dict[Outcome[Any], tuple[float, str]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)

    def tickers(self, codes: str | Iterable[str], timeout: float | None = None) -> Outcome[tuple[TickerEvent, ...]]:
        """Return the tickers of ``codes`` in their order."""
        listed = parse_codes(codes)
        return self._of_markets("ticker", listed, 0.0, lambda missing: Question("tickers", (missing,)), timeout)

    def orderbooks(
        self, codes: str | Iterable[str], level: float, units: int, timeout: float | None = None
    ) -> Outcome[tuple[OrderbookEvent, ...]]:
        """Return the order books of ``codes``; those that do not support ``level`` are left out."""
        listed = parse_codes(codes)
        grouping, depth = parse_level(level, listed), parse_units(units)

        def question(missing: tuple[str, ...]) -> Question:
            return Question("orderbooks", (missing,), (("level", grouping), ("units", depth)))

        return self._of_markets("orderbook", listed, grouping, question, timeout, depth)

    def trades(self, code: str, count: int, timeout: float | None = None) -> Outcome[tuple[TradeEvent, ...]]:
        """Return the newest trades of a market, oldest first."""
        return self._answered(Question("trades", (parse_code(code), count)), tuple, timeout)

    def candles(
        self,
        code: str,
        interval: str,
        count: int,
        timeout: float | None = None,
        to: datetime.datetime | None = None,
    ) -> Outcome[tuple[CandleEvent, ...]]:
        """Return the newest candles of a market, oldest first; the last one is the live one if there is a stream.

        With ``to``, those that start before it.
        """
        topic = Topic(f"candle.{interval}", parse_code(code))
        if to is not None:
            return self._answered(Question("candles", (topic.code, interval, count), (("to", to),)), tuple, timeout)

        def joined(history: tuple[CandleEvent, ...]) -> tuple[CandleEvent, ...]:
            live = self._registry.current(topic) if interval in CANDLE_INTERVALS else None
            return _with_live(history, live, count) if isinstance(live, CandleEvent) else history

        return self._answered(Question("candles", (topic.code, interval, count)), joined, timeout)

    def balances(self, timeout: float | None = None) -> Outcome[Rows[Balance]]:
        """Return the balances of the account; ``unread`` names those that could not be read."""
        return self._answered(Question("accounts"), _as_it_is, timeout)

    def open_orders(self, code: str | None, timeout: float | None = None) -> Outcome[Rows[MyOrderEvent]]:
        """Return the account's open orders, of one market or of all, newest first, at most 100.

        ``unread`` has a name for each that could not be read.
        """
        market = None if code is None else parse_code(code)

        def as_events(orders: Rows[Order]) -> Rows[MyOrderEvent]:
            return Rows((order.to_event(received_ns=time.monotonic_ns()) for order in orders), orders.unread)

        return self._answered(Question("open_orders", (), (("market", market),)), as_events, timeout)

    def markets(self, timeout: float | None = None) -> Outcome[tuple[MarketInfo, ...]]:
        """Return all markets of the exchange with their names and warnings."""
        return self._answered(Question("markets"), tuple, timeout)

    def instruments(
        self, codes: str | Iterable[str], timeout: float | None = None
    ) -> Outcome[tuple[OrderbookInstrument, ...]]:
        """Return price units and grouping levels of ``codes``."""
        return self._answered(Question("instruments", (parse_codes(codes),)), tuple, timeout)

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._timer.stop()
        self._deadlines.clear()

    # -- putting answers together -----------------------------------------------------------------------------

    def _of_markets(
        self,
        kind: str,
        codes: tuple[str, ...],
        level: float,
        question: Callable[[tuple[str, ...]], Question],
        timeout: float | None,
        units: int = 0,
    ) -> Outcome[Any]:
        """Answer for several markets: what is live from the cache, the others in one call."""
        cached: dict[str, Event] = {}
        for code in codes:
            topic = Topic(kind, code, level)
            want, event = self._registry.ledger.want(topic), self._registry.current(topic)
            if event is not None and want is not None and want.units >= units:
                cached[code] = _cut(event, units)
        missing = tuple(code for code in codes if code not in cached)

        def put_together(asked: tuple[_EventT, ...]) -> tuple[Event, ...]:
            found: dict[str, Event] = {event.code: event for event in asked}
            for event in asked:
                self._registry.router.note_snapshot(Topic(kind, event.code, level), event.timestamp, event.received_ns)
            found.update(cached)
            return tuple(found[code] for code in codes if code in found)

        if not missing:
            outcome: Outcome[Any] = Outcome()
            outcome.set_result(put_together(()))
            return outcome
        return self._answered(question(missing), put_together, timeout)

    def _answered(self, question: Question, convert: Callable[[Any], _T], timeout: float | None) -> Outcome[_T]:
        """Ask, or wait with the others who have asked the same, and convert the answer."""
        limit = self._timeout if timeout is None else timeout
        if type(limit) not in (int, float) or not 0 < limit < math.inf:
            raise SubscriptionError(f"timeout {timeout!r} is not a number of seconds above 0")
        outcome: Outcome[_T] = Outcome(self._witness.within(limit))
        shared = self._under_way.get(question)
        if shared is None or shared.done:
            shared = self._under_way[question] = self._ask(question)

        def settle() -> None:
            self._deadlines.pop(outcome, None)
            if not self._deadlines:
                self._timer.stop()
            if self._under_way.get(question) is shared:
                del self._under_way[question]
            if outcome.done:
                return
            try:
                value = convert(shared.result())
            except Exception as error:
                outcome.set_error(error)
            else:
                outcome.set_result(value)

        if not shared.done:
            self._deadlines[outcome] = (time.monotonic() + limit, f"{question.method} {question.arguments}".strip())
            self._restart_timer()
        shared.add_done_callback(settle)
        return outcome

    def _restart_timer(self) -> None:
        if self._deadlines:
            first = min(deadline for deadline, _ in self._deadlines.values())
            self._timer.start(max(0, math.ceil((first - time.monotonic()) * 1000)))
        else:
            self._timer.stop()

    @pyqtSlot()
    @guarded
    def _on_timeout(self) -> None:
        now = time.monotonic()
        due = [(outcome, what) for outcome, (deadline, what) in self._deadlines.items() if deadline <= now]
        for outcome, what in due:
            del self._deadlines[outcome]
            outcome.set_error(
                SnapshotTimeoutError(f"no snapshot of {what} in time: the exchange or the network does not answer")
            )
        self._restart_timer()


def _as_it_is(answer: _T) -> _T:
    return answer


def _cut(event: Event, units: int) -> Event:
    """Return an order book with the depth that was asked for."""
    if isinstance(event, OrderbookEvent) and 0 < units < len(event.orderbook_units):
        return msgspec.structs.replace(event, orderbook_units=event.orderbook_units[:units])
    return event


def _with_live(history: tuple[CandleEvent, ...], live: CandleEvent, count: int) -> tuple[CandleEvent, ...]:
    """Put the live candle in the place of its older state, or behind the history that was read before it began."""
    older = tuple(candle for candle in history if candle.candle_date_time_utc < live.candle_date_time_utc)
    newer = tuple(candle for candle in history if candle.candle_date_time_utc > live.candle_date_time_utc)
    same = next((candle for candle in history if candle.candle_date_time_utc == live.candle_date_time_utc), None)
    newest = same if same is not None and same.timestamp > live.timestamp else live
    return (*older, newest, *newer)[-count:]
