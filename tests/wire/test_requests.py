"""Requests: the whole wanted set in one text, the same text for the same wishes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.wire.indicators import parse_indicator, parse_signal
from upbit_qt_ws.wire.requests import WireFormat, encode_listing, encode_request
from upbit_qt_ws.wire.topics import BOOK_UNITS, CANDLE_INTERVALS, Stream, Topic, Want

CODES = st.sampled_from(["KRW-BTC", "KRW-ETH", "KRW-XRP", "BTC-ETH", "USDT-BTC"])
STREAMS = st.sampled_from([Stream.BOTH, Stream.SNAPSHOT, Stream.REALTIME])
PLAIN = st.tuples(
    st.builds(Topic, st.sampled_from(["ticker", "trade", "candle.1m", "candle.240m"]), CODES, st.just(0.0)),
    st.builds(Want, STREAMS, st.just(0), st.just(False), st.just(0)),
)
BOOKS = st.tuples(
    st.builds(Topic, st.just("orderbook"), CODES, st.sampled_from([0.0, 0.5, 1000.0, 10000.0])),
    st.builds(Want, STREAMS, st.sampled_from(BOOK_UNITS), st.just(False), st.just(0)),
)
WANTS = st.lists(PLAIN | BOOKS, min_size=1, max_size=12).map(dict)


def encode(wants: dict[Topic, Want], wire_format: WireFormat = WireFormat.DEFAULT) -> list[dict[str, Any]]:
    parsed = json.loads(encode_request("a ticket", wants, wire_format))
    assert isinstance(parsed, list)
    return parsed


def objects(wants: dict[Topic, Want]) -> list[dict[str, Any]]:
    """Return the type objects of a request."""
    return encode(wants)[1:-1]


def server_view(request: list[dict[str, Any]]) -> dict[Topic, Want]:
    """Read a request as the exchange documents it."""
    view: dict[Topic, Want] = {}
    for entry in request[1:-1]:
        if entry.get("is_only_snapshot"):
            stream = Stream.SNAPSHOT
        elif entry.get("is_only_realtime"):
            stream = Stream.REALTIME
        else:
            stream = Stream.BOTH
        for coded in entry["codes"]:
            code, _, suffix = coded.partition(".")
            units = (int(suffix) if suffix else 30) if entry["type"] == "orderbook" else 0
            topic = Topic(entry["type"], code, float(entry.get("level", 0)))
            assert topic not in view, "one topic twice in a request"
            view[topic] = Want(stream, units)
    return view


@given(wants=WANTS)
def test_the_exchange_reads_exactly_what_was_wanted(wants: dict[Topic, Want]) -> None:
    assert server_view(encode(wants)) == wants


@given(wants=WANTS, order=st.randoms(use_true_random=False))
def test_the_text_does_not_depend_on_the_order_of_the_wishes(wants: dict[Topic, Want], order: Any) -> None:
    shuffled = list(wants.items())
    order.shuffle(shuffled)
    assert encode_request("t", dict(shuffled)) == encode_request("t", wants)


@given(wants=WANTS)
def test_types_and_codes_are_sorted_and_no_object_could_be_joined_with_another(wants: dict[Topic, Want]) -> None:
    entries = objects(wants)
    assert [entry["type"] for entry in entries] == sorted(entry["type"] for entry in entries)
    assert all(entry["codes"] == sorted(entry["codes"]) for entry in entries)
    heads = [json.dumps({**entry, "codes": None}, sort_keys=True) for entry in entries]
    assert len(set(heads)) == len(heads)


@pytest.mark.parametrize("wire_format", list(WireFormat))
def test_the_ticket_comes_first_and_the_format_last(wire_format: WireFormat) -> None:
    request = encode({Topic("trade", "KRW-BTC"): Want(), Topic("ticker", "KRW-BTC"): Want()}, wire_format)
    assert request[0] == {"ticket": "a ticket"}
    assert request[-1] == {"format": wire_format.value}
    assert [entry["type"] for entry in request[1:-1]] == ["ticker", "trade"]


def test_flags_are_sent_only_where_one_kind_is_wanted() -> None:
    wants = {
        Topic("ticker", "KRW-BTC"): Want(Stream.BOTH),
        Topic("ticker", "KRW-ETH"): Want(Stream.SNAPSHOT),
        Topic("ticker", "KRW-XRP"): Want(Stream.REALTIME),
    }
    assert {entry["codes"][0]: set(entry) - {"type", "codes"} for entry in objects(wants)} == {
        "KRW-BTC": set(),
        "KRW-ETH": {"is_only_snapshot"},
        "KRW-XRP": {"is_only_realtime"},
    }
    assert all(entry.get("is_only_snapshot", True) is True for entry in objects(wants))


@pytest.mark.parametrize(("units", "code"), [(1, "KRW-BTC.1"), (5, "KRW-BTC.5"), (15, "KRW-BTC.15"), (30, "KRW-BTC")])
def test_the_depth_of_a_book_is_a_suffix_and_30_needs_none(units: int, code: str) -> None:
    (entry,) = objects({Topic("orderbook", "KRW-BTC"): Want(Stream.BOTH, units)})
    assert entry == {"type": "orderbook", "codes": [code]}


def test_books_of_different_depth_share_an_object() -> None:
    wants = {Topic("orderbook", "KRW-ETH"): Want(units=30), Topic("orderbook", "KRW-BTC"): Want(units=5)}
    assert objects(wants) == [{"type": "orderbook", "codes": ["KRW-BTC.5", "KRW-ETH"]}]


def test_levels_stand_apart_and_a_whole_level_is_an_integer() -> None:
    wants = {
        Topic("orderbook", "KRW-BTC", 10000.0): Want(units=30),
        Topic("orderbook", "KRW-ETH", 0.0): Want(units=30),
        Topic("orderbook", "KRW-XRP", 0.5): Want(units=30),
    }
    text = encode_request("t", wants)
    assert '"level":10000}' in text
    assert '"level":0.5}' in text
    assert '"level":0,' not in text
    assert '"level":0}' not in text


@pytest.mark.parametrize("interval", CANDLE_INTERVALS)
def test_each_candle_interval_is_a_type_of_its_own(interval: str) -> None:
    wants = {Topic(f"candle.{interval}", code): Want() for code in ("KRW-ETH", "KRW-BTC")}
    assert objects(wants) == [{"type": f"candle.{interval}", "codes": ["KRW-BTC", "KRW-ETH"]}]


def test_the_documented_example_is_what_the_same_wishes_give() -> None:
    wants = {
        Topic("orderbook", "KRW-BTC", 10000.0): Want(units=15),
        Topic("orderbook", "KRW-ETH", 1000.0): Want(units=5),
    }
    documented = [
        {"type": "orderbook", "codes": ["KRW-BTC.15"], "level": 10000},
        {"type": "orderbook", "codes": ["KRW-ETH.5"], "level": 1000},
    ]
    assert sorted(objects(wants), key=str) == sorted(documented, key=str)


def test_a_ticket_of_any_text_survives() -> None:
    text = encode_request('quo"te \\ 한글', {Topic("ticker", "KRW-BTC"): Want()})
    assert json.loads(text)[0] == {"ticket": 'quo"te \\ 한글'}


def test_a_private_type_is_one_object_and_everything_wins_over_single_markets() -> None:
    single = {Topic("myOrder", "KRW-BTC"): Want(), Topic("myOrder", "KRW-ETH"): Want(), Topic("myAsset", ""): Want()}
    assert objects(single) == [{"type": "myAsset"}, {"type": "myOrder", "codes": ["KRW-BTC", "KRW-ETH"]}]
    assert objects({**single, Topic("myOrder", ""): Want()}) == [{"type": "myAsset"}, {"type": "myOrder"}]


def test_announcements_are_filtered_unless_anybody_wants_all_and_carry_the_text_if_anybody_wants_it() -> None:
    trade, wallet, everything = (Topic("announcement", name) for name in ("trade", "wallet", ""))
    assert objects({trade: Want(), wallet: Want()}) == [{"type": "announcement", "categories": ["trade", "wallet"]}]
    assert objects({trade: Want(body=True), everything: Want()}) == [{"type": "announcement", "include_body": True}]


def test_indicators_of_the_same_markets_and_timeframe_share_an_object() -> None:
    macd = parse_indicator("5m", "macd", None).topic_type
    rsi = parse_indicator("5m", "rsi", {"period": 9}).topic_type
    signal = parse_signal("60m", "rsi", "overbought", None, None).topic_type
    wants = {Topic(kind, code): Want() for kind in (macd, rsi) for code in ("KRW-ETH", "KRW-BTC")}
    assert objects({**wants, Topic(signal, "KRW-BTC"): Want()}) == [
        {
            "type": "indicator",
            "codes": ["KRW-BTC", "KRW-ETH"],
            "timeframe": "5m",
            "indicators": [
                {"type": "macd", "params": {"fast": 12, "signal_period": 9, "slow": 26}},
                {"type": "rsi", "params": {"period": 9}},
            ],
        },
        {
            "type": "indicator_signal",
            "codes": ["KRW-BTC"],
            "timeframe": "60m",
            "indicators": [
                {
                    "type": "rsi",
                    "params": {"period": 14},
                    "trigger": "overbought",
                    "event_params": {"threshold": 70},
                }
            ],
        },
    ]


@pytest.mark.parametrize("wire_format", list(WireFormat))
def test_the_question_what_the_exchange_holds_keeps_the_format_of_the_streams(wire_format: WireFormat) -> None:
    assert json.loads(encode_listing("t", wire_format)) == [
        {"ticket": "t"},
        {"method": "LIST_SUBSCRIPTIONS"},
        {"format": wire_format.value},
    ]
