"""What the exchange's clock shows, told by its messages and by the headers of its answers. Pure.

This machine's wall clock plays no part: it may be off by a day, and it may be set at any time. What is known is by how
much the exchange's time is ahead of the monotonic clock of this machine.
"""

from __future__ import annotations

from collections import deque
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.bounds import FIRST_MS, LAST_MS

if TYPE_CHECKING:
    from collections.abc import Callable

TOLERANCE_MS: Final = 400 * 86_400_000
"""A single time that is so far ahead of the exchange's clock is a mistake; one that is nearer may be a clock that was
set, for which others will vote."""

LEAP_MS: Final = 5_000
"""Times that differ by more than this from what is known contradict it."""

_SURE: Final = 3
"""After so many times that agree the estimate is worth defending."""

_VOTES: Final = 2
"""So many messages in a row must agree with one another on a later time before it is believed."""

_BEHIND_VOTES: Final = 5
_BEHIND_SECONDS: Final = 10.0
"""An earlier time takes so many fresh messages over so long: a burst of messages that had to wait is not enough."""

_MINUTES: Final = 5
_NOTABLE_MS: Final = 100


class ClockReading(msgspec.Struct, frozen=True):
    """What the exchange's clock shows, for any moment from now on. Immutable: it crosses to the GUI thread.

    Attributes:
        offset_ms: how far the exchange's time, in ms since 1970 UTC, is ahead of this machine's monotonic clock in ms.
        is_exact: messages have told it, so that it lags by their latency; else a header, which counts whole seconds.
    """

    offset_ms: float
    is_exact: bool

    def at(self, now: float) -> int:
        """Return the exchange's time in ms since 1970 UTC at ``now``, monotonic seconds."""
        return int(self.offset_ms + now * 1000)


