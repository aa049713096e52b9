"""The states of topics: never live when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from upbit_qt_ws.subscriptions.states import Refusal, SubscriptionState, TopicStates, When, overall
from upbit_qt_ws.wire.topics import Endpoint, Topic

S = SubscriptionState
BTC, ETH = Topic("ticker", "KRW-BTC"), Topic("ticker", "KRW-ETH")
ORDERS = Topic("myOrder", "")
TOPICS = (BTC, ETH, Topic("orderbook", "KRW-BTC", 1000.0))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((), S.CLOSED),
        ((S.LIVE,), S.LIVE),
        ((S.LIVE, S.PENDING), S.PENDING),
        ((S.LIVE, S.STALE), S.STALE),
        ((S.STALE, S.PENDING), S.PENDING),
        ((S.LIVE, S.NOT_SERVED), S.LIVE),
        ((S.LIVE, S.REJECTED, S.NOT_SERVED), S.LIVE),
        ((S.NOT_SERVED, S.NOT_SERVED), S.NOT_SERVED),
        ((S.REJECTED,), S.REJECTED),
        ((S.NOT_SERVED, S.PENDING), S.PENDING),
        ((S.CLOSED,), S.CLOSED),
    ],
)
def test_the_state_of_a_subscription_follows_from_its_topics(states: tuple[S, ...], expected: S) -> None:
    assert overall(states) is expected
    assert overall(reversed(states)) is expected


@given(states=st.lists(st.sampled_from([S.PENDING, S.LIVE, S.STALE, S.NOT_SERVED, S.REJECTED]), min_size=1))
def test_a_subscription_is_live_only_if_every_topic_that_is_served_is_live(states: list[S]) -> None:
    served = [state for state in states if state not in (S.NOT_SERVED, S.REJECTED)]
    assert (overall(states) is S.LIVE) == (bool(served) and all(state is S.LIVE for state in served))


class StatesProgram(RuleBasedStateMachine):
    """Random news; ``seen`` remembers the newest epoch whose data came for a topic, as a widget would.

    ``known`` is when the newest came true that is known of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.states = TopicStates()
        self.lost_epoch = 0
        self.now = 0
        self.epoch = 1
        self.known: dict[Topic, When] = {}
        self.seen: dict[Topic, int] = {}
        self.not_served: set[Topic] = set()

    @rule(topic=st.sampled_from(TOPICS), age=st.integers(0, 2))
    def data(self, topic: Topic, age: int) -> None:
        when = When(max(1, self.epoch - age), self.now)
        before = self.states.state(topic)
        changed = self.states.data(topic, when)
        assert changed == (self.states.state(topic) is not before)
        if when >= self.known.get(topic, when):
            self.known[topic] = when
            self.seen[topic] = when.epoch
            self.not_served.discard(topic)

    @rule()
    def lose(self) -> None:
        before = {topic: self.states.state(topic) for topic in TOPICS}
        changed = self.states.lost(Endpoint.PUBLIC, self.epoch)
        assert set(changed) == {topic for topic in TOPICS if before[topic] is not self.states.state(topic)}
        assert set(changed) == {topic for topic in TOPICS if before[topic] is S.LIVE}
        self.lost_epoch = self.epoch
        assert self.states.lost(Endpoint.PUBLIC, self.epoch) == ()

    @rule()
    def wait(self) -> None:
        self.now += 1

    @rule()
    def reconnect(self) -> None:
        if self.lost_epoch == self.epoch:
            self.epoch += 1

    @rule(topics=st.sets(st.sampled_from(TOPICS)))
    def overdue(self, topics: set[Topic]) -> None:
        before = {topic: self.states.state(topic) for topic in TOPICS}
        changed = self.states.not_served(topics, When(self.epoch, self.now))
        assert set(changed) == {topic for topic in topics if before[topic] in (S.PENDING, S.STALE)}
        self.not_served |= set(changed)
        self.known |= dict.fromkeys(topics, When(self.epoch, self.now))

    @rule(topics=st.sets(st.sampled_from(TOPICS)))
    def retire(self, topics: set[Topic]) -> None:
        self.states.retired(topics, When(self.epoch, self.now))
        for topic in topics:
            self.seen.pop(topic, None)
            self.known.pop(topic, None)
            self.not_served.discard(topic)

    @invariant()
    def every_state_is_true(self) -> None:
        for topic in TOPICS:
            if topic in self.not_served:
                expected = S.NOT_SERVED
            elif topic not in self.seen:
                expected = S.PENDING
            else:
                expected = S.LIVE if self.seen[topic] > self.lost_epoch else S.STALE
            assert self.states.state(topic) is expected


TestStates = StatesProgram.TestCase


