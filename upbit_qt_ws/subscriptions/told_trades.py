"""Which trades are in the stream of one topic already, in little memory. Pure.

Upbit's ids are numbers of 17 digits that nearly always ascend. So they lie in a sorted array of 8 bytes each, with the
times beside them, and most are told to be new by one comparison. Nothing relies on the ascent: an id that does not
ascend is looked up and put into its place.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.events import TradeEvent

REMEMBERED: Final = 1536
"""Trades of a topic that are remembered at most: 16 bytes each, and a sixteenth of air."""

WINDOW_MS: Final = 60_000
"""How long before its newest trade a topic remembers trades, in ms of the exchange's time.

That is far longer than two connections overlap, and than a gap's filling reaches back behind the newest trade.
"""

REORDERED_MS: Final = 2_000
"""How much later than a newer trade an older one may still come, in ms. Trades out of order were seen. [C]"""

_HALF: Final = REMEMBERED // 2
_LEAST: Final = 64
"""So many are remembered without a look at their age."""

_FEW: Final = 8
"""So many are enough of a topic that has gone silent: a snapshot shows one of them."""

_NONE: Final = -(2**63)
_LARGEST: Final = 2**63 - 1


class ToldTrades:
    """The trades of one topic that are in its stream already.

    Args:
        first: the first trade that was told, which may be a snapshot.

    Attributes:
        floor: what happened before this time, in ms, has no place in the stream any more: it was before the
            subscription, within a gap that stays open, or so long ago that it is not told apart.
    """

    __slots__ = ("_due", "_ids", "_looked", "_missing", "_times", "_top", "floor")

    def __init__(self, first: TradeEvent) -> None:
        """Remember one."""
        self._ids = array("q")
        self._times = array("q")
        self._top = _NONE
        self._due = _LEAST
        self._looked = -1
        # Id to time in ms of trades from before the floor that were admitted, and that nobody has got.
        self._missing: dict[int, int] = {}
        self.floor = first.trade_timestamp
        self.admit(first)

    def __sizeof__(self) -> int:
        """Return the memory in bytes, that of the trades included."""
        parts = (self._ids, self._times, self._missing)
        return object.__sizeof__(self) + sum(sys.getsizeof(part) for part in parts)

    def __len__(self) -> int:
        """Return how many trades are remembered."""
        return len(self._ids)

    def admit(self, trade: TradeEvent) -> bool:
        """Take a trade into the stream; False if it is there already, or came too late to be told apart. Hot path."""
        time = trade.trade_timestamp
        number = trade.sequential_id
        if time < self.floor:
            return self._missing.pop(number, None) is not None
        ids = self._ids
        try:
            if number > self._top:
                self._times.append(time)
                ids.append(number)
                self._top = number
            else:
                place = bisect_left(ids, number)
                if place < len(ids) and ids[place] == number:
                    return False
                self._times.insert(place, time)
                ids.insert(place, number)
        except OverflowError:
            return self._admit_monster(number, time)
        if len(ids) >= self._due:
            self._forget_oldest(_HALF)
        return True

    def is_new(self, trade: TradeEvent) -> bool:
        """Whether a trade is not in the stream yet, and belongs into it."""
        number = trade.sequential_id
        return number in self._missing or (trade.trade_timestamp >= self.floor and not self.knows(number))

    def knows(self, number: int) -> bool:
        """Whether the trade with this ``sequential_id`` is remembered."""
        ids = self._ids
        number = _fitting(number)
        place = bisect_left(ids, number)
        return place < len(ids) and ids[place] == number

    def close(self, trade: TradeEvent, *, is_told: bool) -> None:
        """What happened before this trade, and is missing, stays so; ``is_told`` says that it has itself come."""
        self.floor = max(self.floor, trade.trade_timestamp)
        self._missing.clear()
        if is_told:
            self.admit(trade)

    def settle(self) -> None:
        """What was missing has been fetched, or will never come."""
        self._missing.clear()

    def discard(self, trades: Iterable[TradeEvent]) -> None:
        """These were admitted, but nobody got them: they are new again."""
        ids, times = self._ids, self._times
        for trade in trades:
            number = _fitting(trade.sequential_id)
            place = bisect_left(ids, number)
            if place < len(ids) and ids[place] == number:
                del ids[place], times[place]
            elif trade.trade_timestamp < self.floor:
                self._missing[trade.sequential_id] = trade.trade_timestamp
        self._top = ids[-1] if ids else _NONE
        self._looked = -1
        # What comes in again must not reach further back behind what was got than the exchange itself does.
        self.floor = max(self.floor, self.newest() - REORDERED_MS)

    def reach(self) -> int:
        """Return from when on a trade that is not in the stream yet may still come, in ms."""
        if self._missing:
            return min(self._missing.values())
        # Not only the newest one that came, which may have come late itself.
        return max(self.floor, self.newest() - REORDERED_MS)

    def newest(self) -> int:
        """Return the time of the newest trade that came and is remembered, in ms; 0 if there is none."""
        return max(self._times, default=0)

    def largest(self) -> int:
        """Return the largest ``sequential_id`` that is remembered; there has to be one."""
        return self._ids[-1]

    def shrink(self) -> int:
        """Forget what is too old; if nothing has come since the last call, all but a few. Return how many were seen."""
        count = len(self._ids)
        if count > _FEW:
            self._forget_oldest(_FEW if count == self._looked else _HALF)
        self._looked = len(self._ids)
        return count

    def _admit_monster(self, number: int, time: int) -> bool:
        """Take a trade whose id has more than 63 bits; Upbit has none."""
        del self._times[len(self._ids) :]
        fitting = _fitting(number)
        if self.knows(fitting):
            return False
        place = bisect_left(self._ids, fitting)
        self._times.insert(place, time)
        self._ids.insert(place, fitting)
        self._top = self._ids[-1]
        return True

    def _forget_oldest(self, most: int) -> None:
        """Forget what is older than the window, and the oldest of more than ``most``."""
        ids, times = self._ids, self._times
        ranked = sorted(times)
        newest = ranked[-1]
        gone = max(bisect_left(ranked, newest - WINDOW_MS), len(ranked) - most)
        if gone > 0:
            # A stream whose trades all have the same time goes on.
            cut = min(ranked[gone - 1], newest - 1)
            first = bisect_right(times, cut)
            if max(times[:first], default=cut) <= cut < min(times[first:], default=cut):
                ids, times = ids[first:], times[first:]
            else:
                kept = [place for place, time in enumerate(times) if time > cut]
                ids, times = array("q", [ids[place] for place in kept]), array("q", [times[place] for place in kept])
            self._ids, self._times = ids[-most:], times[-most:]
            self.floor = max(self.floor, cut + 1)
        self._due = min(max(_LEAST, 2 * len(self._ids)), REMEMBERED)
        self._looked = -1


def _fitting(number: int) -> int:
    """Return an id as one of 63 bits: itself, or something that stands for it."""
    # Upbit's are above zero.
    return number if _NONE <= number <= _LARGEST else -1 - abs(hash(number))
