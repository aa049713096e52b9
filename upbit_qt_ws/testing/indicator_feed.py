"""Indicators and their signals: computed at the close of a candle, sent to those who asked for exactly them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.candles import INTERVALS, Bar
from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS, iso
from upbit_qt_ws.testing.indicator_specs import TIMEFRAMES, IndicatorSpec
from upbit_qt_ws.testing.indicators import Values, bars_needed, is_met, values_of
from upbit_qt_ws.testing.numbers import SCALE
from upbit_qt_ws.testing.requests import INFO_TYPES
from upbit_qt_ws.testing.streams import TopicKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.fanout import Fanout
    from upbit_qt_ws.testing.requests import TypeRequest
    from upbit_qt_ws.testing.sessions import Session
    from upbit_qt_ws.testing.subscribing import Subscribing

# The documented value of a 5-minute candle has the timestamp 1,095 ms after the candle's end.
_AFTER_CLOSE_MS: Final = 1_095 - EMISSION_DELAY_MS
_SHORTEST_MS: Final = min(INTERVALS[timeframe] for timeframe in TIMEFRAMES)
_QUOTE: Final = "KRW-"


class IndicatorFeed:
    """Wakes up a second after the end of every candle.

    A period without trades has no candle and so no value. [D]
    """

    def __init__(self, market: SimulatedMarket, fanout: Fanout, subscribing: Subscribing) -> None:
        """Begin with the candle that is running."""
        self._market = market
        self._fanout = fanout
        self._subscribing = subscribing
        self._wake_after(market.now_ms)

    def push(self, event: Mapping[str, Any]) -> None:
        """Send an event to those who asked for its code, timeframe and indicator, and its parameters if it has any."""
        event_type = "indicator_signal" if "trigger" in event else "indicator"
        now_ms = self._market.now_ms + EMISSION_DELAY_MS
        for session, spec in self._wishes(event["code"], event["timeframe"]):
            same = (
                spec.type == event["indicator"]
                and event.get("params", spec.params) == spec.params
                and event.get("trigger", "") == spec.trigger
            )
            if same:
                head = {"type": event_type, "params": spec.params}
                tail = {"timestamp": now_ms, "stream_type": "REALTIME"}
                if spec.trigger:
                    tail["event_params"] = spec.event_params
                self._fanout.send_event(session, event_type, {**head, **tail, **event, "type": event_type})

    def _wake_after(self, time_ms: int) -> None:
        close_ms = time_ms - time_ms % _SHORTEST_MS + _SHORTEST_MS
        self._market.at(close_ms + _AFTER_CLOSE_MS, lambda: self._candles_closed(close_ms))

    def _candles_closed(self, close_ms: int) -> None:
        self._wake_after(close_ms)
        closed = [timeframe for timeframe in TIMEFRAMES if close_ms % INTERVALS[timeframe] == 0]
        for event_type in sorted(INFO_TYPES):
            for session, request in self._subscribing.asked(event_type):
                if request.timeframe not in closed:
                    continue
                for code in request.codes:
                    if self._is_served(session, event_type, code):
                        self._send_all(session, request, code, close_ms)

    def _send_all(self, session: Session, request: TypeRequest, code: str, close_ms: int) -> None:
        needed = max(bars_needed(spec) for spec in request.indicators)
        newest_first = self._market.market(code).candles_newest_first(request.timeframe, close_ms)
        bars = list(islice(newest_first, needed))[::-1]
        if not bars or bars[-1].start != close_ms - INTERVALS[request.timeframe]:
            return
        for spec in request.indicators:
            values = values_of(spec, bars)
            if values is not None and (not spec.trigger or _has_changed_to_met(spec, values, bars)):
                self._fanout.send_event(session, request.type, self._event(request, code, spec, values, bars[-1]))

    def _event(self, request: TypeRequest, code: str, spec: IndicatorSpec, values: Values, bar: Bar) -> dict[str, Any]:
        event: dict[str, Any] = {
            "type": request.type,
            "code": code,
            "timeframe": request.timeframe,
            "indicator": spec.type,
            "params": spec.params,
            "candle_date_time_utc": iso(bar.start),
            "value": values,
            "timestamp": self._market.now_ms + EMISSION_DELAY_MS,
            "stream_type": "REALTIME",
        }
        if spec.trigger:
            event |= {"trigger": spec.trigger, "event_params": spec.event_params}
        return event

    def _is_served(self, session: Session, event_type: str, code: str) -> bool:
        key = TopicKey(event_type, code)
        return key in session.topics and code.startswith(_QUOTE) and self._fanout.is_served(key)

    def _wishes(self, code: str, timeframe: str) -> Iterator[tuple[Session, IndicatorSpec]]:
        for event_type in sorted(INFO_TYPES):
            for session, request in self._subscribing.asked(event_type):
                held = code in request.codes and TopicKey(event_type, code) in session.topics
                if held and request.timeframe == timeframe:
                    for spec in request.indicators:
                        yield session, spec


def _has_changed_to_met(spec: IndicatorSpec, values: Values, bars: list[Bar]) -> bool:
    before = values_of(spec, bars[:-1])
    if before is None or not is_met(spec, values, bars[-1].close / SCALE):
        return False
    return not is_met(spec, before, bars[-2].close / SCALE)
