"""Compares at the end of a run what the window has got with what the exchange knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reliability.components import MARKETS
from tests.reliability.verdict import limits_kept, lost_candles, lost_trades, wrong_values
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from tests.reliability.components import Churn
    from tests.reliability.verdict import Ledger
    from tests.reliability.world import World


async def judge(
    world: World,
    churn: Churn | None = None,
    ledger: Ledger | None = None,
    *,
    beside: frozenset[tuple[str, str]] = frozenset(),
) -> None:
    """Compare with what the exchange knows; it makes no trades after that.

    Args:
        world: after its script.
        churn: what subscribes besides the lasting components.
        ledger: when the exchange kept something to itself; None leaves out what needs it.
        beside: what another client of the same exchange may want.
    """
    report, components = world.report, world.components

    def is_held() -> bool:
        return _wanted(world) <= _served(world) <= _asked(world) | beside

    await world.until(is_held, "the exchange holds what is wanted")
    if not is_held():
        report.complain("subscription", f"held {sorted(_served(world))}, wanted {sorted(_wanted(world))}")
    before = components.witnesses["orders"].count
    if "orders" not in components.sleeping:
        for _ in range(10):
            # A connection that is to be cut after so many bytes may be cut by the first order.
            await world.aside(world.order)
            await world.until(
                lambda: components.witnesses["orders"].count > before, "an order", report_as=None, patience=2
            )
            if components.witnesses["orders"].count > before:
                break
        else:
            report.complain("stuck", f"no order is told; {world.sleepers()}")
    await world.aside(lambda: world.exchange.set_rate(0))
    for code in MARKETS:
        # A stream that the exchange had lost, and another request has restored, shows its newest value then.
        await world.aside(lambda code=code: world.exchange.trade(code))  # type: ignore[misc]
    for witness in components.witnesses.values():
        for epoch, text in witness.bare:
            if epoch in world.opened_anew:
                report.complain("order", text)
    values = [components.witnesses[name] for name in ("ticker", "orderbook") if name not in components.sleeping]
    await world.until(lambda: not wrong_values(world.exchange, values), "the newest values are shown", report_as=None)
    for wrong in wrong_values(world.exchange, values):
        report.complain("value", wrong)
    for witness in [*components.witnesses.values(), *(churn.witnesses if churn is not None else ())]:
        assert witness.subscription is not None
        account = witness.subscription.account
        if account.received != account.delivered + account.coalesced + account.dropped:
            report.complain("account", f"{witness.name}: {account}")
        if account.delivered != witness.count:
            report.complain("account", f"{witness.name}: {account}, but {witness.count} calls")
    if ledger is None:
        return
    for lost in lost_trades(world.exchange, components.witnesses["trades"], components.gaps, ledger):
        report.complain("lost", lost)
    for lost in lost_candles(world.exchange, components.witnesses["seconds"], components.gaps, ledger):
        report.complain("lost", lost)
    for broken in limits_kept(world.exchange, ledger):
        report.complain("limit", broken)


def _served(world: World) -> frozenset[tuple[str, str]]:
    return frozenset(
        (entry.type, entry.code) for view in world.exchange.connections if view.open for entry in view.subscription
    )


def _wanted(world: World) -> frozenset[tuple[str, str]]:
    ledger = world.manager.registry.ledger
    # What is said to be refused or not served is not held; the lasting topics are checked to be live besides.
    given_up = (SubscriptionState.REJECTED, SubscriptionState.NOT_SERVED)
    return frozenset(
        (topic.type, topic.code)
        for topic in ledger.desired().wants
        if world.manager.registry.topic_state(topic) not in given_up
    )


def _asked(world: World) -> frozenset[tuple[str, str]]:
    return frozenset((topic.type, topic.code) for topic in world.manager.registry.ledger.desired().wants)
