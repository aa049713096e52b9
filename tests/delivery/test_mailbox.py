"""The mailbox: nothing is lost without being counted, nothing grows without bound, one wake-up at most."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.mailbox import Letter, Mailbox
from upbit_qt_ws.events import CandleEvent, Event, Side, StreamType, TickerEvent, TradeEvent
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable

SNAPSHOT, REALTIME = StreamType.SNAPSHOT, StreamType.REALTIME
TICKER, OTHER, TRADE = Topic("ticker", "KRW-BTC"), Topic("ticker", "KRW-ETH"), Topic("trade", "KRW-BTC")
CANDLE = Topic("candle.1s", "KRW-BTC")
RING = 4


def ticker(number: int, kind: StreamType = REALTIME, code: str = "KRW-BTC") -> TickerEvent:
    return TickerEvent(type="ticker", code=code, trade_price=float(number), timestamp=number, stream_type=kind)


def trade(number: int, kind: StreamType = REALTIME) -> TradeEvent:
    return TradeEvent(
        type="trade",
        code="KRW-BTC",
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        sequential_id=number,
        timestamp=number,
        stream_type=kind,
    )


def candle(number: int, start: int, kind: StreamType = REALTIME) -> CandleEvent:
    return CandleEvent(
        type="candle.1s",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T{start // 3600:02}:{start // 60 % 60:02}:{start % 60:02}",
        opening_price=1.0,
        high_price=1.0,
        low_price=1.0,
        trade_price=float(number),
        timestamp=number,
        stream_type=kind,
    )


class Wakes:
    """Counts the wake-ups."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def box(*topics: Topic, ring_size: int = RING) -> tuple[Mailbox, Wakes]:
    wakes = Wakes()
    mailbox = Mailbox(wakes, ring_size)
    mailbox.open(topics)
    return mailbox, wakes


def frames_of(letters: Iterable[Letter]) -> int:
    """Return how many frames the letters account for."""
    return sum(
        sum(frames for _, frames in letter.items) + sum(count for _, count in letter.dropped) for letter in letters
    )


def numbers(letter: Letter) -> list[int]:
    return [event.timestamp for event, _ in letter.items]


def test_a_state_topic_keeps_the_newest_event_and_counts_what_it_replaced() -> None:
    mailbox, _ = box(TICKER)
    for number in range(5):
        mailbox.put(TICKER, ticker(number))
    assert mailbox.empty() == [Letter(TICKER, ((ticker(4), 5),))]
    assert mailbox.empty() == []


def test_an_event_topic_keeps_every_event_in_order() -> None:
    mailbox, _ = box(TRADE)
    for number in range(RING):
        mailbox.put(TRADE, trade(number))
    assert mailbox.empty() == [Letter(TRADE, tuple((trade(number), 1) for number in range(RING)))]


def test_a_full_ring_drops_the_oldest_and_counts_them_by_kind() -> None:
    mailbox, _ = box(TRADE)
    mailbox.put(TRADE, trade(0, SNAPSHOT))
    for number in range(1, RING + 3):
        mailbox.put(TRADE, trade(number))
    (letter,) = mailbox.empty()
    assert numbers(letter) == [3, 4, 5, 6]
    assert dict(letter.dropped) == {SNAPSHOT: 1, REALTIME: 2}


def test_a_snapshot_and_a_real_time_event_do_not_replace_each_other() -> None:
    mailbox, _ = box(TICKER)
    mailbox.put(TICKER, ticker(1, SNAPSHOT))
    mailbox.put(TICKER, ticker(2))
    mailbox.put(TICKER, ticker(3))
    (letter,) = mailbox.empty()
    assert letter.items == ((ticker(1, SNAPSHOT), 1), (ticker(3), 2))


