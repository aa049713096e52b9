"""What passes on from a socket that lags behind REST, and from REST when its answer comes late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from tests.helpers.made import second, trade
from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.events import CandleEvent, Event, Source, StreamType, TickerEvent
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill

TICKER, TRADES, CANDLES, SECONDS = (Topic(kind, "KRW-BTC") for kind in ("ticker", "trade", "candle.1m", "candle.1s"))


def ticker(time: int, kind: StreamType = StreamType.REALTIME) -> TickerEvent:
    return TickerEvent(type="ticker", code="KRW-BTC", trade_price=1.0, timestamp=time, stream_type=kind)


def candle(minute: int, time: int) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T00:{minute:02}:00",
        opening_price=1.0,
        high_price=1.0,
        low_price=1.0,
        trade_price=1.0,
        timestamp=time,
    )


class Line:
    """Streams with everything around them."""

    def __init__(self, *, fills: bool = True) -> None:
        self.mailbox = Mailbox(lambda: None)
        self.gaps: list[Gap] = []
        self.served: list[Topic] = []
        self.refills: list[Refill] = []
        self.streams = TopicStreams(
            self.mailbox,
            Endpoint.PUBLIC,
            fills=fills,
            gap_found=self.gaps.append,
            served=self._note_served,
            refill=self.refills.append,
        )
        self.streams.keep(frozenset({TICKER, TRADES, CANDLES, SECONDS}))
        self.streams.begin_epoch(1)

    def _note_served(self, topic: Topic) -> None:
        assert isinstance(topic, Topic)
        self.served.append(topic)

    def put(self, topic: Topic, *events: Event) -> None:
        for event in events:
            force_setattr(event, "epoch", self.streams.epoch)
            # As the intake does: a plain tuple, which equals a topic.
            self.streams.put((topic.type, topic.code, topic.level), event)

    def shown(self) -> list[int]:
        return [event.timestamp for letter in self.mailbox.empty() for event, _ in letter.items]


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_state_that_rest_has_overtaken_is_not_shown_but_counts_as_served(line: Line) -> None:
    line.put(TICKER, ticker(100))
    line.streams.lost([TICKER], "cut")
    assert line.streams.offer(TICKER, [ticker(200)]) == 1
    assert line.shown() == [200]
    line.streams.begin_epoch(2)
    line.put(TICKER, ticker(150, StreamType.SNAPSHOT), ticker(160))
    assert line.shown() == []
    assert line.served == [TICKER]
    line.put(TICKER, ticker(210), ticker(205))
    assert line.shown() == [205]


def test_an_older_state_of_rest_is_no_news(line: Line) -> None:
    line.put(TICKER, ticker(100))
    assert line.streams.offer(TICKER, [ticker(100)]) == 0
    assert line.streams.offer(TICKER, [ticker(90)]) == 0


def test_candles_are_ordered_by_their_start_first(line: Line) -> None:
    line.put(CANDLES, candle(5, 1000))
    line.streams.lost([CANDLES], "cut")
    assert line.streams.offer(CANDLES, [candle(4, 2000), candle(6, 900)]) == 1
    line.shown()
    line.streams.begin_epoch(2)
    line.put(CANDLES, candle(5, 3000))
    assert line.shown() == []
    line.put(CANDLES, candle(6, 950))
    assert line.shown() == [950]


def test_candles_with_which_rest_does_not_reach_what_was_told_leave_a_gap(line: Line) -> None:
    put(line, 1, second(1))
    line.streams.lost([SECONDS], "cut")
    assert line.streams.offer(SECONDS, [second(1), second(2), second(4)]) == 2
    assert line.gaps == []
    assert line.streams.offer(SECONDS, [second(8), second(9)]) == 2
    (gap,) = line.gaps
    assert (gap.since, gap.until, gap.reason, gap.is_complete) == (4_900, 8_900, "cut", False)


def test_rest_begins_candles_that_nothing_was_heard_of_with_the_last_ones(line: Line) -> None:
    assert line.streams.offer(SECONDS, [second(number) for number in range(9)]) == 2
    assert line.shown() == [7_900, 8_900]
    assert line.gaps == []


def test_trades_of_rest_that_come_after_the_socket_is_back_are_too_late(line: Line) -> None:
    line.put(TRADES, trade(1))
    assert line.streams.offer(TRADES, [trade(2)]) == 0
    line.streams.lost([TRADES], "cut")
    assert line.streams.offer(TRADES, [trade(1), trade(2)]) == 1
    line.streams.begin_epoch(2)
    line.put(TRADES, trade(5))
    assert line.streams.offer(TRADES, [trade(3)]) == 0


def test_what_rest_tells_is_marked_before_it_is_passed_on(line: Line) -> None:
    line.put(TRADES, trade(1))
    line.streams.lost([TRADES], "cut")
    line.shown()
    line.streams.offer(TRADES, [trade(1), trade(2)])
    (letter,) = line.mailbox.empty()
    ((event, _),) = letter.items
    assert (event.source, event.stream_type, event.epoch) == (Source.REST, StreamType.REALTIME, 1)
    assert event.received_ns > 0


def test_nothing_is_offered_to_topics_that_nobody_wants(line: Line) -> None:
    line.streams.keep(frozenset())
    assert line.streams.offer(TICKER, [ticker(5)]) == 0


def test_a_stream_that_waits_for_its_gap_to_be_filled_counts_as_served(line: Line) -> None:
    line.put(TRADES, trade(1))
    line.streams.lost([TRADES], "cut")
    line.streams.begin_epoch(2)
    line.shown()
    line.put(TRADES, trade(5))
    assert line.shown() == []
    assert line.served == [TRADES]
    assert [refill.topic for refill in line.refills] == [TRADES]


def test_a_state_of_rest_that_nobody_got_overtakes_nothing(line: Line) -> None:
    line.put(TICKER, ticker(100))
    line.streams.lost([TICKER], "cut")
    line.shown()
    line.streams.offer(TICKER, [ticker(200)])
    line.streams.begin_epoch(2)
    line.put(TICKER, ticker(150, StreamType.SNAPSHOT))
    assert line.shown() == [150]
    assert line.served == []


def test_a_replacement_does_not_take_back_what_the_other_connection_told_meanwhile(line: Line) -> None:
    line.put(TICKER, ticker(100, StreamType.SNAPSHOT))
    old = ticker(180)
    line.streams.begin_epoch(2, overlaps=True)
    force_setattr(old, "epoch", 1)
    line.streams.put(TICKER, old)
    line.put(TICKER, ticker(150, StreamType.SNAPSHOT), ticker(170))
    assert line.shown() == [100, 180]
    assert line.served == [TICKER], "it serves the topic all the same"
    line.put(TICKER, ticker(190))
    assert line.shown() == [190]


@pytest.mark.parametrize("first", StreamType)
def test_what_a_lagging_connection_had_not_told_when_it_was_replaced_is_fetched(line: Line, first: StreamType) -> None:
    line.put(TRADES, trade(1), trade(2))
    line.streams.begin_epoch(2, overlaps=True)
    line.put(TRADES, trade(6, first), trade(7))
    (refill,) = line.refills
    assert refill.topic == TRADES
    line.streams.settle(refill, [trade(number) for number in range(1, 7)], is_complete=True)
    shown = line.shown()
    if first is StreamType.SNAPSHOT:
        assert shown.pop(2) == 6
    assert shown == [1, 2, 3, 4, 5, 6, 7], "what was missing, and what was held back"
    assert [gap.is_complete for gap in line.gaps] == [True]


@pytest.mark.parametrize("first", StreamType)
def test_a_connection_that_was_replaced_in_time_leaves_no_gap(line: Line, first: StreamType) -> None:
    line.put(TRADES, trade(1), trade(2))
    line.streams.begin_epoch(2, overlaps=True)
    line.put(TRADES, trade(2, first), trade(3))
    assert (line.refills, line.gaps) == ([], [])


def test_told_is_what_was_heard_of_the_topics_that_are_asked_about(line: Line) -> None:
    line.put(TICKER, ticker(100))
    line.put(TRADES, trade(7))
    assert line.streams.told([TICKER, TRADES, CANDLES]) == {TICKER: 100, TRADES: 7}
    assert line.streams.newest[TICKER].timestamp == 100


def of_epoch(epoch: int, event: Event) -> Event:
    force_setattr(event, "epoch", epoch)
    return event


@pytest.mark.parametrize("overlapping", ["trade", "snapshot", "nothing"])
def test_what_was_held_back_is_not_older_than_what_was_told_before_it(line: Line, overlapping: str) -> None:
    """A connection is replaced while REST is asked for what the one before has missed."""
    line.put(TRADES, trade(1))
    line.streams.lost([TRADES], "cut")
    line.streams.begin_epoch(2)
    assert line.streams.put(TRADES, of_epoch(2, trade(5)))
    line.streams.begin_epoch(3, overlaps=True)
    line.streams.put(TRADES, of_epoch(2, trade(6)))
    if overlapping != "nothing":
        event = trade(7)
        if overlapping == "snapshot":
            force_setattr(event, "stream_type", StreamType.SNAPSHOT)
        line.streams.put(TRADES, of_epoch(3, event))
    line.streams.put(TRADES, of_epoch(2, trade(8)))
    # What the third has told shows that the second lags, so REST is asked up to there.
    assert len(line.refills) == (1 if overlapping == "nothing" else 2)
    line.streams.settle(line.refills[-1], [trade(1), trade(3), trade(4)], is_complete=True)
    line.streams.end_overlap()
    line.streams.put(TRADES, of_epoch(3, trade(9)))
    if overlapping == "nothing":
        # Nothing has shown that the second had told everything.
        line.streams.settle(line.refills[-1], [trade(8), trade(9)], is_complete=True)
    told = [event for letter in line.mailbox.empty() for event, _ in letter.items]
    assert [event.timestamp for event in told if event.stream_type is StreamType.REALTIME] == [
        *(1, 3, 4, 5, 6),
        *((7,) if overlapping == "trade" else ()),
        *(8, 9),
    ]
    epochs = [event.epoch for event in told if event.timestamp > 1]
    assert epochs == sorted(epochs)


def test_what_was_held_back_stays_that_of_its_connection_as_long_as_no_other_has_told_anything(line: Line) -> None:
    line.put(TRADES, trade(1))
    line.streams.lost([TRADES], "cut")
    line.streams.begin_epoch(2)
    line.streams.put(TRADES, of_epoch(2, trade(5)))
    line.streams.begin_epoch(3, overlaps=True)
    (refill,) = line.refills
    line.streams.settle(refill, [], is_complete=True)
    assert not line.streams.is_superseded(TRADES, 2), "the third connection has told nothing of it yet"


def told(line: Line) -> list[tuple[int, int]]:
    """Return what was told in real time: the time of each event, and its connection."""
    events = [event for letter in line.mailbox.empty() for event, _ in letter.items]
    return [(event.timestamp, event.epoch) for event in events if event.stream_type is StreamType.REALTIME]


def put(line: Line, epoch: int, *events: CandleEvent) -> None:
    for event in events:
        assert line.streams.put(SECONDS, of_epoch(epoch, event))


@pytest.fixture
def seconds() -> Line:
    """Candles of a second, of which somebody wants each state."""
    line = Line()
    line.mailbox.keep_all(frozenset({SECONDS}))
    return line


@pytest.mark.parametrize("first", StreamType)
def test_candles_that_a_lagging_connection_had_not_told_when_it_was_replaced_are_fetched(
    seconds: Line, first: StreamType
) -> None:
    put(seconds, 1, second(1), second(2))
    seconds.streams.begin_epoch(2, overlaps=True)
    put(seconds, 2, second(6, first, at=100), second(6))
    put(seconds, 1, second(3))
    seconds.streams.end_overlap()
    (refill,) = seconds.refills
    assert refill.topic == SECONDS
    seconds.streams.settle(refill, [second(number) for number in range(1, 8)], is_complete=True)
    put(seconds, 2, second(7))
    after = [(6_100, 2)] if first is StreamType.REALTIME else []
    assert told(seconds) == [(1_900, 1), (2_900, 1), (3_900, 1), (4_900, 2), (5_900, 2), *after, (6_900, 2), (7_900, 2)]
    (gap,) = seconds.gaps
    assert (gap.since, gap.until, gap.filled, gap.is_complete) == (3_900, 6_100, 2, True)
    assert "lagged" in gap.reason


def test_without_filling_the_candles_that_a_lagging_connection_had_not_told_are_a_gap() -> None:
    line = Line(fills=False)
    put(line, 1, second(1))
    line.streams.begin_epoch(2, overlaps=True)
    put(line, 2, second(4, StreamType.SNAPSHOT))
    line.streams.end_overlap()
    (gap,) = line.gaps
    assert (gap.topic, gap.since, gap.until, gap.is_complete) == (SECONDS, 1_900, 4_900, False)


def test_a_connection_that_tells_each_candle_once_its_second_is_over_does_not_lag(seconds: Line) -> None:
    put(seconds, 1, second(1), second(2))
    seconds.streams.begin_epoch(2, overlaps=True)
    put(seconds, 2, second(3, StreamType.SNAPSHOT, at=100))
    put(seconds, 1, second(3))
    put(seconds, 2, second(3), second(4))
    seconds.streams.end_overlap()
    put(seconds, 2, second(5))
    assert told(seconds) == [(1_900, 1), (2_900, 1), (3_900, 1), (4_900, 2), (5_900, 2)]
    assert (seconds.refills, seconds.gaps) == ([], [])


def test_what_a_new_connection_tells_beside_the_other_is_waited_for_no_longer_than_candles_take(seconds: Line) -> None:
    put(seconds, 1, second(1))
    seconds.streams.begin_epoch(2, overlaps=True)
    assert not seconds.streams.is_met_soon(0)
    ahead = second(3, StreamType.SNAPSHOT)
    force_setattr(ahead, "received_ns", 10**9)
    put(seconds, 2, ahead)
    assert seconds.streams.is_met_soon(2 * 10**9)
    assert not seconds.streams.is_met_soon(3 * 10**9)


def test_a_candle_that_a_connection_beside_the_other_was_ahead_with_is_not_told_if_that_comes_to_nothing(
    seconds: Line,
) -> None:
    put(seconds, 1, second(1))
    seconds.streams.begin_epoch(2, overlaps=True)
    put(seconds, 2, second(3, StreamType.SNAPSHOT))
    seconds.streams.epoch = 1
    seconds.streams.end_overlap(is_replaced=False)
    put(seconds, 1, second(2), second(3), second(2), second(4))
    assert told(seconds) == [(1_900, 1), (2_900, 1), (3_900, 1), (2_900, 1), (4_900, 1)]
    assert (seconds.refills, seconds.gaps) == ([], [])


def test_a_snapshot_that_is_shown_again_does_not_take_back_what_rest_has_told_since(seconds: Line) -> None:
    put(seconds, 1, second(1))
    assert seconds.shown() == [1_900]
    seconds.streams.lost([SECONDS], "cut")
    seconds.streams.begin_epoch(2)
    put(seconds, 2, second(3, StreamType.SNAPSHOT, at=100))
    (refill,) = seconds.refills
    seconds.streams.settle(refill, [second(2), second(3, at=500)], is_complete=True)
    put(seconds, 2, second(3, StreamType.SNAPSHOT, at=100), second(3))
    assert seconds.shown() == [3_100, 2_900, 3_500, 3_900]


def test_what_was_kept_aside_of_a_candle_does_not_take_back_what_a_snapshot_shows_of_it(seconds: Line) -> None:
    put(seconds, 1, second(1), second(2, at=100))
    assert seconds.shown() == [1_900, 2_100]
    seconds.streams.begin_epoch(2, overlaps=True)
    seconds.streams.lost([SECONDS], "silent")
    seconds.streams.follow([SECONDS])
    put(seconds, 1, second(2, at=300))
    put(seconds, 2, second(2, StreamType.SNAPSHOT, at=500))
    (refill,) = seconds.refills
    seconds.streams.settle(refill, [second(1), second(2, at=600)], is_complete=True)
    seconds.streams.end_overlap()
    put(seconds, 2, second(2))
    assert seconds.shown() == [2_500, 2_900]


def test_a_topic_of_which_only_a_snapshot_is_wanted_has_no_stream_that_could_miss_anything(seconds: Line) -> None:
    put(seconds, 1, second(1, StreamType.SNAPSHOT))
    seconds.put(TRADES, trade(1, StreamType.SNAPSHOT))
    seconds.streams.begin_epoch(2, overlaps=True)
    seconds.streams.follow([TICKER])
    put(seconds, 2, second(9, StreamType.SNAPSHOT))
    seconds.put(TRADES, trade(9, StreamType.SNAPSHOT))
    seconds.streams.end_overlap()
    assert (seconds.refills, seconds.gaps) == ([], [])
    assert seconds.shown() == [1_900, 9_900, 1, 9]


@given(
    traded=st.lists(st.booleans(), min_size=14, max_size=14),
    lag=st.integers(0, 5),
    opened=st.integers(6, 8),
    overlap=st.integers(1, 2),
    fills=st.booleans(),
    rest_takes=st.integers(0, 2),
    old_first=st.booleans(),
)
def test_every_second_is_told_once_or_lies_in_a_gap_however_far_a_replaced_connection_lags(
    traded: list[bool], lag: int, opened: int, overlap: int, fills: bool, rest_takes: int, old_first: bool
) -> None:
    """Each second that had trades is sent at its end; a new connection shows at once the one that is running."""
    traded[0] = True
    happened = [number for number, is_traded in enumerate(traded) if is_traded]
    line = Line(fills=fills)
    line.mailbox.keep_all(frozenset({SECONDS}))
    asked_at: dict[int, int] = {}

    def answer(now: int) -> None:
        for place, refill in enumerate(line.refills):
            if asked_at.setdefault(place, now) + rest_takes == now:
                line.streams.settle(refill, [second(number) for number in happened if number < now], is_complete=True)

    def old(now: int) -> None:
        sent = now - lag - 1
        if sent in happened and not line.streams.is_superseded(SECONDS, 1):
            put(line, 1, second(sent))

    def new(now: int) -> None:
        if now - 1 in happened:
            put(line, 2, second(now - 1))

    for now in range(1, len(traded) + 1):
        if now <= opened:
            old(now)
        elif now <= opened + overlap:
            for send in (old, new) if old_first else (new, old):
                send(now)
        else:
            new(now)
        answer(now)
        if now == opened:
            line.streams.begin_epoch(2, overlaps=True)
            running = max(number for number in happened if number <= now)
            put(line, 2, second(running, StreamType.SNAPSHOT, at=100 if running == now else 900))
        if now == opened + overlap:
            line.streams.end_overlap()
            answer(now)
    for later in range(3):
        answer(len(traded) + 1 + later)

    stream = told(line)
    times = [time for time, _ in stream]
    assert times == sorted(set(times)), "in order, and each once"
    missing = {1_000 * number + 900 for number in happened} - set(times)
    if fills:
        assert not missing
    assert all(any(gap.since <= time <= (gap.until or 0) for gap in line.gaps) for time in missing)
    assert [epoch for _, epoch in stream] == sorted(epoch for _, epoch in stream)
    if lag < overlap:
        assert (line.gaps, line.refills) == ([], []), "nothing was lost"
