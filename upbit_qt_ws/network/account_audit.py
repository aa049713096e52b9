"""What the private socket has told, against what REST shows from one audit to the next. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_ws.network.account_watch import AccountWatch
    from upbit_qt_ws.wire.rest_records import Balance, Order

_ZERO: Final = Decimal(0)
_NOTHING: Final = (_ZERO, _ZERO)


class AccountAudit:
    """Finds changes of the account that were not told.

    The socket has no snapshots: what stood already when it was opened was never told. So only what REST shows to have
    changed since the last audit must have been told, and the first audit only looks.

    Args:
        watch: what was told.
    """

    def __init__(self, watch: AccountWatch) -> None:
        """Know nothing."""
        self._watch = watch
        self._orders: dict[str, Decimal] | None = None
        self._balances: dict[str, tuple[Decimal, Decimal]] | None = None

    def forget(self, kind: str) -> None:
        """Forget orders (``myOrder``) or balances (``myAsset``), which are not wanted: the next audit only looks."""
        if kind == "myOrder":
            self._orders = None
        else:
            self._balances = None

    def orders(self, shown: Iterable[Order]) -> frozenset[str]:
        """Take all open orders; return those, by uuid, that were placed, filled or ended without a word."""
        now = {order.uuid: order.executed_volume or _ZERO for order in shown}
        before, self._orders = self._orders, now
        if before is None:
            return frozenset()
        changed = (uuid for uuid, executed in now.items() if before.get(uuid) != executed)
        untold = {uuid for uuid in changed if not self._watch.has_told_fill(uuid, now[uuid])}
        untold.update(uuid for uuid in before.keys() - now.keys() if not self._watch.has_told_end(uuid))
        return frozenset(untold)

    def balances(self, shown: Iterable[Balance]) -> frozenset[str]:
        """Take all balances; return the currencies that have changed without a word."""
        now = {balance.currency: (balance.balance, balance.locked) for balance in shown}
        before, self._balances = self._balances, now
        if before is None:
            return frozenset()
        # A currency of which nothing is left is not listed.
        return frozenset(
            currency
            for currency in before.keys() | now.keys()
            if before.get(currency, _NOTHING) != (stands := now.get(currency, _NOTHING))
            and not self._watch.has_told_balance(currency, *stands)
        )
