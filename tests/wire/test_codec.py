"""Frames to events: the recorded and documented samples, all four formats, and everything that is not an event."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws import events
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import Event, Source, StreamType
from upbit_qt_ws.wire.codec import FrameDecoder
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS, simple_keys_of
from upbit_qt_ws.wire.replies import ErrorReply, StatusReply, SubscriptionsReply, UnknownReply

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
STREAMS = ("ticker", "trade", "orderbook", "candle", "myOrder", "myAsset", "announcement", "indicator")
CLASSES: dict[str, type[Event]] = {
    "ticker": events.TickerEvent,
    "trade": events.TradeEvent,
    "orderbook": events.OrderbookEvent,
    "candle.1m": events.CandleEvent,
    "candle.15m": events.CandleEvent,
    "candle.1s": events.CandleEvent,
    "candle.3m": events.CandleEvent,
    "myOrder": events.MyOrderEvent,
    "myAsset": events.MyAssetEvent,
    "announcement": events.AnnouncementEvent,
    "indicator": events.IndicatorEvent,
    "indicator_signal": events.IndicatorSignalEvent,
}
EXACT = Decimal("1386929.37231066771348207")
PAYLOADS: dict[str, dict[str, Any]] = {
    "ticker": {
        "code": "KRW-BTC", "trade_price": 1.16539e8, "opening_price": 1.16e8, "high_price": 1.17e8,
        "low_price": 1.15e8, "prev_closing_price": 1.16e8, "change": "RISE", "change_price": 539000.0,
        "signed_change_price": 539000.0, "change_rate": 0.0046465517, "signed_change_rate": 0.0046465517,
        "trade_volume": 0.0007772, "acc_trade_volume": 2429.5, "acc_trade_volume_24h": 2500.25,
        "acc_trade_price": 78039261076.51241, "acc_trade_price_24h": 8e10, "trade_date": "20260923",
        "trade_time": "032546", "trade_timestamp": 1790134742000, "ask_bid": "ASK", "acc_ask_volume": 1.5,
        "acc_bid_volume": 2.5, "highest_52_week_price": 1.8e8, "highest_52_week_date": "2026-01-02",
        "lowest_52_week_price": 9e7, "lowest_52_week_date": "2025-12-01", "market_state": "ACTIVE",
        "is_trading_suspended": False, "delisting_date": None, "market_warning": "NONE",
    },
    "trade": {
        "code": "KRW-BTC", "trade_price": 100473000.0, "trade_volume": 0.00014208, "ask_bid": "BID",
        "sequential_id": 17303368620470000, "trade_timestamp": 1730336862047, "trade_date": "2024-10-31",
        "trade_time": "01:07:42", "prev_closing_price": 100571000.0, "change": "FALL", "change_price": 98000.0,
        "best_ask_price": 100473000, "best_ask_size": 0.4, "best_bid_price": 100465000, "best_bid_size": 0.01,
    },
    "orderbook": {
        "code": "KRW-BTC", "total_ask_size": 2.5, "total_bid_size": 1.6, "level": 10000,
        "orderbook_units": [
            {"ask_price": 116539000, "bid_price": 116538000.0, "ask_size": 0.02, "bid_size": 0.08},
            {"ask_price": 0, "bid_price": 116537000.0, "ask_size": 0, "bid_size": 7.9276e-4},
        ],
    },
    "candle.1m": {
        "code": "KRW-BTC", "candle_date_time_utc": "2025-01-02T04:28:00",
        "candle_date_time_kst": "2025-01-02T13:28:00", "opening_price": 142009000.0, "high_price": 142010000.0,
        "low_price": 142008000.0, "trade_price": 142009500.0, "candle_acc_trade_volume": 0.006,
        "candle_acc_trade_price": 860743.53,
    },
    "myOrder": {
        "code": "KRW-BTC", "uuid": "ac2dc2a3", "ask_bid": "BID", "order_type": "limit", "state": "trade",
        "trade_uuid": "68315169", "price": EXACT, "avg_price": EXACT, "volume": EXACT, "remaining_volume": EXACT,
        "executed_volume": EXACT, "trades_count": 1, "reserved_fee": EXACT, "remaining_fee": EXACT,
        "paid_fee": EXACT, "locked": EXACT, "executed_funds": EXACT, "time_in_force": None, "trade_fee": EXACT,
        "is_maker": True, "identifier": "test-1", "smp_type": "cancel_maker", "prevented_volume": EXACT,
        "prevented_locked": EXACT, "trade_timestamp": 1710751590421, "order_timestamp": 1710751590000,
    },
    "myAsset": {
        "asset_uuid": "e635f223", "asset_timestamp": 1710146517259,
        "assets": [{"currency": "KRW", "balance": EXACT, "locked": Decimal("10329.670127489597585685")}],
    },
    "announcement": {
        "event_type": "CREATED", "uuid": "562593104", "title": "[거래] 안내", "category": "trade",
        "url": "https://www.upbit.com/", "first_listed_at": "2026-07-14T16:36:34+09:00",
        "listed_at": "2026-07-14T16:36:34+09:00", "body": "# 안내",
    },
    "indicator": {
        "code": "KRW-BTC", "timeframe": "5m", "indicator": "macd", "candle_date_time_utc": "2026-09-03T04:50:00",
        "params": {"fast": 12, "slow": 26, "signal_period": 9},
        "value": {"macd": 33554.5, "macd_signal": 55795.25, "histogram": None},
    },
    "indicator_signal": {
        "code": "KRW-BTC", "timeframe": "5m", "indicator": "rsi", "candle_date_time_utc": "2026-09-03T04:50:00",
        "params": {"period": 14}, "value": {"rsi": 70.5}, "trigger": "overbought", "event_params": {"threshold": 70},
    },
}  # fmt: skip
"""One payload a type with every documented field."""


def full(kind: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, **PAYLOADS[kind], "timestamp": 1790134742106, "stream_type": "SNAPSHOT", **changes}


def abbreviated(payload: dict[str, Any]) -> dict[str, Any]:
    """Rename the keys of a payload as the SIMPLE formats have them, nested objects too."""

    def nested(name: str, value: Any) -> Any:
        names = NESTED_SIMPLE_KEYS.get(name)
        if names is None or value is None:
            return value
        if isinstance(value, list):
            return [{names[key]: item for key, item in entry.items()} for entry in value]
        return {names[key]: item for key, item in value.items()}

    keys = simple_keys_of(payload["type"])
    return {keys[name]: nested(name, value) for name, value in payload.items()}


def as_json(value: Any, *, space: str = "") -> str:
    """Write a value as JSON, with decimals as numbers of all their digits."""
    if isinstance(value, dict):
        inner = f",{space}".join(
            f"{json.dumps(key)}:{space}{as_json(item, space=space)}" for key, item in value.items()
        )
        return f"{{{space}{inner}{space}}}"
    if isinstance(value, list):
        return f"[{f',{space}'.join(as_json(item, space=space) for item in value)}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def frame(payload: Any, *, space: str = "") -> bytes:
    return as_json(payload, space=space).encode()


def decode(data: bytes) -> Event:
    event = FrameDecoder().decode(data)
    assert isinstance(event, Event)
    return event


def sample_lines(pattern: str) -> list[bytes]:
    if not SAMPLES.is_dir():
        pytest.skip("the sample payloads are not beside the project")
    return [line for path in sorted(SAMPLES.glob(pattern)) for line in path.read_bytes().splitlines() if line.strip()]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_sample_of_an_event_decodes_to_what_its_text_says(stream: str) -> None:
    lines = sample_lines(f"{stream}_*.jsonl")
    assert lines
    for line in lines:
        decoded = FrameDecoder().decode(line)
        raw = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        parts = decoded if isinstance(decoded, tuple) else (decoded,)
        for event, entry in zip(parts, raw if isinstance(raw, list) else [raw], strict=True):
            assert isinstance(event, CLASSES[entry.get("type", entry.get("ty"))])
            names = simple_keys_of(event.type) if "ty" in entry else {key: key for key in entry}
            for name, key in names.items():
                if name not in ("orderbook_units", "assets", "params", "value") and key in entry:
                    expected = entry[key]
                    got = getattr(event, name)
                    assert got == (float(expected) if isinstance(got, float) else expected), name


def test_a_private_amount_keeps_all_its_digits() -> None:
    (line,) = sample_lines("myAsset_docexample.jsonl")
    event = decode(line)
    assert isinstance(event, events.MyAssetEvent)
    assert event.assets[0].balance == Decimal("1386929.37231066771348207123")
    assert event.assets[0].locked == Decimal("10329.670127489597585685")


def test_every_frame_of_the_capture_decodes_and_the_capture_has_no_surprise() -> None:
    decoder = FrameDecoder()
    frames = [line.split(b"\t", 1)[1] for line in sample_lines("capture_2021_simple.tsv")]
    decoded = [decoder.decode(data) for data in frames]
    assert len(decoded) == 225
    for event, data in zip(decoded, frames, strict=True):
        raw = json.loads(data)
        assert isinstance(event, events.TradeEvent if raw["ty"] == "trade" else events.OrderbookEvent)
        assert (event.code, event.timestamp, event.stream_type) == (raw["cd"], raw["tms"], raw["st"])
        if isinstance(event, events.OrderbookEvent):
            assert [unit.bid_size for unit in event.orderbook_units] == [unit["bs"] for unit in raw["obu"]]
            assert event.level == 0.0
    assert decoder.unknown_fields == set()


@pytest.mark.parametrize("kind", PAYLOADS)
def test_both_spellings_of_a_payload_give_equal_events_of_the_same_class(kind: str) -> None:
    payload = full(kind)
    long, short = decode(frame(payload)), decode(frame(abbreviated(payload)))
    assert isinstance(long, CLASSES[kind])
    assert isinstance(short, CLASSES[kind])
    assert long == short
    assert hash(long) == hash(short)
    for name, value in payload.items():
        if name not in ("orderbook_units", "assets"):
            assert getattr(short, name) == value, name


@pytest.mark.parametrize("kind", PAYLOADS)
def test_no_documented_field_counts_as_unknown(kind: str) -> None:
    decoder = FrameDecoder()
    decoder.decode(frame(full(kind)))
    decoder.decode(frame(abbreviated(full(kind))))
    assert decoder.unknown_fields == set()


def test_a_private_amount_is_exact_to_23_digits_in_both_spellings() -> None:
    for data in (frame(full("myOrder")), frame(abbreviated(full("myOrder")))):
        event = decode(data)
        assert isinstance(event, events.MyOrderEvent)
        assert event.price == event.prevented_locked == EXACT
        assert isinstance(event.locked, Decimal)


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("short", [False, True])
def test_a_list_frame_holds_the_same_events(kind: str, short: bool) -> None:
    payloads = [full(kind), full(kind, timestamp=2), full(kind, stream_type="REALTIME")]
    written = [abbreviated(payload) for payload in payloads] if short else payloads
    decoded = FrameDecoder().decode(frame(written))
    assert decoded == tuple(decode(frame(payload)) for payload in payloads)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_neither_key_order_nor_whitespace_matters_also_after_the_usual_order_was_seen(kind: str) -> None:
    decoder = FrameDecoder()
    expected = decoder.decode(frame(full(kind)))
    reordered = dict(reversed(full(kind).items()))
    for data in (
        frame(reordered),
        frame(full(kind), space=" "),
        b" \r\n\t" + frame(full(kind)) + b"\n",
        frame(abbreviated(reordered)),
        frame(full(kind)),
    ):
        assert decoder.decode(data) == expected


@given(
    kind=st.sampled_from(sorted(PAYLOADS)),
    seed=st.randoms(use_true_random=False),
    number=st.floats(min_value=0, max_value=1e9),
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=0, max_value=10**9),
    text=st.text(max_size=8).filter(lambda text: text.isprintable()),
    kept=st.sets(st.sampled_from(["timestamp", "stream_type", "total_ask_size", "change", "best_ask_size", "url"])),
)
def test_random_values_survive_in_both_spellings(
    kind: str, seed: Any, number: float, amount: Decimal, text: str, kept: set[str]
) -> None:
    payload = {name: value for name, value in full(kind).items() if name in kept or name not in _OPTIONAL}
    for name, value in payload.items():
        if type(value) is float:
            payload[name] = number
        elif isinstance(value, Decimal):
            payload[name] = amount
        elif name in ("uuid", "title", "identifier", "trade_date"):
            payload[name] = text
    head, *rest = payload.items()
    seed.shuffle(rest)
    payload = dict([head, *rest])
    long, short = decode(frame(payload)), decode(frame(abbreviated(payload)))
    assert long == short
    for name, value in payload.items():
        if name not in ("orderbook_units", "assets"):
            assert getattr(long, name) == value, name


_OPTIONAL = {"timestamp", "stream_type", "total_ask_size", "change", "best_ask_size", "url"}


@pytest.mark.parametrize("literal", ["1.16539E8", "116539000", "116539000.00000000", "1.16539e+8"])
def test_a_price_means_the_same_however_it_is_spelled(literal: str) -> None:
    event = decode(f'{{"type":"ticker","code":"KRW-BTC","trade_price":{literal}}}'.encode())
    assert isinstance(event, events.TickerEvent)
    assert event.trade_price == 116539000.0
    assert isinstance(event.trade_price, float)


@pytest.mark.parametrize("date", ["2026-12-01", {"year": 2026, "month": 12, "day": 1}, None])
def test_a_delisting_date_may_be_text_an_object_or_null(date: object) -> None:
    event = decode(frame(full("ticker", delisting_date=date)))
    assert isinstance(event, events.TickerEvent)
    assert event.delisting_date == date


def test_an_unknown_field_is_noted_once_and_harms_nothing() -> None:
    decoder = FrameDecoder()
    for _ in range(3):
        assert decoder.decode(frame(full("ticker", brand_new=[1, {"a": None}]))) == decode(frame(full("ticker")))
    assert decoder.unknown_fields == {"ticker.brand_new"}


@pytest.mark.parametrize(
    "extra",
    [{"status": 1}, {"status": "UP"}, {"method": "x"}, {"error": None}, {"error": 3}],
    ids=str,
)
def test_an_unknown_field_of_any_name_leaves_the_event_what_it_is(extra: dict[str, Any]) -> None:
    assert FrameDecoder().decode(frame(full("ticker", **extra))) == decode(frame(full("ticker")))


@pytest.mark.parametrize("short", [False, True])
def test_a_frame_cannot_forge_the_stamps_of_the_receiver(short: bool) -> None:
    payload = abbreviated(full("ticker")) if short else full("ticker")
    forged = {"epoch": 7, "received_ns": 8, "source": "rest"}
    event = decode(frame({**payload, **forged}))
    assert (event.epoch, event.received_ns, event.source) == (0, 0, Source.WEBSOCKET)


@pytest.mark.parametrize("data", [b'{"type":"liquidation","x":1}', b'{"ty":"liquidation"}', b'{"type":"candle.2m"}'])
def test_an_unknown_type_is_named_and_no_error(data: bytes) -> None:
    reply = FrameDecoder().decode(data)
    assert reply == UnknownReply(json.loads(data).get("type", "liquidation"))


def test_an_object_without_a_type_is_unknown() -> None:
    assert FrameDecoder().decode(b'{"hello":"world"}') == UnknownReply("")


def test_error_replies_are_read_in_any_key_order() -> None:
    names = ["INVALID_AUTH", "ERRPR_CODE", "NO_TICKET", "INVALID_PARAM", "WRONG_FORMAT"]
    replies = [FrameDecoder().decode(line) for line in sample_lines("error_*.jsonl")]
    assert [reply.name for reply in replies if isinstance(reply, ErrorReply)] == names
    assert FrameDecoder().decode(b'{"error":{"name":404,"message":"m"}}') == ErrorReply("404", "m")


def test_the_status_is_read_also_inside_a_list() -> None:
    assert FrameDecoder().decode(b'{"status":"UP"}') == StatusReply("UP")
    assert FrameDecoder().decode(b'[{"status":"UP"}]') == (StatusReply("UP"),)


@pytest.mark.parametrize(
    "data",
    [
        b'{"method":"LIST_SUBSCRIPTIONS","result":[{"type":"orderbook","codes":["KRW-BTC"],"level":10000},'
        b'{"type":"myAsset"}],"ticket":"t"}',
        b'{"mthd":"LIST_SUBSCRIPTIONS","rslt":[{"ty":"orderbook","cds":["KRW-BTC"],"lv":10000},'
        b'{"ty":"myAsset"}],"tckt":"t"}',
    ],
)
def test_the_list_of_subscriptions_is_read_in_both_spellings(data: bytes) -> None:
    for reply in (FrameDecoder().decode(data), *_parts(b"[%s]" % data)):
        assert isinstance(reply, SubscriptionsReply)
        assert reply.ticket == "t"
        lines = [(entry.type, entry.codes, entry.level) for entry in reply.result]
        assert lines == [("orderbook", ("KRW-BTC",), 10000.0), ("myAsset", None, 0.0)]


def _parts(data: bytes) -> tuple[object, ...]:
    decoded = FrameDecoder().decode(data)
    assert isinstance(decoded, tuple)
    return decoded


def test_a_list_may_mix_events_and_replies() -> None:
    decoded = _parts(frame([full("ticker"), {"status": "UP"}, {"type": "new"}, full("trade")]))
    assert [type(part).__name__ for part in decoded] == ["TickerEvent", "StatusReply", "UnknownReply", "TradeEvent"]


MALFORMED = {
    "empty": b"",
    "garbage": b"\x00\xff\x13garbage",
    "text": b"hello",
    "cut": frame(full("ticker"))[:-20],
    "two objects": b'{"status":"UP"}{"status":"UP"}',
    "invalid utf-8": b'{"type":"ticker","code":"KRW-\xff\xfe","trade_price":1}',
    "a number": b"42",
    "null": b"null",
    "a list of numbers": b"[1,2]",
    "a list in a list": b"[[]]",
    "a wrong type": b'{"type":"ticker","code":"KRW-BTC","trade_price":"high"}',
    "a number for a code": b'{"type":"ticker","code":5,"trade_price":1}',
    "a type that is no text": b'{"type":17,"code":"KRW-BTC"}',
    "a missing field": b'{"type":"trade","code":"KRW-BTC","trade_price":1}',
    "a huge number": b'{"type":"ticker","code":"KRW-BTC","trade_price":1e999}',
    "a huge integer": b'{"type":"trade","code":"KRW-BTC","trade_price":1,"trade_volume":1,"ask_bid":"BID",'
    b'"sequential_id":1e400}',
    "not a number": b'{"type":"ticker","code":"KRW-BTC","trade_price":NaN}',
    "deep nesting": b'{"type":"ticker","code":"KRW-BTC","trade_price":1,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a list that breaks off": b"[" + frame(full("ticker")),
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("warm", [False, True])
def test_a_malformed_frame_is_an_error_that_shows_an_excerpt(name: str, warm: bool) -> None:
    data = MALFORMED[name]
    decoder = FrameDecoder()
    if warm:
        for kind in PAYLOADS:
            decoder.decode(frame(full(kind)))
    with pytest.raises(DecodeError) as caught:
        decoder.decode(data)
    assert repr(data[:40])[2:-1] in str(caught.value)
    assert len(str(caught.value)) < 600
    assert decoder.decode(frame(full("ticker"))) == decode(frame(full("ticker")))


@given(data=st.binary(max_size=60) | st.text(alphabet='{}[]":,type0ickr ', max_size=40).map(str.encode))
def test_arbitrary_bytes_never_raise_anything_else(data: bytes) -> None:
    decoder = FrameDecoder()
    decoder.decode(frame(full("ticker")))
    with contextlib.suppress(DecodeError):
        decoder.decode(data)
    assert decoder.decode(frame(full("ticker"))) == decode(frame(full("ticker")))


def test_a_missing_stream_type_means_real_time_and_null_fields_are_none() -> None:
    event = decode(b'{"type":"ticker","code":"BTC-ETH","trade_price":0.05,"high_price":null}')
    assert isinstance(event, events.TickerEvent)
    assert event.stream_type is StreamType.REALTIME
    assert event.high is None
