"""One bad value costs itself only: whatever is in one field of a frame or of a row, everything beside it works."""

from __future__ import annotations

import contextlib
import enum
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_codec import PAYLOADS, abbreviated, as_json, frame, full
from upbit_qt_ws import events
from upbit_qt_ws.bounds import FIRST_MS, LAST_MS, MOST, is_amount
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import Event, StreamType
from upbit_qt_ws.wire.codec import FrameDecoder
from upbit_qt_ws.wire.keys import simple_keys_of
from upbit_qt_ws.wire.replies import ErrorReply, MalformedReply, SubscriptionsReply

if TYPE_CHECKING:
    from collections.abc import Collection

AT: Final = 1_790_134_742_106
REQUIRED: Final = {
    "ticker": {"type", "code", "trade_price"},
    "trade": {"type", "code", "trade_price", "trade_volume", "sequential_id"},
    "orderbook": {"type", "code", "orderbook_units"},
    "candle.1m": {
        "type", "code", "candle_date_time_utc", "opening_price", "high_price", "low_price", "trade_price",
    },
    "myOrder": {"type", "code", "uuid", "order_type", "state"},
    "myAsset": {"type", "asset_uuid", "assets"},
    "announcement": {"type", "event_type", "uuid", "title", "category"},
    "indicator": {"type", "code", "timeframe", "indicator", "params", "value"},
    "indicator_signal": {"type", "code", "timeframe", "indicator", "params", "value", "trigger"},
}  # fmt: skip
"""Without these an event means nothing."""

FORMATS: Final = ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST")
TIMES: Final = frozenset({"timestamp", "trade_timestamp", "order_timestamp", "asset_timestamp"})
SIGNED: Final = frozenset({"signed_change_price", "signed_change_rate", "params", "value", "event_params"})

ODD_VALUES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**300 + 5),
    st.floats(),
    st.sampled_from([1e308, -1e308, math.nan, math.inf, -1, -0.5, 7, 0, 10**12, 10**19]),
    st.sampled_from(
        ["", "NaN", "1e999", "-1", "12", "0x10", "1_000", " 5 ", "KRW-btc", "ASK", "<b>x</b>", "\u202e", "\ud800"]
    ),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
    st.sampled_from([[], {}, [[]], [None], "9" * 10_000, [{"year": 2026}]]),
)


def spelt(kind: str, form: str, changes: dict[str, Any], without: Collection[str] = ()) -> bytes:
    """Spell the payload of a type as a format does, with other values and without some; a list holds it twice."""
    is_short = form.startswith("SIMPLE")
    written = abbreviated(full(kind)) if is_short else full(kind)
    keys = dict(simple_keys_of(kind)) if is_short else {name: name for name in written}
    written.update({keys[name]: value for name, value in changes.items()})
    written = {key: value for key, value in written.items() if key not in {keys[name] for name in without}}
    return frame([written, written] if form.endswith("LIST") else written)


class Look:
    """Decodes one frame, and keeps what was left out."""

    def __init__(self, data: bytes, *, warm: bool = False) -> None:
        self.noted: list[tuple[str, object]] = []
        decoder = FrameDecoder(lambda name, value: self.noted.append((name, value)))
        if warm:
            for kind in PAYLOADS:
                decoder.decode(frame(full(kind)))
        decoded = decoder.decode(data)
        self.parts = decoded if isinstance(decoded, tuple) else (decoded,)

    @property
    def event(self) -> Any:
        assert isinstance(self.parts[0], Event), self.parts
        return self.parts[0]

    @property
    def names(self) -> list[str]:
        return sorted({name for name, _ in self.noted})


def check_possible(record: msgspec.Struct) -> None:
    """See that no number of a record is outside of what can be."""
    for field in msgspec.structs.fields(record):
        if field.name in ("epoch", "received_ns"):
            continue
        check_value(field.name, getattr(record, field.name))


