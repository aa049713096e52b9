"""The balances of the account, put together from the stream and from REST. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upbit_qt_ws.events import MyAssetEvent
    from upbit_qt_ws.wire.rest_records import Balance

EXACT: Final = Context(prec=100)
"""Balances have up to 23 digits; a sum or a product of two of them keeps all of theirs."""

_HOME: Final = (None, "KRW")


@dataclass(frozen=True, slots=True)
class Holding:
    """One currency of the account.

    Attributes:
        currency: for example ``BTC``.
        balance: what is free to use.
        locked: what is bound in orders and withdrawals.
        average: average buy price in KRW; None if there is none, as for what was given or paid in.
    """

    currency: str
    balance: Decimal
    locked: Decimal
    average: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        """All of it, exact."""
        return EXACT.add(self.balance, self.locked)


class Holdings:
    """All balances. The stream tells only those that changed, without their average prices; REST tells all."""

    def __init__(self) -> None:
        """Know nothing."""
        self._holdings: dict[str, Holding] = {}
        self._heard: dict[str, tuple[int, int]] = {}

    def __iter__(self) -> Iterator[Holding]:
        """Yield the balances."""
        return iter(self._holdings.values())

    def take(self, event: MyAssetEvent) -> bool:
        """Take the currencies that changed; an older event does not overwrite a newer one. Tell whether any did."""
        changed = False
        for asset in event.assets:
            before = self._holdings.get(asset.currency)
            at, _ = self._heard.get(asset.currency, (0, 0))
            if event.timestamp and event.timestamp < at:
                continue
            self._heard[asset.currency] = max(event.timestamp, at), event.received_ns
            average = None if before is None else before.average
            after = Holding(asset.currency, asset.balance, asset.locked, average)
            self._holdings[asset.currency] = after
            changed |= after != before
        return changed

    def take_all(self, balances: Iterable[Balance], asked_ns: int) -> bool:
        """Take REST's list of all balances; tell whether it changed anything.

        Of what the stream has told since the question only the average price is taken.

        Args:
            balances: all that the account has.
            asked_ns: reading of ``time.monotonic_ns`` when they were asked for.
        """
        after = {balance.currency: _holding(balance) for balance in balances}
        for currency, (_, received_ns) in self._heard.items():
            held = self._holdings.get(currency)
            if received_ns >= asked_ns and held is not None:
                average = after[currency].average if currency in after else held.average
                after[currency] = Holding(currency, held.balance, held.locked, average)
        changed = after != self._holdings
        self._holdings = after
        return changed


def _holding(balance: Balance) -> Holding:
    # An average in another currency cannot be compared with prices in KRW, and 0 stands for none.
    average = balance.avg_buy_price if balance.unit_currency in _HOME else None
    return Holding(balance.currency, balance.balance, balance.locked, average or None)
