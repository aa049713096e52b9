"""What is known of orders when the stream and REST tell of them in any order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_widgets.account.own_orders import GONE, KEPT_ROWS, PAGE, OwnOrder, OwnOrders
from upbit_qt_ws.events import MyOrderEvent, Side

SECOND = 1_000_000_000
TEN, HUNDRED = Decimal(10), Decimal(100)


def event(state: str = "wait", at: int = 0, filled: str = "0", uuid: str = "a", **fields: Any) -> MyOrderEvent:
    """Return what the stream tells of an order of 10 coins at 100, or, without a time, what REST tells."""
    executed = Decimal(filled)
    made = MyOrderEvent(
        type="myOrder",
        code="KRW-BTC",
        uuid=uuid,
        ask_bid=Side.BID,
        order_type="limit",
        state=state,
        price=Decimal(100),
        volume=Decimal(10),
        remaining_volume=10 - executed,
        executed_volume=executed,
        executed_funds=executed * 100,
        order_timestamp=1,
        timestamp=at,
    )
    return msgspec.structs.replace(made, **fields)


def fill(at: int, filled: str, **fields: Any) -> MyOrderEvent:
    """Return a fill, whose price and volume are not those of the order."""
    return event("trade", at, filled, price=Decimal(99), volume=Decimal(1), **fields)


def only(orders: OwnOrders) -> OwnOrder:
    (order,) = orders
    return order


STORY = (event("wait", 10), fill(20, "3"), fill(30, "7"), event("done", 40, "10"))


@given(st.permutations(STORY), st.data())
def test_the_newest_state_stands_in_whatever_order_it_is_told(told: list[MyOrderEvent], data: st.DataObject) -> None:
    orders = OwnOrders()
    for item in told:
        orders.take(item)
        if data.draw(st.booleans()):
            orders.take(data.draw(st.sampled_from(STORY[: STORY.index(item) + 1])))
    order = only(orders)
    assert (order.state, order.executed, order.price, order.volume) == ("done", TEN, HUNDRED, TEN)


@given(st.lists(st.sampled_from(STORY), min_size=1), st.sampled_from(["0", "3", "7"]))
def test_an_old_list_of_open_orders_takes_nothing_back(told: list[MyOrderEvent], filled: str) -> None:
    orders = OwnOrders()
    for item in told:
        orders.take(item)
    before = only(orders)
    orders.take_open([event("wait", 0, filled)], asked_ns=0)
    after = only(orders)
    assert after.executed >= before.executed
    assert after.is_open == before.is_open
    assert after.executed == max(before.executed, Decimal(filled) if before.is_open else before.executed)


def test_rest_tells_the_limit_of_an_order_that_was_first_heard_of_by_its_fill() -> None:
    orders = OwnOrders()
    orders.take(fill(20, "3"))
    assert (only(orders).price, only(orders).volume, only(orders).lacks_price) == (None, TEN, True)

    orders.take_open([event("wait", 0, "3")], asked_ns=0)

    assert (only(orders).price, only(orders).state, only(orders).lacks_price) == (HUNDRED, "trade", False)


def test_what_rest_tells_after_an_outage_moves_an_order_on_although_it_has_no_time() -> None:
    orders = OwnOrders()
    orders.take(event("wait", 10))
    assert orders.take(event("cancel", 0, "4"))
    assert (only(orders).state, only(orders).executed) == ("cancel", Decimal(4))
    assert not orders.take(event("wait", 0, "4"))


def test_an_order_that_the_list_lacks_has_ended_somehow_until_it_is_told_how() -> None:
    orders = OwnOrders()
    orders.take_open([event()], asked_ns=SECOND)
    orders.take_open([], asked_ns=2 * SECOND)
    assert (only(orders).state, only(orders).is_open) == (GONE, False)
    orders.take(event("done", 40, "10"))
    assert only(orders).state == "done"


def test_an_order_that_is_newer_than_the_question_is_not_missed_in_the_answer() -> None:
    orders = OwnOrders()
    orders.take(event("wait", 10, received_ns=5 * SECOND))
    orders.take_open([], asked_ns=4 * SECOND)
    assert only(orders).is_open
    # The call may be one that another widget began earlier.
    orders.take_open([], asked_ns=6 * SECOND)
    assert only(orders).is_open
    orders.take_open([], asked_ns=9 * SECOND)
    assert only(orders).state == GONE


def test_a_list_that_is_full_or_of_another_market_says_nothing_of_orders_that_it_lacks() -> None:
    orders = OwnOrders()
    orders.take_open([event()], asked_ns=SECOND)
    orders.take_open([event(uuid=str(number)) for number in range(PAGE)], asked_ns=2 * SECOND)
    orders.take_open([], asked_ns=3 * SECOND, market="KRW-ETH")
    assert all(order.is_open for order in orders)
    orders.take_open([], asked_ns=4 * SECOND, market="KRW-BTC")
    assert not any(order.is_open for order in orders)


@given(st.lists(st.tuples(st.integers(0, 80), st.sampled_from(["wait", "done", "cancel"])), max_size=200))
def test_open_orders_stay_and_only_the_newest_fifty_of_the_others(told: list[tuple[int, str]]) -> None:
    orders = OwnOrders()
    expected: dict[str, str] = {}
    for at, (number, state) in enumerate(told, start=1):
        if expected.get(str(number), "wait") == "wait":
            expected[str(number)] = state
        orders.take(event(state, at, uuid=str(number)))
    still_open = {uuid for uuid, state in expected.items() if state == "wait"}
    assert still_open <= {order.uuid for order in orders}
    assert len(orders) <= max(KEPT_ROWS, len(still_open) + KEPT_ROWS)
    newest = list(orders)[-KEPT_ROWS:]
    assert all(order.is_open for order in orders if order not in newest)


def test_the_share_of_a_purchase_for_an_amount_of_money_is_that_of_the_money() -> None:
    orders = OwnOrders()
    orders.take(
        event(
            "cancel",
            10,
            "2",
            order_type="price",
            price=Decimal(1000),
            volume=None,
            remaining_volume=None,
            executed_funds=Decimal(250),
        )
    )
    assert (only(orders).share, only(orders).average) == (Decimal("0.25"), Decimal(125))
