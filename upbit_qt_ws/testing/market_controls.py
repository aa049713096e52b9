"""What an exchange does to its markets: trading is suspended and resumed, ends, or all orders are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.testing.market_status import MarketStatus
from upbit_qt_ws.testing.parts import ExchangeParts

if TYPE_CHECKING:
    from upbit_qt_ws.testing.market_status import MarketState


class MarketControls(ExchangeParts):
    """Changes what can be done in a market that the exchange lists."""

    def set_market_state(
        self,
        code: str,
        state: MarketState = "ACTIVE",
        *,
        suspended: bool = False,
        delisting_date: str | None = None,
    ) -> None:
        """Suspend trading in a market, end it, or (with the defaults) begin it again.

        The market does not trade meanwhile and its book stands still. A ticker tells of the change at once; that it
        does, though nothing was traded, is inferred. [D]

        Args:
            code: of the market.
            state: ``PREVIEW`` (only deposits), ``ACTIVE`` or ``DELISTED``.
            suspended: whether trading is suspended for now.
            delisting_date: day on which trading will end, such as ``2026-12-01``; None for none.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        self.market.set_status(code, MarketStatus(state, suspended, delisting_date))
        self._fanout.tell(code)

    def empty_book(self, code: str, empty: bool = True) -> None:
        """Show a book without orders, as after the end of trading, or (False) the market's orders again.

        Raises:
            SimulatorError: the exchange does not list it.
        """
        self.market.empty_book(code, empty)
