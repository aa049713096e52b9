"""What comes for a component while one of its own slots or callbacks runs a nested Qt loop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.backpressure import DEFAULT_LIMIT, coalesce_by_symbol, drop_oldest, throttle
from upbit_qt_ws.delivery.fanout import FanoutHub
from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.delivery.parked import ParkedDeliveries
from upbit_qt_ws.delivery.receiver import Delivery, Receiver
from upbit_qt_ws.events import Event, Side, TickerEvent, TradeEvent
from upbit_qt_ws.subscriptions import SubscriptionSpec
from upbit_qt_ws.wire.topics import Topic

CODES = ("KRW-BTC", "KRW-ETH")
BTC = Topic("ticker", "KRW-BTC")


def ticker(price: float, code: str = "KRW-BTC") -> TickerEvent:
    return TickerEvent(type="ticker", code=code, trade_price=price)


def trade(number: int) -> TradeEvent:
    return TradeEvent(
        type="trade", code="KRW-BTC", trade_price=1.0, trade_volume=1.0, ask_bid=Side.ASK, sequential_id=number
    )


def prices(deliveries: list[Delivery]) -> list[float]:
    return [delivery.event.trade_price for delivery in deliveries if isinstance(delivery.event, TickerEvent)]


def test_of_states_the_newest_of_each_market_waits() -> None:
    receiver, parked = Receiver(1, 1, SubscriptionSpec("ticker", CODES)), ParkedDeliveries()
    for event in (ticker(1), ticker(2, "KRW-ETH"), ticker(3), ticker(4)):
        receiver.received += 1
        parked.add([Delivery(receiver, 0, event)])
    assert receiver.account == (2, 0, 2, 0), "what waits is not in the account yet"
    assert sorted(prices(parked.take())) == [2, 4]
    assert not parked.take()


def test_events_wait_in_order_up_to_a_bound() -> None:
    receiver, parked = Receiver(1, 1, SubscriptionSpec("trade", CODES)), ParkedDeliveries()
    parked.add([Delivery(receiver, 0, trade(number)) for number in range(DEFAULT_LIMIT + 3)])
    taken = [delivery.event for delivery in parked.take()]
    assert [event.sequential_id for event in taken if isinstance(event, TradeEvent)] == list(
        range(3, DEFAULT_LIMIT + 3)
    )
    assert (receiver.dropped, receiver.overflowed) == (3, 3)


def test_what_waits_for_swapped_codes_is_dropped() -> None:
    receiver, parked = Receiver(1, 1, SubscriptionSpec("ticker", CODES)), ParkedDeliveries()
    receiver.received = 2
    parked.add([Delivery(receiver, 0, ticker(1))])
    parked.add([Delivery(receiver, 1, ticker(2))])
    assert prices(parked.take()) == [2]
    assert receiver.account == (2, 0, 0, 1)


@given(
    st.sampled_from((None, coalesce_by_symbol(), drop_oldest(3), throttle(100))),
    st.lists(st.tuples(st.sampled_from(CODES), st.booleans()), max_size=40),
)
def test_accounts_add_up_whatever_waits(policy: object, steps: list[tuple[str, bool]]) -> None:
    receiver = Receiver(1, 1, SubscriptionSpec("ticker", CODES), policy)  # type: ignore[arg-type]
    parked = ParkedDeliveries()
    newest: dict[str, float] = {}
    told: dict[str, float] = {}
    for number, (code, takes) in enumerate(steps):
        receiver.received += 1
        newest[code] = number
        parked.add([Delivery(receiver, 0, ticker(number, code))])
        account = receiver.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        if takes:
            for delivery in parked.take():
                receiver.delivered += 1
                assert isinstance(delivery.event, TickerEvent)
                assert delivery.event.trade_price > told.get(delivery.event.code, -1.0), "in order"
                told[delivery.event.code] = delivery.event.trade_price
            assert receiver.account.received == receiver.received
            if not isinstance(policy, type(drop_oldest(3))):
                assert told == newest


def test_others_get_what_was_under_way_before_what_comes_later() -> None:
    """A component runs a nested loop in which the next frame is delivered: nobody sees an older price after it."""

    class Component:
        def __init__(self) -> None:
            self.got: list[float] = []
            self.nest = False

        def deliver(self, batch: list[Delivery]) -> None:
            for receiver, _, event in batch:
                receiver.delivered += 1
                assert isinstance(event, TickerEvent)
                self.got.append(event.trade_price)
            if self.nest:
                self.nest = False
                hub.deliver([letter(2.0)])

        def topics_changed(self, topics: frozenset[Topic]) -> None:
            raise AssertionError

        def gaps_found(self, gaps: object) -> None:
            raise AssertionError

    def letter(price: float) -> Letter:
        event: Event = ticker(price)
        return Letter(BTC, ((event, 1),))

    hub = FanoutHub()
    components = [Component(), Component()]
    for number, component in enumerate(components, 1):
        hub.attach(number, lambda component=component: component)  # type: ignore[misc]
        hub.route(Receiver(number, number, SubscriptionSpec("ticker", ("KRW-BTC",))), (), (BTC,))
    components[0].nest = True
    hub.deliver([letter(1.0)])
    assert [component.got for component in components] == [[1.0, 2.0], [1.0, 2.0]]
