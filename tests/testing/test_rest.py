from __future__ import annotations

import gzip
import hashlib
import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import jwt
import pytest

from tests.testing.support import START_MS, fast, sample
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MINUTES = (1, 3, 5, 10, 15, 30, 60, 240)


class Reply(NamedTuple):
    status: int
    value: Any
    headers: Mapping[str, str]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    with SimulatedExchange(options=fast(), realtime=False, rate=0, start_ms=START_MS) as running:
        yield running


def get(exchange: SimulatedExchange, path: str, **headers: str) -> Reply:
    request = urllib.request.Request(exchange.rest_url + path, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as response:
            body, status, found = response.read(), response.status, response.headers
    except urllib.error.HTTPError as error:
        with error:
            body, status, found = error.read(), error.code, error.headers
    if found.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return Reply(status, json.loads(body), dict(found.items()))


def signed(query: str = "", **changes: Any) -> str:
    keys = SimulatorOptions()
    payload = {"access_key": keys.access_key, "nonce": str(uuid4())}
    if query:
        payload["query_hash"] = hashlib.sha512(query.encode()).hexdigest()
        payload["query_hash_alg"] = "SHA512"
    return f"Bearer {jwt.encode({**payload, **changes}, keys.secret_key, 'HS256')}"


def test_all_markets(exchange: SimulatedExchange) -> None:
    plain = get(exchange, "/market/all")
    assert plain.status == 200
    assert plain.value[0] == {"market": "KRW-BTC", "korean_name": "비트코인", "english_name": "Bitcoin"}
    details = get(exchange, "/market/all?is_details=true").value
    assert len(details) == len(plain.value) >= 300
    (example,) = sample("rest_market_all_details_docexample.jsonl")
    assert details[0] == example[0]
    assert any(row["market_event"]["warning"] for row in details)


def test_the_old_spelling_of_details(exchange: SimulatedExchange) -> None:
    assert "market_event" in get(exchange, "/market/all?isDetails=true").value[0]


def test_tickers(exchange: SimulatedExchange) -> None:
    rows = get(exchange, "/ticker?markets=KRW-BTC,krw-eth").value
    assert [row["market"] for row in rows] == ["KRW-BTC", "KRW-ETH"]
    row = rows[0]
    assert list(row)[:6] == [
        "market",
        "trade_date",
        "trade_time",
        "trade_date_kst",
        "trade_time_kst",
        "trade_timestamp",
    ]
    assert row["low_price"] <= row["trade_price"] <= row["high_price"]
    assert row["signed_change_price"] == row["trade_price"] - row["prev_closing_price"]
    kst = datetime.strptime(row["trade_date_kst"] + row["trade_time_kst"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert kst.timestamp() - 9 * 3_600 == row["trade_timestamp"] // 1_000


def test_tickers_of_whole_quote_currencies(exchange: SimulatedExchange) -> None:
    rows = get(exchange, "/ticker/all?quote_currencies=BTC,USDT").value
    assert {row["market"].partition("-")[0] for row in rows} == {"BTC", "USDT"}
    assert get(exchange, "/ticker/all?quote_currencies=EUR").status == 400


def test_one_unknown_code_fails_the_whole_call(exchange: SimulatedExchange) -> None:
    reply = get(exchange, "/ticker?markets=KRW-BTC,KRW-NOPE")
    assert (reply.status, reply.value) == (404, {"error": {"name": 404, "message": "Code not found"}})


def test_missing_and_bad_parameters(exchange: SimulatedExchange) -> None:
    assert get(exchange, "/ticker").value["error"]["name"] == 400
    for path in (
        "/candles/minutes/1?market=KRW-BTC&count=x",
        "/candles/days?market=KRW-BTC&to=yesterday",
        "/candles/days?market=KRW-BTC&converting_price_unit=EUR",
        "/trades/ticks?market=KRW-BTC&days_ago=8",
        "/trades/ticks?market=KRW-BTC&to=25",
        "/trades/ticks?market=KRW-BTC&cursor=x",
        "/orderbook?markets=KRW-BTC&level=x",
    ):
        assert get(exchange, path).status == 400, path


def test_unrouted_paths(exchange: SimulatedExchange) -> None:
    reply = get(exchange, "/nonsense")
    assert (reply.status, reply.value["error"]["message"]) == (404, "no Route matched with those values")
    assert "remaining-req" not in reply.headers


def test_order_books(exchange: SimulatedExchange) -> None:
    rows = get(exchange, "/orderbook?markets=KRW-BTC,BTC-ETH&count=5").value
    assert [len(row["orderbook_units"]) for row in rows] == [5, 5]
    assert list(rows[0]["orderbook_units"][0]) == ["ask_price", "bid_price", "ask_size", "bid_size"]
    assert len(get(exchange, "/orderbook?markets=KRW-BTC&count=99").value[0]["orderbook_units"]) == 30
    (grouped,) = get(exchange, "/orderbook?markets=KRW-BTC&level=10000").value
    assert grouped["level"] == 10_000
    assert grouped["orderbook_units"][0]["ask_price"] % 10_000 == 0
    unsupported = get(exchange, "/orderbook?markets=KRW-BTC&level=7")
    assert (unsupported.status, unsupported.value) == (200, [])


def test_instruments(exchange: SimulatedExchange) -> None:
    (example,) = sample("rest_orderbook_instruments_recorded_2026.jsonl")
    assert get(exchange, "/orderbook/instruments?markets=KRW-DOGE").value == example
    rows = get(exchange, "/orderbook/instruments?markets=KRW-BTC,BTC-ETH,USDT-BTC,KRW-USDT").value
    assert [row["tick_size"] for row in rows] == ["1000", "0.00000001", "0.01", "0.5"]


@pytest.mark.parametrize("path", ["seconds", *(f"minutes/{unit}" for unit in MINUTES), "days"])
def test_candles_page_back_without_a_gap(exchange: SimulatedExchange, path: str) -> None:
    everything = get(exchange, f"/candles/{path}?market=KRW-BTC&count=60").value
    starts = [row["candle_date_time_utc"] for row in everything]
    assert len(starts) == 60
    assert starts == sorted(set(starts), reverse=True)
    to = everything[19]["candle_date_time_utc"].replace(":", "%3A")
    assert get(exchange, f"/candles/{path}?market=KRW-BTC&count=40&to={to}Z").value == everything[20:], (
        "to is exclusive"
    )
    assert all(row["low_price"] <= row["opening_price"] <= row["high_price"] for row in everything)
    assert (everything[0].get("unit") is not None) == path.startswith("minutes")


def test_an_offset_in_to_is_understood_when_encoded(exchange: SimulatedExchange) -> None:
    in_korea = get(exchange, "/candles/minutes/1?market=KRW-BTC&to=2026-11-23T14%3A00%3A00%2B09%3A00").value
    in_utc = get(exchange, "/candles/minutes/1?market=KRW-BTC&to=2026-11-23T05%3A00%3A00").value
    assert in_korea == in_utc
    assert in_utc[0]["candle_date_time_utc"] < "2026-11-23T05:00:00"
    assert get(exchange, "/candles/minutes/1?market=KRW-BTC&to=2026-11-23T05:00:00").status == 400, "not encoded"


def test_count_is_clamped_and_defaults_to_one(exchange: SimulatedExchange) -> None:
    assert len(get(exchange, "/candles/minutes/1?market=KRW-BTC&count=500").value) == 200
    assert len(get(exchange, "/candles/minutes/1?market=KRW-BTC").value) == 1


def test_days_know_the_day_before(exchange: SimulatedExchange) -> None:
    rows = get(exchange, "/candles/days?market=BTC-ETH&count=10&converting_price_unit=KRW").value
    for newer, older in pairwise(rows):
        assert newer["prev_closing_price"] == older["trade_price"]
        assert newer["change_price"] == pytest.approx(newer["trade_price"] - older["trade_price"])
    assert rows[0]["converted_trade_price"] == pytest.approx(3_427_000, rel=0.2)


@pytest.mark.parametrize(("path", "days"), [("weeks", 7), ("months", 28), ("years", 365)])
def test_long_candles_are_made_of_days(exchange: SimulatedExchange, path: str, days: int) -> None:
    rows = get(exchange, f"/candles/{path}?market=KRW-BTC&count=3").value
    singles = {
        row["candle_date_time_utc"]: row for row in get(exchange, "/candles/days?market=KRW-BTC&count=200").value
    }
    newest = rows[0]
    inside = [row for start, row in singles.items() if start >= newest["candle_date_time_utc"]]
    assert newest["first_day_of_period"] == newest["candle_date_time_utc"][:10]
    if path != "years":
        assert newest["candle_acc_trade_volume"] == pytest.approx(sum(row["candle_acc_trade_volume"] for row in inside))
        assert newest["high_price"] == max(row["high_price"] for row in inside)
    starts = [datetime.fromisoformat(row["first_day_of_period"]) for row in rows]
    assert all(days <= (newer - older).days <= days + 3 for newer, older in pairwise(starts))
    if path == "weeks":
        assert all(start.weekday() == 0 for start in starts)


def test_ticks_page_back_by_cursor(exchange: SimulatedExchange) -> None:
    everything = get(exchange, "/trades/ticks?market=KRW-BTC&count=100").value
    ids = [row["sequential_id"] for row in everything]
    assert ids == sorted(set(ids), reverse=True)
    rest = get(exchange, f"/trades/ticks?market=KRW-BTC&count=60&cursor={ids[39]}").value
    assert rest == everything[40:]
    row = everything[0]
    assert row["change_price"] == row["trade_price"] - row["prev_closing_price"], "signed"
    assert len(get(exchange, "/trades/ticks?market=KRW-BTC&count=900").value) == 500


def test_ticks_of_other_days(exchange: SimulatedExchange) -> None:
    rows = get(exchange, "/trades/ticks?market=KRW-BTC&days_ago=2&to=10%3A00%3A00&count=5").value
    assert all(row["trade_date_utc"] == "2026-11-21" and row["trade_time_utc"] < "10:00:00" for row in rows)
    days = {
        row["candle_date_time_utc"][:10]: row for row in get(exchange, "/candles/days?market=KRW-BTC&count=5").value
    }
    assert rows[0]["prev_closing_price"] == days["2026-11-20"]["trade_price"]


def test_live_trades_appear_in_rest() -> None:
    with SimulatedExchange(options=fast(), realtime=False, rate=0, start_ms=START_MS) as exchange:
        exchange.trade("KRW-BTC", price=130_000_000, side="BID", volume=2)
        assert get(exchange, "/trades/ticks?market=KRW-BTC").value[0]["trade_price"] == 130_000_000
        assert get(exchange, "/candles/seconds?market=KRW-BTC").value[0]["trade_price"] == 130_000_000
        assert get(exchange, "/ticker?markets=KRW-BTC").value[0]["high_price"] == 130_000_000
        assert b"130000000," in _raw(exchange, "/ticker?markets=KRW-BTC"), "plain spelling"


def _raw(exchange: SimulatedExchange, path: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(exchange.rest_url + path, timeout=5) as response:
        content: bytes = response.read()
        return content


def test_gzip_only_when_accepted(exchange: SimulatedExchange) -> None:
    assert get(exchange, "/market/all", **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in get(exchange, "/market/all", **{"Accept-Encoding": "identity"}).headers


def test_accounts_and_orders_need_a_token(exchange: SimulatedExchange) -> None:
    assert get(exchange, "/accounts").value["error"]["name"] == "no_authorization_token"
    accounts = get(exchange, "/accounts", Authorization=signed()).value
    assert accounts[0]["currency"] == "KRW"
    assert all(isinstance(row["balance"], str) for row in accounts)
    query = "states[]=wait&states[]=watch"
    orders = get(exchange, f"/orders/open?{query}", Authorization=signed(query)).value
    assert {order["state"] for order in orders} == {"wait"}
    query = f"uuid={orders[0]['uuid']}"
    order = get(exchange, f"/order?{query}", Authorization=signed(query)).value
    assert order["trades"] == []
    assert order["price"] == orders[0]["price"]
    query = "market=KRW-ETH&order_by=asc&limit=1"
    (only,) = get(exchange, f"/orders/open?{query}", Authorization=signed(query)).value
    assert only["market"] == "KRW-ETH"


def test_wrong_tokens_and_orders(exchange: SimulatedExchange) -> None:
    assert get(exchange, "/order?uuid=x", Authorization=signed()).value["error"]["name"] == "invalid_query_payload"
    reply = get(exchange, "/order?uuid=x", Authorization=signed("uuid=x"))
    assert (reply.status, reply.value["error"]["name"]) == (404, "order_not_found")
    token = signed()
    assert get(exchange, "/accounts", Authorization=token).status == 200
    assert get(exchange, "/accounts", Authorization=token).value["error"]["name"] == "nonce_used"
    reply = get(exchange, "/orders/open?state=done", Authorization=signed("state=done"))
    assert (reply.status, reply.value["error"]["name"]) == (400, "validation_error")


def test_limits_per_group_and_their_header() -> None:
    with SimulatedExchange(options=fast(rest_limits=True), realtime=False, rate=0) as exchange:
        time.sleep(1 - exchange.call(lambda: time.monotonic()) % 1)
        replies = [get(exchange, "/ticker?markets=KRW-BTC") for _ in range(11)]
        assert [reply.status for reply in replies] == [200] * 10 + [429]
        assert replies[2].headers["remaining-req"] == "group=ticker; min=600; sec=7"
        assert get(exchange, "/orderbook?markets=KRW-BTC").status == 200, "groups are counted apart"
        assert exchange.rest_requests[10].status == 429


def test_an_origin_header_leaves_one_call_in_ten_seconds() -> None:
    with SimulatedExchange(options=fast(connect_limits=True), realtime=False, rate=0) as exchange:
        first = get(exchange, "/ticker?markets=KRW-BTC", Origin="https://example.com")
        second = get(exchange, "/market/all", Origin="https://example.com")
        assert (first.status, second.status) == (200, 429)
        assert first.headers["remaining-req"] == "group=origin; min=6; sec=0"
        assert [call.origin for call in exchange.rest_requests] == ["https://example.com"] * 2


def test_refused_calls(exchange: SimulatedExchange) -> None:
    exchange.refuse_connections(status=503)
    assert get(exchange, "/market/all").status == 503
    exchange.refuse_connections(False)
    assert get(exchange, "/market/all").status == 200
