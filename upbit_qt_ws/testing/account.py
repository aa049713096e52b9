"""The one account of the simulated exchange: a few balances and open orders, for the exchange side of REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.testing.encode import iso
from upbit_qt_ws.testing.numbers import shortest

if TYPE_CHECKING:
    from upbit_qt_ws.testing.exchange import SimulatedMarket

_HELD: Final = (("BTC", "0.05"), ("ETH", "1.25"), ("XRP", "1500"))
_ORDERED: Final = (("KRW-BTC", "0.001"), ("KRW-ETH", "0.05"))
_WON: Final = 5_000_000


class Account:
    """Balances and two resting buy orders, 5 % below the prices at the start. All numbers are strings, as in REST."""

    def __init__(self, market: SimulatedMarket) -> None:
        """Describe the account of the exchange that trades ``market``; coins that are not listed are left out."""
        self._market = market
        self.orders: tuple[dict[str, Any], ...] = tuple(
            self._order(index, code, volume) for index, (code, volume) in enumerate(_ORDERED) if code in market.listings
        )

    def accounts(self) -> list[dict[str, Any]]:
        """Return the body of ``GET /v1/accounts``."""
        locked = sum(float(order["locked"]) for order in self.orders)
        rows = [_balance("KRW", f"{_WON - locked:.8f}", f"{locked:.8f}", "0")]
        for currency, amount in _HELD:
            listing = self._market.listings.get(f"KRW-{currency}")
            if listing is not None:
                rows.append(_balance(currency, amount, "0", shortest(listing.price)))
        return rows

    def order(self, uuid: str | None, identifier: str | None) -> dict[str, Any] | None:
        """Return the body of ``GET /v1/order``, or None when there is no such order."""
        for order in self.orders:
            if order["uuid"] == uuid or (identifier is not None and order["identifier"] == identifier):
                return {**order, "trades": []}
        return None

    def _order(self, index: int, code: str, volume: str) -> dict[str, Any]:
        market = self._market.market(code)
        price = market.grid.nearest(market.listing.price * 0.95)
        funds = price / 10**8 * float(volume)
        fee = f"{funds * 0.0005:.8f}"
        return {
            "uuid": f"00000000-0000-4000-8000-{index + 1:012d}",
            "side": "bid",
            "ord_type": "limit",
            "price": shortest(price),
            "state": "wait",
            "market": code,
            "created_at": f"{iso(self._market.now_ms - 3_600_000, kst=True)}+09:00",
            "volume": volume,
            "remaining_volume": volume,
            "executed_volume": "0",
            "executed_funds": "0",
            "reserved_fee": fee,
            "remaining_fee": fee,
            "paid_fee": "0",
            "locked": f"{funds * 1.0005:.8f}",
            "trades_count": 0,
            "time_in_force": None,
            "identifier": f"simulated-{index + 1}",
            "smp_type": None,
            "prevented_volume": "0",
            "prevented_locked": "0",
        }


def _balance(currency: str, balance: str, locked: str, average: str) -> dict[str, Any]:
    return {
        "currency": currency,
        "balance": balance,
        "locked": locked,
        "avg_buy_price": average,
        "avg_buy_price_modified": False,
        "unit_currency": "KRW",
    }
