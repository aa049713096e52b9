"""What REST shows of the account is told only where it differs from what was told before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from upbit_qt_ws.events import Asset, MyAssetEvent, MyOrderEvent, Side
from upbit_qt_ws.network.account_watch import AccountWatch
from upbit_qt_ws.wire.rest_records import Balance, Order


def order(uuid: str, state: str = "wait", executed: str = "0", **more: Any) -> Order:
    return Order(
        uuid=uuid,
        side="bid",
        ord_type="limit",
        state=state,
        market="KRW-BTC",
        executed_volume=Decimal(executed),
        **more,
    )


def told(uuid: str, state: str, executed: str = "0") -> MyOrderEvent:
    return MyOrderEvent(
        type="myOrder",
        code="KRW-BTC",
        uuid=uuid,
        ask_bid=Side.BID,
        order_type="limit",
        state=state,
        executed_volume=Decimal(executed),
    )


def balances(*assets: tuple[str, str, str]) -> MyAssetEvent:
    listed = tuple(Asset(currency, Decimal(free), Decimal(locked)) for currency, free, locked in assets)
    return MyAssetEvent(type="myAsset", asset_uuid="x", assets=listed)


def row(currency: str, free: str, locked: str = "0") -> Balance:
    return Balance(currency=currency, balance=Decimal(free), locked=Decimal(locked))


def test_an_order_that_stands_as_it_was_told_is_no_news() -> None:
    watch = AccountWatch()
    watch.heard(told("a", "wait"))
    watch.heard(told("b", "trade", "0.5"))
    assert watch.news_of_orders([order("a"), order("b", executed="0.5")]) == []


def test_a_fill_that_was_missed_is_news() -> None:
    watch = AccountWatch()
    watch.heard(told("a", "wait"))
    (event,) = watch.news_of_orders([order("a", executed="0.25")])
    assert (event.uuid, event.executed_volume) == ("a", Decimal("0.25"))
    watch.heard(event)
    assert watch.news_of_orders([order("a", executed="0.25")]) == []


def test_an_order_that_is_no_longer_open_is_looked_for_until_its_end_was_told() -> None:
    watch = AccountWatch()
    watch.heard(told("a", "wait"))
    watch.heard(told("b", "wait"))
    assert watch.missing_from([order("b")]) == ("a",)
    (event,) = watch.news_of_orders([order("a", state="done", executed="1")])
    assert event.state == "done"
    watch.heard(event)
    assert watch.missing_from([order("b")]) == ()


def test_orders_come_in_the_order_of_their_making() -> None:
    later, earlier = "2026-01-02T00:00:00+09:00", "2026-01-01T00:00:00+09:00"
    news = AccountWatch().news_of_orders([order("b", created_at=later), order("a", created_at=earlier)])
    assert [event.uuid for event in news] == ["a", "b"]


def test_only_balances_that_differ_are_told_and_a_currency_that_is_gone_is_zero() -> None:
    watch = AccountWatch()
    watch.heard(balances(("KRW", "100", "0"), ("BTC", "1", "0.5"), ("ETH", "2", "0")))
    (event,) = watch.news_of_balances([row("KRW", "100"), row("BTC", "1.5")])
    assert event.assets == (
        Asset("BTC", Decimal("1.5"), Decimal(0)),
        Asset("ETH", Decimal(0), Decimal(0)),
    )
    watch.heard(event)
    assert watch.news_of_balances([row("KRW", "100"), row("BTC", "1.5")]) == []
