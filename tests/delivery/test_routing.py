"""The routing engine: what a frame of letters does to subscribers, states and last values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.delivery.receiver import Delivery, Receiver
from upbit_qt_ws.delivery.routing import DataRoutingEngine
from upbit_qt_ws.events import CandleEvent, Event, Source, StreamType, TickerEvent
from upbit_qt_ws.subscriptions import SubscriptionSpec, SubscriptionState
from upbit_qt_ws.subscriptions.states import When
from upbit_qt_ws.wire.topics import Endpoint, Stream, Topic

if TYPE_CHECKING:
    from upbit_qt_ws.delivery.fanout import Sink

BTC, ETH = Topic("ticker", "KRW-BTC"), Topic("ticker", "KRW-ETH")
CANDLE = Topic("candle.1m", "KRW-BTC")


class Widget:
    """A sink that keeps what it was given."""

    def __init__(self, engine: DataRoutingEngine, number: int) -> None:
        self.engine = engine
        self.number = number
        self.got: list[Event] = []
        engine.hub.attach(number, self.reference)

    def reference(self) -> Sink | None:
        return self

    def join(self, *topics: Topic, stream: Stream = Stream.BOTH) -> Receiver:
        receiver = Receiver(self.number, self.number, SubscriptionSpec(topics[0].type, (topics[0].code,), stream))
        self.engine.hub.route(receiver, (), topics)
        return receiver

    def deliver(self, batch: list[Delivery]) -> None:
        for receiver, generation, event in batch:
            if generation == receiver.generation:
                receiver.delivered += 1
                self.got.append(event)
            else:
                receiver.dropped += 1

    def gaps_found(self, gaps: object) -> None:
        self.gaps = gaps

    def topics_changed(self, topics: frozenset[Topic]) -> None:
        """Not asked for here."""


def ticker(price: float, epoch: int = 1, topic: Topic = BTC, kind: StreamType = StreamType.REALTIME) -> TickerEvent:
    return TickerEvent(type="ticker", code=topic.code, trade_price=price, epoch=epoch, stream_type=kind)


def candle(minute: int, price: float) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T00:{minute:02}:00",
        opening_price=1.0,
        high_price=1.0,
        low_price=1.0,
        trade_price=price,
        epoch=1,
    )


def letter(*events: Event, topic: Topic = BTC) -> Letter:
    return Letter(topic, tuple((event, 1) for event in events))


def prices(events: list[Event]) -> list[float]:
    return [event.trade_price for event in events if isinstance(event, TickerEvent | CandleEvent)]


def test_the_first_data_makes_a_topic_live_and_is_told_once() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    widget.join(BTC, ETH)
    assert engine.route([letter(ticker(1.0)), letter(ticker(2.0, topic=ETH), topic=ETH)]) == (BTC, ETH)
    assert engine.route([letter(ticker(3.0))]) == ()
    assert engine.states.state(BTC) is SubscriptionState.LIVE
    assert prices(widget.got) == [1.0, 2.0, 3.0]
    assert engine.frames == 2


def test_a_lost_connection_makes_topics_stale_until_the_next_ones_data() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    widget.join(BTC)
    engine.route([letter(ticker(1.0, epoch=1))])
    assert engine.states.lost(Endpoint.PUBLIC, 1) == (BTC,)
    assert engine.states.state(BTC) is SubscriptionState.STALE
    assert engine.route([letter(ticker(2.0, epoch=2))]) == (BTC,)
    assert engine.states.state(BTC) is SubscriptionState.LIVE


def test_what_was_left_over_from_a_lost_connection_makes_nothing_live() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    widget.join(BTC)
    engine.states.lost(Endpoint.PUBLIC, 1)
    engine.route([letter(ticker(1.0, epoch=1))])
    assert engine.states.state(BTC) is SubscriptionState.STALE


def test_what_rest_tells_is_shown_and_makes_nothing_live() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    widget.join(BTC)
    told = msgspec.structs.replace(ticker(1.0, epoch=2), source=Source.REST)
    assert engine.route([letter(told)]) == (BTC,)
    assert engine.states.state(BTC) is SubscriptionState.STALE
    assert engine.route([letter(ticker(2.0, epoch=2), told)]) == (BTC,)
    assert engine.states.state(BTC) is SubscriptionState.LIVE
    assert prices(widget.got) == [1.0, 2.0, 1.0]


def test_no_event_of_an_older_connection_is_delivered_after_one_of_a_newer_connection() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    receiver = widget.join(BTC)
    engine.route([letter(ticker(1.0, epoch=1))])
    engine.states.lost(Endpoint.PUBLIC, 1)
    engine.route([letter(ticker(2.0, epoch=2))])
    engine.route([letter(ticker(1.5, epoch=1))])
    assert prices(widget.got) == [1.0, 2.0]
    assert engine.states.state(BTC) is SubscriptionState.LIVE
    cached = engine.last_values.for_joiner(BTC)
    assert isinstance(cached, TickerEvent)
    assert cached.trade_price == 2.0
    account = receiver.account
    assert account.received == account.delivered + account.coalesced + account.dropped


def test_a_late_joiner_gets_the_last_value_with_the_next_frame_before_what_is_new() -> None:
    engine = DataRoutingEngine()
    first, late = Widget(engine, 1), Widget(engine, 2)
    first.join(BTC)
    engine.route([letter(ticker(1.0))])
    receiver = late.join(BTC, ETH)
    assert engine.welcome(receiver, (BTC, ETH))
    assert late.got == []
    engine.route([letter(ticker(2.0))])
    assert prices(late.got) == [1.0, 2.0]
    assert (late.got[0].source, late.got[0].stream_type) == (Source.CACHE, StreamType.SNAPSHOT)
    assert prices(first.got) == [1.0, 2.0]
    engine.route([letter(ticker(3.0))])
    assert prices(late.got) == [1.0, 2.0, 3.0]


def test_a_joiner_is_served_from_the_cache_also_when_nothing_new_comes() -> None:
    engine = DataRoutingEngine()
    first, late = Widget(engine, 1), Widget(engine, 2)
    first.join(BTC)
    engine.route([letter(ticker(1.0))])
    engine.welcome(late.join(BTC), (BTC,))
    assert engine.route([]) == ()
    assert prices(late.got) == [1.0]
    assert prices(first.got) == [1.0]
    assert engine.route([]) == ()
    assert prices(late.got) == [1.0]


def test_nobody_is_welcomed_to_a_topic_without_a_value() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    assert not engine.welcome(widget.join(BTC), (BTC,))
    engine.route([])
    assert widget.got == []
    assert engine.frames == 0


def test_a_joiner_that_swaps_its_codes_before_the_frame_gets_nothing_of_the_old_ones() -> None:
    engine = DataRoutingEngine()
    first, late = Widget(engine, 1), Widget(engine, 2)
    first.join(BTC)
    engine.route([letter(ticker(1.0))])
    receiver = late.join(BTC)
    engine.welcome(receiver, (BTC,))
    engine.hub.route(receiver, (BTC,), (ETH,))
    engine.route([letter(ticker(2.0))])
    assert late.got == []
    assert receiver.account.received == 0


def test_a_letter_with_losses_only_changes_no_state_but_is_accounted_for() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    receiver = widget.join(BTC)
    assert engine.route([Letter(BTC, (), ((StreamType.REALTIME, 3),))]) == ()
    assert engine.states.state(BTC) is SubscriptionState.PENDING
    assert (receiver.account.received, receiver.account.dropped) == (3, 3)


def test_the_newest_candle_is_kept_although_a_late_frame_of_the_one_before_came_after_it() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    widget.join(CANDLE)
    engine.route([letter(candle(1, 20.0), candle(0, 10.0), topic=CANDLE)])
    assert prices(widget.got) == [20.0, 10.0]
    cached = engine.last_values.for_joiner(CANDLE)
    assert isinstance(cached, CandleEvent)
    assert cached.close == 20.0


def test_a_topic_that_left_the_wire_is_forgotten() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    receiver = widget.join(BTC)
    engine.route([letter(ticker(1.0))])
    engine.hub.close(receiver, (BTC,))
    assert engine.retire((BTC, ETH), When(9, 0)) == (BTC,)
    assert engine.states.state(BTC) is SubscriptionState.PENDING
    assert engine.last_values.for_joiner(BTC) is None


def test_a_letter_that_was_under_way_when_its_topic_left_the_wire_does_not_revive_it() -> None:
    engine = DataRoutingEngine()
    widget = Widget(engine, 1)
    receiver = widget.join(BTC)
    engine.route([letter(ticker(1.0))])
    engine.hub.close(receiver, (BTC,))
    engine.retire((BTC,), When(9, 0))
    engine.route([letter(ticker(2.0))])
    assert engine.states.state(BTC) is not SubscriptionState.LIVE
    assert engine.last_values.for_joiner(BTC) is None
