"""What can be done to the simulated exchange from outside."""

from __future__ import annotations

from upbit_qt_ws.testing.event_controls import EventControls
from upbit_qt_ws.testing.fault_controls import FaultControls
from upbit_qt_ws.testing.key_controls import KeyControls
from upbit_qt_ws.testing.market_controls import MarketControls


class ControlledExchange(FaultControls, EventControls, KeyControls, MarketControls):
    """The parts of the exchange and all levers on them. Everything belongs to the server's loop.

    Attributes:
        market: the simulated market; ``market.advance(seconds)`` and ``market.trade(code)`` make things
            happen at once.
        options: the switches it was made with.
    """

    def set_rate(self, rate: float) -> None:
        """Change the trades per second over all markets; see :class:`SimulatedMarket`.

        Raises:
            ConfigurationError: a negative rate.
        """
        self.market.rate = rate