def check_value(name: str, value: Any) -> None:
    if isinstance(value, tuple):
        for each in value:
            check_value(name, each)
    elif isinstance(value, dict):
        for each in value.values():
            check_value(name, each)
    elif isinstance(value, msgspec.Struct):
        check_possible(value)
    elif isinstance(value, Decimal):
        assert is_amount(value), name
    elif name in TIMES:
        assert value in (None, 0) or FIRST_MS <= value <= LAST_MS, (name, value)
    elif isinstance(value, float):
        assert math.isfinite(value), name
        assert (-MOST if name in SIGNED else 0) <= value <= MOST, (name, value)
    elif isinstance(value, str) and not isinstance(value, enum.Enum):
        value.encode()


@given(
    kind=st.sampled_from(sorted(PAYLOADS)),
    form=st.sampled_from(FORMATS),
    warm=st.booleans(),
    data=st.data(),
)
def test_an_optional_field_never_costs_the_event(kind: str, form: str, warm: bool, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(full(kind).keys() - REQUIRED[kind])))
    good = Look(spelt(kind, form, {})).event
    event = Look(spelt(kind, form, {name: data.draw(ODD_VALUES)}), warm=warm).event
    assert type(event) is type(good)
    for field in msgspec.structs.fields(type(good)):
        if field.name != name:
            assert getattr(event, field.name) == getattr(good, field.name), field.name
    check_possible(event)
    check_possible(Look(spelt(kind, form, {}, [name]), warm=warm).event)


@given(
    kind=st.sampled_from(sorted(PAYLOADS)),
    form=st.sampled_from(FORMATS),
    warm=st.booleans(),
    data=st.data(),
)
def test_any_change_of_a_frame_gives_events_that_can_be_or_a_decode_error(
    kind: str, form: str, warm: bool, data: st.DataObject
) -> None:
    names = st.sampled_from(sorted(full(kind)))
    odd = data.draw(st.dictionaries(names, ODD_VALUES, max_size=4))
    parts: tuple[object, ...] = ()
    with contextlib.suppress(DecodeError):
        parts = Look(spelt(kind, form, odd, data.draw(st.sets(names, max_size=2))), warm=warm).parts
    for part in parts:
        if isinstance(part, Event):
            check_possible(part)


@given(
    unit=st.integers(0, 1),
    name=st.sampled_from(["ask_price", "ask_size", "bid_price", "bid_size", ""]),
    form=st.sampled_from(FORMATS),
    odd=ODD_VALUES,
)
def test_a_bad_number_of_a_book_costs_its_slot_only(unit: int, name: str, form: str, odd: Any) -> None:
    payload = full("orderbook")
    units = [dict(each) for each in payload["orderbook_units"]]
    if name:
        units[unit][name] = odd
    written = abbreviated(payload) if form.startswith("SIMPLE") else dict(payload)
    key = "obu" if form.startswith("SIMPLE") else "orderbook_units"
    spelt_units = abbreviated({**payload, "orderbook_units": units})["obu"] if key == "obu" else units
    written[key] = [odd if not name and place == unit else each for place, each in enumerate(spelt_units)]
    event = Look(frame([written] if form.endswith("LIST") else written)).event
    good = Look(frame(payload)).event
    check_possible(event)
    assert len(event.orderbook_units) == len(good.orderbook_units)
    other = 1 - unit
    assert event.orderbook_units[other] == good.orderbook_units[other]
    if name:
        side = "bid" if name.startswith("ask") else "ask"
        for part in ("price", "size"):
            kept = getattr(good.orderbook_units[unit], f"{side}_{part}")
            assert getattr(event.orderbook_units[unit], f"{side}_{part}") == kept


def test_a_slot_without_a_price_is_empty_and_one_without_a_size_keeps_its_price() -> None:
    payload = full("orderbook")
    first, second = payload["orderbook_units"]
    look = Look(frame({**payload, "orderbook_units": [{**first, "ask_price": -1}, {**second, "bid_size": None}]}))
    bad, other = look.event.orderbook_units
    assert (bad.ask_price, bad.ask_size) == (0.0, 0.0)
    assert (bad.bid_price, bad.bid_size) == (116538000.0, 0.08)
    assert (other.bid_price, other.bid_size) == (116537000.0, 0.0)
    assert look.names == ["orderbook.ask_price", "orderbook.bid_size"]


