"""What has been told of the account, against what REST shows now: only what differs is news. Pure.

The private socket has no snapshots, so what happened to an order during an outage can only be seen over REST.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.events import Asset, Event, MyAssetEvent, MyOrderEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.wire.rest_records import Balance, Order

_OPEN: Final = frozenset({"wait", "watch", "trade"})
_ZERO: Final = Decimal(0)


class _Told(NamedTuple):
    is_open: bool
    executed: Decimal


class AccountWatch:
    """Remembers the open orders and the balances that were told, by the socket or by REST."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._orders: dict[str, _Told] = {}
        self._balances: dict[str, tuple[Decimal, Decimal]] = {}

    def heard(self, event: Event) -> None:
        """An event was told."""
        if isinstance(event, MyOrderEvent):
            told = _Told(event.state in _OPEN, event.executed_volume or _ZERO)
            if told.is_open:
                self._orders[event.uuid] = told
            else:
                self._orders.pop(event.uuid, None)
        elif isinstance(event, MyAssetEvent):
            for asset in event.assets:
                self._balances[asset.currency] = (asset.balance, asset.locked)

    def missing_from(self, open_orders: Iterable[Order]) -> tuple[str, ...]:
        """Return the orders that were open when they were last told of, and are not among ``open_orders``."""
        shown = {order.uuid for order in open_orders}
        return tuple(uuid for uuid in self._orders if uuid not in shown)

    def news_of_orders(self, orders: Iterable[Order]) -> list[MyOrderEvent]:
        """Return an event for each order that stands differently from what was told, oldest first."""
        news = []
        for order in sorted(orders, key=lambda order: order.created_at or ""):
            event = order.to_event()
            if self._orders.get(order.uuid) != _Told(order.state in _OPEN, order.executed_volume or _ZERO):
                news.append(event)
        return news

    def news_of_balances(self, balances: Iterable[Balance], unread: tuple[str, ...] = ()) -> list[MyAssetEvent]:
        """Return one event with the currencies whose balance differs from what was told, or none.

        Its ``asset_uuid`` is empty and its ``timestamp`` 0: REST tells neither.

        Args:
            balances: all that REST lists and that can be read.
            unread: names of those that cannot; while there are any, nobody can say that a currency is gone.
        """
        shown = {balance.currency: (balance.balance, balance.locked) for balance in balances}
        for currency in () if unread else self._balances:
            # A currency of which nothing is left is not listed.
            shown.setdefault(currency, (_ZERO, _ZERO))
        changed = tuple(
            Asset(currency, free, locked)
            for currency, (free, locked) in shown.items()
            if self._balances.get(currency) != (free, locked)
        )
        if not changed and not unread:
            return []
        return [MyAssetEvent(type="myAsset", asset_uuid="", assets=changed, unread=unread)]
