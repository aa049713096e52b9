"""The tape of one market: order, duplicates, bound and gaps. Pure.

Changes are told one by one as :class:`Edit`, so that a model can announce each before it is made.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_widgets.trades.tape_row import GapRow, TapeRow, TradeRow
from upbit_qt_ws.events import Source, StreamType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from upbit_qt_ws.events import TradeEvent


class Edit(NamedTuple):
    """One change of contiguous rows.

    Attributes:
        first: number of the first row.
        rows: what is put before it; empty when rows are taken out.
        removed: how many rows are taken out from there on.
    """

    first: int
    rows: tuple[TapeRow, ...] = ()
    removed: int = 0


class Tape:
    """Trades in the order in which they were traded, the newest first, each once; and gaps between them.

    The order is that of ``trade_timestamp``, and of arrival among trades of the same millisecond: ``sequential_id``
    tells trades apart, but does not order them, and some come a second late. Methods that return edits do so lazily:
    each must be applied (:meth:`apply`) before the next is taken.

    A gap begins after a known trade. It is *suspected* until REST was asked, and becomes a row if that could not tell
    all that was traded in it.

    Attributes:
        rows: newest first.
        renewed: trades that REST had told before the stream did, since this was last emptied.
    """

    def __init__(self, max_rows: int) -> None:
        """Begin empty, for so many trades."""
        self._max_rows = max_rows
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self.rows: list[TapeRow] = []
        self.renewed: list[TradeRow] = []
        self._known: dict[int, TradeRow] = {}
        self._suspected: set[int] = set()
        # What was dropped because there was no room must not come back: the newest such time, and the ids at it.
        self._floor = -1
        self._below: set[int] = set()

    # -- looking ----------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many trades there are; gaps are rows besides."""
        return len(self._known)

    @property
    def has_gaps(self) -> bool:
        """Whether any row is a gap."""
        return len(self.rows) > len(self._known)

    @property
    def has_suspicion(self) -> bool:
        """Whether there are gaps of which REST is still to tell."""
        return bool(self._suspected)

    def knows(self, trade: TradeEvent) -> bool:
        """Tell whether a trade is on the tape."""
        return trade.sequential_id in self._known

    def time_of(self, sequential_id: int) -> int | None:
        """Return when a trade on the tape happened, in ms since 1970 UTC; None for one that is not on it."""
        row = self._known.get(sequential_id)
        return None if row is None else row.trade.trade_timestamp

    def newest_time(self, until: int | None = None) -> int | None:
        """Return when the newest trade happened, or the newest not after ``until``; None if there is none."""
        start = 0 if until is None else self._place(until * 2)
        return self._time_of_first(range(start, len(self.rows)))

    def time_above(self, number: int) -> int | None:
        """Return when the first trade above a row happened; None if there is none."""
        return self._time_of_first(range(number - 1, -1, -1))

    def _time_of_first(self, numbers: range) -> int | None:
        rows = (self.rows[number] for number in numbers)
        return next((row.trade.trade_timestamp for row in rows if isinstance(row, TradeRow)), None)

    def gaps(self) -> list[int]:
        """Return the numbers of the rows that are gaps."""
        return [number for number, row in enumerate(self.rows) if isinstance(row, GapRow)]

    # -- changing ---------------------------------------------------------------------------------------------

    def apply(self, edit: Edit) -> None:
        """Make a change."""
        if edit.rows:
            self.rows[edit.first : edit.first] = edit.rows
            self._known.update((row.trade.sequential_id, row) for row in edit.rows if isinstance(row, TradeRow))
            return
        for row in self.rows[edit.first : edit.first + edit.removed]:
            if isinstance(row, TradeRow):
                del self._known[row.trade.sequential_id]
        del self.rows[edit.first : edit.first + edit.removed]

    def set_max_rows(self, max_rows: int) -> Iterator[Edit]:
        """Have room for so many trades, from 1."""
        if max_rows > self._max_rows:
            # What was dropped may come back.
            self._floor, self._below = -1, set()
        self._max_rows = max_rows
        yield from self._trim()

    def add(self, trades: Iterable[TradeEvent]) -> Iterator[Edit]:
        """Put in what has come, in the order in which it came; what is known already, or too old, is left out."""
        ordered = sorted(trades, key=attrgetter("trade_timestamp"))
        if len(ordered) > self._max_rows:
            self._drop(ordered[: -self._max_rows])
            ordered = ordered[-self._max_rows :]
        runs: list[tuple[int, list[TapeRow]]] = []
        low, seen = 0, set()
        for trade in reversed(ordered):
            known = self._known.get(trade.sequential_id)
            if known is not None:
                self._renew(known, trade)
                if known.trade.trade_timestamp == trade.trade_timestamp:
                    # Others of the same millisecond that were told before it come below it.
                    low = max(low, self._number_of(known) + 1)
                continue
            if trade.sequential_id in seen or self._is_dropped(trade):
                continue
            seen.add(trade.sequential_id)
            row = TradeRow(trade)
            low = max(low, self._place_of(row))
            if runs and runs[-1][0] == low:
                runs[-1][1].append(row)
            else:
                runs.append((low, [row]))
        # From the oldest on, so that the places of the others stay right.
        for first, rows in reversed(runs):
            yield Edit(first, tuple(rows))
        yield from self._trim()

    def _place(self, key: int) -> int:
        """Return where a row belongs that has just come: above all that are not later."""
        if not self.rows or self.rows[0].key <= key:
            return 0
        return bisect_left(self.rows, -key, key=_backwards)

    def _place_of(self, row: TradeRow) -> int:
        """Return where a trade belongs that has just come."""
        place = self._place(row.key)
        if row.trade.source is Source.REST and row.trade.stream_type is StreamType.REALTIME:
            # What fills the gap of an outage happened before the trade with which the stream began anew.
            while place < len(self.rows) and self.rows[place].key == row.key and _is_beginning(self.rows[place]):
                place += 1
        return place

    def _number_of(self, row: TradeRow) -> int:
        number = self._place(row.key)
        while self.rows[number] is not row:
            number += 1
        return number

    def _renew(self, row: TradeRow, trade: TradeEvent) -> None:
        if row.is_backfilled and trade.source is Source.WEBSOCKET:
            row.is_backfilled = False
            self.renewed.append(row)

    def _is_dropped(self, trade: TradeEvent) -> bool:
        at = trade.trade_timestamp
        return at < self._floor or (at == self._floor and trade.sequential_id in self._below)

    def _drop(self, trades: Iterable[TradeEvent]) -> None:
        for trade in trades:
            if trade.trade_timestamp > self._floor:
                self._floor, self._below = trade.trade_timestamp, set()
            if trade.trade_timestamp == self._floor:
                self._below.add(trade.sequential_id)

    def _trim(self) -> Iterator[Edit]:
        """Drop the oldest trades that there is no room for, and gaps that have no trade below."""
        excess, first = self.count - self._max_rows, len(self.rows)
        while first and (excess > 0 or isinstance(self.rows[first - 1], GapRow)):
            first -= 1
            excess -= isinstance(self.rows[first], TradeRow)
        if first < len(self.rows):
            self._drop(row.trade for row in self.rows[first:] if isinstance(row, TradeRow))
            yield Edit(first, removed=len(self.rows) - first)
        oldest = self.rows[-1].key if self.rows else 0
        self._suspected = {since for since in self._suspected if since * 2 >= oldest}

    # -- gaps -------------------------------------------------------------------------------------------------

    def suspect(self) -> None:
        """Trades may be missing after the newest one that is known."""
        newest = self.newest_time()
        if newest is not None:
            self._suspected.add(newest)

    def mark(self, since: int) -> Iterator[Edit]:
        """Trades are missing after the one that happened at ``since``, in ms since 1970 UTC."""
        self._suspected.discard(since)
        gap = GapRow(since)
        number = self._place(gap.key)
        is_known = number < len(self.rows) and self.rows[number].key == gap.key
        if number < len(self.rows) and not is_known:
            yield Edit(number, (gap,))

    def give_up(self) -> Iterator[Edit]:
        """REST could not be asked: what is suspected may be missing."""
        for since in sorted(self._suspected):
            yield from self.mark(since)

    def join(self, page: Sequence[TradeEvent]) -> Iterator[Edit]:
        """Put in the newest trades as REST tells them, oldest first and without a hole, and close gaps by them.

        If it does not reach up to what the stream told after a gap, that gap is suspected still, and REST is to be
        asked once more.
        """
        if not page:
            yield from self.give_up()
            return
        first, last = page[0], page[-1].trade_timestamp
        is_first_known = self.knows(first)
        for since in sorted(self._suspected | {row.since for row in self.rows if isinstance(row, GapRow)}):
            place = self._place(since * 2 + 1)
            number = place if self.rows[place].key == since * 2 + 1 else None
            above = self.time_above(place)
            self._suspected.discard(since)
            if above is not None and above > last > since:
                self._suspected.add(last)
            if first.trade_timestamp < since or (first.trade_timestamp == since and is_first_known):
                if number is not None:
                    yield Edit(number, removed=1)
                if last <= since and above is not None:
                    self._suspected.add(since)
            elif number is None:
                yield from self.mark(since)
        yield from self.add(page)


def _is_beginning(row: TapeRow) -> bool:
    """Tell whether a row is the trade that a stream begins with."""
    if isinstance(row, GapRow):
        return False
    return row.trade.stream_type is StreamType.SNAPSHOT and row.trade.source is not Source.REST


def _backwards(row: TapeRow) -> int:
    return -row.key
