"""What must be true at the end of a run, by the exchange's own records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.reliability.limits import LIMITS, violations
from upbit_qt_ws import OrderbookEvent, TickerEvent
from upbit_qt_ws.testing.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.reliability.witness import Witness
    from upbit_qt_ws import Gap
    from upbit_qt_ws.testing import SimulatedExchange
    from upbit_qt_ws.testing.candles import Bar
    from upbit_qt_ws.testing.faults import Fault, FaultScript
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

_DELAYING = frozenset(
    {
        FaultKind.FREEZE,
        FaultKind.MUTE,
        FaultKind.SLOW_WRITES,
        FaultKind.LAG,
        FaultKind.FRAGMENT,
        FaultKind.DEAF,
        FaultKind.SLOW,
        FaultKind.BLACK_HOLE,
    }
)
"""What was sent at its time arrives in a bunch after these, so the exchange's stamps prove nothing."""

_MUTING = frozenset({FaultKind.PAUSE, FaultKind.DEAF})
_STARVING = frozenset({FaultKind.STARVE, FaultKind.STALL})
_OF_ONE_CODE = frozenset({FaultKind.SILENCE, FaultKind.FORGET})

_SLACK_MS = 1_000
"""How late the player may be on a busy machine."""

_FORGOTTEN_SECONDS = 3.0
"""How long a code may be forgotten until a list shows that, or the next request happens to name it again. In the second
case nobody can know what was missed."""


class Ledger:
    """Knows when, by the exchange's clock, it kept something to itself.

    Args:
        start_ms: the exchange's time at the start of the script.
        script: what went wrong.
        kind: of the events that are looked at, such as ``candle.1s``.
    """

    def __init__(self, start_ms: int, script: FaultScript, kind: str = "trade") -> None:
        """Find the times."""
        self.start_ms = start_ms
        self.script = script
        self.is_delayed = any(step.fault.kind in _DELAYING for step in script)
        self._silences: list[tuple[str, float, float]] = []
        for step in script:
            of, seconds = _muted(step.fault, kind)
            if of is not None:
                begin = start_ms + step.at * 1000 - _SLACK_MS
                self._silences.append((of, begin, begin + seconds * 1000 + 2 * _SLACK_MS))

    def was_told(self, code: str, time_ms: int) -> bool:
        """Tell whether the exchange has said what happened to this code at that time."""
        return not any(code in (of, "") or of == "" for of, begin, end in self._silences if begin <= time_ms <= end)


def _muted(fault: Fault, event_kind: str) -> tuple[str | None, float]:
    """Return of which code a fault keeps events back, empty for all, None for none; and for how many seconds."""
    kind, value = fault.kind, fault.value
    if kind in _STARVING:
        event_type, _, code = value.partition(" ")
        return (code if event_type in ("public", event_kind) else None), fault.seconds
    if kind in _OF_ONE_CODE:
        return value, _FORGOTTEN_SECONDS if kind is FaultKind.FORGET else fault.seconds
    return ("" if kind in _MUTING else None), fault.seconds


def lost_trades(exchange: SimulatedExchange, tape: Witness, gaps: Iterable[Gap], ledger: Ledger) -> Iterator[str]:
    """Yield each trade that the exchange told, that was not delivered, and that lies in no announced gap."""
    holes: dict[str, list[tuple[int, int | None]]] = {}
    for gap in gaps:
        if gap.topic.type == "trade":
            holes.setdefault(gap.topic.code, []).append((gap.last_sequential_id or 0, gap.next_sequential_id))
    for code, told in tape.trades.items():
        market = exchange.server.market.market(code)
        made = exchange.call(partial(_trades_of, market))
        first, last = min(told), max(told)
        for trade in made:
            number = trade.sequential_id
            if not first < number < last or number in told or not ledger.was_told(code, trade.time_ms):
                continue
            if not any(start <= number and (end is None or number <= end) for start, end in holes.get(code, ())):
                at = (trade.time_ms - ledger.start_ms) / 1000
                yield (
                    f"trade {number} of {code}, made {at:+.3f} s after the start of the script, was neither delivered "
                    f"nor within an announced gap {holes.get(code, [])}"
                )


def lost_candles(exchange: SimulatedExchange, chart: Witness, gaps: Iterable[Gap], ledger: Ledger) -> Iterator[str]:
    """Yield each candle of a second whose last state the exchange told, and that was neither delivered nor in a gap.

    A gap that REST has filled excuses nothing.
    """
    gaps = [gap for gap in gaps if gap.topic.type == "candle.1s" and not gap.is_complete]
    silence = Ledger(ledger.start_ms, ledger.script, "candle.1s")
    for code, told in chart.candles.items():
        if not told:
            # A snapshot may be all that came of it, which is no part of the stream.
            continue
        market = exchange.server.market.market(code)
        made = exchange.call(partial(_seconds_of, market))
        starts = sorted(round(candle.start.timestamp() * 1000) for candle in told.values())
        shown = {round(candle.start.timestamp() * 1000): candle for candle in told.values()}
        for bar in made:
            # It is told at the end of its second.
            if not starts[0] < bar.start < starts[-1] or not silence.was_told(code, bar.start + 1_000):
                continue
            candle = shown.get(bar.start)
            if candle is not None and abs(candle.trade_price - bar.close / 1e8) <= 1e-6 * candle.trade_price:
                continue
            holes = [(gap.since, gap.until) for gap in gaps if gap.topic.code == code]
            if not any(since - 1_000 <= bar.last_ms and (end is None or bar.start <= end) for since, end in holes):
                at = (bar.start - ledger.start_ms) / 1000
                what = (
                    "was not delivered" if candle is None else f"ended with {bar.close / 1e8}, not {candle.trade_price}"
                )
                yield f"the candle of {code} of {at:+.3f} s {what}, and is within no announced gap {holes}"


def wrong_values(exchange: SimulatedExchange, witnesses: Iterable[Witness]) -> list[str]:
    """Return a sentence for each ticker and each book that does not show what the exchange itself knows."""
    wrong = []
    for witness in witnesses:
        for code, event in witness.newest.items():
            market = exchange.server.market.market(code)
            if isinstance(event, TickerEvent):
                shown, true = float(event.trade_price), market.last_trade().price / 1e8
            elif isinstance(event, OrderbookEvent):
                shown, true = float(event.orderbook_units[0].ask_price), market.book.asks[0][0] / 1e8
            else:
                continue
            if abs(shown - true) > 1e-6 * true:
                wrong.append(f"{witness.name} shows {shown:,.2f} for {code}, the exchange has {true:,.2f}")
    return wrong


def limits_kept(exchange: SimulatedExchange, ledger: Ledger) -> Iterator[str]:
    """Yield a sentence for each limit that the client broke, as far as the exchange can tell."""
    for call in (*exchange.handshakes, *exchange.rest_requests):
        if call.origin is not None:
            yield f"a request with the Origin header {call.origin!r}"
    if ledger.is_delayed:
        return
    connections: dict[int, list[float]] = {}
    for request in exchange.requests:
        connections.setdefault(request.connection_id, []).append(request.time)
    for number, times in connections.items():
        yield from violations(f"messages of connection {number}", times, LIMITS)
    yield from violations("connections", [call.time for call in exchange.handshakes], LIMITS[:1])


def _trades_of(market: Market) -> list[Trade]:
    return list(market.live_trades)


def _seconds_of(market: Market) -> list[Bar]:
    return list(market.candles.newest_first("1s"))
