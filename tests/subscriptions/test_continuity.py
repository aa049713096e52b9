"""Gaps and their filling, duplicates and order: what a consumer gets across the connections of a link."""

from __future__ import annotations

import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.events import CandleEvent, Event, Side, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.subscriptions.continuity import Continuity
from upbit_qt_ws.subscriptions.gaps import Gap, Refill
from upbit_qt_ws.subscriptions.places import period_of
from upbit_qt_ws.subscriptions.told_trades import REMEMBERED
from upbit_qt_ws.wire.topics import Topic

TRADES, TICKER, CANDLES = Topic("trade", "KRW-BTC"), Topic("ticker", "KRW-BTC"), Topic("candle.1m", "KRW-BTC")
REASON = "the connection broke"
MIDNIGHT = 1_772_409_600_000
"""2026-03-02 in UTC, in ms: the candles of this file are of that day."""


def trade(number: int, *, at: int | None = None, snapshot: bool = False) -> TradeEvent:
    """Return the trade with this number; trades come a second apart."""
    time = number * 1000 if at is None else at
    return TradeEvent(
        type="trade",
        code="KRW-BTC",
        timestamp=time,
        trade_timestamp=time,
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        sequential_id=number,
        stream_type=StreamType.SNAPSHOT if snapshot else StreamType.REALTIME,
    )


def ticker(time: int, *, snapshot: bool = False) -> TickerEvent:
    kind = StreamType.SNAPSHOT if snapshot else StreamType.REALTIME
    return TickerEvent(type="ticker", code="KRW-BTC", timestamp=time, trade_price=1.0, stream_type=kind)


def candle(minute: int, *, close: float = 1.0) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        timestamp=MIDNIGHT + minute * 60_000 + 5,
        candle_date_time_utc=f"2026-03-02T{minute // 60:02}:{minute % 60:02}:00",
        opening_price=1.0,
        high_price=2.0,
        low_price=0.5,
        trade_price=close,
    )


def numbers(events: list[Event]) -> list[int]:
    return [event.sequential_id for event in events if isinstance(event, TradeEvent)]


def heard(*events: TradeEvent) -> Continuity:
    continuity = Continuity()
    for event in events:
        continuity.heard(TRADES, event)
    return continuity


def test_a_trade_that_comes_twice_is_in_the_stream_once() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2))
    assert not continuity.heard(TRADES, trade(2))
    assert continuity.heard(TRADES, trade(3))
    assert continuity.duplicates == 1


def test_a_snapshot_of_a_known_trade_passes_but_shows_that_nothing_was_missed() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2))
    continuity.lost([TRADES], REASON)
    assert continuity.resumed(TRADES, trade(2, snapshot=True)) == (None, None)
    assert continuity.heard(TRADES, trade(2, snapshot=True))
    assert not continuity.held


def test_missed_trades_come_in_order_before_those_that_followed() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2), trade(3))
    continuity.lost([TRADES], REASON)
    gap, refill = continuity.resumed(TRADES, trade(6, snapshot=True))
    assert gap is None
    assert refill == Refill(TRADES, since=1000)
    assert continuity.heard(TRADES, trade(6, snapshot=True))
    continuity.hold(TRADES, trade(7))
    continuity.hold(TRADES, trade(8))
    fetched = [trade(number) for number in range(-3, 8)]
    gap, passed = continuity.settled(TRADES, fetched, is_complete=True)
    assert numbers(passed) == [4, 5, 6, 7, 8]
    assert gap == Gap(TRADES, 3000, 6000, REASON, 3, 6, filled=4, is_complete=True)
    assert not continuity.held


def test_a_trade_that_was_overtaken_before_the_outage_is_found_too() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2), trade(4))
    continuity.lost([TRADES], REASON)
    continuity.resumed(TRADES, trade(5))
    continuity.hold(TRADES, trade(5))
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(6)], is_complete=True)
    assert numbers(passed) == [3, 5]


def test_what_was_before_the_subscription_is_not_fetched() -> None:
    continuity = heard(trade(10, snapshot=True))
    continuity.lost([TRADES], REASON)
    _, refill = continuity.resumed(TRADES, trade(12, snapshot=True))
    assert refill == Refill(TRADES, since=10_000)
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(13)], is_complete=True)
    assert numbers(passed) == [11, 12]