def test_the_order_of_one_topic_is_that_of_its_newest_events() -> None:
    mailbox, _ = box(TICKER)
    mailbox.put(TICKER, ticker(1))
    mailbox.put(TICKER, ticker(2, SNAPSHOT))
    mailbox.put(TICKER, ticker(3))
    (letter,) = mailbox.empty()
    assert numbers(letter) == [2, 3]


def test_the_last_state_of_a_closed_candle_survives_beside_the_next_candle() -> None:
    mailbox, _ = box(CANDLE)
    for event in (candle(1, 0), candle(2, 0), candle(3, 1)):
        mailbox.put(CANDLE, event)
    (letter,) = mailbox.empty()
    assert letter.items == ((candle(2, 0), 2), (candle(3, 1), 1))


def test_candles_that_nobody_fetches_are_bounded_like_everything_else() -> None:
    mailbox, _ = box(CANDLE)
    for number in range(10 * RING):
        mailbox.put(CANDLE, candle(number, number))
    (letter,) = mailbox.empty()
    assert frames_of([letter]) == 10 * RING
    assert numbers(letter)[-1] == 10 * RING - 1
    assert len(letter.items) <= RING


def test_events_of_topics_that_are_not_open_are_refused() -> None:
    mailbox, wakes = box(TICKER)
    assert not mailbox.put(OTHER, ticker(1, code="KRW-ETH"))
    assert wakes.count == 0
    assert mailbox.put(TICKER, ticker(1))
    mailbox.retire([TICKER, OTHER])
    assert not mailbox.put(TICKER, ticker(2))


def test_what_waits_of_a_retired_topic_is_dropped_and_counted_also_when_it_is_opened_again() -> None:
    mailbox, _ = box(TICKER, TRADE)
    mailbox.put(TICKER, ticker(1))
    mailbox.put(TICKER, ticker(2))
    mailbox.put(TRADE, trade(1))
    mailbox.retire([TICKER])
    mailbox.open([TICKER])
    mailbox.put(TICKER, ticker(3))
    letters = mailbox.empty()
    assert frames_of(letters) == 4
    assert [event for letter in letters for event, _ in letter.items if letter.topic == TICKER] == [ticker(3)]


def test_opening_a_topic_again_keeps_what_waits() -> None:
    mailbox, _ = box(TICKER)
    mailbox.put(TICKER, ticker(1))
    mailbox.open([TICKER, OTHER])
    assert mailbox.empty() == [Letter(TICKER, ((ticker(1), 1),))]


def test_only_the_first_event_wakes_until_the_box_was_emptied() -> None:
    mailbox, wakes = box(TICKER, OTHER, TRADE)
    for number in range(3):
        mailbox.put(TICKER, ticker(number))
        mailbox.put(TRADE, trade(number))
    assert wakes.count == 1
    mailbox.empty()
    mailbox.empty()
    assert wakes.count == 1
    mailbox.put(OTHER, ticker(1, code="KRW-ETH"))
    assert wakes.count == 2


def test_topics_come_in_the_order_of_their_first_event() -> None:
    mailbox, _ = box(TICKER, OTHER, TRADE)
    mailbox.put(TRADE, trade(1))
    mailbox.put(TICKER, ticker(1))
    mailbox.put(TRADE, trade(2))
    assert [letter.topic for letter in mailbox.empty()] == [TRADE, TICKER]


@pytest.mark.parametrize("retire", [False, True])
def test_a_new_connection_drops_what_the_older_one_left_and_counts_it(retire: bool) -> None:
    mailbox, _ = box(TICKER, TRADE, CANDLE)
    mailbox.put(TICKER, ticker(1, SNAPSHOT))
    mailbox.put(TICKER, ticker(2))
    mailbox.put(TICKER, ticker(3))
    mailbox.put(TRADE, trade(1))
    mailbox.put(CANDLE, candle(1, 0))
    if retire:
        mailbox.retire([TICKER, TRADE])
    mailbox.begin_epoch()
    if not retire:
        mailbox.put(TICKER, ticker(4))
    letters = mailbox.empty()
    left = {letter.topic: letter for letter in letters}
    assert [event for letter in letters for event, _ in letter.items] == ([] if retire else [ticker(4)])
    assert dict(left[TICKER].dropped) == {SNAPSHOT: 1, REALTIME: 2}
    assert dict(left[TRADE].dropped) == dict(left[CANDLE].dropped) == {REALTIME: 1}


