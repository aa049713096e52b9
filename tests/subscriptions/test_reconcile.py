"""The reconciler: what one socket is told, and when, driven as a link drives it, against a simulated exchange."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.subscriptions.sockets import BTC, ETH, TIMING, XRP, Socket, live
from upbit_qt_ws.events import StreamType
from upbit_qt_ws.subscriptions import Decision, SubscriptionSpec, SubscriptionStateManager
from upbit_qt_ws.wire.topics import Stream, Topic, Want

if TYPE_CHECKING:
    from collections.abc import Mapping

EPSILON = 1e-6
KRW = tuple(f"KRW-C{number}" for number in range(100))
BTC_MARKET = tuple(f"BTC-C{number}" for number in range(50))
BOOK = Topic("orderbook", "KRW-BTC")


class CheckedSocket(Socket):
    """Checks every request against rules R2, R3, R8 and against the settling times."""

    def __init__(self) -> None:
        self.wanted: Mapping[Topic, Want] = {}
        self.changed_at = -math.inf
        self.differs_since: float | None = None
        self.seen: set[Topic] = set()
        self.heard: set[Topic] = set()
        self.must_settle = False
        super().__init__()

    def open(self) -> None:
        self.seen, self.heard = set(), set()
        # What was wanted before the connection was there need not settle.
        self.must_settle = not self.wanted
        super().open()

    def note(self, wants: Mapping[Topic, Want]) -> None:
        if wants != self.wanted:
            self.wanted, self.changed_at = wants, self.now
            if not wants or (self.is_open and self.serves(wants)):
                self.differs_since = None
            elif self.differs_since is None:
                self.differs_since = self.now

    def before_sent(self, decision: Decision) -> None:
        request = decision.request or {}
        left_out = self.wanted.keys() - request.keys()
        assert request.keys() <= self.wanted.keys(), "a request carries what is wanted"
        assert all(self.wanted[topic].stream is Stream.SNAPSHOT for topic in left_out), "all that streams (R2)"
        assert left_out <= self.seen, "a snapshot is asked for until it has come"
        probed = {topic for topic, asked in request.items() if asked.stream & ~self.wanted[topic].stream}
        assert not probed & self.heard, "only a silent topic is probed"
        assert probed or not self.serves(self.wanted), "nothing is sent when nothing has changed (R8)"
        for topic, want in self.wanted.items():
            held = self.view.get(topic)
            if topic in left_out:
                continue
            asked = request[topic].stream
            if held is None:
                assert request[topic] == want, "a new topic gets what was wanted, with its snapshot (R3)"
            elif not held.stream & Stream.REALTIME:
                assert asked == want.stream or topic in probed, "its last value is old, so it gets a new snapshot"
            elif want.stream is Stream.BOTH and topic in self.seen and want.units <= held.units:
                assert asked is Stream.REALTIME, "a topic that is live gets no second snapshot (R3)"
            elif want.stream is Stream.BOTH and want.units > held.units:
                assert asked is Stream.BOTH, "a deeper book comes with a snapshot"
        if self.must_settle and not probed:
            assert self.differs_since is not None
            earliest = min(self.changed_at + TIMING.settle, self.differs_since + TIMING.settle_max)
            assert self.now >= earliest - EPSILON, "a burst of changes gives one request"

    def exchange_takes(self, decision: Decision, *, changed: bool = False) -> None:
        super().exchange_takes(decision)
        request = decision.request or {}
        # A change between the decision and the sending has waited already.
        self.must_settle = not changed
        if not changed:
            self.differs_since = None
        asked_again = {topic for topic, asked in request.items() if asked.stream & Stream.SNAPSHOT}
        self.seen = (self.seen & decision.desired.keys()) - asked_again
        self.heard &= decision.desired.keys()

    def exchange_keeps(self, decision: Decision) -> None:
        super().exchange_keeps(decision)
        if decision.desired:
            self.seen &= decision.desired.keys()
            self.heard &= decision.desired.keys()

    def data(self, topic: Topic, kind: StreamType = StreamType.SNAPSHOT) -> None:
        self.heard.add(topic)
        if kind is StreamType.SNAPSHOT:
            self.seen.add(topic)
        super().data(topic, kind)


TICKERS = tuple(Topic("ticker", code) for code in ("KRW-A", "KRW-B", "KRW-C"))
STREAMS = st.sampled_from([Stream.BOTH, Stream.REALTIME, Stream.SNAPSHOT])
PLAIN = st.dictionaries(
    st.sampled_from(TICKERS), st.builds(Want, STREAMS, st.just(0), st.just(False), st.just(0)), max_size=3
)
BOOKS = st.dictionaries(
    st.just(Topic("orderbook", "KRW-A")),
    st.builds(Want, STREAMS, st.sampled_from([1, 15, 30]), st.just(False), st.just(0)),
)
WISHES = st.builds(lambda plain, book: {**plain, **book}, PLAIN, st.just({}) | BOOKS)
STEPS = st.one_of(
    st.tuples(st.just("want"), WISHES),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.1, 0.14, 0.15, 0.2, 0.6, 3.0, 4.9, 11.0])),
    st.tuples(st.just("want in flight"), WISHES),
    st.tuples(st.sampled_from(["lose", "open", "serve all"]), st.none()),
    st.tuples(st.sampled_from(["snapshot", "real time"]), st.integers(0, 3)),
)


def step(socket: CheckedSocket, action: str, argument: Any) -> None:
    """Do one step of a random program; a step that is impossible now does nothing."""
    if action == "want":
        socket.want(argument)
    elif action == "wait":
        socket.wait(argument)
    elif action == "want in flight":
        socket.change_in_flight = argument
    elif action == "lose" and socket.is_open:
        socket.lose()
    elif action == "open" and not socket.is_open:
        socket.open()
    elif action == "serve all":
        socket.serve()
    elif action in ("snapshot", "real time"):
        kind = StreamType.SNAPSHOT if action == "snapshot" else StreamType.REALTIME
        streaming = {topic for topic, asked in socket.view.items() if asked.stream & Stream.REALTIME}
        able = sorted(socket.snapshots_due if kind is StreamType.SNAPSHOT else streaming)
        if argument < len(able):
            socket.data(able[argument], kind)


@given(program=st.lists(STEPS, min_size=10, max_size=40))
def test_whatever_happens_the_exchange_holds_what_is_wanted_once_it_is_quiet(program: list[tuple[str, Any]]) -> None:
    socket = CheckedSocket()
    for action, argument in program:
        step(socket, action, argument)
        if socket.is_open and socket.wanted:
            if socket.now - socket.changed_at > TIMING.settle + EPSILON:
                assert socket.serves(socket.wanted)
            if socket.differs_since is not None:
                assert socket.now - socket.differs_since <= TIMING.settle_max + EPSILON
    if not socket.is_open:
        socket.open()
    socket.wait(1.0)
    assert socket.serves(socket.wanted) or not socket.wanted
    socket.want({TICKERS[0]: Want()})
    socket.want({})
    socket.wait(TIMING.linger + 1.0)
    assert not socket.is_open


class Application(Socket):
    """A socket whose wishes come from a ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = SubscriptionStateManager()

    def subscribe(self, kind: str, *codes: str, stream: Stream = Stream.BOTH, units: int = 0) -> int:
        key = self.ledger.add(1, SubscriptionSpec(kind, codes, stream, units))
        self.want(self.ledger.desired().wants)
        return key

    def swap(self, key: int, kind: str, *codes: str, units: int = 0) -> None:
        self.ledger.replace(key, SubscriptionSpec(kind, codes, Stream.BOTH, units))
        self.want(self.ledger.desired().wants)

    def settle(self) -> None:
        """Let everything be sent and served."""
        self.wait(1.0)
        self.serve()
        self.wait(1.0)