def test_without_an_answer_the_stream_goes_on_and_the_gap_says_so() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2))
    continuity.lost([TRADES], REASON)
    continuity.resumed(TRADES, trade(5))
    continuity.hold(TRADES, trade(5))
    gap, passed = continuity.settled(TRADES, (), is_complete=False)
    assert numbers(passed) == [5]
    assert (gap.filled, gap.is_complete, gap.next_sequential_id) == (0, False, 5)


def test_an_answer_for_an_older_gap_is_not_waited_for() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2))
    continuity.lost([TRADES], REASON)
    _, first = continuity.resumed(TRADES, trade(4))
    assert first is not None
    continuity.settled(TRADES, (), is_complete=False)
    continuity.lost([TRADES], REASON)
    _, second = continuity.resumed(TRADES, trade(9))
    assert second is not None
    assert not continuity.waits_for(first)
    assert continuity.waits_for(second)


def test_what_was_dropped_before_anybody_got_it_is_missing_again() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2), trade(3), trade(4))
    continuity.discarded(TRADES, [trade(3), trade(4)])
    continuity.lost([TRADES], REASON)
    _, refill = continuity.resumed(TRADES, trade(4, snapshot=True))
    assert refill is not None
    assert refill.since <= 3000
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(1, 5)], is_complete=True)
    assert numbers(passed) == [3, 4]


def test_what_was_dropped_does_not_make_rest_reach_far_behind_what_was_got() -> None:
    continuity = heard(trade(1, snapshot=True), trade(9), trade(10), trade(11))
    # The first of these was told by REST, which had found it right behind the reach of the stream.
    late = trade(8)
    assert continuity.heard(TRADES, late)
    continuity.discarded(TRADES, [late, trade(11)])
    continuity.lost([TRADES], REASON)
    _, refill = continuity.resumed(TRADES, trade(12, snapshot=True))
    assert refill is not None
    assert refill.since == 8000
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(6, 13)], is_complete=True)
    assert numbers(passed) == [8, 11, 12]


def test_without_filling_a_gap_is_told_at_once() -> None:
    continuity = Continuity(fills=False)
    continuity.heard(TRADES, trade(1))
    continuity.lost([TRADES], REASON)
    gap, refill = continuity.resumed(TRADES, trade(5))
    assert gap is not None
    assert refill is None
    assert not continuity.held


def test_a_state_that_has_not_changed_has_no_gap() -> None:
    continuity = Continuity()
    continuity.heard(TICKER, ticker(1000))
    continuity.lost([TICKER], REASON)
    assert continuity.resumed(TICKER, ticker(1000, snapshot=True)) == (None, None)
    continuity.lost([TICKER], REASON)
    gap, refill = continuity.resumed(TICKER, ticker(3000, snapshot=True))
    assert gap == Gap(TICKER, 1000, 3000, REASON)
    assert refill is None


def test_only_topics_that_were_heard_can_have_a_gap() -> None:
    continuity = Continuity()
    continuity.lost([TICKER], REASON)
    assert not continuity.broken
    continuity.heard(TICKER, ticker(1))
    continuity.lost([TICKER], REASON)
    continuity.lost([TICKER], "another reason")
    assert continuity.broken == {TICKER: REASON}
    continuity.forget([TICKER])
    assert not continuity.broken
    assert not continuity.newest


def test_what_only_a_snapshot_of_another_connection_has_passed_is_missing_all_the_same() -> None:
    continuity = heard(trade(1, snapshot=True), trade(2), trade(3))
    # A connection beside the first one shows the newest trade, and comes to nothing; then the first one breaks.
    assert continuity.heard(TRADES, trade(8, snapshot=True))
    continuity.lost([TRADES], REASON)
    gap, refill = continuity.resumed(TRADES, trade(9, snapshot=True))
    assert gap is None
    assert refill is not None
    assert refill.since <= 4_000
    assert continuity.heard(TRADES, trade(9, snapshot=True))
    gap, passed = continuity.settled(TRADES, [trade(number) for number in range(1, 10)], is_complete=True)
    assert (gap.last_sequential_id, gap.next_sequential_id) == (3, 9)
    assert numbers(passed) == [4, 5, 6, 7, 8, 9]


