"""What is known of the account's orders, put together from the stream and from REST. Pure.

The two may overtake one another. A change with a time beats an older one. REST tells no time of a change, so there an
order only moves on: what is filled stays filled, and what has ended stays ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upbit_qt_ws.events import MyOrderEvent, Side

GONE: Final = "gone"
"""State of an order that REST lists no longer among the open ones, when nobody told how it ended."""

KEPT_ROWS: Final = 50
"""Orders that have ended are kept while they are among so many that changed last."""

PAGE: Final = 100
"""REST lists at most so many open orders; a full list says nothing about the orders that it lacks."""

_OPEN: Final = frozenset({"wait", "watch", "trade"})
_FINAL: Final = frozenset({"done", "cancel"})
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_SHARED_CALL_NS: Final = 3_000_000_000
"""An answer may be that of a call which another widget began so long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOrder:
    """One order as it stands.

    Attributes:
        uuid: its name.
        code: its market.
        side: whether it buys (``BID``) or sells; None if the exchange told neither.
        kind: ``limit``, ``best``, ``price`` (buys for an amount of money) or ``market``.
        state: as in events, or ``GONE``.
        price: limit in the quote currency, the amount of money of a ``price`` order; None if there is none, or while
            only a fill was told of.
        volume: in the base currency; None for a ``price`` order.
        remaining: what is left of the volume; None for a ``price`` order.
        executed: what was traded, in the base currency.
        funds: what was paid for that, in the quote currency; None if it was not told.
        average: average price of what was traded; None for nothing.
        created_ms: when it was placed, ms since 1970 UTC; 0 if it was not told.
        changed_ms: exchange time of the newest change, ms; 0 while only REST told of it.
        received_ns: reading of ``time.monotonic_ns`` when the newest news of it was read.
        is_streamed: whether the stream has told of it; then the stream also tells how it ends.
    """

    uuid: str
    code: str
    side: Side | None
    kind: str
    state: str
    price: Decimal | None
    volume: Decimal | None
    remaining: Decimal | None
    executed: Decimal
    funds: Decimal | None
    average: Decimal | None
    created_ms: int
    changed_ms: int
    received_ns: int
    is_streamed: bool

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.state in _OPEN

    @property
    def is_final(self) -> bool:
        """Whether it is known how it ended."""
        return self.state in _FINAL

    @property
    def share(self) -> Decimal | None:
        """Which part of it was traded, from 0 to 1; None if that is not known."""
        if self.remaining is not None:
            whole, part = self.remaining + self.executed, self.executed
        elif self.kind == "price" and self.price is not None and self.funds is not None:
            whole, part = self.price, self.funds
        else:
            return None
        return min(part / whole, _ONE) if whole > 0 else None

    @property
    def lacks_price(self) -> bool:
        """Whether a limit exists that is not known, because only a fill was told of."""
        return self.price is None and self.kind == "limit" and self.is_open

    @property
    def _progress(self) -> tuple[bool, Decimal]:
        return self.is_final, self.executed