def test_s_a_a_chart_tab_opens_with_one_request() -> None:
    app = Application()
    app.subscribe("ticker", *KRW)
    app.subscribe("orderbook", "KRW-C0", units=30)
    app.subscribe("candle.60m", "KRW-C0")
    app.settle()
    assert len(app.requests) == 1
    assert app.last_text() == [
        {"type": "candle.60m", "codes": ["KRW-C0"]},
        {"type": "orderbook", "codes": ["KRW-C0"]},
        {"type": "ticker", "codes": sorted(KRW)},
    ]


def test_s_b_another_coin_changes_book_and_candle_in_one_request_and_no_ticker_is_interrupted() -> None:
    app = Application()
    app.subscribe("ticker", *KRW)
    book = app.subscribe("orderbook", "KRW-C0", units=30)
    candle = app.subscribe("candle.60m", "KRW-C0")
    app.settle()
    app.swap(book, "orderbook", "KRW-C1", units=30)
    app.swap(candle, "candle.60m", "KRW-C1")
    app.settle()
    assert len(app.requests) == 2
    assert app.last_text() == [
        {"type": "candle.60m", "codes": ["KRW-C1"]},
        {"type": "orderbook", "codes": ["KRW-C1"]},
        {"type": "ticker", "codes": sorted(KRW), "is_only_realtime": True},
    ]


def test_s_c_another_market_list_changes_only_the_tickers() -> None:
    app = Application()
    tickers = app.subscribe("ticker", *KRW)
    app.subscribe("orderbook", "KRW-C1", units=30)
    app.settle()
    app.swap(tickers, "ticker", *BTC_MARKET)
    app.settle()
    assert len(app.requests) == 2
    assert app.last_text() == [
        {"type": "orderbook", "codes": ["KRW-C1"], "is_only_realtime": True},
        {"type": "ticker", "codes": sorted(BTC_MARKET)},
    ]


