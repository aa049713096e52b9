"""REST calls as values: both spellings of a query, and typed errors for bad arguments before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.network import rest_calls
from upbit_qt_ws.network.rest_calls import RestCall

if TYPE_CHECKING:
    from collections.abc import Callable

KOREA = timezone(timedelta(hours=9))


def test_brackets_stay_and_colons_are_encoded() -> None:
    call = rest_calls.open_orders_call("KRW-BTC", ("wait", "watch"), 2, 50, "asc")
    assert call.query_text == "market=KRW-BTC&states[]=wait&states[]=watch&page=2&limit=50&order_by=asc"
    assert call.target == f"/orders/open?{call.query_text}"
    assert call.private
    candle = rest_calls.candle_call("KRW-BTC", "1m", 200, datetime(2026, 11, 23, 5, tzinfo=UTC))
    assert candle.target == "/candles/minutes/1?market=KRW-BTC&count=200&to=2026-11-23T05%3A00%3A00Z"


@given(st.lists(st.tuples(st.sampled_from(["uuid", "states[]", "identifier"]), st.text(max_size=20)), max_size=5))
def test_what_is_signed_is_what_the_exchange_decodes(query: list[tuple[str, str]]) -> None:
    call = RestCall("/order", tuple(query), private=True)
    _, _, sent = call.target.partition("?")
    assert unquote(sent) == call.query_text
    assert sent.isascii()
    assert not set(sent) & set(' "#<>:+')


def test_a_call_without_a_query() -> None:
    call = RestCall("/accounts", private=True)
    assert (call.target, call.query_text, str(call)) == ("/accounts", "", "GET /accounts")


def test_few_codes_are_one_call_and_many_are_a_few() -> None:
    (call,) = rest_calls.market_calls("/ticker", ["KRW-BTC", "KRW-ETH", "KRW-BTC"])
    assert call.target == "/ticker?markets=KRW-BTC,KRW-ETH"
    codes = [f"KRW-COIN{number:05}" for number in range(1_500)]
    calls = list(rest_calls.market_calls("/ticker", codes))
    assert [code for call in calls for code in call.codes] == codes
    assert len(calls) == 4
    assert all(len(call.target) < 8_000 for call in calls)


def test_a_message_names_the_codes_but_not_hundreds() -> None:
    (call,) = rest_calls.market_calls("/ticker", [f"KRW-C{number}" for number in range(300)])
    assert str(call).startswith("GET /ticker of KRW-C0, KRW-C1, ")
    assert str(call).endswith(" and 290 more")


@pytest.mark.parametrize(
    ("interval", "path"),
    [
        ("1s", "seconds"), ("1m", "minutes/1"), ("15m", "minutes/15"), ("240m", "minutes/240"), ("1d", "days"),
        ("1w", "weeks"), ("1M", "months"), ("1y", "years"),
    ],
)  # fmt: skip
def test_intervals(interval: str, path: str) -> None:
    assert rest_calls.candle_call("KRW-BTC", interval, 1, None).path == f"/candles/{path}"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 23, 14, tzinfo=KOREA), "2026-11-23T05:00:00Z"),
        (datetime(2026, 11, 23, 4, 59, 59, 1, tzinfo=UTC), "2026-11-23T05:00:00Z"),
    ],
)
def test_the_end_of_candles_is_exclusive_to_the_microsecond(moment: datetime, text: str) -> None:
    assert f"to={text}" in rest_calls.candle_call("KRW-BTC", "1s", 1, moment).query_text


@pytest.mark.parametrize(
    ("level", "text"), [(0, ""), (10_000, "&level=10000"), (1e7, "&level=10000000"), (0.00001, "&level=0.00001")]
)
def test_levels_are_written_plainly(level: float, text: str) -> None:
    (call,) = rest_calls.orderbook_calls("KRW-BTC", level, 5)
    assert call.target == f"/orderbook?markets=KRW-BTC&count=5{text}"


def test_past_trades() -> None:
    query = rest_calls.trades_query("KRW-BTC", 3, time(5, 39, 42))
    assert rest_calls.trades_call(query, 500, None).target == (
        "/trades/ticks?market=KRW-BTC&days_ago=3&to=05%3A39%3A42&count=500"
    )
    assert rest_calls.trades_query("KRW-BTC", None, "053942")[1] == ("to", "053942")
    assert rest_calls.trades_call(query, 9, 17954123825400001).query[-1] == ("cursor", "17954123825400001")


def test_an_order_may_be_asked_for_by_a_uuid_object() -> None:
    uuid = UUID("00000000-0000-4000-8000-000000000001")
    assert rest_calls.order_call(uuid, None).query_text == f"uuid={uuid}"  # type: ignore[arg-type]
    assert rest_calls.order_call(None, "a&b=c").target == "/order?identifier=a%26b%3Dc"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda c: list(c.market_calls("/ticker", ["krw-btc"])), "'KRW-BTC'"),
        (lambda c: list(c.market_calls("/ticker", [])), "at least one"),
        (lambda c: c.all_tickers_call([]), "at least one"),
        (lambda c: c.all_tickers_call("krw"), "'krw'"),
        (lambda c: c.all_tickers_call([5]), "5"),
        (lambda c: c.orderbook_calls("KRW-BTC", 0, 31), "from 1 to 30"),
        (lambda c: c.orderbook_calls("KRW-BTC", 0, True), "True"),
        (lambda c: c.orderbook_calls("KRW-BTC", -1, 30), "-1"),
        (lambda c: c.orderbook_calls("BTC-ETH", 1, 30), "'BTC-ETH'"),
        (lambda c: c.candle_call("KRW-BTC", "2m", 1, None), "'2m'"),
        (lambda c: c.candle_call("btc", "1m", 1, None), "'btc'"),
        (lambda c: c.parse_count(0), "from 1 on"),
        (lambda c: c.parse_count("5"), "'5'"),
        (lambda c: c.parse_cursor(-1), "from 0 on"),
        (lambda c: c.parse_moment(datetime(2026, 11, 23)), "time zone"),
        (lambda c: c.parse_moment("2026"), "time zone"),
        (lambda c: c.trades_query("KRW-BTC", 8, None), "from 1 to 7"),
        (lambda c: c.trades_query("KRW-BTC", None, "25:00:00"), "'25:00:00'"),
        (lambda c: c.trades_query("KRW-BTC", None, 5), "05:39:42"),
        (lambda c: c.open_orders_call(None, ("done",), 1, 100, "desc"), "'done'"),
        (lambda c: c.open_orders_call(None, (), 1, 100, "desc"), "'wait'"),
        (lambda c: c.open_orders_call(None, "wait", 0, 100, "desc"), "page 0"),
        (lambda c: c.open_orders_call(None, "wait", 1, 101, "desc"), "limit 101"),
        (lambda c: c.open_orders_call(None, "wait", 1, 100, "up"), "'up'"),
        (lambda c: c.open_orders_call("btc", "wait", 1, 100, "asc"), "'btc'"),
        (lambda c: c.order_call(None, None), "one of them"),
        (lambda c: c.order_call("a", "b"), "one of them"),
        (lambda c: c.order_call(" ", None), "one of them"),
    ],
)
def test_bad_arguments_are_named(make: Callable[[Any], object], words: str) -> None:
    with pytest.raises(SubscriptionError, match=words):
        make(rest_calls)
