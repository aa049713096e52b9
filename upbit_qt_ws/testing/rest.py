"""REST: which path is which call, who may make it, and what a wrong one gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs

from upbit_qt_ws.testing.jsontext import write
from upbit_qt_ws.testing.rest_account import AccountCalls
from upbit_qt_ws.testing.rest_candles import CandleCalls
from upbit_qt_ws.testing.rest_errors import CallRefused
from upbit_qt_ws.testing.rest_quotation import QuotationCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.testing.account import Account
    from upbit_qt_ws.testing.api_keys import Scope
    from upbit_qt_ws.testing.auth import Authenticator
    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.options import SimulatorOptions

Query = dict[str, list[str]]

NOT_ROUTED: Final = '{"error":{"name":"not_found","message":"no Route matched with those values"}}'

_SCOPES: Final[dict[str, Scope]] = {
    "/v1/accounts": "view_assets",
    "/v1/orders/open": "view_orders",
    "/v1/orders/closed": "view_orders",
    "/v1/orders/uuids": "view_orders",
    "/v1/order": "view_orders",
}


class RestReply(NamedTuple):
    """The answer to one call: HTTP status and JSON body."""

    status: int
    body: str


class RestApi:
    """Answers GET calls below ``/v1``. Pure: limits and headers are the gateway's business.

    Orders are placed and cancelled through the controls of the exchange: the WebSocket library that carries this
    server parses GET requests only.
    """

    def __init__(
        self, market: SimulatedMarket, account: Account, authenticator: Authenticator, options: SimulatorOptions
    ) -> None:
        """Collect the calls."""
        self._authenticator = authenticator
        quotation = QuotationCalls(market)
        candles = CandleCalls(market, strict_dates=options.strict_dates)
        private = AccountCalls(account)
        self._calls: dict[str, tuple[str, Callable[[Query], Any]]] = {
            "/v1/market/all": ("market", quotation.markets),
            "/v1/ticker": ("ticker", quotation.tickers),
            "/v1/ticker/all": ("ticker", quotation.tickers_of_quotes),
            "/v1/orderbook": ("orderbook", quotation.orderbooks),
            "/v1/orderbook/instruments": ("orderbook", quotation.instruments),
            "/v1/trades/ticks": ("trade", quotation.ticks),
            "/v1/accounts": ("default", private.accounts),
            "/v1/orders/open": ("default", private.open_orders),
            "/v1/orders/closed": ("default", private.closed_orders),
            "/v1/orders/uuids": ("default", private.orders_by_uuid),
            "/v1/order": ("default", private.order),
        }
        for path, call in candles.calls().items():
            self._calls[f"/v1/candles/{path}"] = ("candle", call)

    def group(self, path: str) -> str | None:
        """Return the limit group of a path (without query), or None when no call has it."""
        found = self._calls.get(path)
        return found[0] if found is not None else None

    def answer(self, target: str, headers: Mapping[str, str], address: str = "") -> RestReply:
        """Answer one call.

        Args:
            target: path with query string, of a path that has a group.
            headers: of the request; ``Authorization`` matters for exchange calls.
            address: IP address of the caller.
        """
        path, _, query = target.partition("?")
        group, call = self._calls[path]
        if group == "default":
            failure = self._authenticator.check(
                headers.get("Authorization"), query, address=address, scope=_SCOPES[path]
            )
            if failure is not None:
                return RestReply(failure.status, failure.body)
        try:
            parameters = parse_qs(query, keep_blank_values=True)
            # Tells a date whose colons are not percent-encoded, which the real exchange refuses.
            parameters["raw query"] = [query]
            return RestReply(200, write(call(parameters)))
        except CallRefused as refusal:
            return RestReply(refusal.status, refusal.body)