def test_missed_candles_and_the_end_of_the_one_before_are_fetched() -> None:
    continuity = Continuity()
    continuity.heard(CANDLES, candle(10))
    continuity.lost([CANDLES], REASON)
    gap, refill = continuity.resumed(CANDLES, candle(13))
    assert gap is None
    assert refill is not None
    assert refill.count >= 4
    continuity.hold(CANDLES, candle(13, close=1.5))
    fetched = [candle(minute, close=2.0) for minute in range(8, 14)]
    gap, passed = continuity.settled(CANDLES, fetched, is_complete=True)
    starts = [(event.candle_date_time_utc[11:16], event.trade_price) for event in passed]  # type: ignore[attr-defined]
    assert starts == [("00:10", 2.0), ("00:11", 2.0), ("00:12", 2.0), ("00:13", 1.5)]
    assert (gap.filled, gap.is_complete) == (3, True)


@pytest.mark.parametrize("got", [True, False])
def test_the_end_of_the_candle_before_is_told_once_if_somebody_got_it(got: bool) -> None:
    continuity = Continuity()
    continuity.newest[CANDLES] = candle(10)
    if not got:
        continuity.discarded(CANDLES, [candle(10)])
    continuity.lost([CANDLES], REASON)
    continuity.resumed(CANDLES, candle(12))
    gap, passed = continuity.settled(CANDLES, [candle(minute) for minute in range(9, 13)], is_complete=True)
    assert [event.timestamp for event in passed] == [
        candle(minute).timestamp for minute in ((11,) if got else (10, 11))
    ]
    assert gap.filled == len(passed)


def test_a_gap_of_candles_reaches_up_to_the_connection_that_took_over_before_it_was_filled() -> None:
    continuity = Continuity()
    continuity.newest[CANDLES] = candle(10)
    continuity.lost([CANDLES], REASON)
    _, first = continuity.resumed(CANDLES, candle(12))
    assert first is not None
    continuity.hold(CANDLES, candle(12))
    assert continuity.last(CANDLES) == candle(12)
    second = continuity.extend(CANDLES, candle(15))
    assert second is not None
    assert second.count > first.count
    assert not continuity.waits_for(first)
    continuity.hold(CANDLES, candle(15))
    fetched = [candle(minute) for minute in range(9, 16)]
    gap, passed = continuity.settled(CANDLES, fetched, is_complete=True)
    assert [event.timestamp for event in passed] == [candle(minute).timestamp for minute in range(11, 16)]
    assert (gap.filled, gap.until) == (3, candle(15).timestamp)


def test_a_candle_that_goes_on_has_no_gap() -> None:
    continuity = Continuity()
    continuity.heard(CANDLES, candle(10))
    continuity.lost([CANDLES], REASON)
    assert continuity.resumed(CANDLES, candle(10, close=3.0)) == (None, None)


def test_topics_without_snapshots_have_a_gap_without_an_end() -> None:
    continuity = Continuity()
    orders = Topic("myOrder", "")
    continuity.heard(orders, ticker(7))
    continuity.lost([orders], REASON)
    assert continuity.resumed_silently([orders, TICKER]) == (Gap(orders, 7, None, REASON),)
    assert continuity.resumed_silently([orders]) == ()


@pytest.mark.parametrize(("kind", "seconds"), [("candle.1s", 1), ("candle.1m", 60), ("candle.240m", 14_400)])
def test_the_length_of_a_candle(kind: str, seconds: int) -> None:
    assert period_of(kind) == seconds


def test_memory_is_bounded_and_what_is_forgotten_is_not_fetched_again() -> None:
    continuity = heard(*(trade(number) for number in range(3 * REMEMBERED)))
    continuity.lost([TRADES], REASON)
    last = 3 * REMEMBERED
    _, refill = continuity.resumed(TRADES, trade(last))
    assert refill is not None
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(last + 1)], is_complete=True)
    assert numbers(passed) == [last]


