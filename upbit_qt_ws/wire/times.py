"""The times of an event against the exchange's clock, and against each other. Pure.

A time that is far ahead would do harm for as long as it is ahead: whatever comes after it would look old and be
dropped, or be sorted below it, or begin no candle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import force_setattr

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import CandleEvent, TickerEvent, TradeEvent

if TYPE_CHECKING:
    from upbit_qt_ws.events import Event
    from upbit_qt_ws.wire.second_look import Note

SLACK_MS: Final = 60_000
"""What happened may be so much later than the message that tells it, since servers have a clock each."""

UNDER_WAY_MS: Final = 1_000
"""The estimate of the exchange's present may be so much later than the time of an event that comes only now."""


def settle_times(event: Event, now_ms: int | None, untold_ms: int, latest_ms: int, note: Note) -> None:
    """Give an event that nobody has seen yet a time in place of one that is missing or cannot be.

    That is another time of the same event if it can be, or else ``untold_ms``. What does not need one has none.

    Args:
        event: is changed in place.
        now_ms: what the exchange's clock shows, in ms since 1970 UTC; None if that is not known.
        untold_ms: the time of an event that tells none.
        latest_ms: no time of an event can be later than this.
        note: is told the name of each time that cannot be.

    Raises:
        DecodeError: it is a candle that has not begun yet.
    """
    kind = event.type.partition(".")[0]

    def believed(name: str, latest: int) -> int:
        told: int = getattr(event, name) or 0
        if told > latest:
            note(f"{kind}.{name}", told)
            return 0
        return told

    at = believed("timestamp", latest_ms)
    # What an event tells has happened before it was told.
    bound = min(latest_ms, at + SLACK_MS) if at else latest_ms
    if isinstance(event, TradeEvent):
        traded = believed("trade_timestamp", bound) or at or untold_ms
        force_setattr(event, "trade_timestamp", traded)
        at = at or traded
    elif isinstance(event, TickerEvent) and event.trade_timestamp is not None:
        force_setattr(event, "trade_timestamp", believed("trade_timestamp", bound) or None)
    elif isinstance(event, CandleEvent):
        # The start counts more than the time of the last change, so that has to agree with the clock to contradict it.
        bound = max(bound, min(latest_ms, (now_ms or latest_ms) + SLACK_MS))
        if event.start.timestamp() * 1_000 > bound:
            raise DecodeError(f"the candle of {event.code} at {event.candle_date_time_utc} UTC has not begun yet")
    force_setattr(event, "timestamp", at or untold_ms)
