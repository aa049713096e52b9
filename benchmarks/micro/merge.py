"""What it costs to make one request of the changes of 100 widgets, with 350 codes in the end."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from benchmarks.micro.timing import microseconds
from upbit_qt_ws.subscriptions import SubscriptionSpec, SubscriptionStateManager
from upbit_qt_ws.subscriptions.reconcile import Reconciler
from upbit_qt_ws.wire.requests import encode_request

if TYPE_CHECKING:
    from collections.abc import Callable

CODES = [f"KRW-A{number}" for number in range(350)]
WIDGETS = 100


def changes() -> Callable[[], str]:
    """Return what has to be done in the end: all widgets have a subscription, and each of them changes its codes."""
    ledger = SubscriptionStateManager()
    reconciler = Reconciler()
    reconciler.opened()
    mine = [[CODES[(number * 7 + step * 11) % len(CODES)] for step in range(20)] for number in range(WIDGETS)]
    ids = [ledger.add(number, SubscriptionSpec("ticker", tuple(mine[number][:10]))) for number in range(WIDGETS)]
    reconciler.set_desired(ledger.desired().wants, 0.0)
    wanted = {code for codes in mine for code in codes[10:]}
    rest = tuple(code for code in CODES if code not in wanted)

    def change() -> str:
        for number, identifier in enumerate(ids):
            codes = tuple(mine[number][10:]) + (rest if number == 0 else ())
            ledger.replace(identifier, SubscriptionSpec("ticker", codes))
        reconciler.set_desired(ledger.desired().wants, 1.0)
        decision = reconciler.decide(10.0)
        assert decision.request is not None
        return encode_request("ticket", decision.request)

    return change


def main(seconds: float) -> None:
    best = float("inf")
    for _ in range(max(3, int(seconds * 100))):
        change = changes()
        text: list[str] = []
        best = min(best, microseconds(lambda: text.append(change()), seconds=0.0))  # noqa: B023
        assert sum(code in text[0] for code in CODES) == len(CODES)
    print(json.dumps({"100 changes to one request": best / 1000}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
