"""What the private socket has told of the account against what REST shows, from one audit to the next."""

from __future__ import annotations

from decimal import Decimal

from upbit_qt_ws.events import Asset, MyAssetEvent, MyOrderEvent, Side
from upbit_qt_ws.network.account_audit import AccountAudit
from upbit_qt_ws.network.account_watch import AccountWatch
from upbit_qt_ws.wire.rest_records import Balance, Order


def shown(uuid: str, executed: str = "0") -> Order:
    return Order(
        uuid=uuid, side="bid", ord_type="limit", state="wait", market="KRW-BTC", executed_volume=Decimal(executed)
    )


def told(uuid: str, state: str = "wait", executed: str = "0") -> MyOrderEvent:
    return MyOrderEvent(
        type="myOrder",
        code="KRW-BTC",
        uuid=uuid,
        ask_bid=Side.BID,
        order_type="limit",
        state=state,
        executed_volume=Decimal(executed),
    )


def balance(currency: str, free: str, locked: str = "0") -> Balance:
    return Balance(currency=currency, balance=Decimal(free), locked=Decimal(locked))


def asset(currency: str, free: str, locked: str = "0") -> MyAssetEvent:
    assets = (Asset(currency, Decimal(free), Decimal(locked)),)
    return MyAssetEvent(type="myAsset", asset_uuid="", assets=assets)


def audit() -> tuple[AccountAudit, AccountWatch]:
    watch = AccountWatch()
    return AccountAudit(watch), watch


def test_the_first_audit_only_looks() -> None:
    account, _ = audit()
    assert account.orders([shown("a"), shown("b")]) == frozenset()
    assert account.balances([balance("KRW", "100")]) == frozenset()
    assert account.orders([shown("a"), shown("b")]) == frozenset(), "nothing has changed"
    assert account.balances([balance("KRW", "100")]) == frozenset()


def test_an_order_that_was_placed_filled_or_ended_without_a_word_is_found_once() -> None:
    account, _ = audit()
    account.orders([shown("filled"), shown("ended"), shown("same")])
    now = [shown("filled", "0.5"), shown("same"), shown("new")]
    assert account.orders(now) == {"filled", "ended", "new"}
    assert account.orders(now) == frozenset()


def test_what_was_told_is_fine_also_if_the_socket_is_ahead_of_rest() -> None:
    account, watch = audit()
    account.orders([shown("filled"), shown("ended"), shown("ahead"), shown("gone")])
    for event in (
        told("filled", "trade", "0.5"),
        told("ended", "done", "1"),
        told("new"),
        told("ahead", "trade", "0.9"),
        told("gone", "cancel"),
    ):
        watch.heard(event)
    # REST shows what was so a moment ago.
    now = [shown("filled", "0.5"), shown("new"), shown("ahead", "0.4"), shown("gone", "0.1")]
    assert account.orders(now) == frozenset()


def test_an_order_whose_last_fill_was_not_told_is_found() -> None:
    account, watch = audit()
    account.orders([shown("a")])
    watch.heard(told("a", "trade", "0.3"))
    assert account.orders([shown("a", "0.5")]) == {"a"}


def test_a_balance_that_has_changed_without_a_word_is_found() -> None:
    account, watch = audit()
    account.balances([balance("KRW", "100"), balance("BTC", "1"), balance("ETH", "2"), balance("XRP", "3")])
    watch.heard(asset("BTC", "0.5", "0.5"))
    # A currency of which nothing is left is not listed.
    now = [balance("KRW", "90"), balance("BTC", "0.5", "0.5"), balance("SOL", "4"), balance("XRP", "3")]
    assert account.balances(now) == {"KRW", "ETH", "SOL"}
    assert account.balances(now) == frozenset()


def test_digits_that_only_the_socket_spells_are_no_difference() -> None:
    account, watch = audit()
    account.balances([balance("KRW", "1")])
    watch.heard(asset("KRW", "1386929.37231066771348207123"))
    assert account.balances([balance("KRW", "1386929.37231066")]) == frozenset()


def test_what_was_not_wanted_for_a_while_is_looked_at_anew() -> None:
    account, _ = audit()
    account.orders([shown("a")])
    account.balances([balance("KRW", "1")])
    account.forget("myOrder")
    assert account.orders([shown("b")]) == frozenset()
    assert account.balances([balance("KRW", "2")]) == {"KRW"}
    account.forget("myAsset")
    assert account.balances([balance("KRW", "3")]) == frozenset()


def test_what_is_told_meanwhile_can_be_counted() -> None:
    _, watch = audit()
    assert watch.times_told("a") == 0
    watch.heard(told("a"))
    watch.heard(told("a", "done"))
    watch.heard(asset("KRW", "1"))
    assert (watch.times_told("a"), watch.times_told("KRW")) == (2, 1)


def test_the_ends_of_old_orders_are_forgotten() -> None:
    _, watch = audit()
    for number in range(3_000):
        watch.heard(told(str(number), "done"))
    assert watch.has_told_end("2999")
    assert not watch.has_told_end("0")
    assert watch.times_told("0") == 0
