"""When a changed book is shown: on a raster with a fixed phase for each market, as on the real exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.testing.book import BookView

if TYPE_CHECKING:
    from upbit_qt_ws.testing.book import OrderBook


class BookDisplay:
    """Takes views of one market's book at the places of its raster, and only when the book has changed."""

    __slots__ = ("_book", "_changed_ms", "_is_empty", "_period_ms", "_phase_ms", "_untold", "_view")

    def __init__(self, book: OrderBook, *, period_ms: int, phase_ms: int, changed_ms: int) -> None:
        """Begin with the book as it is.

        Args:
            book: the book.
            period_ms: distance of the places: 100 ms in KRW markets, up to 300 ms in others.
            phase_ms: offset of the places, below the period.
            changed_ms: when the book is said to have changed last; a while ago in a sleepy market.
        """
        self._book = book
        self._period_ms = period_ms
        self._phase_ms = phase_ms
        self._changed_ms: int | None = None
        self._untold = False
        self._is_empty = False
        self._view = book.view(self._place_before(changed_ms))

    def touch(self, now_ms: int) -> None:
        """Note that the book has changed since it was last shown."""
        if self._changed_ms is None:
            self._changed_ms = now_ms

    def set_empty(self, empty: bool, now_ms: int) -> None:
        """Show no orders from the next place on, or those of the book again."""
        self._is_empty = empty
        self.touch(now_ms)

    def next_place(self, now_ms: int) -> int:
        """Return the first place of the raster after ``now_ms``, in ms."""
        return self._place_before(now_ms) + self._period_ms

    def show(self, at_ms: int) -> BookView | None:
        """Return the view at the place ``at_ms``, to be told; None when the book has not changed since the last one."""
        if self._changed_ms is not None:
            self._take(at_ms)
        elif not self._untold:
            return None
        self._untold = False
        return self._view

    def shown(self, now_ms: int) -> BookView:
        """Return the newest view that the exchange shows at ``now_ms``."""
        place = self._place_before(now_ms)
        if self._changed_ms is not None and self._changed_ms <= place:
            # Somebody asks before it was told to those who wait for it.
            self._take(place)
            self._untold = True
        return self._view

    def _take(self, at_ms: int) -> None:
        self._changed_ms = None
        self._view = BookView(at_ms, (), ()) if self._is_empty else self._book.view(at_ms)

    def _place_before(self, now_ms: int) -> int:
        return now_ms - (now_ms - self._phase_ms) % self._period_ms
