from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.support import sample
from upbit_qt_ws.testing.frames import StreamFormat
from upbit_qt_ws.testing.numbers import SCALE
from upbit_qt_ws.testing.refusals import RequestRefused
from upbit_qt_ws.testing.requests import Request, parse_request
from upbit_qt_ws.testing.streams import split_suffix, streams_of

TICKET = {"ticket": "t"}
KEYS = ["ticket", "type", "codes", "format", "method", "level", "is_only_snapshot"]
INFO_KEYS = ["timeframe", "indicators", "params", "period", "categories"]
TICKER = {"type": "ticker", "codes": ["KRW-BTC"]}


def parse(*objects: Any, private: bool = False, **options: Any) -> Request:
    return parse_request(json.dumps(objects), private=private, **options)


def refused(text: str | bytes, **options: Any) -> str:
    with pytest.raises(RequestRefused) as caught:
        parse_request(text, **{"private": False, **options})
    return caught.value.name


def test_a_plain_request() -> None:
    request = parse(TICKET, TICKER)
    assert (request.ticket, request.method, request.format) == ("t", None, None)
    entry = request.types[0]
    assert (entry.type, entry.codes, entry.snapshot, entry.realtime) == ("ticker", ("KRW-BTC",), True, True)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_format_may_stand_anywhere(place: int) -> None:
    objects: list[dict[str, Any]] = [TICKET, TICKER]
    objects.insert(place, {"format": "SIMPLE_LIST"})
    assert parse(*objects).format is StreamFormat.SIMPLE_LIST


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "WRONG_FORMAT"),
        ("hello", "WRONG_FORMAT"),
        (b"\xff\xfe\x00", "WRONG_FORMAT"),
        ('{"ticket":"t"}', "WRONG_FORMAT"),
        ("[1]", "WRONG_FORMAT"),
        ("[]", "NO_TICKET"),
        ('[{"type":"ticker","codes":["KRW-BTC"]}]', "NO_TICKET"),
        ('[{"ticket":7},{"type":"ticker","codes":["KRW-BTC"]}]', "NO_TICKET"),
        ('[{"ticket":"t"}]', "NO_TYPE"),
        ('[{"ticket":"t"},{"codes":["KRW-BTC"]}]', "NO_TYPE"),
        ('[{"ticket":"t"},{"type":"ticker"}]', "NO_CODES"),
        ('[{"ticket":"t"},{"type":"ticker","codes":[]}]', "NO_CODES"),
        ('[{"ticket":"t"},{"type":"ticker","codes":"KRW-BTC"}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"ticker","codes":[1]}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":7,"codes":["KRW-BTC"]}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"nope","codes":["KRW-BTC"]}]', "INVALID_PARAM"),
        ('[{"ticket":"t"},{"type":"candle.2m","codes":["KRW-BTC"]}]', "INVALID_PARAM"),
        ('[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"]},{"format":"XML"}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"],"is_only_snapshot":1}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC"],"level":"much"}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC"],"level":true}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"type":"orderbook","codes":["KRW-BTC"],"level":1e999}]', "WRONG_FORMAT"),
        ('[{"ticket":"t"},{"method":"UNSUBSCRIBE"}]', "INVALID_PARAM"),
        ('[{"ticket":"t"},{"type":"myAsset"}]', "INVALID_AUTH"),
    ],
)
def test_what_is_wrong_has_a_name(text: str | bytes, name: str) -> None:
    assert refused(text) == name


def test_private_types_belong_to_the_private_path() -> None:
    request = parse(TICKET, {"type": "myOrder", "codes": []}, {"type": "myAsset"}, private=True)
    assert [(entry.type, entry.codes, entry.snapshot) for entry in request.types] == [
        ("myOrder", (), False),
        ("myAsset", (), False),
    ]
    assert refused('[{"ticket":"t"},{"type":"myAsset","codes":["KRW-BTC"]}]', private=True) == "WRONG_FORMAT"
    assert refused('[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"]}]', private=True) == "INVALID_PARAM"


