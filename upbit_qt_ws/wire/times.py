"""The times of an event against the exchange's clock: what has not come yet cannot have happened. Pure.

A time that is far ahead would do harm for as long as it is ahead: whatever comes after it would look old and be
dropped, sorted below it, or begin no candle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import force_setattr

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import CandleEvent, TickerEvent, TradeEvent

if TYPE_CHECKING:
    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.second_look import Note


def settle_times(event: Event, now_ms: int | None, latest_ms: int, note: Note) -> None:
    """Give an event that nobody has seen yet a time in place of one that is missing or too far ahead.

    That is another time of the same event if it can be, or else the present. What does not need one has none.

    Args:
        event: is changed in place.
        now_ms: what the exchange's clock shows, in ms since 1970 UTC; None if that is not known.
        latest_ms: no time of an event can be later than this.
        note: is told the name of each time that is too far ahead.

    Raises:
        DecodeError: it is a candle that has not begun yet.
    """
    kind = event.type.partition(".")[0]

    def believed(name: str) -> int:
        told: int = getattr(event, name) or 0
        if told > latest_ms:
            note(f"{kind}.{name}", told)
            return 0
        return told

    at = believed("timestamp")
    if isinstance(event, TradeEvent):
        traded = believed("trade_timestamp") or at or now_ms or 0
        force_setattr(event, "trade_timestamp", traded)
        at = at or traded
    elif isinstance(event, TickerEvent) and event.trade_timestamp is not None:
        force_setattr(event, "trade_timestamp", believed("trade_timestamp") or None)
    elif isinstance(event, CandleEvent) and event.start.timestamp() * 1_000 > latest_ms:
        raise DecodeError(f"the candle of {event.code} at {event.candle_date_time_utc} UTC has not begun yet")
    force_setattr(event, "timestamp", at or now_ms or 0)
