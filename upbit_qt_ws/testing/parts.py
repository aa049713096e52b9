"""The parts of the simulated exchange, wired together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.testing.account import Account
from upbit_qt_ws.testing.announcements import Announcements
from upbit_qt_ws.testing.auth import Authenticator
from upbit_qt_ws.testing.clock import ExchangeClock
from upbit_qt_ws.testing.connections import Connections
from upbit_qt_ws.testing.edits import Edits
from upbit_qt_ws.testing.exchange import SimulatedMarket
from upbit_qt_ws.testing.fanout import Fanout
from upbit_qt_ws.testing.gateway import Gateway
from upbit_qt_ws.testing.indicator_feed import IndicatorFeed
from upbit_qt_ws.testing.pump import Pump
from upbit_qt_ws.testing.rest import RestApi
from upbit_qt_ws.testing.subscribing import Subscribing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.testing.options import SimulatorOptions


class ExchangeParts:
    """The parts, which the controls reach into. Everything belongs to the server's loop.

    Attributes:
        market: the simulated market.
        options: the switches it was made with.
    """

    def __init__(
        self,
        *,
        seed: int,
        rate: float,
        markets: Iterable[str] | None,
        options: SimulatorOptions,
        start_ms: int | None,
    ) -> None:
        """Build the parts; see :class:`~upbit_qt_ws.testing.MockUpbitWebSocketServer` for the arguments."""
        self.options = options
        self._clock = ExchangeClock(options.clock_offset_s, start_ms)
        self.market = SimulatedMarket(
            seed=seed,
            start_ms=self._clock.start_ms,
            rate=rate,
            region=options.region,
            codes=markets,
            volatility=options.volatility,
        )
        self._authenticator = Authenticator(options)
        self._account = Account(self.market)
        rest = RestApi(self.market, self._account, self._authenticator, options)
        self._edits = Edits()
        self._gateway = Gateway(rest, self._authenticator, options, lambda: self._clock.date(self.market), self._edits)
        self._fanout = Fanout(self.market, options)
        self._subscribing = Subscribing(self._fanout, options, self._account.snapshots)
        self._account.publish = self._fanout.account_event
        self._indicators = IndicatorFeed(self.market, self._fanout, self._subscribing)
        self._announcements = Announcements(
            self.market, self._fanout, self._subscribing, seed=seed, interval=options.announcement_interval
        )
        self._connections = Connections(self._gateway, self._fanout, self._subscribing, options, self._edits)
        self._pump = Pump(self.market, lambda: self._connections.most_unread, is_present=start_ms is None)
