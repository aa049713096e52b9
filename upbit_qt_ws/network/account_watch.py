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

_MOST_ENDED: Final = 1_000
"""Orders whose end is remembered."""

_CLOSE: Final = Decimal("1e-8")
"""Amounts that differ by no more are the same: REST may spell fewer digits than the socket."""


class _Told(NamedTuple):
    is_open: bool
    executed: Decimal


class AccountWatch:
    """Remembers the open orders and the balances that were told, by the socket or by REST."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._orders: dict[str, _Told] = {}
        self._ended: dict[str, None] = {}
        self._balances: dict[str, tuple[Decimal, Decimal]] = {}
        self._times: dict[str, int] = {}

    def heard(self, event: Event) -> None:
        """An event was told."""
        if isinstance(event, MyOrderEvent):
            told = _Told(event.state in _OPEN, event.executed_volume or _ZERO)
            if told.is_open:
                self._orders[event.uuid] = told
                self._note(event.uuid)
            else:
                self.ended(event.uuid)
        elif isinstance(event, MyAssetEvent):
            for asset in event.assets:
                self._balances[asset.currency] = (asset.balance, asset.locked)
                self._note(asset.currency)

    def ended(self, uuid: str) -> None:
        """An order is not open any more."""
        self._orders.pop(uuid, None)
        self._ended[uuid] = None
        self._note(uuid)
        if len(self._ended) > _MOST_ENDED:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._times.pop(oldest, None)

    def times_told(self, name: str) -> int:
        """Return how often an order (by uuid) or a currency was told of."""
        return self._times.get(name, 0)

    def has_told_fill(self, uuid: str, executed: Decimal) -> bool:
        """Tell whether it was told that at least this much of an order was executed, or that it has ended."""
        told = self._orders.get(uuid)
        return uuid in self._ended or (told is not None and told.executed >= executed - _CLOSE)

    def has_told_end(self, uuid: str) -> bool:
        """Tell whether it was told that an order is not open any more."""
        return uuid in self._ended

    def has_told_balance(self, currency: str, free: Decimal, locked: Decimal) -> bool:
        """Tell whether these were the amounts of a currency when it was last told of."""
        told = self._balances.get(currency)
        return told is not None and abs(told[0] - free) <= _CLOSE and abs(told[1] - locked) <= _CLOSE

    def _note(self, name: str) -> None:
        self._times[name] = self._times.get(name, 0) + 1

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

    def news_of_balances(self, balances: Iterable[Balance]) -> list[MyAssetEvent]:
        """Return one event with the currencies whose balance differs from what was told, or none.

        Its ``asset_uuid`` is empty and its ``timestamp`` 0: REST tells neither.
        """
        shown = {balance.currency: (balance.balance, balance.locked) for balance in balances}
        for currency in self._balances:
            # A currency of which nothing is left is not listed.
            shown.setdefault(currency, (_ZERO, _ZERO))
        changed = tuple(
            Asset(currency, free, locked)
            for currency, (free, locked) in shown.items()
            if self._balances.get(currency) != (free, locked)
        )
        return [MyAssetEvent(type="myAsset", asset_uuid="", assets=changed)] if changed else []