@pytest.mark.parametrize("units", [[1, None], [{"ask_price": "x"}], {}, "many", [[]]])
def test_a_book_of_which_nothing_can_be_read_is_not_an_empty_book(units: Any) -> None:
    with pytest.raises(DecodeError):
        Look(frame(full("orderbook", orderbook_units=units)))
    assert Look(frame(full("orderbook", orderbook_units=[]))).event.orderbook_units == ()


@pytest.mark.parametrize("form", FORMATS)
def test_a_bad_asset_costs_itself_only_and_is_named(form: str) -> None:
    payload = full("myAsset")
    (good,) = payload["assets"]
    bad = [{**good, "currency": "BTC", "balance": "NaN"}, {**good, "currency": "ETH", "locked": -1}, 7]
    written = abbreviated({**payload, "assets": [good, *bad[:2]]}) if form.startswith("SIMPLE") else payload
    key = "ast" if form.startswith("SIMPLE") else "assets"
    written = {**written, key: [*(written[key] if key == "ast" else [good, *bad[:2]]), 7]}
    look = Look(frame([written] if form.endswith("LIST") else written))
    assert [asset.currency for asset in look.event.assets] == ["KRW"]
    assert look.event.unread == ("BTC", "ETH", "?")
    assert look.names == ["myAsset.assets"]


def test_balances_of_which_none_can_be_read_are_still_news() -> None:
    look = Look(frame(full("myAsset", assets=[{"currency": "BTC", "balance": [], "locked": 0}])))
    assert (look.event.assets, look.event.unread) == ((), ("BTC",))


def test_no_frame_says_which_balances_could_not_be_read() -> None:
    data = frame(full("myAsset"))[:-1] + b',"unread":["KRW"],"~unread":["KRW"]}'
    assert Look(data).event.unread == ()
    assert Look(data.replace(b'"e635f223"', b'"e635f223","timestamp":"x"')).event.unread == ()


