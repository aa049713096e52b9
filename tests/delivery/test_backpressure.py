"""Policies: nothing gets lost that must not, the newest always comes, and the accounts add up."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.delivery.backpressure import (
    CoalesceBySymbol,
    DropOldest,
    Policy,
    check_policy,
    coalesce_by_symbol,
    default_policy,
    drop_oldest,
    throttle,
)
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import CandleEvent, Event, StreamType, TickerEvent

CODES = ("KRW-BTC", "KRW-ETH", "KRW-XRP")
POLICIES = (drop_oldest(1), drop_oldest(3), drop_oldest(1000), coalesce_by_symbol(), throttle(1000), throttle(1))


def ticker(number: int, code: str = "KRW-BTC", kind: StreamType = StreamType.REALTIME) -> TickerEvent:
    return TickerEvent(type="ticker", code=code, trade_price=1.0, timestamp=number, stream_type=kind)


def candle(minute: int, price: float) -> CandleEvent:
    return CandleEvent(
        type="candle.1m",
        code="KRW-BTC",
        candle_date_time_utc=f"2026-01-01T00:{minute:02}:00",
        opening_price=1.0,
        high_price=1.0,
        low_price=1.0,
        trade_price=price,
    )


# A moment passes, or a market has an event, or a frame takes what may be taken.
steps = st.lists(st.one_of(st.floats(0.0, 2.0), st.sampled_from(CODES), st.none()), max_size=60)


@given(policy=st.sampled_from(POLICIES), steps=steps)
def test_every_event_is_delivered_or_gave_way_in_order_and_the_newest_of_each_market_always_comes(
    policy: Policy, steps: list[Any]
) -> None:
    handler = policy.handler()
    now, gone = 100.0, 0
    sent: list[Event] = []
    got: list[Event] = []
    moments: dict[str, list[float]] = {code: [] for code in CODES}

    def frame() -> None:
        taken = handler.take(now)
        got.extend(taken)
        for event in taken:
            assert isinstance(event, TickerEvent)
            moments[event.code].append(now)

    for step in steps:
        if step is None:
            frame()
        elif isinstance(step, str):
            sent.append(ticker(len(sent), step))
            gone += handler.offer(sent[-1], now)
        else:
            now += step
    while handler.due < math.inf:
        now = max(now, handler.due)
        frame()
    assert len(got) + gone == len(sent)
    for code in CODES:
        of_code = [event.timestamp for event in got if isinstance(event, TickerEvent) and event.code == code]
        assert of_code == sorted(of_code)
        last = [event.timestamp for event in sent if isinstance(event, TickerEvent) and event.code == code][-1:]
        if not isinstance(policy, DropOldest):
            assert of_code[-1:] == last
        gaps = [after - before for before, after in zip(moments[code], moments[code][1:], strict=False)]
        assert all(gap >= policy.interval - 1e-9 for gap in gaps)
    if isinstance(policy, DropOldest):
        assert got[-1:] == sent[-1:]
        assert handler.loses or not gone
    assert handler.discard() == 0


def test_a_throttle_has_a_leading_and_a_trailing_edge() -> None:
    handler = throttle(500).handler()
    handler.offer(ticker(1), 10.0)
    assert handler.due <= 10.0
    assert [event.timestamp for event in handler.take(10.0)] == [1]
    assert handler.due == math.inf
    assert [handler.offer(ticker(number), 10.1) for number in (2, 3)] == [0, 1]
    assert handler.take(10.4) == []
    assert handler.due == pytest.approx(10.5)
    assert [event.timestamp for event in handler.take(10.5)] == [3]
    # Another market has its own time.
    handler.offer(ticker(4, "KRW-ETH"), 10.6)
    assert len(handler.take(10.6)) == 1


@pytest.mark.parametrize("policy", [coalesce_by_symbol(), throttle(100)], ids=str)
def test_the_last_state_of_a_closed_candle_is_kept_beside_the_next_one(policy: Policy) -> None:
    handler = policy.handler()
    if policy.interval:
        handler.offer(candle(0, 0.0), 1.0)
        handler.take(1.0)
    gone = [handler.offer(event, 1.0) for event in (candle(1, 1.0), candle(1, 2.0), candle(2, 3.0), candle(2, 4.0))]
    assert gone == [0, 1, 0, 1]
    assert handler.take(2.0) == [candle(1, 2.0), candle(2, 4.0)]


def test_a_snapshot_is_not_replaced_by_what_follows_it() -> None:
    handler = coalesce_by_symbol().handler()
    snapshot = ticker(1, kind=StreamType.SNAPSHOT)
    assert [handler.offer(event, 0.0) for event in (snapshot, ticker(2), ticker(3))] == [0, 0, 1]
    assert handler.take(0.0) == [snapshot, ticker(3)]


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_a_waiting_room_is_left_one_by_one(policy: Policy) -> None:
    room = policy.waiting_room()
    room.offer(ticker(1, "KRW-BTC"), 0.0)
    gone = room.offer(ticker(2, "KRW-ETH"), 0.0)
    events = [room.pop(), room.pop(), room.pop()]
    assert [event.timestamp for event in events if event is not None] == ([2] if gone else [1, 2])
    assert room.discard() == 0


def test_what_is_discarded_is_counted() -> None:
    for policy in POLICIES[2:]:
        handler = policy.handler()
        handler.offer(ticker(1), 0.0)
        handler.offer(ticker(2, "KRW-ETH"), 0.0)
        assert handler.discard() == 2
        assert handler.due == math.inf


def test_states_are_coalesced_and_events_are_kept_unless_something_else_is_asked_for() -> None:
    assert isinstance(default_policy("ticker"), CoalesceBySymbol)
    assert isinstance(default_policy("candle.1m"), CoalesceBySymbol)
    assert isinstance(default_policy("trade"), DropOldest)
    assert isinstance(default_policy("myOrder"), DropOldest)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "3", None])
def test_a_limit_that_makes_no_sense_is_refused_by_name(limit: Any) -> None:
    with pytest.raises(SubscriptionError, match=r"drop_oldest\(limit=.*give a whole number"):
        drop_oldest(limit)


@pytest.mark.parametrize("interval", [0, -5, math.nan, math.inf, 3_600_001, True, "100", None])
def test_an_interval_that_makes_no_sense_is_refused_by_name(interval: Any) -> None:
    with pytest.raises(SubscriptionError, match=r"throttle\(interval_ms=.*give milliseconds"):
        throttle(interval)


def test_own_orders_and_balances_cannot_be_left_out_by_a_policy() -> None:
    check_policy(drop_oldest(10), "myOrder")
    check_policy(throttle(10), "trade")
    for policy in (coalesce_by_symbol(), throttle(10)):
        with pytest.raises(SubscriptionError, match="drop_oldest"):
            check_policy(policy, "myOrder")
    with pytest.raises(SubscriptionError, match="'throttle' is none: give"):
        check_policy("throttle", "ticker")
