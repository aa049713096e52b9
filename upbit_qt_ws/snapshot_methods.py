"""The ``get_*_snapshot`` methods of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from upbit_qt_ws.events import CandleEvent, MyOrderEvent, OrderbookEvent, TickerEvent, TradeEvent
    from upbit_qt_ws.manager import GlobalWebSocketManager
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_records import Balance
    from upbit_qt_ws.wire.rest_rows import Rows


class SnapshotMethods:
    """The part of a proxy that asks for the newest values once.

    Each method returns an outcome, which may be awaited on the asyncio loop of the GUI thread or given a callback
    (:meth:`Outcome.add_done_callback`). It is decided within ``timeout`` seconds (``snapshot_timeout_s`` of the
    settings if None), at the latest with :class:`SnapshotTimeoutError`; a refused call ends with :class:`RestError`,
    :class:`RateLimitedError` or :class:`AuthError`. Bad arguments raise :class:`SubscriptionError` at once.
    """

    @property
    def manager(self) -> GlobalWebSocketManager:
        """The manager that serves this proxy."""
        raise NotImplementedError

    def _check_open(self) -> None:
        raise NotImplementedError

    def get_ticker_snapshot(
        self, codes: str | Iterable[str], *, timeout: float | None = None
    ) -> Outcome[tuple[TickerEvent, ...]]:
        """Return the tickers of some markets, in the order of ``codes``.

        Those that are subscribed and live come from the cache (``source="cache"``), the others from REST. One code that
        the exchange does not know fails the whole call.
        """
        self._check_open()
        return self.manager.snapshots.tickers(codes, timeout)

    def get_orderbook_snapshot(
        self, codes: str | Iterable[str], *, level: float = 0, units: int = 30, timeout: float | None = None
    ) -> Outcome[tuple[OrderbookEvent, ...]]:
        """Return the order books of some markets, from the cache or from REST; see :meth:`get_ticker_snapshot`.

        Args:
            codes: market codes, one or many.
            level: price-grouping unit in KRW, 0 for none. Markets that do not support it are left out.
            units: depth: 1, 5, 15 or 30.
            timeout: in seconds.
        """
        self._check_open()
        return self.manager.snapshots.orderbooks(codes, level, units, timeout)

    def get_trade_snapshot(
        self, code: str, count: int = 100, *, timeout: float | None = None
    ) -> Outcome[tuple[TradeEvent, ...]]:
        """Return the newest ``count`` trades of a market, oldest first, from REST; more than 500 take several calls."""
        self._check_open()
        return self.manager.snapshots.trades(code, count, timeout)

    def get_candle_snapshot(
        self,
        code: str,
        interval: str = "1m",
        count: int = 200,
        *,
        to: datetime.datetime | None = None,
        timeout: float | None = None,
    ) -> Outcome[tuple[CandleEvent, ...]]:
        """Return the newest ``count`` candles of a market, oldest first.

        The history comes from REST, more than 200 in several calls; the last candle is the live one when it is
        subscribed. Periods without trades have no candle.

        Args:
            code: market code.
            interval: one of the nine that are streamed, or ``1d``, ``1w``, ``1M``, ``1y``.
            count: 1 or more.
            to: only candles that start before this moment, which has a time zone; None for the newest.
            timeout: in seconds.
        """
        self._check_open()
        return self.manager.snapshots.candles(code, interval, count, timeout, to)

    def get_my_asset_snapshot(self, *, timeout: float | None = None) -> Outcome[Rows[Balance]]:
        """Return all balances of the account with their average buy prices, from REST; needs keys.

        The tuple's ``unread`` names the currencies whose balance could not be read; nearly always there are none.
        """
        self._check_open()
        return self.manager.snapshots.balances(timeout)

    def get_my_order_snapshot(
        self, code: str | None = None, *, timeout: float | None = None
    ) -> Outcome[Rows[MyOrderEvent]]:
        """Return the account's open orders, newest first and at most 100, from REST; needs keys.

        The tuple's ``unread`` has a name for each order that could not be read; nearly always there are none.

        Args:
            code: only orders of this market; None for all.
            timeout: in seconds.
        """
        self._check_open()
        return self.manager.snapshots.open_orders(code, timeout)
