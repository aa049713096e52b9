"""The REST client: markets, quotations, history, balances and orders as typed records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from upbit_qt_ws.addresses import check_url
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network import rest_calls
from upbit_qt_ws.network.rest_caller import Gate, RestCaller
from upbit_qt_ws.network.rest_paging import candle_pages, trade_pages
from upbit_qt_ws.wire import rest_replies
from upbit_qt_ws.wire.rest_errors import plain_auth_error

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable

    from upbit_qt_ws.events import CandleEvent, OrderbookEvent, TickerEvent, TradeEvent
    from upbit_qt_ws.wire.rest_errors import AuthErrorFactory
    from upbit_qt_ws.wire.rest_records import Balance, MarketInfo, Order, OrderbookInstrument

__all__ = ["Gate", "UpbitRestClient"]


class UpbitRestClient:
    """Asks Upbit over REST. All methods belong to the event loop of the first call.

    Every call raises, besides what it says itself:

    * :class:`~upbit_qt_ws.errors.SubscriptionError` for a bad argument, before anything is sent;
    * :class:`~upbit_qt_ws.errors.RateLimitedError` when the exchange refuses the call for a while;
    * :class:`~upbit_qt_ws.errors.AuthError` when keys are missing or refused;
    * :class:`~upbit_qt_ws.errors.RestError` for any other refusal, for a connection that fails, for an answer that
      cannot be read, and when there is none in time; ``status`` tells them apart.

    A call may be cancelled at any time. A connection that breaks before the answer is tried once more at once.
    """

    def __init__(
        self,
        base_url: str,
        *,
        gate: Gate | None = None,
        authorize: Callable[[str], str] | None = None,
        timeout: float = 3.0,
        auth_error: AuthErrorFactory = plain_auth_error,
    ) -> None:
        """Open nothing yet.

        Args:
            base_url: for example ``https://api.upbit.com/v1``; ``http://`` is for addresses of this machine.
            gate: is asked before each call; None asks nobody.
            authorize: returns the ``Authorization`` header for the text of a query, with a fresh nonce each time;
                None leaves only the public calls.
            timeout: longest time of one call, the wait at the gate included, in seconds. A long history takes several
                calls, each with this limit.
            auth_error: makes the error of refused keys of ``error.name``, HTTP status and message.

        Raises:
            ConfigurationError: a bad address or time limit.
        """
        base_url = check_url("base_url", base_url, secure="https", plain="http")
        if not timeout > 0:
            raise ConfigurationError(f"timeout {timeout!r} is not a number of seconds above 0")
        self._caller = RestCaller(base_url, gate=gate, authorize=authorize, timeout=timeout, auth_error=auth_error)

    async def markets(self, *, details: bool = True) -> tuple[MarketInfo, ...]:
        """Return all markets; without ``details`` their warnings are unknown."""
        call = rest_calls.RestCall("/market/all", (("is_details", "true"),) if details else ())
        return await self._caller.ask(call, rest_replies.read_markets)

    async def tickers(self, codes: str | Iterable[str]) -> tuple[TickerEvent, ...]:
        """Return the tickers of ``codes`` in their order. One unknown code fails the whole call with status 404."""
        found: list[TickerEvent] = []
        for call in rest_calls.market_calls("/ticker", codes):
            found += await self._caller.quote(call, rest_replies.read_tickers)
        return tuple(found)

    async def all_tickers(self, quote_currencies: str | Iterable[str]) -> tuple[TickerEvent, ...]:
        """Return the tickers of all markets with these quote currencies, for example ``["KRW", "BTC"]``."""
        return await self._caller.quote(rest_calls.all_tickers_call(quote_currencies), rest_replies.read_tickers)

    async def orderbooks(
        self, codes: str | Iterable[str], *, level: float = 0, units: int = 30
    ) -> tuple[OrderbookEvent, ...]:
        """Return the order books of ``codes``. One unknown code fails the whole call with status 404.

        Args:
            codes: the markets.
            level: price grouping in KRW, 0 for none. Upbit leaves out the markets that do not support it, so the
                result may be shorter than ``codes``; :meth:`instruments` tells what they support.
            units: depths from 1 to 30.
        """
        found: list[OrderbookEvent] = []
        for call in rest_calls.orderbook_calls(codes, level, units):
            found += await self._caller.quote(call, rest_replies.read_orderbooks)
        return tuple(found)

    async def instruments(self, codes: str | Iterable[str]) -> tuple[OrderbookInstrument, ...]:
        """Return price units and grouping levels of ``codes``. One unknown code fails the whole call with 404."""
        found: list[OrderbookInstrument] = []
        for call in rest_calls.market_calls("/orderbook/instruments", codes):
            found += await self._caller.ask(call, rest_replies.read_instruments)
        return tuple(found)

    async def candles(
        self, code: str, interval: str, count: int = 200, *, to: datetime.datetime | None = None
    ) -> tuple[CandleEvent, ...]:
        """Return the newest ``count`` candles, oldest first; fewer where the history begins.

        Periods without trades have no candle and do not count. More than 200 take several calls.

        Args:
            code: the market.
            interval: ``1s``, ``1m`` ... ``240m``, ``1d``, ``1w``, ``1M`` or ``1y``.
            count: 1 or more.
            to: only candles that start before this time, which has a time zone; None for up to now.
        """
        pages = candle_pages(rest_calls.parse_count(count), rest_calls.parse_moment(to))
        while (page := pages.next) is not None:
            call = rest_calls.candle_call(code, interval, page.size, page.before)
            pages.add(await self._caller.quote(call, partial(rest_replies.read_candles, interval)))
        return pages.oldest_first()

    async def trades(
        self,
        code: str,
        count: int = 100,
        *,
        cursor: int | None = None,
        days_ago: int | None = None,
        to: str | datetime.time | None = None,
    ) -> tuple[TradeEvent, ...]:
        """Return the newest ``count`` trades, oldest first; fewer where the history begins.

        More than 500 take several calls.

        Args:
            code: the market.
            count: 1 or more.
            cursor: only trades before the one with this ``sequential_id``.
            days_ago: begin so many UTC days before today, 1 to 7; None begins today.
            to: only trades before this time of that day in UTC, ``HH:mm:ss``.
        """
        pages = trade_pages(rest_calls.parse_count(count), rest_calls.parse_cursor(cursor))
        query = rest_calls.trades_query(code, days_ago, to)
        while (page := pages.next) is not None:
            call = rest_calls.trades_call(query, page.size, page.before)
            pages.add(await self._caller.quote(call, rest_replies.read_trades))
        return pages.oldest_first()

    async def accounts(self) -> tuple[Balance, ...]:
        """Return the balances of the account. Needs keys that may view assets."""
        call = rest_calls.RestCall("/accounts", private=True)
        return await self._caller.ask(call, rest_replies.read_balances)

    async def open_orders(
        self,
        *,
        market: str | None = None,
        states: str | Iterable[str] = ("wait", "watch"),
        page: int = 1,
        limit: int = 100,
        order_by: str = "desc",
    ) -> tuple[Order, ...]:
        """Return one page of the account's open orders. Needs keys that may view orders.

        Args:
            market: only orders of this market; None for all.
            states: ``wait`` (in the book), ``watch`` (waits for its trigger), or both.
            page: from 1 on.
            limit: orders in a page, at most 100.
            order_by: ``desc`` for the newest first, ``asc`` for the oldest.
        """
        call = rest_calls.open_orders_call(market, states, page, limit, order_by)
        return await self._caller.ask(call, rest_replies.read_orders)

    async def order(self, *, uuid: str | None = None, identifier: str | None = None) -> Order:
        """Return one order with its fills, by the exchange's ``uuid`` or by its maker's ``identifier``."""
        call = rest_calls.order_call(uuid, identifier)
        return await self._caller.ask(call, rest_replies.read_order)

    async def aclose(self) -> None:
        """Close all connections; later calls raise :class:`~upbit_qt_ws.errors.RestError`. Twice is fine."""
        await self._caller.aclose()