class OwnOrders:
    """All open orders, and the last ones that have ended."""

    def __init__(self) -> None:
        """Know nothing."""
        # The order in which they changed, newest last.
        self._orders: dict[str, OwnOrder] = {}

    def __iter__(self) -> Iterator[OwnOrder]:
        """Yield the orders, those that changed last at the end."""
        return iter(self._orders.values())

    def __len__(self) -> int:
        """Return how many are known."""
        return len(self._orders)

    def get(self, uuid: str) -> OwnOrder | None:
        """Return one order; None if it is not known."""
        return self._orders.get(uuid)

    def take(self, event: MyOrderEvent) -> bool:
        """Take an event of the stream; tell whether it changed anything."""
        changed = self._put(event, is_streamed=True)
        self._trim()
        return changed

    def take_open(
        self, events: Iterable[MyOrderEvent], asked_ns: int, market: str = "", *, is_whole: bool = True
    ) -> bool:
        """Take REST's list of the open orders; tell whether it changed anything.

        An order that it lacks has ended, if the list is complete and the order is no newer than the question.

        Args:
            events: the list, newest first.
            asked_ns: reading of ``time.monotonic_ns`` when it was asked for.
            market: the only market that was asked for; empty for all.
            is_whole: every order on it could be read.
        """
        listed = list(events)
        changed = False
        for event in reversed(listed):
            changed |= self._put(event, is_streamed=False)
        if is_whole and len(listed) < PAGE:
            present = {event.uuid for event in listed}
            for order in [order for order in self if order.is_open and order.uuid not in present]:
                newest = asked_ns - _SHARED_CALL_NS if order.is_streamed else asked_ns
                if order.received_ns <= newest and market in ("", order.code):
                    self._orders[order.uuid] = replace(order, state=GONE)
                    changed = True
        self._trim()
        return changed

    def _put(self, event: MyOrderEvent, *, is_streamed: bool) -> bool:
        before = self._orders.get(event.uuid)
        after = _order(event, before, is_streamed=is_streamed)
        if before is not None and not _is_newer(event, after, before):
            after = _completed(before, event, is_streamed=is_streamed)
        if before is not None and replace(after, received_ns=0) == replace(before, received_ns=0):
            self._orders[event.uuid] = after
            return False
        if before is None or _shown(after) != _shown(before):
            self._orders.pop(event.uuid, None)
        self._orders[event.uuid] = after
        return True

    def _trim(self) -> None:
        for uuid in list(self._orders)[:-KEPT_ROWS]:
            if not self._orders[uuid].is_open:
                del self._orders[uuid]


def _order(event: MyOrderEvent, before: OwnOrder | None, *, is_streamed: bool) -> OwnOrder:
    """Return the order that an event describes; what it does not tell stays as it was."""
    executed, remaining, side = event.executed_volume, event.remaining_volume, event.ask_bid
    if before is not None:
        executed = before.executed if executed is None else executed
        remaining = before.remaining if remaining is None else remaining
        side = side or before.side
    executed = executed or _ZERO
    price, volume = event.price, event.volume
    if event.state == "trade":
        # These are the price and the volume of the fill.
        price = volume = None
    if before is not None:
        price = before.price if price is None else price
        volume = before.volume if volume is None else volume
    if volume is None and remaining is not None:
        volume = remaining + executed
    funds = event.executed_funds
    average = event.avg_price or (funds / executed if funds and executed else None)
    return OwnOrder(
        uuid=event.uuid,
        code=event.code,
        side=side,
        kind=event.order_type,
        state=event.state,
        price=price,
        volume=volume,
        remaining=remaining,
        executed=executed,
        funds=funds,
        average=average or (before.average if before is not None and before.executed == executed else None),
        created_ms=event.order_timestamp or (before.created_ms if before is not None else 0),
        changed_ms=event.timestamp or (before.changed_ms if before is not None else 0),
        received_ns=event.received_ns,
        is_streamed=is_streamed or (before is not None and before.is_streamed),
    )


def _is_newer(event: MyOrderEvent, after: OwnOrder, before: OwnOrder) -> bool:
    if before.is_final:
        return after.is_final and event.timestamp > before.changed_ms
    if before.state == GONE:
        return True
    if event.timestamp and before.changed_ms and event.timestamp != before.changed_ms:
        return event.timestamp > before.changed_ms
    if event.timestamp:
        return after._progress >= before._progress
    # REST has no state "trade": an order that waits with as much traded is the same order.
    return after._progress > before._progress or (before.state == "watch" and after.state == "wait")


def _completed(before: OwnOrder, event: MyOrderEvent, *, is_streamed: bool) -> OwnOrder:
    """Return the order with what an older event tells of it that never changes."""
    told = event.state != "trade"
    return replace(
        before,
        price=event.price if before.price is None and told else before.price,
        volume=event.volume if before.volume is None and told else before.volume,
        created_ms=before.created_ms or event.order_timestamp or 0,
        received_ns=max(before.received_ns, event.received_ns),
        is_streamed=before.is_streamed or is_streamed,
    )


def _shown(order: OwnOrder) -> tuple[object, ...]:
    """Return what makes an order count as changed."""
    return order.state, order.executed, order.remaining
