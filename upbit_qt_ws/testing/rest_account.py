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

    def order(self, query: Query) -> dict[str, Any]:
        """``GET /v1/order``."""
        order = self._account.order(first(query, "uuid"), first(query, "identifier"))
        if order is None:
            raise CallRefused(404, "주문을 찾지 못했습니다.", "order_not_found")
        return order.row_with_trades()
