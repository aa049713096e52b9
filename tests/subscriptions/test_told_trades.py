"""Which trades are in the stream: each once, in little memory, and as one that remembers all would have it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.made import trade as trade_at
from upbit_qt_ws.events import TradeEvent
from upbit_qt_ws.subscriptions.told_trades import REMEMBERED, REORDERED_MS, WINDOW_MS, ToldTrades

Maker = Callable[[int, float], list[TradeEvent]]

BEGINNING_MS = 1_787_000_000_000
ONE_TENTH = 132 * 2048 / 10
"""Of what a dictionary of 2,048 ids and times takes, in bytes."""


def trade(number: int, at: int) -> TradeEvent:
    return trade_at(number, at=BEGINNING_MS + at)


def ascending(count: int, every_ms: float) -> list[TradeEvent]:
    """Return trades as the exchange numbers them."""
    times = [int(number * every_ms) for number in range(count)]
    return [trade((BEGINNING_MS + at) * 10_000 + number % 10_000, at) for number, at in enumerate(times)]


def shuffled(count: int, every_ms: float, seed: int = 1) -> list[TradeEvent]:
    """Return trades whose ids say nothing of their order."""
    random = Random(seed)
    numbers = random.sample(range(10**17), count)
    return [trade(number, int(place * every_ms)) for place, number in enumerate(numbers)]


class Everything:
    """Remembers every trade for ever."""

    def __init__(self, first: TradeEvent) -> None:
        self.known = {first.sequential_id}
        self.floor = first.trade_timestamp

    def admit(self, trade: TradeEvent) -> bool:
        if trade.sequential_id in self.known or trade.trade_timestamp < self.floor:
            return False
        self.known.add(trade.sequential_id)
        return True


def as_it_comes(trades: list[TradeEvent], random: Random, *, repeats: float, back: int) -> list[TradeEvent]:
    """Return trades as a connection tells them: some late by less than two seconds, some again."""
    late = [
        (event.trade_timestamp + random.choice((0, 0, 0, random.randrange(REORDERED_MS))), event) for event in trades
    ]
    told: list[TradeEvent] = []
    for _, event in sorted(late, key=lambda pair: pair[0]):
        told.append(event)
        while random.random() < repeats:
            told.append(told[-1 - random.randrange(min(back, len(told)))])
    return told


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 4_000),
    every_ms=st.sampled_from([0.2, 5.0, 50.0, 700.0, 20_000.0]),
    ascends=st.booleans(),
)
def test_each_trade_is_admitted_once_whatever_comes_again(
    seed: int, count: int, every_ms: float, ascends: bool
) -> None:
    random = Random(seed)
    made = ascending(count, every_ms) if ascends else shuffled(count, every_ms, seed)
    told = ToldTrades(made[0])
    admitted = {made[0].sequential_id}
    for event in as_it_comes(made, random, repeats=0.3, back=10 * REMEMBERED):
        if told.admit(event):
            assert event.sequential_id not in admitted
            admitted.add(event.sequential_id)
        if random.random() < 0.001:
            told.shrink()
        assert not told.admit(event)
        assert not told.is_new(event)


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 4_000),
    every_ms=st.sampled_from([4.0, 30.0, 700.0, 20_000.0]),
    ascends=st.booleans(),
)
def test_none_is_lost_and_none_comes_twice_where_it_may_still_come(
    seed: int, count: int, every_ms: float, ascends: bool
) -> None:
    random = Random(seed)
    made = ascending(count, every_ms) if ascends else shuffled(count, every_ms, seed)
    told, everything = ToldTrades(made[0]), Everything(made[0])
    for event in as_it_comes(made, random, repeats=0.1, back=300):
        assert told.is_new(event) == (event.sequential_id not in everything.known)
        assert told.admit(event) == everything.admit(event)


@pytest.mark.parametrize("every_ms", [0.0, 0.2, 5.0, 40.0, 700.0])
@pytest.mark.parametrize("make", [ascending, shuffled])
def test_the_memory_of_a_topic_is_a_tenth_of_what_a_dictionary_takes(make: Maker, every_ms: float) -> None:
    made = make(10_000, every_ms)
    told = ToldTrades(made[0])
    assert max(sys.getsizeof(told) for event in made[1:] if told.admit(event)) <= ONE_TENTH


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    made = ascending(4_000, 1_000.0)
    told = ToldTrades(made[0])
    assert all(told.admit(event) for event in made[1:])
    assert len(told) < 3 * WINDOW_MS / 1_000
    assert told.newest() == made[-1].trade_timestamp
    assert told.reach() == made[-1].trade_timestamp - REORDERED_MS


@pytest.mark.parametrize("make", [ascending, shuffled])
def test_a_topic_that_goes_silent_gives_its_memory_back(make: Maker) -> None:
    made = make(1_500, 1.0)
    told = ToldTrades(made[0])
    assert all(told.admit(event) for event in made[1:])
    told.shrink()
    assert len(told) > 700, "what came since the last look may still come again"
    told.shrink()
    assert len(told) < 10
    assert sys.getsizeof(told) < 500
    assert told.knows(made[-1].sequential_id)
    assert not any(told.admit(event) for event in made)
    assert told.admit(trade(5, 1_600))


def test_a_stream_whose_trades_all_have_the_same_time_goes_on() -> None:
    told = ToldTrades(trade(0, 0))
    assert all(told.admit(trade(number, 0)) for number in range(1, 5 * REMEMBERED))
    assert len(told) <= REMEMBERED


@pytest.mark.parametrize("number", [2**63, 2**64, 10**30, -(2**63), -(10**30)])
def test_a_monstrous_id_is_told_apart_as_any_other(number: int) -> None:
    told = ToldTrades(trade(number, 0))
    assert told.knows(number)
    assert not told.admit(trade(number, 10))
    assert told.admit(trade(7, 10))
    assert not told.admit(trade(number, 20))
    assert told.admit(trade(8, 30))
    assert not told.admit(trade(7, 30))
    told.discard([trade(number, 0), trade(8, 30)])
    assert told.admit(trade(number, 10))
    assert told.admit(trade(8, 30))


def test_what_nobody_got_comes_again_although_it_is_forgotten() -> None:
    made = ascending(1_000, 1_000.0)
    told = ToldTrades(made[0])
    assert all(told.admit(event) for event in made[1:])
    got, dropped = made[:300], made[300:]
    told.discard(dropped)
    assert told.reach() <= dropped[0].trade_timestamp
    assert [event for event in made if told.is_new(event)] == dropped
    assert [event for event in made if told.admit(event)] == dropped
    assert not any(told.admit(event) for event in (*got, *dropped))


def test_what_nobody_got_stays_missing_when_the_gap_stays_open() -> None:
    made = ascending(1_000, 1_000.0)
    told = ToldTrades(made[0])
    assert all(told.admit(event) for event in made[1:])
    told.discard(made[300:])
    following = trade(made[-1].sequential_id + 10**8, 1_010_000)
    told.close(following, is_told=False)
    assert not any(told.admit(event) for event in made)
    assert told.admit(following)


def test_what_rest_does_not_know_any_more_is_not_asked_for_again() -> None:
    made = ascending(1_000, 1_000.0)
    told = ToldTrades(made[0])
    assert all(told.admit(event) for event in made[1:])
    told.discard(made[300:])
    told.settle()
    assert told.reach() > made[900].trade_timestamp
