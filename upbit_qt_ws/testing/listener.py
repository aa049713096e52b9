"""Who is told what happens in the markets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from upbit_qt_ws.testing.book import BookView
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade


class MarketListener(Protocol):
    """Is told what happens, in the order in which it happens."""

    def traded(self, market: Market, trade: Trade) -> None:
        """A trade has happened; market, day and candles include it already."""

    def book_shown(self, market: Market, view: BookView) -> None:
        """A watched market shows a book that differs from the last one it showed."""

    def second_passed(self, markets: list[Market], second_ms: int) -> None:
        """The second that began at ``second_ms`` is over; ``markets`` had trades in it."""
