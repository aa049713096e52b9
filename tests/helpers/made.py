"""Events that tests make up: of one market, told apart by their numbers."""

from __future__ import annotations

from upbit_qt_ws.events import CandleEvent, Side, StreamType, TradeEvent


def trade(number: int, kind: StreamType = StreamType.REALTIME, *, at: int | None = None) -> TradeEvent:
    """Return a trade with this ``sequential_id``, made ``at`` a time in ms, or at its number."""
    time = number if at is None else at
    return TradeEvent(
        type="trade",
        code="KRW-BTC",
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        sequential_id=number,
        timestamp=time,
        trade_timestamp=time,
        stream_type=kind,
    )


def second(number: int, kind: StreamType = StreamType.REALTIME, *, at: int = 900) -> CandleEvent:
    """Return the candle of a second, whose last trade came ``at`` ms after its start."""
    return CandleEvent(
        type="candle.1s",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T00:{number // 60:02}:{number % 60:02}",
        opening_price=1.0,
        high_price=1.0,
        low_price=1.0,
        trade_price=1.0,
        timestamp=1_000 * number + at,
        stream_type=kind,
    )
