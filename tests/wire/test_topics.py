"""Topics and the wishes for them: what is accepted, what is refused, and how wishes add up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.events import CandleEvent, Event, OrderbookEvent, TickerEvent
from upbit_qt_ws.wire.topics import (
    BOOK_UNITS,
    CANDLE_INTERVALS,
    CONFLATED_TYPES,
    INFO_TYPES,
    PRIVATE_TYPES,
    PUBLIC_TYPES,
    Endpoint,
    Stream,
    Topic,
    Want,
    endpoint_of,
    has_snapshot,
    parse_category,
    parse_interval,
    parse_level,
    parse_units,
    topic_of,
)

UNITS = st.sampled_from([0, *BOOK_UNITS])
WANTS = st.one_of(
    st.builds(Want, st.sampled_from([Stream.REALTIME, Stream.BOTH]), UNITS, st.booleans(), st.just(0)),
    st.builds(Want, st.just(Stream.SNAPSHOT), UNITS, st.booleans(), st.integers(1, 9)),
)


@pytest.mark.parametrize(
    ("text", "stream"), [("both", Stream.BOTH), ("snapshot", Stream.SNAPSHOT), ("realtime", Stream.REALTIME)]
)
def test_a_stream_is_read_from_its_name_or_taken_as_it_is(text: str, stream: Stream) -> None:
    assert Stream.parse(text) is stream
    assert Stream.parse(stream) is stream


@pytest.mark.parametrize("value", ["", "BOTH", "all", None, 3, [], {}, Stream(0)])
def test_another_stream_is_refused_and_named(value: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        Stream.parse(value)
    assert repr(value) in str(caught.value)


@given(first=WANTS, second=WANTS, third=WANTS)
def test_the_union_of_wishes_satisfies_each_and_no_more(first: Want, second: Want, third: Want) -> None:
    union = first.union(second)
    assert union == second.union(first)
    assert union.union(third) == first.union(second.union(third))
    assert first.union(first) == first
    assert first.stream in union.stream
    assert second.stream in union.stream
    assert union.stream.value == first.stream.value | second.stream.value
    assert union.units == max(first.units, second.units)
    assert bool(union.turn) == (union.stream is Stream.SNAPSHOT)


@pytest.mark.parametrize("interval", CANDLE_INTERVALS)
def test_each_streamed_interval_is_an_event_type(interval: str) -> None:
    assert parse_interval(interval) == f"candle.{interval}"
    assert parse_interval(interval) in PUBLIC_TYPES


@pytest.mark.parametrize("interval", ["", "2m", "1h", "1d", "1M", "candle.1m", None, 1, []])
def test_another_interval_is_refused_with_the_choices(interval: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_interval(interval)
    assert repr(interval) in str(caught.value)
    assert all(known in str(caught.value) for known in CANDLE_INTERVALS)


@pytest.mark.parametrize("units", BOOK_UNITS)
def test_each_served_depth_is_taken(units: int) -> None:
    assert parse_units(units) == units


@pytest.mark.parametrize("units", [0, -1, 2, 10, 31, 15.0, "15", True, None, [15]])
def test_another_depth_is_refused_and_named(units: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_units(units)
    assert repr(units) in str(caught.value)


@pytest.mark.parametrize("level", [0, 0.0, 1, 10000, 0.1, 1e8])
def test_a_level_of_krw_markets_becomes_a_number(level: float) -> None:
    parsed = parse_level(level, ("KRW-BTC", "KRW-ETH"))
    assert type(parsed) is float
    assert parsed == level


@pytest.mark.parametrize("level", [-1, float("nan"), float("inf"), -float("inf"), "10000", True, None, []])
def test_what_is_no_level_is_refused_and_named(level: Any) -> None:
    with pytest.raises(SubscriptionError) as caught:
        parse_level(level, ("KRW-BTC",))
    assert repr(level) in str(caught.value)


def test_a_level_works_only_in_krw_markets_and_no_level_everywhere() -> None:
    with pytest.raises(SubscriptionError, match="BTC-ETH"):
        parse_level(10000, ("KRW-BTC", "BTC-ETH"))
    assert parse_level(0, ("KRW-BTC", "BTC-ETH")) == 0.0


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (TickerEvent(type="ticker", code="KRW-BTC", trade_price=1.0), Topic("ticker", "KRW-BTC")),
        (
            OrderbookEvent(type="orderbook", code="KRW-BTC", orderbook_units=(), level=10000),
            Topic("orderbook", "KRW-BTC", 10000.0),
        ),
        (
            CandleEvent(
                type="candle.1m",
                code="KRW-BTC",
                candle_date_time_utc="2026-01-01T00:00:00",
                opening_price=1.0,
                high_price=1.0,
                low_price=1.0,
                trade_price=1.0,
            ),
            Topic("candle.1m", "KRW-BTC"),
        ),
    ],
)
def test_the_topic_of_an_event_finds_the_topic_in_a_table(event: Event, topic: Topic) -> None:
    assert topic_of(event) == topic
    assert {topic: "found"}[topic_of(event)] == "found"  # type: ignore[index]


def test_only_the_types_whose_newest_event_replaces_the_others_are_conflated() -> None:
    assert {"ticker", "orderbook", "candle.1s", "candle.240m"} <= CONFLATED_TYPES
    assert not CONFLATED_TYPES & {"trade", "myOrder", "myAsset", "announcement", "indicator_signal"}


@pytest.mark.parametrize("kind", [*PRIVATE_TYPES, *INFO_TYPES])
def test_an_event_that_may_belong_to_several_topics_has_no_single_one(kind: str) -> None:
    assert topic_of(Event(type=kind)) is None


@pytest.mark.parametrize(
    ("kind", "endpoint"),
    [
        ("ticker", Endpoint.PUBLIC),
        ("candle.240m", Endpoint.PUBLIC),
        ("myOrder", Endpoint.PRIVATE),
        ("announcement", Endpoint.PRIVATE),
        ('indicator.5m.rsi.{"period":14}', Endpoint.INFO),
        ("indicator_signal.1d.macd", Endpoint.INFO),
    ],
)
def test_each_type_has_its_socket_and_only_public_ones_have_snapshots(kind: str, endpoint: Endpoint) -> None:
    assert endpoint_of(kind) is endpoint
    assert has_snapshot(kind) == (endpoint is Endpoint.PUBLIC)


def test_a_category_of_announcements_is_checked() -> None:
    assert parse_category("trade") == "trade"
    with pytest.raises(SubscriptionError, match="trading"):
        parse_category("trading")
