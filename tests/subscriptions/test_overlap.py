"""Two connections deliver own orders, of which one replaces the other: each change is told once, and in order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from upbit_qt_ws.events import IndicatorEvent, MyOrderEvent
from upbit_qt_ws.subscriptions.overlap import Overlap
from upbit_qt_ws.wire.topics import Topic

ORDERS, OTHER = Topic("myOrder", ""), Topic("myOrder", "KRW-BTC")


def fill(number: int, epoch: int) -> MyOrderEvent:
    """Return a fill as one of the connections tells it."""
    return MyOrderEvent(
        type="myOrder",
        code="KRW-BTC",
        timestamp=number,
        uuid="an order",
        order_type="limit",
        state="trade",
        executed_volume=Decimal(number),
        epoch=epoch,
        received_ns=number * 1_000 + epoch,
    )


def begun(*abandoned: Topic) -> Overlap:
    overlap = Overlap()
    overlap.begin([ORDERS, OTHER, Topic("ticker", "KRW-BTC")])
    overlap.follow([ORDERS, OTHER], abandoned)
    return overlap


def test_only_topics_of_which_each_event_counts_are_looked_at() -> None:
    overlap = Overlap()
    kinds = ("ticker", "orderbook", "trade", "candle.1s", "myOrder", "myAsset", "announcement", "indicator.x")
    overlap.begin(Topic(kind, "KRW-BTC") for kind in kinds)
    assert {topic[0] for topic in overlap.unmet} == set(kinds[2:])
    overlap.clear()
    assert not overlap.unmet


def test_what_waits_is_of_each_topic_alone() -> None:
    overlap = begun()
    assert overlap.take(ORDERS, fill(1, 1), is_new=False, last=None) is None
    assert overlap.take(ORDERS, fill(1, 2), is_new=True, last=None) == []
    assert overlap.take(OTHER, fill(1, 2), is_new=True, last=None) == []
    ahead, blind = overlap.end(0)
    assert ahead == {ORDERS: [], OTHER: [fill(1, 2)]}
    assert blind == {ORDERS, OTHER}


def test_an_older_connection_that_may_have_missed_something_is_not_waited_for() -> None:
    overlap = begun(ORDERS)
    assert overlap.take(ORDERS, fill(1, 1), is_new=False, last=None) is None
    assert overlap.take(ORDERS, fill(1, 2), is_new=True, last=None) == [], "it was told"
    assert overlap.take(ORDERS, fill(2, 2), is_new=True, last=None) is None


@pytest.mark.parametrize("behind_s", [0.5, 9.0, 11.0])
def test_what_the_older_connection_was_ahead_with_is_not_told_again(behind_s: float) -> None:
    overlap = begun()
    for number in (1, 2):
        assert overlap.take(ORDERS, fill(number, 1), is_new=False, last=None) is None
    assert overlap.take(ORDERS, fill(1, 2), is_new=True, last=None) == []
    overlap.end(1_000)
    assert ORDERS in overlap.unmet
    assert OTHER not in overlap.unmet
    for number, is_told in ((2, behind_s < 10), (2, False), (3, False)):
        late = fill(number, 2)
        force_setattr(late, "received_ns", 1_000 + round(behind_s * 1e9))
        if ORDERS in overlap.unmet:
            assert not overlap.waits(ORDERS)
            assert overlap.take(ORDERS, late, is_new=True, last=None) == ([] if is_told else None)
    assert (ORDERS in overlap.unmet) == (behind_s < 10)


def test_what_nobody_wants_any_more_does_not_wait() -> None:
    overlap = begun()
    overlap.take(ORDERS, fill(1, 2), is_new=True, last=None)
    overlap.forget([ORDERS])
    ahead, blind = overlap.end(0)
    assert not ahead
    assert blind == {OTHER}


@pytest.mark.parametrize("is_new", [True, False])
def test_events_with_parameters_are_told_apart(is_new: bool) -> None:
    indicator = IndicatorEvent(
        type="indicator", code="KRW-BTC", timeframe="5m", indicator="rsi", params={"period": 14}, value={"rsi": 50.0}
    )
    topic = Topic("indicator.x", "KRW-BTC")
    overlap = Overlap()
    overlap.begin([topic])
    assert overlap.take(topic, indicator, is_new=is_new, last=None) == ([] if is_new else None)


@given(
    count=st.integers(1, 12),
    begins=st.integers(0, 12),
    lag=st.integers(0, 12),
    repeats=st.booleans(),
)
def test_every_change_that_either_connection_tells_passes_once_and_in_order(
    count: int, begins: int, lag: int, repeats: bool
) -> None:
    """The newer one tells all from ``begins`` on; the older one all but the last ``lag``."""
    overlap = begun()
    happened = [1 if repeats else number for number in range(count)]
    old = happened[: max(0, count - lag)]
    new = happened[begins:]
    passed: list[int] = []
    for step in range(count):
        if step < len(old):
            assert overlap.take(ORDERS, fill(old[step], 1), is_new=False, last=None) is None
            passed.append(old[step])
        if step >= begins:
            assert overlap.take(ORDERS, fill(happened[step], 2), is_new=True, last=None) == []
    ahead, _ = overlap.end(0)
    later = [event.timestamp for event in ahead.get(ORDERS, [])]
    if repeats:
        assert len(later) == max(0, len(new) - len(old))
    else:
        assert passed + later == sorted({*old, *new})


def test_stamps_do_not_tell_events_apart() -> None:
    overlap = begun()
    first, second = fill(1, 1), fill(1, 2)
    force_setattr(second, "received_ns", 99)
    overlap.take(ORDERS, first, is_new=False, last=None)
    overlap.take(ORDERS, second, is_new=True, last=None)
    assert overlap.end(0)[0] == {ORDERS: []}