def test_s_d_another_interval_and_another_coin_are_one_request() -> None:
    app = Application()
    candle = app.subscribe("candle.60m", "KRW-C0")
    app.settle()
    app.swap(candle, "candle.5m", "KRW-C1")
    app.settle()
    assert len(app.requests) == 2
    assert app.last_text() == [{"type": "candle.5m", "codes": ["KRW-C1"]}]


def test_s_e_five_components_within_the_longest_settling_time_are_one_request() -> None:
    app = Application()
    for number in range(5):
        app.subscribe("ticker", f"KRW-C{number}")
        app.wait(0.09)
    app.settle()
    assert len(app.requests) == 1
    assert app.last_text() == [{"type": "ticker", "codes": [f"KRW-C{number}" for number in range(5)]}]


def test_s_e_ten_calls_in_one_turn_are_one_request() -> None:
    app = Application()
    for number in range(10):
        app.subscribe("trade", f"KRW-C{number}")
    app.settle()
    assert len(app.requests) == 1
    assert len(app.view) == 10


def test_s_i_a_snapshot_subscriber_changes_only_its_own_topic() -> None:
    app = Application()
    app.subscribe("ticker", "KRW-BTC", "KRW-ETH", stream=Stream.REALTIME)
    app.settle()
    assert app.last_text() == [{"type": "ticker", "codes": ["KRW-BTC", "KRW-ETH"], "is_only_realtime": True}]
    app.subscribe("ticker", "KRW-BTC", stream=Stream.SNAPSHOT)
    app.settle()
    assert len(app.requests) == 2
    assert sorted(app.last_text(), key=lambda entry: str(entry["codes"])) == [
        {"type": "ticker", "codes": ["KRW-BTC"]},
        {"type": "ticker", "codes": ["KRW-ETH"], "is_only_realtime": True},
    ]


@pytest.mark.parametrize("other", [{BTC: Want(), ETH: Want()}, {ETH: Want()}, {BTC: Want(Stream.REALTIME)}, {}])
def test_a_change_that_cancels_out_sends_nothing(other: dict[Topic, Want]) -> None:
    socket = live({BTC: Want()})
    socket.want(other)
    socket.wait(0.1)
    socket.want({BTC: Want()})
    socket.wait(2.0)
    assert len(socket.requests) == 1


def test_a_steady_stream_of_changes_is_sent_after_the_longest_settling_time() -> None:
    socket = live({BTC: Want()})
    start = socket.now
    for number in range(12):
        socket.want({BTC: Want(), Topic("ticker", f"KRW-C{number}"): Want()})
        socket.wait(0.05)
    assert [sent_at - start for sent_at in socket.sent_at[1:]] == [pytest.approx(TIMING.settle_max)]


@pytest.mark.parametrize("pause", [0.0, 1.0, 4.0])
def test_a_burst_is_one_request_also_after_nothing_was_wanted_for_a_while(pause: float) -> None:
    socket = live({BTC: Want()})
    socket.want({})
    socket.wait(pause)
    socket.want({ETH: Want()})
    socket.wait(0.05)
    socket.want({ETH: Want(), XRP: Want()})
    socket.wait(2.0)
    assert socket.requests[1:] == [{ETH: Want(), XRP: Want()}]


def test_after_a_reconnect_everything_is_new_and_asked_for_at_once() -> None:
    socket = live({BTC: Want(), ETH: Want(Stream.REALTIME)})
    socket.lose()
    socket.wait(30.0)
    socket.open()
    assert socket.requests[1:] == [{BTC: Want(), ETH: Want(Stream.REALTIME)}]
    assert socket.sent_at[-1] == socket.now


def test_a_topic_whose_snapshot_is_still_due_is_asked_for_it_again() -> None:
    socket = Socket()
    socket.want({BTC: Want()})
    socket.wait(1.0)
    socket.want({BTC: Want(), ETH: Want()})
    socket.wait(1.0)
    assert socket.requests[-1] == {BTC: Want(), ETH: Want()}


def test_a_deeper_book_comes_with_a_snapshot_and_a_shallower_one_without() -> None:
    socket = live({BOOK: Want(Stream.BOTH, 5), BTC: Want()})
    socket.want({BOOK: Want(Stream.BOTH, 30), BTC: Want()})
    socket.wait(1.0)
    assert socket.requests[-1] == {BOOK: Want(Stream.BOTH, 30), BTC: Want(Stream.REALTIME)}
    socket.serve()
    socket.want({BOOK: Want(Stream.BOTH, 5), BTC: Want()})
    socket.wait(1.0)
    assert socket.requests[-1] == {BOOK: Want(Stream.REALTIME, 5), BTC: Want(Stream.REALTIME)}