@given(
    seed=st.integers(0, 10**6),
    cuts=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=1, max_size=6),
    swap=st.floats(0.0, 0.4),
)
def test_with_an_answering_exchange_every_trade_is_in_the_stream_exactly_once(
    seed: int, cuts: list[tuple[int, int]], swap: float
) -> None:
    """Random outages, repeats and trades out of order; REST answers each time, with all that there was until then."""
    random = Random(seed)
    happened: list[TradeEvent] = [trade(1)]
    continuity = Continuity()
    stream: list[Event] = []

    def happen() -> TradeEvent:
        happened.append(trade(happened[-1].sequential_id + 1))
        return happened[-1]

    def take(event: TradeEvent) -> None:
        if TRADES in continuity.broken:
            continuity.resumed(TRADES, event)
        if TRADES in continuity.held and event.stream_type is StreamType.REALTIME:
            continuity.hold(TRADES, event)
        elif continuity.heard(TRADES, event) and event.stream_type is StreamType.REALTIME:
            stream.append(event)

    take(trade(1, snapshot=True))
    for live, away in cuts:
        late: TradeEvent | None = None
        for _ in range(live):
            event = happen()
            if late is None and random.random() < swap:
                late = event
                continue
            take(event)
            if random.random() < 0.1:
                take(event)
            if late is not None:
                take(late)
                late = None
        continuity.lost([TRADES], REASON)
        for _ in range(away):
            happen()
        if random.random() < 0.7:
            take(trade(happened[-1].sequential_id, snapshot=True))
        for _ in range(random.randrange(3)):
            take(happen())
        if TRADES in continuity.broken:
            take(happen())
        if TRADES in continuity.held:
            stream += continuity.settled(TRADES, happened, is_complete=True)[1]
    assert sorted(numbers(stream)) == [event.sequential_id for event in happened[1:]]


def broken(continuity: Continuity, topic: Topic = TRADES) -> None:
    continuity.lost([topic], REASON)


def test_what_lies_in_a_gap_that_stays_open_does_not_come_later() -> None:
    continuity = heard(trade(1))
    broken(continuity)
    continuity.resumed(TRADES, trade(5, snapshot=True))
    continuity.hold(TRADES, trade(6))
    continuity.hold(TRADES, trade(4))
    gap, passed = continuity.settled(TRADES, [], is_complete=False)
    assert not gap.is_complete
    assert numbers(passed) == [6]
    assert not continuity.heard(TRADES, trade(3))
    assert not continuity.heard(TRADES, trade(5))
    assert not continuity.is_missed(TRADES, trade(4))
    assert continuity.heard(TRADES, trade(7))


def test_the_first_trade_after_a_gap_that_stays_open_is_kept() -> None:
    continuity = heard(trade(1))
    broken(continuity)
    continuity.resumed(TRADES, trade(5))
    continuity.hold(TRADES, trade(5))
    _, passed = continuity.settled(TRADES, [], is_complete=False)
    assert numbers(passed) == [5]


def test_a_trade_from_before_the_stream_is_not_in_it() -> None:
    continuity = heard(trade(10))
    assert not continuity.heard(TRADES, trade(3))
    assert continuity.duplicates == 1


def test_rest_stands_in_with_what_is_new_and_tells_what_it_cannot_reach() -> None:
    continuity = heard(trade(1), trade(2))
    broken(continuity)
    gap, passed = continuity.stand_in(TRADES, [trade(1), trade(2), trade(3)])
    assert (gap, numbers(list(passed))) == (None, [3])
    gap, passed = continuity.stand_in(TRADES, [trade(8), trade(9)])
    assert gap == Gap(TRADES, 3000, 8000, REASON, 3, 8)
    assert numbers(list(passed)) == [8, 9]
    gap, passed = continuity.stand_in(TRADES, [trade(8), trade(9)])
    assert (gap, passed) == (None, [])
    assert not continuity.heard(TRADES, trade(5))


def test_rest_does_not_stand_in_with_what_is_long_past() -> None:
    continuity = heard(trade(1), trade(10))
    broken(continuity)
    gap, passed = continuity.stand_in(TRADES, [trade(number) for number in range(5, 13)])
    assert (gap, numbers(list(passed))) == (None, [8, 9, 11, 12])


def test_a_trade_that_came_late_does_not_make_the_next_filling_reach_further_back() -> None:
    continuity = heard(trade(1), trade(9), trade(10))
    broken(continuity)
    _, refill = continuity.resumed(TRADES, trade(10, snapshot=True))
    assert refill is None
    assert continuity.heard(TRADES, trade(8))
    continuity.lost([TRADES], REASON)
    _, refill = continuity.resumed(TRADES, trade(11))
    assert refill is not None
    assert refill.since == 8000


