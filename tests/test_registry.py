"""The registry: components that nobody can see, and those that have gone."""

from __future__ import annotations

import pytest

from upbit_qt_ws.delivery import Delivery, Letter, Receiver
from upbit_qt_ws.events import Event, Source, StreamType, TickerEvent
from upbit_qt_ws.registry import ComponentRegistry
from upbit_qt_ws.subscriptions import LevelPolicy, SubscriptionSpec, SubscriptionState
from upbit_qt_ws.subscriptions.states import When
from upbit_qt_ws.wire.topics import Stream, Topic

BTC, ETH = Topic("ticker", "KRW-BTC"), Topic("ticker", "KRW-ETH")


class Widget:
    """A sink that keeps what it gets."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self.got: list[Event] = []
        self.number = registry.add(lambda: self)

    def deliver(self, batch: list[Delivery]) -> None:
        for receiver, _, event in batch:
            receiver.delivered += 1
            self.got.append(event)

    def topics_changed(self, topics: object) -> None:
        pass

    def gaps_found(self, gaps: object) -> None:
        pass


class House:
    """A registry with a clock and what it has asked for."""

    def __init__(self, grace: float = 0.0) -> None:
        self.now = 100.0
        self.changes = self.frames = 0
        self.registry = ComponentRegistry(
            LevelPolicy.FIRST_WINS, self._changed, self._frame_wanted, grace, lambda: self.now
        )

    def _changed(self) -> None:
        self.changes += 1

    def _frame_wanted(self) -> None:
        self.frames += 1

    def wanted(self) -> set[Topic]:
        return set(self.registry.ledger.desired().wants)

    def tell(self, price: float, topic: Topic = BTC) -> None:
        event = TickerEvent(
            type="ticker",
            code=topic.code,
            trade_price=price,
            timestamp=int(price),
            epoch=1,
            received_ns=int(price),
            stream_type=StreamType.REALTIME,
        )
        self.registry.router.route([Letter(topic, ((event, 1),))])


def prices(widget: Widget) -> list[float]:
    return [event.trade_price for event in widget.got if isinstance(event, TickerEvent)]


def adds_up(*receivers: Receiver) -> bool:
    accounts = [receiver.account for receiver in receivers]
    return all(each.received == each.delivered + each.coalesced + each.dropped for each in accounts)


def tickers(*codes: str, stream: Stream = Stream.BOTH) -> SubscriptionSpec:
    return SubscriptionSpec("ticker", codes, stream)


def test_a_component_that_rests_gets_the_last_value_when_it_is_seen_again() -> None:
    house = House()
    hidden, seen = Widget(house.registry), Widget(house.registry)
    mine = house.registry.subscribe(hidden.number, tickers("KRW-BTC", "KRW-ETH"))
    other = house.registry.subscribe(seen.number, tickers("KRW-BTC"))
    house.tell(1.0)
    house.registry.rest(hidden.number)
    assert house.registry.quiet_topics() == {ETH}
    house.tell(2.0)
    house.tell(3.0)
    assert (prices(hidden), prices(seen)) == ([1.0], [1.0, 2.0, 3.0])
    assert (mine.coalesced, house.wanted()) == (2, {BTC, ETH})
    frames = house.frames
    house.registry.wake(hidden.number)
    assert house.frames == frames + 1
    house.registry.router.route([])
    assert prices(hidden) == [1.0, 3.0]
    assert hidden.got[-1].source is Source.CACHE
    assert adds_up(mine, other)
    assert house.registry.quiet_topics() == frozenset()


def test_what_only_a_released_component_wants_is_not_asked_for_and_its_values_are_kept() -> None:
    house = House()
    hidden, seen = Widget(house.registry), Widget(house.registry)
    mine = house.registry.subscribe(hidden.number, tickers("KRW-BTC", "KRW-ETH"))
    house.registry.subscribe(seen.number, tickers("KRW-BTC"))
    house.tell(5.0, ETH)
    house.registry.rest(hidden.number)
    house.registry.release(hidden.number)
    assert house.wanted() == {BTC}
    house.registry.router.retire((ETH,), When(1, 10))
    late = house.registry.subscribe(hidden.number, tickers("KRW-SOL"))
    assert house.wanted() == {BTC}
    house.registry.wake(hidden.number)
    assert house.wanted() == {BTC, ETH, Topic("ticker", "KRW-SOL")}
    house.registry.router.route([])
    assert prices(hidden) == [5.0, 5.0]
    assert hidden.got[-1].source is Source.CACHE
    assert house.registry.topic_state(ETH) is SubscriptionState.PENDING
    assert adds_up(mine, late)


def test_trades_of_that_time_are_dropped_and_own_orders_are_not() -> None:
    house = House()
    hidden = Widget(house.registry)
    trades = house.registry.subscribe(hidden.number, SubscriptionSpec("trade", ("KRW-BTC",)))
    orders = house.registry.subscribe(hidden.number, SubscriptionSpec("myOrder", ()))
    house.registry.rest(hidden.number)
    assert (trades.is_paused, orders.is_paused) == (True, False)
    house.registry.release(hidden.number)
    assert house.wanted() == {Topic("myOrder", "")}
    trades.pass_over(3)
    assert (trades.account.received, trades.account.dropped) == (3, 3)


def test_a_value_that_may_be_overtaken_unseen_is_no_current_one() -> None:
    house = House()
    hidden = Widget(house.registry)
    house.registry.subscribe(hidden.number, tickers("KRW-BTC"))
    house.tell(1.0)
    assert house.registry.current(BTC) is not None
    house.registry.rest(hidden.number)
    assert house.registry.current(BTC) is None


def test_the_streams_of_a_component_that_has_gone_are_kept_for_a_while() -> None:
    house = House(grace=3.0)
    gone, stays = Widget(house.registry), Widget(house.registry)
    house.registry.subscribe(gone.number, tickers("KRW-BTC", "KRW-ETH"))
    house.registry.subscribe(stays.number, tickers("KRW-ETH"))
    house.tell(1.0)
    house.registry.remove(gone.number)
    assert house.wanted() == {BTC, ETH}
    assert house.registry.quiet_topics() == {BTC}
    assert house.registry.counts()["components"] == 1
    assert house.registry.counts()["subscriptions"] == 1
    house.now += 2.9
    house.registry.expire()
    again = Widget(house.registry)
    house.registry.subscribe(again.number, tickers("KRW-BTC"))
    house.registry.router.route([])
    assert prices(again) == [1.0]
    house.registry.remove(again.number)
    house.now += 0.2
    house.registry.expire()
    assert house.wanted() == {BTC, ETH}, "it has a grace of its own"
    house.now += 3.0
    house.registry.expire()
    assert house.wanted() == {ETH}


@pytest.mark.parametrize("stream", [Stream.SNAPSHOT, Stream.BOTH])
def test_only_streams_are_kept_and_nothing_private(stream: Stream) -> None:
    house = House(grace=3.0)
    gone = Widget(house.registry)
    house.registry.subscribe(gone.number, tickers("KRW-BTC", stream=stream))
    house.registry.subscribe(gone.number, SubscriptionSpec("myOrder", ()))
    house.registry.remove(gone.number)
    assert house.wanted() == ({BTC} if stream is Stream.BOTH else set())


def test_a_book_that_is_only_kept_gives_way_to_another_level() -> None:
    house = House(grace=3.0)
    gone, comes = Widget(house.registry), Widget(house.registry)
    house.registry.subscribe(gone.number, SubscriptionSpec("orderbook", ("KRW-BTC",), units=15))
    house.registry.remove(gone.number)
    house.registry.subscribe(comes.number, SubscriptionSpec("orderbook", ("KRW-BTC",), units=15, level=10_000.0))
    assert house.wanted() == {Topic("orderbook", "KRW-BTC", 10_000.0)}
    assert not house.registry.ledger.rejected