@pytest.mark.parametrize(
    ("flags", "snapshot", "realtime"),
    [
        ({"is_only_snapshot": True}, True, False),
        ({"is_only_realtime": True}, False, True),
        ({"isOnlySnapshot": True}, True, False),
        ({"isOnlyRealtime": True}, False, True),
        ({"is_only_realtime": False}, True, True),
    ],
)
def test_flags_choose_snapshot_or_realtime(flags: dict[str, bool], snapshot: bool, realtime: bool) -> None:
    entry = parse(TICKET, {**TICKER, **flags}).types[0]
    assert (entry.snapshot, entry.realtime) == (snapshot, realtime)


def test_old_spellings_can_be_ignored() -> None:
    entry = parse(TICKET, {**TICKER, "isOnlySnapshot": True}, camel_case_flags=False).types[0]
    assert (entry.snapshot, entry.realtime) == (True, True)


@pytest.mark.parametrize("level", [10_000, 10_000.0, "10000"])
def test_levels_are_number_like(level: object) -> None:
    request = parse(TICKET, {"type": "orderbook", "codes": ["KRW-BTC"], "level": level})
    assert request.types[0].level == 10_000 * SCALE


def test_the_indonesian_exchange_knows_no_level() -> None:
    text = '[{"ticket":"t"},{"type":"orderbook","codes":["IDR-BTC"],"level":0}]'
    assert refused(text, region="id") == "WRONG_FORMAT"


def test_recorded_error_texts() -> None:
    for recorded in sample("error_recorded_probe_kr_2026.jsonl"):
        name = recorded["error"]["name"]
        refusal = RequestRefused(name, "nope")
        assert json.loads(refusal.frame("kr")) == recorded
        assert list(json.loads(refusal.frame("kr"))["error"]) == list(recorded["error"])
    assert (
        json.loads(RequestRefused("INVALID_PARAM", "nope").frame("id"))["error"]["message"]
        == "type nope is not supported."
    )


def test_documented_requests_are_understood() -> None:
    for request in sample("request_docexample.jsonl"):
        types = {element["type"] for element in request if "type" in element}
        private = bool(types & {"myOrder", "myAsset", "announcement"})
        parse_request(json.dumps(request), private=private, info="indicator" in types)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("KRW-BTC", ("KRW-BTC", 30)),
        ("KRW-BTC.1", ("KRW-BTC", 1)),
        ("KRW-BTC.5", ("KRW-BTC", 5)),
        ("KRW-BTC.15", ("KRW-BTC", 15)),
        ("KRW-BTC.30", ("KRW-BTC", 30)),
        ("KRW-BTC.20", ("KRW-BTC", 30)),
        ("KRW-BTC.2", ("KRW-BTC", 30)),
        ("KRW-BTC.x", ("KRW-BTC", 30)),
    ],
)
def test_suffixes_choose_the_depth(code: str, expected: tuple[str, int]) -> None:
    assert split_suffix(code) == expected


def test_several_levels_of_one_code_are_a_matter_of_policy() -> None:
    books = [{"type": "orderbook", "codes": ["KRW-BTC"], "level": level} for level in (0, 10_000)]
    types = parse(TICKET, *books, TICKER).types
    levels = {
        policy: [stream.key.level // SCALE for stream in streams_of(types, policy) if stream.key.type == "orderbook"]
        for policy in ("both", "first", "last")
    }
    assert levels == {"both": [0, 10_000], "first": [0], "last": [10_000]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS + INFO_KEYS), inner),
    )
)
def test_nothing_but_a_refusal_ever_comes_of_a_strange_request(value: object) -> None:
    for private, info in ((False, False), (True, False), (False, True)):
        with suppress(RequestRefused):
            parse_request(json.dumps(value), private=private, info=info)