class ExchangeClock:
    """Estimates the exchange's time.

    Nothing arrives before it is sent, so each time that the exchange tells is at most what its clock shows at the
    receipt. The largest of the last minutes is the best estimate: it lags by the fastest delivery. A single message
    that is far ahead may be a mistake, and must not turn the clock; two in a row that agree may, and so may a header.

    Args:
        changed: called with the new reading when it differs notably from the last one.

    Attributes:
        is_settled: there is an estimate, and no later time contradicts it. Until then, each time is worth telling;
            afterwards, one now and then will do.
    """

    def __init__(self, changed: Callable[[ClockReading], None] | None = None) -> None:
        """Know nothing."""
        self._changed = changed
        self._reading: ClockReading | None = None
        self._told: ClockReading | None = None
        self._minutes: deque[float] = deque(maxlen=_MINUTES)
        self._minute_ends = 0.0
        self._is_doubted = False
        self._agreements = 0
        self._ahead: list[float] = []
        self._behind: list[float] = []
        self._behind_since = 0.0
        self.is_settled = False

    @property
    def reading(self) -> ClockReading | None:
        """The estimate; None before the exchange has told any time."""
        return self._reading

    def now_ms(self, now: float) -> int | None:
        """Return the exchange's time in ms since 1970 UTC at ``now``, monotonic seconds; None if it is not known."""
        return None if self._reading is None else self._reading.at(now)

    def latest_ms(self, now: float) -> int:
        """Return the latest time that an event may tell at ``now``, monotonic seconds, in ms since 1970 UTC.

        While the clock is not sure of itself that is the latest one of all.
        """
        if self._reading is None or self._is_doubted or self._agreements < _SURE:
            return LAST_MS
        return min(LAST_MS, self._reading.at(now) + TOLERANCE_MS)

    def doubt(self) -> None:
        """This machine has slept, and its monotonic clock may have stood still: believe what is told next."""
        self._is_doubted = True
        self.is_settled = False

    def header(self, date: str | None, now: float) -> None:
        """Take the ``Date`` header of an answer that has just come, at ``now``, monotonic seconds; None tells nothing.

        It counts whole seconds, so it is a lower bound. Where messages tell the time they know better.
        """
        if date is None:
            return
        try:
            told = round(parsedate_to_datetime(date).timestamp() * 1000)
        except (ValueError, TypeError, OverflowError):
            return
        if not FIRST_MS <= told <= LAST_MS:
            return
        offset = told - now * 1000
        known = self._reading
        if known is None or self._is_doubted:
            self._agreements = _SURE
            self._turn(offset, now, is_exact=False)
        elif offset - known.offset_ms > LEAP_MS:
            self._turn(offset, now, is_exact=False)
        elif not known.is_exact and offset > known.offset_ms:
            self._set(offset, is_exact=False)

    def heard(self, timestamp: int, now: float, *, is_fresh: bool) -> None:
        """Take the time that an event tells, received at ``now``, monotonic seconds.

        Args:
            timestamp: in ms since 1970 UTC.
            now: monotonic seconds.
            is_fresh: it was the present when the event was sent; the last change of a quiet book may be hours old.
        """
        offset = timestamp - now * 1000
        known = self._reading
        if known is None:
            self._turn(offset, now, is_exact=True)
            return
        ahead = offset - known.offset_ms
        if self._is_doubted:
            if is_fresh or ahead > 0:
                self._turn(offset, now, is_exact=True)
            if not is_fresh:
                self.doubt()
        elif ahead > LEAP_MS:
            self._leap(offset, now)
        elif ahead >= -LEAP_MS:
            self._agree(offset, now, is_fresh=is_fresh)
        elif is_fresh:
            self._lag(offset, now)

    def _agree(self, offset: float, now: float, *, is_fresh: bool) -> None:
        self._agreements += 1
        self._ahead.clear()
        self._behind.clear()
        self.is_settled = self._agreements >= _SURE
        if self._reading is not None and not self._reading.is_exact:
            self._turn(offset, now, is_exact=True)
        elif now >= self._minute_ends:
            if is_fresh:
                self._minutes.append(offset)
                self._minute_ends = now + 60.0
                self._set(max(self._minutes), is_exact=True)
        elif offset > self._minutes[-1]:
            self._minutes[-1] = offset
            self._set(max(self._minutes), is_exact=True)

    def _leap(self, offset: float, now: float) -> None:
        """A message tells a time that is far ahead of what is known."""
        self._ahead = [other for other in self._ahead if abs(other - offset) <= LEAP_MS] + [offset]
        self.is_settled = False
        if len(self._ahead) >= _VOTES or self._agreements < _SURE:
            self._turn(max(self._ahead), now, is_exact=True)

    def _lag(self, offset: float, now: float) -> None:
        """A time is told as the present that is far behind what is known."""
        if not self._behind:
            self._behind_since = now
        self._behind.append(offset)
        del self._behind[:-_BEHIND_VOTES]
        is_sure = self._agreements >= _SURE
        votes, seconds = (_BEHIND_VOTES, _BEHIND_SECONDS) if is_sure else (_VOTES, 0.0)
        if len(self._behind) >= votes and now - self._behind_since >= seconds:
            self._turn(max(self._behind), now, is_exact=True)

    def _turn(self, offset: float, now: float, *, is_exact: bool) -> None:
        """Forget what was known before."""
        self._minutes.clear()
        self._minutes.append(offset)
        self._minute_ends = now + 60.0
        self._ahead.clear()
        self._behind.clear()
        self._is_doubted = False
        self.is_settled = self._agreements >= _SURE
        self._set(offset, is_exact=is_exact)

    def _set(self, offset: float, *, is_exact: bool) -> None:
        self._reading = reading = ClockReading(offset, is_exact)
        told = self._told
        if told is None or told.is_exact is not is_exact or abs(told.offset_ms - offset) >= _NOTABLE_MS:
            self._told = reading
            if self._changed is not None:
                self._changed(reading)