@pytest.mark.parametrize(
    "told",
    [AT // 1000, AT * 1000 + 345, AT * 10**6 + 345_678, f"{AT}", f"{AT}345", AT / 1000, f"{AT / 1000}", float(AT)],
    ids=["s", "us", "ns", "text", "us as text", "s with a fraction", "s as text", "a float"],
)
@pytest.mark.parametrize("kind", ["ticker", "trade", "orderbook", "candle.1m"])
def test_a_time_is_understood_in_any_unit(kind: str, told: Any) -> None:
    for data in (frame(full(kind, timestamp=told)), frame(abbreviated(full(kind, timestamp=told)))):
        look = Look(data)
        assert abs(look.event.timestamp - AT) < 1000
        assert look.noted == []
    if kind in ("ticker", "trade"):
        assert abs(Look(frame(full(kind, trade_timestamp=told))).event.trade_timestamp - AT) < 1000


@pytest.mark.parametrize("told", [0, 1, 7, -AT, 1_262_303_999_999, 4_102_444_800_001, 10**30, "soon", None, True, [AT]])
def test_a_time_that_cannot_be_is_none(told: Any) -> None:
    look = Look(frame(full("ticker", timestamp=told, trade_timestamp=told)))
    assert (look.event.timestamp, look.event.trade_timestamp) == (0, None)
    assert "ticker.timestamp" in look.names


@pytest.mark.parametrize("spelling", ["116539000.5", "1.165390005E8", "1165390005e-1"])
def test_a_number_in_quotation_marks_is_a_number(spelling: str) -> None:
    look = Look(f'{{"type":"ticker","code":"KRW-BTC","trade_price":"{spelling}"}}'.encode())
    assert look.event.trade_price == 116539000.5
    assert look.noted == []
    amounts = Look(frame(full("myOrder", price="1386929.37231066771348207", sequential_id="5"))).event
    assert amounts.price == Decimal("1386929.37231066771348207")
    assert Look(frame(full("trade", sequential_id="17303368620470000"))).event.sequential_id == 17303368620470000


@pytest.mark.parametrize(
    "odd",
    [
        -1,
        1e308,
        -1e308,
        math.nan,
        math.inf,
        "high",
        "NaN",
        "Infinity",
        "1_000",
        "0x10",
        " 5",
        "1,000",
        True,
        [],
        {},
        "",
    ],
    ids=repr,
)
def test_a_price_that_cannot_be_is_none(odd: Any) -> None:
    look = Look(frame(full("ticker", high_price=odd)))
    assert look.event.high_price is None
    assert look.event.low_price == 1.15e8
    assert look.names == ["ticker.high_price"]
    with pytest.raises(DecodeError):
        Look(frame(full("ticker", trade_price=odd)))


@pytest.mark.parametrize("odd", ["-1", "NaN", "1E-999999", "0E-999999", "1E+999999", "9" * 500, "1e22"])
def test_an_amount_that_cannot_be_written_down_is_none(odd: str) -> None:
    for value in (odd, Decimal(odd)):
        data = as_json(full("myOrder", price=value) if isinstance(value, str) else full("myOrder")).encode()
        if isinstance(value, Decimal):
            data = data.replace(b'"price": 1386929.37231066771348207', b'"price":' + odd.encode(), 1)
            data = data.replace(b'"price":1386929.37231066771348207', b'"price":' + odd.encode(), 1)
        look = Look(data)
        assert look.event.price is None
        assert look.event.volume is not None


@pytest.mark.parametrize(("told", "meant"), [("ask", events.Side.ASK), ("Bid", events.Side.BID), ("NONE", None)])
def test_a_side_that_is_none_does_not_cost_a_trade_or_an_order(told: str, meant: events.Side | None) -> None:
    for kind in ("trade", "myOrder", "ticker"):
        assert Look(frame(full(kind, ask_bid=told))).event.ask_bid is meant


def test_an_unknown_kind_of_stream_counts_as_real_time() -> None:
    look = Look(frame(full("ticker", stream_type="DELAYED")))
    assert look.event.stream_type is StreamType.REALTIME
    assert look.noted == [("ticker.stream_type", "DELAYED")]


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-12-01", "2026-12-01"),
        ([2026, 12, 1], "2026-12-01"),
        ([2026, 12, 1, 9, 0], "2026-12-01"),
        (20261201, "2026-12-01"),
        ({"year": 2026, "month": "12", "day": 1}, {"year": 2026, "month": 12, "day": 1}),
        (None, None),
        ([2026, 13, 1], None),
        ([2026], None),
        (["soon"], None),
        ({"year": "soon"}, None),
        ([10**30, 1, 1], None),
        (5, None),
        (True, None),
    ],
    ids=str,
)
def test_a_delisting_date_may_be_anything(told: Any, meant: Any) -> None:
    assert Look(frame(full("ticker", delisting_date=told))).event.delisting_date == meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2025-01-02T04:28:00Z", "2025-01-02T04:28:00"),
        ("2025-01-02T04:28:00+00:00", "2025-01-02T04:28:00"),
        ("2025-01-02 04:28:00", "2025-01-02T04:28:00"),
        ("20250102T042800", "2025-01-02T04:28:00"),
    ],
)
def test_the_start_of_a_candle_may_be_spelt_otherwise(told: str, meant: str) -> None:
    assert Look(frame(full("candle.1m", candle_date_time_utc=told))).event.candle_date_time_utc == meant


@pytest.mark.parametrize(
    "told",
    ["2025-13-02T04:28:00", "2025-02-30T00:00:00", "2025-01-02T04:28:00+09:00", "1999-01-02T04:28:00", "soon", "", 5],
)
def test_a_candle_of_month_13_is_none(told: Any) -> None:
    with pytest.raises(DecodeError, match="candle"):
        Look(frame(full("candle.1m", candle_date_time_utc=told)))


