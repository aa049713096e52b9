"""Balances of the account: what is free, what orders lock, what it was bought for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing.orders import text

_ZERO: Final = Decimal(0)
_EIGHT_DECIMALS: Final = Decimal("1e-8")


@dataclass(slots=True)
class Asset:
    """One currency: free and locked amount, and the mean price of the coins that were bought."""

    currency: str
    free: Decimal
    locked: Decimal = _ZERO
    average: Decimal = _ZERO

    @property
    def pair(self) -> dict[str, Any]:
        """The asset as ``myAsset`` tells it."""
        return {"currency": self.currency, "balance": self.free, "locked": self.locked}


class Balances:
    """The assets by currency, in the order in which they were acquired; the money comes first."""

    def __init__(self, money: Asset) -> None:
        """Begin with money alone."""
        self._money = money.currency
        self._assets = {money.currency: money}

    def of(self, currency: str) -> Asset:
        """Return one asset, empty when the account never had it."""
        return self._assets.setdefault(currency, Asset(currency, _ZERO))

    def put(self, asset: Asset) -> None:
        """Add an asset."""
        self._assets[asset.currency] = asset

    def lock(self, currency: str, amount: Decimal) -> None:
        """Move a free amount to the locked one.

        Raises:
            SimulatorError: there is not enough of it.
        """
        asset = self.of(currency)
        if amount > asset.free:
            raise SimulatorError(f"the account has {asset.free:f} {currency} free, the order needs {amount:f}")
        asset.free -= amount
        asset.locked += amount

    def release(self, currency: str, amount: Decimal) -> None:
        """Move a locked amount back to the free one."""
        self.of(currency).locked -= amount
        self.of(currency).free += amount

    def buy(self, currency: str, volume: Decimal, price: Decimal) -> None:
        """Add coins and average their price in."""
        asset = self.of(currency)
        held = asset.free + asset.locked
        asset.average = ((asset.average * held + price * volume) / (held + volume)).quantize(_EIGHT_DECIMALS)
        asset.free += volume

    def pairs(self, *currencies: str) -> list[dict[str, Any]]:
        """Return assets as ``myAsset`` tells them; all that are not empty without ``currencies``."""
        wanted = [self.of(currency) for currency in currencies] or self._held()
        return [asset.pair for asset in wanted]

    def rows(self) -> list[dict[str, Any]]:
        """Return the body of ``GET /v1/accounts``."""
        return [
            {
                "currency": asset.currency,
                "balance": text(asset.free),
                "locked": text(asset.locked),
                "avg_buy_price": text(asset.average),
                "avg_buy_price_modified": False,
                "unit_currency": self._money,
            }
            for asset in self._held()
        ]

    def _held(self) -> list[Asset]:
        money = self._money
        return [asset for asset in self._assets.values() if asset.free or asset.locked or asset.currency == money]