def test_what_rest_tells_beyond_what_was_asked_for_is_left_out() -> None:
    continuity = heard(trade(1), trade(10))
    broken(continuity)
    _, refill = continuity.resumed(TRADES, trade(12))
    assert refill is not None
    assert refill.since == 8000
    _, passed = continuity.settled(TRADES, [trade(number) for number in range(3, 13)], is_complete=True)
    assert numbers(passed) == [8, 9, 11, 12]


def test_rest_may_be_the_first_to_tell_of_a_topic() -> None:
    gap, passed = Continuity().stand_in(TRADES, [trade(1), trade(2)])
    assert (gap, numbers(list(passed))) == (None, [1, 2])


def test_what_a_topic_has_told_reaches_to_the_newest_trade_that_it_knows() -> None:
    continuity = heard(trade(1, snapshot=True), trade(5), trade(3))
    assert continuity.told_until(TRADES) == 5_000, "one that came late does not take it back"
    assert continuity.told_until(TICKER) is None
    state = TickerEvent(type="ticker", code="KRW-BTC", timestamp=900, trade_timestamp=700, trade_price=1.0)
    continuity.newest[TICKER] = state
    assert continuity.told_until(TICKER) == 700, "the time of a frame is not that of what it tells"
    continuity.newest[CANDLES] = candle(3)
    assert continuity.told_until(CANDLES) == candle(3).timestamp


def test_topics_that_have_gone_silent_give_memory_back_a_few_at_a_time() -> None:
    continuity = Continuity()
    topics = [Topic("trade", f"KRW-A{number}") for number in range(100)]
    for topic in topics:
        for number in range(1_000):
            continuity.heard(topic, trade(number, at=number))
    continuity.lost(topics[:1], REASON)
    before = [sys.getsizeof(told) for told in continuity._trades.values()]
    now = 1000.0
    for _ in range(4 * 200):
        continuity.tidy(now)
        now += 0.25
    after = [sys.getsizeof(told) for told in continuity._trades.values()]
    assert min(before) > 10_000
    assert after[0] == before[0], "it is not silent, but cut off"
    assert max(after[1:]) < 500


def test_tidying_up_does_little_at_a_time() -> None:
    continuity = Continuity()
    topics = [Topic("trade", f"KRW-A{number}") for number in range(100)]
    for topic in topics:
        for number in range(1_000):
            continuity.heard(topic, trade(number, at=number))
    before = {topic: len(told) for topic, told in continuity._trades.items()}
    continuity.tidy(1000.0)
    continuity.tidy(1060.0)
    changed = [topic for topic, told in continuity._trades.items() if len(told) != before[topic]]
    assert len(changed) < 10


@given(
    seed=st.integers(0, 10**6),
    cuts=st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=4),
    frozen=st.floats(0.0, 1.0),
)
def test_what_a_frozen_window_did_not_get_before_a_cut_comes_exactly_once(
    seed: int, cuts: list[tuple[int, int]], frozen: float
) -> None:
    """The window may be frozen for longer than trades are remembered; REST answers each time."""
    random = Random(seed)
    continuity = heard(trade(1, snapshot=True))
    number = 1
    got: list[int] = []
    waiting: list[Event] = []

    for live, away in cuts:
        freezes_at = live * (1.0 - frozen)
        for place in range(live):
            number += 1
            assert continuity.heard(TRADES, trade(number))
            waiting.append(trade(number))
            if place < freezes_at and random.random() < 0.3:
                got += numbers(waiting)
                waiting.clear()
        continuity.lost([TRADES], REASON)
        continuity.discarded(TRADES, waiting)
        waiting.clear()
        number += away + 1
        _, refill = continuity.resumed(TRADES, trade(number))
        assert refill is not None
        continuity.hold(TRADES, trade(number))
        told = [trade(each) for each in range(max(1, refill.since // 1000 - 50), number + 1)]
        waiting += continuity.settled(TRADES, told, is_complete=True)[1]
    got += numbers(waiting)
    assert got == list(range(2, number + 1))
