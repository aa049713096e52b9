"""Paging: a long history in pages of the exchange's size, joined without a hole or a duplicate. Pure.

Both kinds of pages come newest first, go on before the oldest row of the last page, and end the history with a page
that has fewer rows than were asked for. Upbit leaves out periods without trades, and does not count them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from upbit_qt_ws.network.rest_calls import CANDLE_PAGE, TRADE_PAGE
from upbit_qt_ws.wire.rest_rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.events import CandleEvent, TradeEvent

_RowT = TypeVar("_RowT")
_PlaceT = TypeVar("_PlaceT", int, datetime)


class Page(NamedTuple, Generic[_PlaceT]):
    """What to ask for next: ``size`` rows before a place; None is the present."""

    size: int
    before: _PlaceT | None


class Pages(Generic[_RowT, _PlaceT]):
    """Collects the pages of one history until it has as many rows as wanted.

    Use: while :attr:`next` is not None, fetch that page and :meth:`add` it; then take :meth:`oldest_first`.
    """

    def __init__(self, count: int, before: _PlaceT | None, *, size: int, place: Callable[[_RowT], _PlaceT]) -> None:
        """Begin with nothing.

        Args:
            count: rows wanted.
            before: where to begin; None for the present.
            size: most rows of one page.
            place: the place of a row, which identifies it; what comes before it in time has a smaller one.
        """
        self._count = count
        self._size = size
        self._place: Callable[[_RowT], _PlaceT] = place
        self._rows: dict[_PlaceT, _RowT] = {}
        self._unread: tuple[str, ...] = ()
        self._next: Page[_PlaceT] | None = Page(min(count, size), before)

    @property
    def next(self) -> Page[_PlaceT] | None:
        """The page to fetch; None when there is nothing more to fetch."""
        return self._next

    def add(self, rows: tuple[_RowT, ...], unread: tuple[str, ...] = ()) -> None:
        """Take the rows of the page that :attr:`next` named, newest first, and names for those that cannot be read."""
        asked = self._next
        assert asked is not None
        known = len(self._rows)
        places = [self._place(row) for row in rows]
        for place, row in zip(places, rows, strict=True):
            self._rows.setdefault(place, row)
        missing = self._count - len(self._rows)
        # A row that cannot be read was on the page all the same.
        ended = len(rows) + len(unread) < asked.size or len(self._rows) == known
        self._unread += unread
        if ended or missing <= 0:
            self._next = None
        else:
            self._next = Page(min(missing, self._size), min(places))

    def oldest_first(self) -> Rows[_RowT]:
        """Return the rows in the order of time, as many as were wanted, or all that there are."""
        newest_first = list(self._rows.values())[: self._count]
        return Rows(reversed(newest_first), self._unread)


def candle_pages(count: int, before: datetime | None) -> Pages[CandleEvent, datetime]:
    """Page through candles by their start."""
    return Pages(count, before, size=CANDLE_PAGE, place=lambda candle: candle.start)


def trade_pages(count: int, cursor: int | None) -> Pages[TradeEvent, int]:
    """Page through trades by their ``sequential_id``."""
    return Pages(count, cursor, size=TRADE_PAGE, place=lambda trade: trade.sequential_id)
