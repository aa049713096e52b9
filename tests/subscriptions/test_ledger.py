"""The ledger: who wants what, against a model that recomputes everything from the list of subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.subscriptions import LevelPolicy, SubscriptionSpec, SubscriptionStateManager
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = ("KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-ADA")
CODE_LISTS = st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True).map(tuple)
STREAMS = st.sampled_from([Stream.BOTH, Stream.SNAPSHOT, Stream.REALTIME])
SPECS = st.one_of(
    st.builds(SubscriptionSpec, st.sampled_from(["ticker", "trade", "candle.1m"]), CODE_LISTS, STREAMS),
    st.builds(
        SubscriptionSpec,
        st.just("orderbook"),
        CODE_LISTS,
        STREAMS,
        st.sampled_from([1, 5, 15, 30]),
        st.sampled_from([0.0, 1000.0, 10000.0]),
    ),
)
KRW_CODES = tuple(f"KRW-C{number}" for number in range(200))


def naive_rejected(lines: dict[int, SubscriptionSpec], policy: LevelPolicy) -> frozenset[Topic]:
    """Look for every book whether an older subscription wants another level of it."""
    if policy is LevelPolicy.SEND_BOTH:
        return frozenset()
    first_level: dict[str, float] = {}
    for key in sorted(lines):
        if lines[key].type == "orderbook":
            for code in lines[key].codes:
                first_level.setdefault(code, lines[key].level)
    return frozenset(
        Topic("orderbook", code, spec.level)
        for spec in lines.values()
        if spec.type == "orderbook"
        for code in spec.codes
        if spec.level != first_level[code]
    )


def naive_wants(lines: dict[int, SubscriptionSpec], policy: LevelPolicy) -> dict[Topic, Want]:
    """Unite everything that is subscribed, from scratch."""
    wants: dict[Topic, Want] = {}
    for spec in lines.values():
        for code in spec.codes:
            topic = Topic(spec.type, code, spec.level)
            known = wants.get(topic, Want(Stream(0), 0))
            wants[topic] = Want(known.stream | spec.stream, max(known.units, spec.units))
    for topic in naive_rejected(lines, policy):
        del wants[topic]
    return wants


def without_turns(wants: Mapping[Topic, Want]) -> dict[Topic, Want]:
    return {topic: want._replace(turn=0) for topic, want in wants.items()}


class LedgerProgram(RuleBasedStateMachine):
    """Random programs of changes; after each one the ledger equals the model."""

    policy = LevelPolicy.FIRST_WINS

    def __init__(self) -> None:
        super().__init__()
        self.ledger = SubscriptionStateManager(self.policy)
        self.lines: dict[int, SubscriptionSpec] = {}
        self.components: dict[int, int] = {}
        self.suspended: set[int] = set()
        self.revision = self.ledger.revision
        self.wants: dict[Topic, Want] = {}
        self.allow_there_and_back = False

    @rule(component=st.integers(1, 4), spec=SPECS)
    def add(self, component: int, spec: SubscriptionSpec) -> None:
        key = self.ledger.add(component, spec)
        assert all(key > other for other in self.lines)
        self.lines[key], self.components[key] = spec, component

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data(), spec=SPECS)
    def replace(self, data: st.DataObject, spec: SubscriptionSpec) -> None:
        key = data.draw(st.sampled_from(sorted(self.lines)))
        self.ledger.replace(key, spec)
        self.lines[key] = spec

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.lines)))
        self.ledger.remove(key)
        del self.lines[key], self.components[key]
        self.suspended.discard(key)

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data())
    def suspend(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.lines)))
        self.ledger.suspend(key)
        self.suspended.add(key)

    @precondition(lambda self: bool(self.lines))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.lines)))
        self.ledger.resume(key)
        self.suspended.discard(key)

    @property
    def active(self) -> dict[int, SubscriptionSpec]:
        return {key: spec for key, spec in self.lines.items() if key not in self.suspended}

    @rule(component=st.integers(1, 5))
    def remove_component(self, component: int) -> None:
        gone = [key for key in sorted(self.lines) if self.components[key] == component]
        assert [entry.id for entry in self.ledger.remove_component(component)] == gone
        for key in gone:
            del self.lines[key], self.components[key]
            self.suspended.discard(key)
        # Its subscriptions end one by one, so the merged set may change and change back.
        self.allow_there_and_back = True

    @invariant()
    def the_merged_set_is_the_union(self) -> None:
        desired = self.ledger.desired()
        merged = dict(desired.wants)
        assert without_turns(merged) == naive_wants(self.active, self.policy)
        assert all(bool(want.turn) == (want.stream is Stream.SNAPSHOT) for want in merged.values())
        assert self.ledger.rejected == naive_rejected(self.active, self.policy)
        changed = desired.revision != self.revision
        assert changed == (merged != self.wants) or (changed and self.allow_there_and_back)
        assert desired.revision >= self.revision
        self.revision, self.wants, self.allow_there_and_back = desired.revision, merged, False

    @invariant()
    def the_reference_counts_are_exact(self) -> None:
        for topic in {topic for spec in self.lines.values() for topic in spec.topics} | {Topic("trade", "KRW-NONE")}:
            holders = {key for key, spec in self.active.items() if topic in spec.topics}
            assert self.ledger.subscribers(topic) == holders
        assert self.ledger.components == len(set(self.components.values()))
        shown = [(entry.id, entry.component, entry.spec) for entry in self.ledger.subscriptions]
        assert shown == [(key, self.components[key], self.lines[key]) for key in sorted(self.lines)]


class SendBothProgram(LedgerProgram):
    """The same programs where all levels of a book are sent."""

    policy = LevelPolicy.SEND_BOTH


TestFirstWins = LedgerProgram.TestCase
TestSendBoth = SendBothProgram.TestCase


def spec(kind: str, *codes: str, stream: Stream = Stream.BOTH, units: int = 0, level: float = 0.0) -> SubscriptionSpec:
    return SubscriptionSpec(kind, tuple(f"KRW-{code}" for code in codes), stream, units, level)


def wanted(ledger: SubscriptionStateManager, kind: str) -> set[str]:
    """Return the base currencies that are wanted of a type."""
    return {topic.code.removeprefix("KRW-") for topic in ledger.desired().wants if topic.type == kind}


def test_s_a_a_chart_tab_wants_the_whole_market_one_book_and_one_candle() -> None:
    ledger = SubscriptionStateManager()
    ledger.add(1, SubscriptionSpec("ticker", KRW_CODES))
    ledger.add(2, spec("orderbook", "C0", units=30))
    ledger.add(3, spec("candle.60m", "C0"))
    assert dict(ledger.desired().wants) == {
        **{Topic("ticker", code): Want() for code in KRW_CODES},
        Topic("orderbook", "KRW-C0"): Want(units=30),
        Topic("candle.60m", "KRW-C0"): Want(),
    }


def test_s_f_closing_the_chart_drops_only_what_nobody_else_wants() -> None:
    ledger = SubscriptionStateManager()
    chart = ledger.add(1, spec("ticker", "BTC", "ETH"))
    ledger.add(2, spec("ticker", "BTC", "XRP"))
    ledger.remove(chart)
    assert wanted(ledger, "ticker") == {"BTC", "XRP"}


def test_s_g_a_component_that_goes_takes_only_its_own_wishes_along() -> None:
    ledger = SubscriptionStateManager()
    for component, specs in {
        1: [spec("ticker", "BTC", "ETH"), spec("orderbook", "BTC", units=30)],
        2: [spec("ticker", "BTC", "XRP"), spec("trade", "BTC")],
        3: [spec("ticker", "ETH", "ADA"), spec("orderbook", "ETH", units=30)],
    }.items():
        for entry in specs:
            ledger.add(component, entry)
    assert [entry.spec.type for entry in ledger.remove_component(2)] == ["ticker", "trade"]
    assert wanted(ledger, "ticker") == {"BTC", "ETH", "ADA"}
    assert wanted(ledger, "orderbook") == {"BTC", "ETH"}
    assert wanted(ledger, "trade") == set()


def test_s_h_identical_subscribers_share_one_stream_that_lives_until_the_last_leaves() -> None:
    ledger = SubscriptionStateManager()
    keys = [ledger.add(component, spec("ticker", "BTC")) for component in (1, 2, 3)]
    revision = ledger.revision
    for key in keys[:2]:
        ledger.remove(key)
        assert ledger.revision == revision
    assert wanted(ledger, "ticker") == {"BTC"}
    ledger.remove(keys[2])
    assert dict(ledger.desired().wants) == {}
    assert ledger.revision > revision


def test_s_i_a_snapshot_subscriber_makes_only_its_own_topic_both() -> None:
    ledger = SubscriptionStateManager()
    ledger.add(1, spec("ticker", "BTC", "ETH", stream=Stream.REALTIME))
    late = ledger.add(2, spec("ticker", "BTC", stream=Stream.SNAPSHOT))
    wants = ledger.desired().wants
    assert wants[Topic("ticker", "KRW-BTC")] == Want(Stream.BOTH)
    assert wants[Topic("ticker", "KRW-ETH")] == Want(Stream.REALTIME)
    ledger.remove(late)
    assert ledger.desired().wants[Topic("ticker", "KRW-BTC")] == Want(Stream.REALTIME)


def test_the_deepest_book_is_asked_for_as_long_as_somebody_wants_it() -> None:
    ledger = SubscriptionStateManager()
    ledger.add(1, spec("orderbook", "BTC", units=5))
    deep = ledger.add(2, spec("orderbook", "BTC", units=30))
    assert ledger.desired().wants[Topic("orderbook", "KRW-BTC")].units == 30
    ledger.remove(deep)
    assert ledger.desired().wants[Topic("orderbook", "KRW-BTC")].units == 5


def test_a_rejected_level_moves_up_when_the_first_one_leaves() -> None:
    ledger = SubscriptionStateManager(LevelPolicy.FIRST_WINS)
    first = ledger.add(1, spec("orderbook", "BTC", units=30))
    ledger.add(2, spec("orderbook", "BTC", "ETH", units=30, level=10000.0))
    grouped = Topic("orderbook", "KRW-BTC", 10000.0)
    assert ledger.rejected == {grouped}
    assert set(ledger.desired().wants) == {Topic("orderbook", "KRW-BTC"), Topic("orderbook", "KRW-ETH", 10000.0)}
    ledger.remove(first)
    assert ledger.rejected == frozenset()
    assert set(ledger.desired().wants) == {grouped, Topic("orderbook", "KRW-ETH", 10000.0)}


def test_a_closed_subscription_is_named() -> None:
    ledger = SubscriptionStateManager()
    key = ledger.add(1, spec("ticker", "BTC"))
    ledger.remove(key)
    with pytest.raises(SubscriptionError, match=f"subscription {key} is closed"):
        ledger.remove(key)
    with pytest.raises(SubscriptionError, match=f"subscription {key} is closed"):
        ledger.replace(key, spec("ticker", "ETH"))
    with pytest.raises(SubscriptionError, match=f"subscription {key} is closed"):
        ledger.subscription(key)
    assert ledger.remove_component(1) == ()


@given(specs=st.lists(SPECS, min_size=1, max_size=6))
def test_a_state_that_was_handed_out_never_changes(specs: list[SubscriptionSpec]) -> None:
    ledger = SubscriptionStateManager()
    handed_out = [(ledger.desired(), dict(ledger.desired().wants))]
    for entry in specs:
        ledger.add(1, entry)
        handed_out.append((ledger.desired(), dict(ledger.desired().wants)))
    ledger.remove_component(1)
    assert all(dict(desired.wants) == copy for desired, copy in handed_out)
    with pytest.raises(TypeError):
        ledger.desired().wants[Topic("ticker", "KRW-BTC")] = Want()  # type: ignore[index]


def test_who_joins_a_topic_that_has_only_a_snapshot_asks_for_a_new_one() -> None:
    ledger = SubscriptionStateManager()
    spec = SubscriptionSpec("ticker", ("KRW-BTC",), Stream.SNAPSHOT)
    first = ledger.add(1, spec)
    before = ledger.desired()
    second = ledger.add(2, spec)
    assert ledger.desired().wants[Topic("ticker", "KRW-BTC")].turn > before.wants[Topic("ticker", "KRW-BTC")].turn

    joined = ledger.desired()
    ledger.remove(first)
    assert ledger.desired() == joined
    ledger.replace(second, SubscriptionSpec("ticker", ("KRW-BTC", "KRW-ETH"), Stream.SNAPSHOT))
    assert ledger.want(Topic("ticker", "KRW-BTC")) == joined.wants[Topic("ticker", "KRW-BTC")]


def test_a_snapshot_beside_a_stream_asks_for_nothing_new() -> None:
    ledger = SubscriptionStateManager()
    ledger.add(1, SubscriptionSpec("ticker", ("KRW-BTC",)))
    before = ledger.revision
    ledger.add(2, SubscriptionSpec("ticker", ("KRW-BTC",), Stream.SNAPSHOT))
    assert ledger.revision == before
