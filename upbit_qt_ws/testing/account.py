"""The one account of the simulated exchange: its orders rest in the markets and fill when these trade there."""

from __future__ import annotations

from collections import deque
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.balances import Asset, Balances
from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS
from upbit_qt_ws.testing.numbers import SCALE, shortest
from upbit_qt_ws.testing.orders import Fill, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.testing.exchange import SimulatedMarket
    from upbit_qt_ws.testing.market import Market
    from upbit_qt_ws.testing.trade import Trade

_HELD: Final = (("BTC", "0.05"), ("ETH", "1.25"), ("XRP", "1500"))
_ORDERED: Final = (("BTC", "0.001"), ("ETH", "0.05"))
_MONEY: Final = {"KRW": "5000000", "IDR": "65000000", "SGD": "5000", "THB": "120000"}
_LEAST: Final = {"KRW": "5000", "BTC": "0.00005", "USDT": "0.5"}
_FEES: Final = {"KRW": "0.0005"}
_OTHER_FEE: Final = "0.0025"
_HOUR_MS: Final = 3_600_000
_SMALLEST: Final = Decimal("1e-8")
_KEPT: Final = 1_000


class Account:
    """Balances and orders, exact to the last decimal. It begins with two orders 5 % below the prices at the start.

    An order at a price fills by the size of each trade at that price, and wholly when the market trades beyond
    it. One that could trade at once does so at the best price of the other side, and the market sees that trade.
    A fee is 0.05 % in KRW markets and 0.25 % in BTC and USDT markets [A, B], and taken to be 0.25 % elsewhere [D].
    The ``asset_uuid`` is that of the account and never changes; the documentation does not say. [D]

    Attributes:
        publish: is told each event: its type, its code (empty for assets), its fields by their full names.
    """

    def __init__(self, market: SimulatedMarket) -> None:
        """Open the account at the exchange that trades ``market``; coins that are not listed are left out."""
        self.publish: Callable[[str, str, Mapping[str, Any]], None] | None = None
        self._market = market
        self._number = 0
        self._fills = 0
        self._open: dict[str, Order] = {}
        self._closed: deque[Order] = deque(maxlen=_KEPT)
        money = market.local_currency
        self._balances = Balances(Asset(money, Decimal(_MONEY[money])))
        for coin, amount in _HELD:
            listing = market.listings.get(f"{money}-{coin}")
            if listing is not None:
                self._balances.put(Asset(coin, Decimal(amount), average=Decimal(shortest(listing.price))))
        for coin, volume in _ORDERED:
            listing = market.listings.get(f"{money}-{coin}")
            if listing is not None:
                price = market.market(listing.code).grid.nearest(listing.price * 0.95)
                created = market.now_ms - _HOUR_MS
                self._rest(self._new(listing.code, "BID", Decimal(shortest(price)), Decimal(volume), created))

    @property
    def open_orders(self) -> tuple[Order, ...]:
        """The orders that wait, oldest first."""
        return tuple(self._open.values())

    @property
    def closed_orders(self) -> tuple[Order, ...]:
        """The newest thousand orders that are done or were cancelled, in the order in which they ended."""
        return tuple(self._closed)

    def accounts(self) -> list[dict[str, Any]]:
        """Return the body of ``GET /v1/accounts``."""
        return self._balances.rows()

    def order(self, uuid: str | None, identifier: str | None) -> Order | None:
        """Return an order by one of its names, or None when there is no such order."""
        for order in (*self._open.values(), *self._closed):
            if order.uuid == uuid or (identifier is not None and order.identifier == identifier):
                return order
        return None

    def place(self, code: str, side: str, price: Decimal | None, volume: Decimal | None) -> Order:
        """Place an order; see :meth:`MockUpbitWebSocketServer.place_order`.

        Raises:
            SimulatorError: the exchange would refuse it.
        """
        market = self._market.market(code)
        order = self._new(code, side, price, volume, self._market.now_ms)
        self._check(order, market)
        best = market.book.asks if order.side == "BID" else market.book.bids
        self._rest(order)
        self._tell_order(order.event("wait", self._market.now_ms))
        self._tell_assets(self._locking(order))
        if best and _crosses(order, best[0][0]):
            self._take(order, best[0][0])
        return order

    def cancel(self, uuid: str) -> None:
        """Cancel an order that waits.

        Raises:
            SimulatorError: no such order waits.
        """
        order = self._open.get(uuid)
        if order is None:
            raise SimulatorError(f"no order {uuid!r} waits; open are {list(self._open)}")
        self._end(order, "cancel")
        self._tell_assets(self._locking(order))

    def snapshots(self, event_type: str, code: str) -> list[dict[str, Any]]:
        """Return the present state as events, for the reading of the documentation that has snapshots."""
        now = self._market.now_ms
        if event_type == "myAsset":
            return [{**self._assets(), "stream_type": "SNAPSHOT"}]
        orders = [order for order in self._open.values() if code in ("", order.code)]
        return [{**order.event(order.state, now), "stream_type": "SNAPSHOT"} for order in orders]

    def _new(self, code: str, side: str, price: Decimal | None, volume: Decimal | None, created_ms: int) -> Order:
        if side not in ("ASK", "BID"):
            raise SimulatorError(f"side is 'ASK' (sells) or 'BID' (buys), not {side!r}")
        if (price is None and side == "BID") or (volume is None and (price is None or side == "ASK")):
            raise SimulatorError(
                "an order needs a price and a volume; without a price it is a sale of the volume at any price, "
                "without a volume a purchase for the price as an amount of money"
            )
        self._number += 1
        return Order(
            uuid=f"00000000-0000-4000-8000-{self._number:012d}",
            code=code,
            side="BID" if side == "BID" else "ASK",
            kind="market" if price is None else "price" if volume is None else "limit",
            price=price,
            volume=volume,
            fee_rate=Decimal(_FEES.get(code.partition("-")[0], _OTHER_FEE)),
            created_ms=created_ms,
            identifier=f"simulated-{self._number}",
        )

    def _check(self, order: Order, market: Market) -> None:
        if order.kind == "limit":
            market.price_units(str(order.price))
        if order.volume is not None and (order.volume < _SMALLEST or order.volume % _SMALLEST):
            raise SimulatorError(f"volume is a multiple of 0.00000001 above 0, not {order.volume}")
        price = Decimal(shortest(market.last)) if order.price is None else order.price
        total = price if order.volume is None else price * order.volume
        least = Decimal(_LEAST.get(market.listing.quote, "0"))
        if total < least:
            raise SimulatorError(f"the least total in {market.listing.quote} markets is {least}, not {total:f}")

    def _rest(self, order: Order) -> None:
        self._balances.lock(self._locking(order), order.locked)
        self._open[order.uuid] = order
        self._market.trade_watchers[order.code] = self._traded

    def _traded(self, market: Market, trade: Trade) -> None:
        for order in [order for order in self._open.values() if order.code == market.code and order.kind == "limit"]:
            limit = int((order.price or 0) * SCALE)
            beyond = trade.price < limit if order.side == "BID" else trade.price > limit
            if beyond or trade.price == limit:
                left = order.remaining or Decimal(0)
                volume = left if beyond else min(left, Decimal(trade.size) / SCALE)
                self._fill(order, order.price or Decimal(0), volume, maker=True)

    def _take(self, order: Order, best: int) -> None:
        price = Decimal(best) / SCALE
        volume = order.remaining
        if volume is None:
            volume = ((order.price or Decimal(0)) / price).quantize(_SMALLEST, ROUND_FLOOR)
        # It must not be found waiting when its own trade is announced.
        del self._open[order.uuid]
        self._market.trade(order.code, price=shortest(best), side=order.side, volume=float(volume))
        self._open[order.uuid] = order
        self._fill(order, price, volume, maker=False)

    def _fill(self, order: Order, price: Decimal, volume: Decimal, *, maker: bool) -> None:
        self._fills += 1
        quote, base = order.code.split("-")
        fee = price * volume * order.fee_rate
        now = self._market.now_ms
        before = order.locked
        fill = Fill(f"00000000-0000-4000-8001-{self._fills:012d}", now, price, volume, fee, maker)
        order.fills.append(fill)
        freed = before - order.locked
        self._balances.release(self._locking(order), freed)
        if order.side == "BID":
            self._balances.of(quote).free -= price * volume + fee
            self._balances.buy(base, volume, price)
        else:
            self._balances.of(base).free -= volume
            self._balances.of(quote).free += price * volume - fee
        self._tell_order(order.event("trade", now, fill))
        if order.remaining is None:
            # What an amount of money cannot buy is cancelled. [C, D]
            self._end(order, "cancel" if order.locked else "done")
        elif order.remaining == 0:
            self._end(order, "done")
        self._tell_assets(quote, base)

    def _end(self, order: Order, state: str) -> None:
        self._balances.release(self._locking(order), order.locked)
        order.state = "done" if state == "done" else "cancel"
        del self._open[order.uuid]
        self._closed.append(order)
        if not any(other.code == order.code for other in self._open.values()):
            self._market.trade_watchers.pop(order.code, None)
        self._tell_order(order.event(state, self._market.now_ms))

    @staticmethod
    def _locking(order: Order) -> str:
        quote, base = order.code.split("-")
        return quote if order.side == "BID" else base

    def _assets(self, *currencies: str) -> dict[str, Any]:
        now = self._market.now_ms
        return {
            "type": "myAsset",
            "asset_uuid": "00000000-0000-4000-8002-000000000001",
            "assets": self._balances.pairs(*currencies),
            "asset_timestamp": now,
            "timestamp": now + EMISSION_DELAY_MS,
            "stream_type": "REALTIME",
        }

    def _tell_order(self, event: Mapping[str, Any]) -> None:
        if self.publish is not None:
            self.publish("myOrder", event["code"], event)

    def _tell_assets(self, *currencies: str) -> None:
        if self.publish is not None:
            self.publish("myAsset", "", self._assets(*currencies))


def _crosses(order: Order, best: int) -> bool:
    if order.kind != "limit" or order.price is None:
        return True
    limit = int(order.price * SCALE)
    return limit >= best if order.side == "BID" else limit <= best