@given(
    program=st.lists(
        st.sampled_from(
            [*[(topic, kind) for topic in (TICKER, TRADE, CANDLE) for kind in StreamType], "empty", "epoch"]
        ),
        min_size=12,
        max_size=60,
    )
)
def test_every_frame_is_in_exactly_one_account_and_the_newest_is_never_lost(
    program: list[tuple[Topic, StreamType] | str],
) -> None:
    mailbox, wakes = box(TICKER, TRADE, CANDLE)
    put: Counter[Topic] = Counter()
    accounted: Counter[Topic] = Counter()
    newest: dict[Topic, int] = {}
    empties = 0
    for number, step in enumerate([*program, "empty"]):
        if step == "epoch":
            mailbox.begin_epoch()
            newest.clear()
        elif step == "empty":
            empties += 1
            for letter in mailbox.empty():
                accounted[letter.topic] += frames_of([letter])
                assert numbers(letter) == sorted(numbers(letter))
                if letter.items:
                    assert numbers(letter)[-1] == newest.pop(letter.topic)
            assert not newest
            assert accounted == put
        else:
            topic, kind = step[0], StreamType(step[1])
            event: Event = {
                TICKER: ticker(number, kind),
                TRADE: trade(number, kind),
                CANDLE: candle(number, number // 8, kind),
            }[Topic(*topic)]
            mailbox.put(topic, event)  # type: ignore[arg-type]
            put[Topic(*topic)] += 1
            newest[Topic(*topic)] = number
    assert wakes.count <= empties


def test_a_writing_and_a_reading_thread_lose_nothing_and_wake_no_more_than_needed() -> None:
    total = 20_000
    woken = threading.Event()
    wakes = Wakes()

    def wake() -> None:
        wakes()
        woken.set()

    mailbox = Mailbox(wake, ring_size=64)
    mailbox.open([TICKER, OTHER, TRADE])
    kinds = [
        (TICKER, ticker(0).__class__),
        (OTHER, ticker(0).__class__),
        (TRADE, trade(0).__class__),
    ]

    def write() -> None:
        for number in range(total):
            topic = kinds[number % 3][0]
            mailbox.put(topic, trade(number) if topic is TRADE else ticker(number, code=topic.code))

    writer = threading.Thread(target=write)
    frames: Counter[Topic] = Counter()
    seen: dict[Topic, list[int]] = defaultdict(list)
    empties = 0
    writer.start()
    while sum(frames.values()) < total:
        assert woken.wait(timeout=20.0), "the box holds letters, but nobody was woken"
        woken.clear()
        empties += 1
        for letter in mailbox.empty():
            frames[letter.topic] += frames_of([letter])
            seen[letter.topic] += numbers(letter)
    writer.join()
    assert wakes.count <= empties
    for position, topic in enumerate((TICKER, OTHER, TRADE)):
        expected = range(position, total, 3)
        assert frames[topic] == len(expected)
        assert seen[topic] == sorted(set(seen[topic]))
        assert seen[topic][-1] == expected[-1]
    assert mailbox.empty() == []


def test_a_second_snapshot_does_not_take_the_first_one_from_before_the_changes() -> None:
    box = Mailbox(lambda: None)
    box.open([TICKER])
    for event in (ticker(1, SNAPSHOT), ticker(2), ticker(3, SNAPSHOT), ticker(4, SNAPSHOT), ticker(5)):
        box.put(TICKER, event)
    (letter,) = box.empty()
    assert [(event.timestamp, frames) for event, frames in letter.items] == [(1, 1), (4, 2), (5, 2)]
    assert [event.stream_type for event, _ in letter.items] == [SNAPSHOT, SNAPSHOT, REALTIME]


def test_every_state_is_kept_of_topics_of_which_somebody_wants_all() -> None:
    mailbox = Mailbox(lambda: None, ring_size=3)
    mailbox.keep_all(frozenset({TICKER}))
    mailbox.open([TICKER, OTHER])
    for price in (1, 2, 3, 4):
        mailbox.put(TICKER, ticker(price))
    mailbox.put(OTHER, ticker(5))
    mailbox.put(OTHER, ticker(6))
    letters = {letter.topic: letter for letter in mailbox.empty()}
    assert [event.trade_price for event, _ in letters[TICKER].items] == [2.0, 3.0, 4.0]  # type: ignore[attr-defined]
    assert (letters[TICKER].whole, letters[TICKER].dropped) == (True, ((REALTIME, 1),))
    assert (letters[OTHER].whole, [frames for _, frames in letters[OTHER].items]) == (False, [2])


def test_a_change_of_what_is_kept_loses_nothing_that_waits() -> None:
    mailbox = Mailbox(lambda: None)
    mailbox.open([TICKER])
    mailbox.put(TICKER, ticker(1))
    mailbox.put(TICKER, ticker(2))
    mailbox.keep_all(frozenset({TICKER}))
    mailbox.put(TICKER, ticker(3))
    (letter,) = mailbox.empty()
    assert [frames for _, frames in letter.items] == [3]
    mailbox.put(TICKER, ticker(4))
    mailbox.keep_all(frozenset())
    mailbox.put(TICKER, ticker(5))
    (letter,) = mailbox.empty()
    assert len(letter.items) == 2
    mailbox.put(TICKER, ticker(6))
    mailbox.put(TICKER, ticker(7))
    (letter,) = mailbox.empty()
    assert [frames for _, frames in letter.items] == [2]


def test_quiet_topics_wake_nobody_and_come_with_the_newest_when_they_are_quiet_no_longer() -> None:
    mailbox, wakes = box(TICKER, OTHER)
    mailbox.keep_quiet(frozenset({TICKER}))
    for number in (1, 2, 3):
        mailbox.put(TICKER, ticker(number))
    assert wakes.count == 0
    mailbox.put(OTHER, ticker(4))
    assert wakes.count == 1
    assert [letter.topic for letter in mailbox.empty()] == [OTHER]
    mailbox.keep_quiet(frozenset())
    assert wakes.count == 2
    (letter,) = mailbox.empty()
    assert (letter.topic, letter.items) == (TICKER, ((ticker(3), 3),))
    mailbox.keep_quiet(frozenset({TICKER}))
    mailbox.keep_quiet(frozenset())
    assert wakes.count == 2, "there was nothing to tell"


def test_what_waits_quietly_is_bounded_and_dropped_with_its_connection() -> None:
    mailbox, wakes = box(TICKER, TRADE)
    mailbox.keep_quiet(frozenset({TICKER, TRADE}))
    mailbox.put(TICKER, ticker(1))
    for number in range(RING + 2):
        mailbox.put(TRADE, trade(number))
    discarded = dict(mailbox.begin_epoch())
    assert [len(events) for events in discarded.values()] == [1, RING]
    mailbox.keep_quiet(frozenset())
    letters = {letter.topic: letter for letter in mailbox.empty()}
    assert letters[TRADE].dropped == ((REALTIME, RING + 2),)
    assert not letters[TICKER].items
    assert wakes.count == 1


def test_a_topic_that_is_opened_while_it_is_quiet_is_quiet() -> None:
    mailbox, wakes = box()
    mailbox.keep_quiet(frozenset({TICKER}))
    mailbox.open([TICKER])
    mailbox.put(TICKER, ticker(1))
    assert wakes.count == 0