def test_a_bad_value_of_an_indicator_is_left_out_of_it() -> None:
    look = Look(frame(full("indicator", value={"macd": 1e308, "macd_signal": 5, "histogram": None})))
    assert look.event.value == {"macd": None, "macd_signal": 5.0, "histogram": None}
    assert look.names == ["indicator.value"]


def test_a_bad_element_of_a_list_costs_itself_only() -> None:
    parts = Look(frame([full("ticker"), {"type": "trade"}, 5, full("trade"), [], {"status": "UP"}])).parts
    assert [type(part).__name__ for part in parts] == [
        "TickerEvent", "MalformedReply", "MalformedReply", "TradeEvent", "MalformedReply", "StatusReply",
    ]  # fmt: skip
    assert all("is" in part.reason for part in parts if isinstance(part, MalformedReply))


def test_a_nan_in_one_element_of_a_list_does_not_cost_the_others() -> None:
    parts = Look(b"[%s,%s]" % (frame(full("ticker")), frame(full("ticker", high_price=math.nan)))).parts
    assert [part.high_price for part in parts if isinstance(part, events.TickerEvent)] == [1.17e8, None]


def test_a_text_that_is_no_utf_8_is_none() -> None:
    data = frame(full("ticker", market_state="?")).replace(b'"?"', b'"\xff\xfe"')
    look = Look(data)
    assert look.event.market_state is None
    assert look.event.trade_price == 1.16539e8


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ({"name": None, "message": None}, ""),
        ({"name": "WRONG_FORMAT", "message": ["x"]}, "WRONG_FORMAT"),
        ({"name": ["x"], "message": "words"}, "a list of 1"),
        ({}, ""),
        ("Too Many Requests", "Too Many Requests"),
    ],
    ids=str,
)
def test_an_error_stays_one_whatever_is_in_it(error: Any, name: str) -> None:
    (reply,) = Look(frame({"error": error})).parts
    assert isinstance(reply, ErrorReply)
    assert reply.name == name


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(
    "result", [None, 5, [{"type": 1}], [{"type": "ticker", "codes": "KRW-BTC"}], [{"type": "orderbook", "level": []}]]
)
def test_a_list_of_subscriptions_that_cannot_be_read_is_an_answer_to_no_question(result: Any, short: bool) -> None:
    keys = {"method": "mthd", "result": "rslt", "ticket": "tckt"} if short else {}
    entries = result
    if short and isinstance(result, list):
        names = {"type": "ty", "codes": "cds", "level": "lv"}
        entries = [{names[key]: value for key, value in entry.items()} for entry in result]
    body = {"method": "LIST_SUBSCRIPTIONS", "result": entries, "ticket": "t"}
    look = Look(frame({keys.get(key, key): value for key, value in body.items()}))
    assert look.parts == (SubscriptionsReply("", ()),)
    assert look.names == ["LIST_SUBSCRIPTIONS.result"]


@given(depth=st.integers(1, 50_000), name=st.sampled_from(["x", "high_price"]))
def test_nesting_without_end_is_no_other_error(depth: int, name: str) -> None:
    data = frame(full("ticker"))[:-1] + b',"%s":' % name.encode() + b"[" * depth + b"]" * depth + b"}"
    try:
        check_possible(Look(data).event)
    except DecodeError:
        assert depth > 100


def test_an_unknown_field_stays_known_as_such_after_a_second_look() -> None:
    decoder = FrameDecoder()
    decoder.decode(frame(full("ticker", brand_new=1, high_price="x")))
    assert decoder.unknown_fields == {"ticker.brand_new"}


def test_the_excerpt_of_a_bad_value_is_short() -> None:
    with pytest.raises(DecodeError) as caught:
        Look(frame(full("ticker", code=list(range(100_000)))))
    assert len(str(caught.value)) < 600
    assert "a list of 100000" in str(caught.value)
    assert json.dumps(str(caught.value))