@given(
    facts=st.lists(st.sampled_from(["data", "confirmed", "missing", "not_served", "refused"]), min_size=1, max_size=12),
    delays=st.lists(st.integers(0, 6), min_size=12, max_size=12),
)
def test_data_and_news_may_come_in_any_order_since_what_is_older_is_ignored(
    facts: list[str], delays: list[int]
) -> None:
    states = TopicStates()
    # Data goes through the mailbox and news through a queued signal; each way keeps its own order, late as it may be.
    arrivals = {"data": 0, "news": 0}
    queue = []
    for at, (fact, delay) in enumerate(zip(facts, delays, strict=False), start=1):
        way = "data" if fact == "data" else "news"
        arrivals[way] = max(arrivals[way], at + delay)
        queue.append((arrivals[way], at, fact))
    for _, at, fact in sorted(queue):
        if fact == "data":
            states.data(BTC, When(1, at))
        elif fact == "confirmed":
            states.confirmed([BTC], When(1, at))
        elif fact == "missing":
            states.missing([BTC], When(1, at))
        elif fact == "not_served":
            states.not_served([BTC], When(1, at))
        else:
            states.refused([(BTC, Refusal("no"))], When(1, at))
    served = facts[-1] in ("data", "confirmed")
    assert (states.state(BTC) is S.LIVE) is served or facts[-1] == "not_served"
    assert (states.state(BTC) is S.REJECTED) is (facts[-1] == "refused") or facts[-1] in ("missing", "not_served")


def test_data_left_over_from_a_lost_connection_is_stale_and_the_next_connections_is_live() -> None:
    states = TopicStates()
    states.lost(Endpoint.PUBLIC, 1)
    assert states.data(BTC, When(1, 10))
    assert states.state(BTC) is S.STALE
    assert states.data(BTC, When(2, 20))
    assert states.state(BTC) is S.LIVE


def test_data_left_over_from_a_lost_connection_does_not_undo_what_the_next_one_has_confirmed() -> None:
    states = TopicStates()
    states.data(ORDERS, When(1, 10))
    states.lost(Endpoint.PRIVATE, 1)
    assert states.confirmed([ORDERS], When(2, 30)) == (ORDERS,)
    assert not states.data(ORDERS, When(1, 20))
    assert states.state(ORDERS) is S.LIVE


def test_news_that_data_has_overtaken_does_not_undo_it() -> None:
    states = TopicStates()
    states.data(ORDERS, When(1, 10))
    assert not states.missing([BTC], When(1, 15))
    # The exchange did not list the orders, was asked again, and has told of one since.
    states.data(ORDERS, When(1, 30))
    assert states.missing([ORDERS], When(1, 20)) == ()
    assert states.asked_again([ORDERS], When(1, 25)) == ()
    assert states.retired([ORDERS], When(1, 25)) == ()
    assert states.state(ORDERS) is S.LIVE
    assert states.missing([ORDERS], When(1, 40)) == (ORDERS,)
    assert states.state(ORDERS) is S.STALE


def test_news_of_a_newer_connection_comes_after_all_of_an_older_one() -> None:
    states = TopicStates()
    states.data(ORDERS, When(1, 10))
    states.lost(Endpoint.PRIVATE, 1)
    assert not states.data(ORDERS, When(1, 50))
    assert states.confirmed([ORDERS], When(2, 40)) == (ORDERS,)
    assert not states.data(ORDERS, When(1, 60))
    assert states.state(ORDERS) is S.LIVE


def test_rest_makes_nothing_live() -> None:
    states = TopicStates()
    assert states.stood_in(BTC)
    assert not states.stood_in(BTC)
    assert states.state(BTC) is S.STALE
    assert states.data(BTC, When(1, 10))
    assert not states.stood_in(BTC)
    assert states.state(BTC) is S.LIVE
    states.not_served([ETH], When(1, 10))
    assert not states.stood_in(ETH)
    assert states.state(ETH) is S.NOT_SERVED


def test_a_topic_that_was_not_served_becomes_live_with_its_first_data() -> None:
    states = TopicStates()
    assert states.not_served([BTC, ETH], When(1, 10)) == (BTC, ETH)
    assert states.data(BTC, When(1, 20))
    assert states.state(BTC) is S.LIVE
    assert states.state(ETH) is S.NOT_SERVED


def test_a_live_topic_is_not_made_not_served_by_a_late_report() -> None:
    states = TopicStates()
    states.data(BTC, When(1, 10))
    assert states.not_served([BTC], When(1, 20)) == ()
    assert states.state(BTC) is S.LIVE


def test_a_topic_that_comes_back_on_the_wire_starts_pending() -> None:
    states = TopicStates()
    states.data(BTC, When(1, 10))
    assert states.retired([BTC, ETH], When(1, 20)) == (BTC,)
    assert states.state(BTC) is S.PENDING
