"""One bad row of a reply costs itself only, and the list says that it is not whole."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_rest_replies import BALANCE, BOOK, CANDLE, ORDER, TICKER, TRADE
from tests.wire.test_second_look import ODD_VALUES, check_possible
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire import rest_replies
from upbit_qt_ws.wire.rest_rows import Rows, joined
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

MARKET: Final[dict[str, Any]] = {
    "market": "KRW-BTC", "korean_name": "비트코인", "english_name": "Bitcoin",
    "market_event": {"warning": False, "caution": {"PRICE_FLUCTUATIONS": True}},
}  # fmt: skip
INSTRUMENT: Final[dict[str, Any]] = {
    "market": "KRW-BTC", "quote_currency": "KRW", "tick_size": "1000", "supported_levels": ["0", "10000"],
}  # fmt: skip
READERS: Final[dict[str, tuple[Callable[..., Rows[Any]], dict[str, Any], set[str]]]] = {
    "markets": (rest_replies.read_markets, MARKET, {"market"}),
    "tickers": (rest_replies.read_tickers, TICKER, {"market", "trade_price"}),
    "orderbooks": (rest_replies.read_orderbooks, BOOK, {"market", "orderbook_units"}),
    "candles": (
        lambda body, note: rest_replies.read_candles("1m", body, note=note),
        CANDLE,
        {"market", "candle_date_time_utc", "opening_price", "high_price", "low_price", "trade_price"},
    ),
    "trades": (
        rest_replies.read_trades,
        TRADE,
        {"market", "timestamp", "trade_price", "trade_volume", "sequential_id"},
    ),
    "instruments": (rest_replies.read_instruments, INSTRUMENT, {"market", "quote_currency", "tick_size"}),
    "balances": (rest_replies.read_balances, BALANCE, {"currency", "balance", "locked"}),
    "orders": (rest_replies.read_orders, ORDER, {"uuid", "ord_type", "state", "market"}),
}
"""How a reply is read, a row of it, and without which fields it means nothing."""


class Look:
    """Reads one reply, and keeps what was left out."""

    def __init__(self, name: str, *rows: Any) -> None:
        self.noted: list[str] = []
        read = READERS[name][0]
        body = json.dumps(rows).encode()
        self.rows = read(body, note=lambda name, value: self.noted.append(name))


@given(name=st.sampled_from(sorted(READERS)), data=st.data())
def test_an_optional_field_never_costs_the_row(name: str, data: st.DataObject) -> None:
    _, row, required = READERS[name]
    field = data.draw(st.sampled_from(sorted(row.keys() - required)))
    (good,) = Look(name, row).rows
    rows = Look(name, {**row, field: data.draw(ODD_VALUES)}, row).rows
    assert len(rows) == 2
    assert rows[1] == good
    assert rows.unread == ()
    check_possible(rows[0])
    (shorter,) = Look(name, {key: value for key, value in row.items() if key != field}).rows
    check_possible(shorter)


@given(name=st.sampled_from(sorted(READERS)), rows=st.lists(ODD_VALUES, max_size=3), data=st.data())
def test_rows_that_cannot_be_read_cost_themselves_only(name: str, rows: list[Any], data: st.DataObject) -> None:
    _, row, required = READERS[name]
    spoilt = {**row, data.draw(st.sampled_from(sorted(required))): data.draw(ODD_VALUES)}
    look = Look(name, *rows, row, spoilt, *rows)
    (good,) = Look(name, row).rows
    assert good in look.rows
    assert len(look.rows) + len(look.rows.unread) == 2 * len(rows) + 2
    for each in look.rows:
        check_possible(each)


@pytest.mark.parametrize("name", READERS)
def test_a_list_of_nothing_but_bad_rows_is_no_empty_one(name: str) -> None:
    with pytest.raises(DecodeError):
        Look(name, {}, 5, [])
    assert Look(name).rows == ()


@pytest.mark.parametrize(
    "code", ["KRW-btc", "KRW-", "", "-", "KRW", "<b>KRW-BTC</b>", "KRW-BTC\n", "K" * 10_000, "🚀-🚀"]
)
@pytest.mark.parametrize("name", ["markets", "tickers", "orderbooks", "candles", "trades", "instruments"])
def test_a_market_whose_code_is_none_is_left_out(name: str, code: str) -> None:
    row = READERS[name][1]
    look = Look(name, {**row, "market": code}, row)
    assert [getattr(each, "market", "") or each.code for each in look.rows] == ["KRW-BTC"]
    assert look.rows.unread == (one_line(code, 60) or "?",)
    assert look.noted == [name.removesuffix("s") if name != "markets" else "market"]


def test_an_order_of_a_market_with_an_odd_code_is_money_all_the_same() -> None:
    assert [order.market for order in Look("orders", {**ORDER, "market": "KRW-btc"}).rows] == ["KRW-btc"]


def test_unread_rows_have_the_name_that_a_person_knows() -> None:
    look = Look("balances", BALANCE, {**BALANCE, "currency": "BTC", "balance": "much"}, 7, {"currency": 5})
    assert look.rows.unread == ("BTC", "?", "5")
    assert Look("orders", ORDER, {**ORDER, "uuid": "mine", "state": None}).rows.unread == ("BTC-ETH",)


def test_a_nan_in_one_row_does_not_cost_the_others() -> None:
    look = Look("tickers", TICKER, {**TICKER, "high_price": math.nan}, {**TICKER, "trade_price": math.inf})
    assert [row.high_price for row in look.rows] == [115275000, None]
    assert look.rows.unread == ("KRW-BTC",)


def test_a_candle_that_does_not_tell_when_it_changed_has_its_start_for_that() -> None:
    (candle,) = Look("candles", {**CANDLE, "timestamp": None}).rows
    assert candle.timestamp == round(candle.start.timestamp() * 1000)


def test_bad_fills_of_an_order_do_not_cost_the_order() -> None:
    fills = ORDER["trades"]
    (order,) = Look("orders", {**ORDER, "trades": [*fills, {"uuid": "t2"}, {**fills[0], "price": "-1"}]}).rows
    assert [fill.uuid for fill in order.trades] == ["t1"]


def test_bad_levels_and_cautions_are_left_out() -> None:
    (instrument,) = Look("instruments", {**INSTRUMENT, "supported_levels": ["0", "NaN", None, "-1", 100]}).rows
    assert list(map(str, instrument.supported_levels)) == ["0", "100"]
    event = {"warning": "yes", "caution": {"PRICE_FLUCTUATIONS": True, "OTHER": "perhaps", "THIRD": None}}
    (market,) = Look("markets", {**MARKET, "market_event": event}).rows
    assert market.warning is False
    assert market.caution == {"PRICE_FLUCTUATIONS": True}


def test_rows_are_a_tuple_that_knows_what_is_missing() -> None:
    rows: Rows[int] = Rows([1, 2], ["x"])
    assert list(rows) == [1, 2]
    assert hash(rows) == hash((1, 2))
    pages: list[Rows[int]] = [rows, Rows([3]), Rows([], ["y"])]
    assert list(joined(pages)) == [1, 2, 3]
    assert joined(pages).unread == ("x", "y")
    assert msgspec.json.encode(rows) == b"[1,2]"