def test_a_socket_that_nobody_wants_is_closed_after_the_linger_and_not_before() -> None:
    socket = live({BTC: Want()})
    socket.want({})
    socket.wait(TIMING.linger - 0.01)
    open_before = socket.is_open
    socket.wait(0.02)
    assert (open_before, socket.is_open) == (True, False)
    assert len(socket.requests) == 1


def test_a_wish_within_the_linger_keeps_the_socket_and_a_later_linger_starts_anew() -> None:
    socket = live({BTC: Want()})
    socket.want({})
    socket.wait(4.0)
    socket.want({ETH: Want()})
    socket.wait(4.0)
    socket.want({})
    socket.wait(TIMING.linger - 0.01)
    open_before = socket.is_open
    socket.wait(0.02)
    assert (open_before, socket.is_open) == (True, False)


def test_a_silent_topic_is_reported_once_when_its_first_data_is_overdue() -> None:
    socket = Socket()
    socket.want({BTC: Want(), ETH: Want()})
    socket.wait(TIMING.settle)
    socket.data(BTC)
    socket.wait(TIMING.first_data - 0.01)
    assert socket.not_served == []
    socket.wait(0.02)
    assert socket.not_served == [ETH]
    socket.wait(100.0)
    assert socket.not_served == [ETH]
    assert len(socket.requests) == 1


def test_other_changes_do_not_put_off_the_deadline_of_a_silent_topic() -> None:
    socket = Socket()
    socket.want({BTC: Want()})
    socket.wait(TIMING.settle)
    for number in range(10):
        socket.want({BTC: Want(), Topic("ticker", f"KRW-C{number}"): Want()})
        socket.wait(TIMING.first_data / 9)
    assert BTC in socket.not_served


def test_a_silent_real_time_topic_is_asked_for_its_snapshot_before_it_is_judged() -> None:
    socket = Socket()
    socket.want({BTC: Want(Stream.REALTIME), ETH: Want(Stream.REALTIME)})
    socket.wait(TIMING.settle)
    socket.data(ETH, StreamType.REALTIME)
    socket.wait(TIMING.first_data + 0.01)
    assert socket.requests[1:] == [{BTC: Want(Stream.BOTH), ETH: Want(Stream.REALTIME)}]
    assert socket.not_served == []
    socket.wait(TIMING.first_data)
    assert socket.not_served == [BTC]
    assert len(socket.requests) == 2


def test_a_quiet_real_time_topic_that_answers_the_probe_is_served() -> None:
    socket = Socket()
    socket.want({BTC: Want(Stream.REALTIME)})
    socket.wait(TIMING.settle + TIMING.first_data + 0.01)
    socket.serve()
    socket.wait(100.0)
    assert socket.not_served == []
    assert len(socket.requests) == 2


def test_a_wish_that_changes_while_a_request_is_sent_is_not_lost() -> None:
    socket = Socket()
    socket.want({BTC: Want()})
    socket.change_in_flight = {BTC: Want(), ETH: Want()}
    socket.wait(2.0)
    assert socket.requests == [{BTC: Want()}, {BTC: Want(), ETH: Want()}]
    assert socket.sent_at[1] - socket.sent_at[0] == pytest.approx(TIMING.settle)


def test_nothing_is_decided_without_a_connection() -> None:
    socket = Socket(opened=False)
    socket.want({BTC: Want()})
    socket.wait(100.0)
    assert socket.requests == []
    assert socket.reconciler.is_wanted()
    assert socket.reconciler.decide(socket.now) == Decision()


def test_topics_that_starve_are_asked_for_anew_with_a_snapshot_and_the_others_go_on() -> None:
    wants = {BTC: Want(Stream.REALTIME), ETH: Want(), XRP: Want()}
    socket = live(wants)
    socket.reconciler.ask_again([BTC, ETH, BOOK])
    socket.wait(1.0)
    assert socket.requests[-1] == {BTC: Want(), ETH: Want(), XRP: Want(Stream.REALTIME)}
    assert socket.reconciler.awaited == {BTC, ETH}
    socket.serve()
    assert socket.reconciler.awaited == set()
    requests = len(socket.requests)
    socket.wait(100.0)
    assert len(socket.requests) == requests


def test_topics_that_starve_are_known_to_be_served_however_long_they_say_nothing() -> None:
    socket = live({BTC: Want(), ETH: Want()})
    socket.reconciler.ask_again([BTC])
    socket.wait(100.0)
    assert socket.not_served == []
    socket.serve()
    assert socket.reconciler.awaited == set()
