"""REST exchange calls, which need a token: balances and orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from upbit_qt_ws.testing.rest_errors import CallRefused, Query, first, number

if TYPE_CHECKING:
    from upbit_qt_ws.testing.account import Account


class AccountCalls:
    """Each method takes the parameters of one call and returns its body."""

    def __init__(self, account: Account) -> None:
        """Answer from ``account``."""
        self._account = account

    def accounts(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/accounts``."""
        del query
        return self._account.accounts()

    def open_orders(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/orders/open``."""
        code = first(query, "market")
        states = query.get("states[]") or [first(query, "state") or "wait"]
        if not set(states) <= {"wait", "watch"}:
            raise CallRefused(400, "잘못된 파라미터입니다.", "validation_error")
        limit = number(query, "limit", 100, most=100)
        page = number(query, "page", 1, most=10**6)
        orders = [
            order.row() for order in self._account.open_orders if order.state in states and code in (None, order.code)
        ]
        if first(query, "order_by") != "asc":
            orders.reverse()
        return orders[(page - 1) * limit : page * limit]

    def closed_orders(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/orders/closed``. Of the times only ``start_time`` and ``end_time`` in ms are understood."""
        code = first(query, "market")
        state = first(query, "state")
        states = query.get("states[]") or ([state] if state is not None else ["done", "cancel"])
        if not set(states) <= {"done", "cancel"}:
            raise CallRefused(400, "잘못된 파라미터입니다.", "validation_error")
        limit = number(query, "limit", 100, most=1_000)
        start = number(query, "start_time", 1, most=10**15)
        end = number(query, "end_time", 10**15, most=10**15)
        orders = [
            order.row()
            for order in self._account.closed_orders
            if order.state in states and code in (None, order.code) and start <= order.created_ms <= end
        ]
        if first(query, "order_by") != "asc":
            orders.reverse()
        return orders[:limit]

    def orders_by_uuid(self, query: Query) -> list[dict[str, Any]]:
        """``GET /v1/orders/uuids``; unknown ones are left out."""
        uuids, identifiers = query.get("uuids[]", []), query.get("identifiers[]", [])
        if bool(uuids) == bool(identifiers):
            raise CallRefused(400, "uuids 또는 identifiers가 필요합니다.", "invalid_parameter")
        wanted = [self._account.order(uuid, None) for uuid in uuids]
        wanted += [self._account.order(None, identifier) for identifier in identifiers]
        code = first(query, "market")
        return [order.row() for order in wanted if order is not None and code in (None, order.code)]

    def order(self, query: Query) -> dict[str, Any]:
        """``GET /v1/order``."""
        uuid, identifier = first(query, "uuid"), first(query, "identifier")
        if uuid is None and identifier is None:
            raise CallRefused(400, "uuid 또는 identifier가 필요합니다.", "invalid_parameter")
        order = self._account.order(uuid, identifier)
        if order is None:
            raise CallRefused(404, "주문을 찾지 못했습니다.", "order_not_found")
        return order.row_with_trades()
