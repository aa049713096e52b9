"""The fan-out: everybody gets what was asked for, and every account adds up."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.backpressure import coalesce_by_symbol, drop_oldest, throttle
from upbit_qt_ws.delivery.fanout import FanoutHub, Sink
from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.delivery.receiver import Account, Delivery, Receiver
from upbit_qt_ws.events import Event, OrderbookEvent, OrderbookUnit, StreamType, TickerEvent
from upbit_qt_ws.subscriptions import Gap, SubscriptionSpec
from upbit_qt_ws.wire.topics import Stream, Topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.delivery.backpressure import Policy

POLICIES = (None, drop_oldest(1), drop_oldest(5), coalesce_by_symbol(), throttle(500))
SNAPSHOT, REALTIME = StreamType.SNAPSHOT, StreamType.REALTIME
CODES = ("KRW-BTC", "KRW-ETH", "KRW-XRP")
BTC = Topic("ticker", "KRW-BTC")
BOOK = Topic("orderbook", "KRW-BTC")


def ticker(price: float = 1.0, kind: StreamType = REALTIME, code: str = "KRW-BTC") -> TickerEvent:
    return TickerEvent(type="ticker", code=code, trade_price=price, stream_type=kind)


def book(depth: int) -> OrderbookEvent:
    units = tuple(OrderbookUnit(100.0 + step, 99.0 - step, 1.0, 2.0) for step in range(depth))
    return OrderbookEvent(type="orderbook", code="KRW-BTC", orderbook_units=units, total_ask_size=float(depth))


class Component:
    """A sink that does what is promised of one: deliver what is still wanted, and enter the rest as dropped."""

    def __init__(self, hub: FanoutHub, number: int) -> None:
        self.hub = hub
        self.number = number
        self.alive = True
        self.got: list[tuple[int, Event]] = []
        self.states: list[frozenset[Topic]] = []
        self.topics: dict[int, tuple[Receiver, tuple[Topic, ...]]] = {}
        self.on_event: Callable[[Event], None] = lambda event: None
        hub.attach(number, self.reference)

    def reference(self) -> Sink | None:
        return self if self.alive else None

    def join(self, key: int, spec: SubscriptionSpec, policy: Policy | None = None) -> Receiver:
        receiver = Receiver(key, self.number, spec, policy)
        self.topics[key] = (receiver, spec.topics)
        self.hub.route(receiver, (), spec.topics)
        return receiver

    def swap(self, key: int, spec: SubscriptionSpec) -> None:
        receiver, before = self.topics[key]
        receiver.configure(spec)
        self.topics[key] = (receiver, spec.topics)
        self.hub.route(receiver, before, spec.topics)

    def leave(self, key: int) -> None:
        receiver, topics = self.topics.pop(key)
        self.hub.close(receiver, topics)

    def deliver(self, batch: list[Delivery]) -> None:
        for receiver, generation, event in batch:
            if receiver.id in self.topics and generation == receiver.generation:
                receiver.delivered += 1
                self.got.append((receiver.id, event))
                self.on_event(event)
            else:
                receiver.dropped += 1

    def gaps_found(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps

    def topics_changed(self, topics: frozenset[Topic]) -> None:
        self.states.append(topics)


def tickers(*codes: str, stream: Stream = Stream.BOTH) -> SubscriptionSpec:
    return SubscriptionSpec("ticker", codes or ("KRW-BTC",), stream)


def books(units: int) -> SubscriptionSpec:
    return SubscriptionSpec("orderbook", ("KRW-BTC",), Stream.BOTH, units)


def adds_up(account: Account) -> bool:
    return account.received == account.delivered + account.coalesced + account.dropped


def test_everybody_who_wants_a_topic_gets_the_same_event_and_nobody_else_does() -> None:
    hub = FanoutHub()
    first, second, other = (Component(hub, number) for number in (1, 2, 3))
    first.join(1, tickers())
    first.join(2, tickers("KRW-BTC", "KRW-ETH"))
    second.join(3, tickers())
    other.join(4, tickers("KRW-ETH"))
    event = ticker()
    assert hub.deliver([Letter(BTC, ((event, 1),))]) == 3
    assert [key for key, _ in first.got] == [1, 2]
    assert all(got is event for _, got in first.got + second.got)
    assert other.got == []


def test_a_frame_reaches_a_component_as_one_batch_in_the_order_of_the_letters() -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    component.join(1, tickers(*CODES))
    events = [ticker(number, code=code) for number, code in enumerate(reversed(CODES))]
    hub.deliver([Letter(Topic("ticker", event.code), ((event, 1),)) for event in events])
    assert [event for _, event in component.got] == events


@pytest.mark.parametrize(
    ("stream", "prices", "account"),
    [
        (Stream.BOTH, [1.0, 2.0], Account(9, 2, 4, 3)),
        (Stream.SNAPSHOT, [1.0], Account(4, 1, 1, 2)),
        (Stream.REALTIME, [2.0], Account(5, 1, 3, 1)),
    ],
)
def test_each_subscriber_sees_and_accounts_for_its_own_kind(
    stream: Stream, prices: list[float], account: Account
) -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    receiver = component.join(1, tickers(stream=stream))
    hub.deliver([Letter(BTC, ((ticker(1.0, SNAPSHOT), 2), (ticker(2.0), 4)), ((SNAPSHOT, 2), (REALTIME, 1)))])
    assert [event.trade_price for _, event in component.got if isinstance(event, TickerEvent)] == prices
    assert receiver.account == account
    assert adds_up(account)


def test_a_book_is_cut_to_the_depth_that_was_asked_for_and_the_cut_is_shared() -> None:
    hub = FanoutHub()
    components = [Component(hub, number) for number in range(4)]
    for component, units in zip(components, (5, 5, 15, 30), strict=True):
        component.join(component.number, books(units))
    original = book(30)
    hub.deliver([Letter(BOOK, ((original, 1),))])
    five, same_five, fifteen, whole = (component.got[0][1] for component in components)
    assert five is same_five
    assert whole is original
    for event, units in ((five, 5), (fifteen, 15)):
        assert isinstance(event, OrderbookEvent)
        assert event.orderbook_units == original.orderbook_units[:units]
        assert event.total_ask_size == 30.0
    assert len(original.orderbook_units) == 30


def test_a_book_with_fewer_units_than_asked_for_is_passed_on_as_it_is() -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    component.join(1, books(15))
    original = book(15)
    hub.deliver([Letter(BOOK, ((original, 1),))])
    assert component.got[0][1] is original


def test_a_late_joiner_gets_the_cached_value_first_in_its_own_depth_and_kind() -> None:
    hub = FanoutHub()
    joiner, other = Component(hub, 1), Component(hub, 2)
    shallow = joiner.join(1, books(5))
    live_only = other.join(2, SubscriptionSpec("orderbook", ("KRW-BTC",), Stream.REALTIME, 30))
    cached = OrderbookEvent(
        type="orderbook", code="KRW-BTC", orderbook_units=book(30).orderbook_units, stream_type=SNAPSHOT
    )
    new = book(30)
    hub.deliver([Letter(BOOK, ((new, 1),))], [(shallow, cached), (live_only, cached)])
    kinds = [
        (event.stream_type, len(event.orderbook_units)) for _, event in joiner.got if isinstance(event, OrderbookEvent)
    ]
    assert kinds == [(SNAPSHOT, 5), (REALTIME, 5)]
    assert [event for _, event in other.got] == [new]
    assert shallow.account == Account(2, 2)
    assert live_only.account == Account(1, 1)


def test_a_dead_or_detached_component_harms_nobody_and_its_events_count_as_dropped() -> None:
    hub = FanoutHub()
    dead, gone, living = (Component(hub, number) for number in (1, 2, 3))
    lost = [dead.join(1, tickers()), gone.join(2, tickers())]
    living.join(3, tickers())
    dead.alive = False
    hub.detach(gone.number)
    hub.deliver([Letter(BTC, ((ticker(), 3),))])
    assert [key for key, _ in living.got] == [3]
    assert [receiver.account for receiver in lost] == [Account(3, 0, 2, 1)] * 2


def test_a_component_that_raises_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    hub = FanoutHub()
    first, broken, last = (Component(hub, number) for number in (1, 2, 3))
    for component in (first, broken, last):
        component.join(component.number, tickers())

    def fail(event: Event) -> None:
        raise RuntimeError("broken widget")

    broken.on_event = fail
    with caplog.at_level(logging.ERROR):
        hub.deliver([Letter(BTC, ((ticker(1.0), 1),))])
        hub.deliver([Letter(BTC, ((ticker(2.0), 1),))])
    assert len(first.got) == len(last.got) == 2
    assert caplog.text.count("broken widget") >= 2
    assert adds_up(hub.total())


def test_the_account_of_a_component_that_raises_adds_up_too(caplog: pytest.LogCaptureFixture) -> None:
    hub = FanoutHub()
    broken = Component(hub, 1)
    receiver = broken.join(1, tickers(*CODES))

    def fail(event: Event) -> None:
        raise RuntimeError("broken widget")

    broken.on_event = fail
    with caplog.at_level(logging.ERROR):
        hub.deliver([Letter(Topic("ticker", code), ((ticker(code=code), 1),)) for code in CODES])
    assert receiver.account.received == 3
    assert adds_up(receiver.account)


def test_news_of_topics_goes_once_to_each_component_that_wants_one_of_them() -> None:
    hub = FanoutHub()
    first, second, other, dead = (Component(hub, number) for number in (1, 2, 3, 4))
    first.join(1, tickers("KRW-BTC", "KRW-ETH"))
    first.join(2, tickers("KRW-BTC"))
    second.join(3, tickers("KRW-ETH"))
    other.join(4, tickers("KRW-XRP"))
    dead.join(5, tickers("KRW-BTC"))
    dead.alive = False
    changed = frozenset({BTC, Topic("ticker", "KRW-ETH")})
    hub.announce([*changed, Topic("trade", "KRW-BTC")])
    for component in (first, second):
        assert [topics & changed for topics in component.states] == [changed]
    assert other.states == []


def test_each_of_several_gaps_of_a_topic_is_told() -> None:
    hub = FanoutHub()
    component, other = Component(hub, 1), Component(hub, 2)
    component.join(1, tickers("KRW-BTC", "KRW-ETH"))
    other.join(2, tickers("KRW-ETH"))
    first, second = Gap(BTC, 1, 2, "cut"), Gap(BTC, 5, 8, "cut again")
    hub.announce_gaps([first, Gap(Topic("ticker", "KRW-ETH"), 1, 3, "cut"), second])
    assert [gap for gap in component.gaps if gap.topic == BTC] == [first, second]
    assert [gap.topic.code for gap in other.gaps] == ["KRW-ETH"]


def test_a_component_that_raises_at_news_keeps_nobody_else_from_them(caplog: pytest.LogCaptureFixture) -> None:
    hub = FanoutHub()
    other = Component(hub, 2)

    class Broken(Component):
        def topics_changed(self, topics: frozenset[Topic]) -> None:
            raise RuntimeError("broken widget")

    broken = Broken(hub, 1)
    broken.join(1, tickers())
    other.join(2, tickers())
    with caplog.at_level(logging.ERROR):
        hub.announce([BTC])
    assert other.states == [frozenset({BTC})]
    assert "broken widget" in caplog.text


def test_a_swap_drops_what_is_queued_for_the_old_codes_and_the_total_keeps_the_closed() -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    swapped = component.join(1, tickers("KRW-BTC", "KRW-ETH"))
    closed = component.join(2, tickers("KRW-BTC", "KRW-ETH"))

    def change(event: Event) -> None:
        component.on_event = lambda event: None
        component.swap(1, tickers("KRW-XRP"))
        component.leave(2)

    component.on_event = change
    hub.deliver([Letter(Topic("ticker", code), ((ticker(code=code), 2),)) for code in CODES])
    assert [(key, event.timestamp) for key, event in component.got] == [(1, 0)]
    assert swapped.account == Account(4, 1, 2, 1)
    assert closed.account == Account(4, 0, 2, 2)
    assert hub.total() == Account(8, 1, 4, 3)
    hub.deliver([Letter(Topic("ticker", code), ((ticker(code=code), 1),)) for code in CODES])
    assert hub.total() == Account(9, 2, 4, 3)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["join", "swap", "leave", "kill", "frame", "frame", "frame"]),
        st.integers(0, 9),
        st.sets(st.sampled_from(CODES), min_size=1).map(sorted).map(tuple),
        st.sampled_from([Stream.BOTH, Stream.SNAPSHOT, Stream.REALTIME]),
    ),
    min_size=8,
    max_size=40,
)


@given(actions=ACTIONS, in_frame=ACTIONS)
def test_all_accounts_add_up_whatever_happens_also_in_the_middle_of_a_frame(
    actions: list[tuple[str, int, tuple[str, ...], Stream]], in_frame: list[tuple[str, int, tuple[str, ...], Stream]]
) -> None:
    hub = FanoutHub()
    components = [Component(hub, number) for number in range(3)]
    receivers: list[Receiver] = []
    pending = list(in_frame)
    frames_sent = 0

    def act(name: str, number: int, codes: tuple[str, ...], stream: Stream) -> None:
        component = components[number % 3]
        spec = tickers(*codes, stream=stream)
        keys = sorted(component.topics)
        if name == "join":
            receivers.append(component.join(len(receivers), spec, POLICIES[number % len(POLICIES)]))
        elif name == "swap" and keys:
            component.swap(keys[number % len(keys)], spec)
        elif name == "leave" and keys:
            component.leave(keys[number % len(keys)])
        elif name == "kill":
            component.alive = False

    def disturb(event: Event) -> None:
        if pending:
            act(*pending.pop())

    for component in components:
        component.on_event = disturb
    for name, number, codes, stream in actions:
        if name != "frame":
            act(name, number, codes, stream)
            continue
        frames_sent += 1
        letters = [
            Letter(
                Topic("ticker", code),
                ((ticker(1.0, SNAPSHOT, code), 1 + number % 2), (ticker(2.0, REALTIME, code), 1 + number)),
                ((REALTIME, number),) if number else (),
                whole=number % 2 == 1,
            )
            for code in codes
        ]
        hub.deliver(letters, now=0.3 * frames_sent)
        assert all(adds_up(receiver.account) for receiver in receivers)
    hub.deliver([], now=1000.0)
    assert hub.due == math.inf
    total = Account()
    for receiver in receivers:
        total = total.plus(receiver.account)
        assert min(receiver.account) >= 0
    assert hub.total() == total
    assert adds_up(total)
    assert total.delivered == sum(len(component.got) for component in components)
    assert frames_sent or total == Account()


def test_each_subscriber_of_a_topic_has_its_own_policy() -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    component.join(1, tickers())
    component.join(2, tickers(), drop_oldest(2))
    component.join(3, tickers(), throttle(1000))
    for frame in range(3):
        events = [ticker(10.0 * frame + step) for step in range(3)]
        hub.deliver([Letter(BTC, tuple((event, 1) for event in events), whole=True)], now=0.4 * frame)
    assert hub.due == 1.0
    hub.deliver([], now=1.0)
    prices = {key: [event.trade_price for of, event in component.got if of == key] for key in (1, 2, 3)}  # type: ignore[attr-defined]
    assert prices == {1: [2.0, 12.0, 22.0], 2: [1.0, 2.0, 11.0, 12.0, 21.0, 22.0], 3: [2.0, 22.0]}
    accounts = [receiver.account for receiver, _ in component.topics.values()]
    assert accounts == [Account(9, 3, 6, 0), Account(9, 6, 0, 3), Account(9, 2, 7, 0)]
    assert [receiver.overflowed for receiver, _ in component.topics.values()] == [0, 3, 0]


def test_what_waits_for_a_subscription_that_swaps_or_ends_is_dropped() -> None:
    hub = FanoutHub()
    component = Component(hub, 1)
    receiver = component.join(1, tickers(), throttle(1000))
    for price in (1.0, 2.0):
        hub.deliver([Letter(BTC, ((ticker(price), 1),))], now=price / 10)
    assert receiver.account == Account(1, 1, 0, 0)
    component.swap(1, tickers("KRW-ETH"))
    assert receiver.account == Account(2, 1, 0, 1)
    assert hub.due == math.inf
    hub.deliver([], now=5.0)
    component.leave(1)
    assert len(component.got) == 1
