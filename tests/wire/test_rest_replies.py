"""REST bodies to records: quotations equal the socket's events, amounts are exact, and nothing is lost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.support import sample
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import (
    CandleEvent,
    Change,
    MyOrderEvent,
    OrderbookEvent,
    OrderbookUnit,
    Side,
    Source,
    StreamType,
    TickerEvent,
    TradeEvent,
)
from upbit_qt_ws.wire import rest_replies
from upbit_qt_ws.wire.rest_records import Order

if TYPE_CHECKING:
    from collections.abc import Callable

TICKER = {
    "market": "KRW-BTC", "trade_date": "20261123", "trade_time": "053942", "trade_date_kst": "20261123",
    "trade_time_kst": "143942", "trade_timestamp": 1795412382540, "opening_price": 113099000, "high_price": 115275000,
    "low_price": 112402000, "trade_price": 1.14423e8, "prev_closing_price": 113099000, "change": "RISE",
    "change_price": 1324000, "change_rate": 0.0117065579, "signed_change_price": 1324000,
    "signed_change_rate": 0.0117065579, "trade_volume": 0.00131227, "acc_trade_price": 223585667944.61835,
    "acc_trade_price_24h": 305254224186.37646, "acc_trade_volume": 1964.72, "acc_trade_volume_24h": 2682.5,
    "highest_52_week_price": 141292000, "highest_52_week_date": "2025-12-03", "lowest_52_week_price": 93864000,
    "lowest_52_week_date": "2026-10-04", "timestamp": 1795412382653,
}  # fmt: skip
BOOK = {
    "market": "KRW-BTC", "timestamp": 1795412382600, "total_ask_size": 1.5, "total_bid_size": 2.5,
    "orderbook_units": [{"bid_price": 114422000, "ask_price": 114423000, "bid_size": 2.5, "ask_size": 1.5}],
    "level": 0,
}  # fmt: skip
CANDLE = {
    "market": "KRW-BTC", "candle_date_time_utc": "2026-11-23T05:39:00", "candle_date_time_kst": "2026-11-23T14:39:00",
    "opening_price": 1.0, "high_price": 4.0, "low_price": 0.5, "trade_price": 2.0, "timestamp": 1795412382540,
    "candle_acc_trade_price": 12.5, "candle_acc_trade_volume": 6.5,
}  # fmt: skip
TRADE = {
    "market": "KRW-BTC", "trade_date_utc": "2026-11-23", "trade_time_utc": "05:39:42", "timestamp": 1795412382540,
    "trade_price": 114423000.0, "trade_volume": 0.00131227, "prev_closing_price": 115747000.0,
    "change_price": -1324000.0, "ask_bid": "ASK", "sequential_id": 17954123825400001,
}  # fmt: skip
BALANCE = {
    "currency": "KRW", "balance": "1386929.37231066771348207", "locked": "0.00000000000000000000001",
    "avg_buy_price": "0", "avg_buy_price_modified": True, "unit_currency": "KRW",
}  # fmt: skip
ORDER: dict[str, Any] = {
    "uuid": "cdd92199", "side": "ask", "ord_type": "best", "price": None, "state": "done", "market": "BTC-ETH",
    "created_at": "2026-11-23T14:39:42.500+09:00", "volume": "12345678901234.123456789", "remaining_volume": "0.0",
    "executed_volume": "12345678901234.123456789", "executed_funds": "1.5", "reserved_fee": "0.1",
    "remaining_fee": "0.2", "paid_fee": "0.3", "locked": "0.4", "trades_count": 2, "time_in_force": "ioc",
    "identifier": "mine", "smp_type": "reduce", "prevented_volume": "0.5", "prevented_locked": "0.6",
    "trades": [
        {
            "market": "BTC-ETH", "uuid": "t1", "price": "0.02994000", "volume": "1.5", "funds": "0.04491",
            "trend": "up", "created_at": "2026-11-23T14:39:43+09:00", "side": "ask",
        },
    ],
}  # fmt: skip
READERS: dict[str, tuple[Callable[[bytes], object], dict[str, Any]]] = {
    "markets": (rest_replies.read_markets, {"market": "KRW-BTC"}),
    "tickers": (rest_replies.read_tickers, TICKER),
    "orderbooks": (rest_replies.read_orderbooks, BOOK),
    "candles": (lambda body: rest_replies.read_candles("1m", body), CANDLE),
    "trades": (rest_replies.read_trades, TRADE),
    "instruments": (rest_replies.read_instruments, {"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": "1"}),
    "balances": (rest_replies.read_balances, BALANCE),
    "orders": (rest_replies.read_orders, ORDER),
}


def rows(*values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode()


def test_a_ticker_is_the_event_of_the_socket() -> None:
    (event,) = rest_replies.read_tickers(rows(TICKER), 17)
    shared = {name: value for name, value in TICKER.items() if name != "market" and not name.endswith("_kst")}
    assert isinstance(event, TickerEvent)
    assert (event.type, event.code, event.received_ns, event.epoch) == ("ticker", "KRW-BTC", 17, 0)
    assert (event.stream_type, event.source) == (StreamType.SNAPSHOT, Source.REST)
    assert {name: getattr(event, name) for name in shared} == shared
    assert not any((event.ask_bid, event.market_state, event.market_warning, event.acc_ask_volume))


@pytest.mark.parametrize("name", ["type", "stream_type", "source", "epoch", "received_ns", "~epoch", "code"])
def test_no_key_of_a_row_sets_the_stamps(name: str) -> None:
    (event,) = rest_replies.read_tickers(rows({name: 5, **TICKER}), 17)
    if name != "~epoch":
        assert event == rest_replies.read_tickers(rows(TICKER), 17)[0]


def test_a_book_may_have_its_keys_in_any_order() -> None:
    (event,) = rest_replies.read_orderbooks(rows(BOOK))
    assert isinstance(event, OrderbookEvent)
    assert event.type == "orderbook"
    assert event.orderbook_units == (OrderbookUnit(114423000, 114422000, 1.5, 2.5),)
    assert (event.total_ask_size, event.total_bid_size, event.timestamp, event.level) == (1.5, 2.5, 1795412382600, 0)


@pytest.mark.parametrize("interval", ["1s", "240m", "1d", "1w", "1M", "1y"])
def test_candles_have_the_interval_in_their_type(interval: str) -> None:
    (event,) = rest_replies.read_candles(interval, rows({**CANDLE, "unit": 1, "first_day_of_period": "2026-11-23"}), 5)
    assert isinstance(event, CandleEvent)
    assert (event.type, event.interval, event.received_ns) == (f"candle.{interval}", interval, 5)
    assert {name: getattr(event, name) for name in CANDLE if name != "market"} == {
        name: value for name, value in CANDLE.items() if name != "market"
    }


def test_a_candle_that_starts_never_is_refused() -> None:
    with pytest.raises(DecodeError, match="'soon'"):
        rest_replies.read_candles("1m", rows({**CANDLE, "candle_date_time_utc": "soon"}))


@pytest.mark.parametrize(
    ("signed", "change"), [(-1324000.0, Change.FALL), (1324000.0, Change.RISE), (0, Change.EVEN), (-0.0, Change.EVEN)]
)
def test_the_sign_of_a_trades_change_becomes_its_change(signed: float, change: Change) -> None:
    (event,) = rest_replies.read_trades(rows({**TRADE, "change_price": signed}), 5)
    assert isinstance(event, TradeEvent)
    assert (event.change, event.change_price) == (change, abs(signed))
    assert (event.trade_date, event.trade_time) == ("2026-11-23", "05:39:42")
    assert event.timestamp == event.trade_timestamp == 1795412382540
    assert event.sequential_id == 17954123825400001
    assert event.best_ask_price is None


def test_a_trade_without_a_change_has_none() -> None:
    (event,) = rest_replies.read_trades(rows({**TRADE, "change_price": None}))
    assert (event.change, event.change_price) == (None, None)


def test_markets_with_details_without_and_of_indonesia() -> None:
    full, plain, warned, calm = rest_replies.read_markets(
        rows(
            {
                "market": "KRW-BTC", "korean_name": "비트코인", "english_name": "Bitcoin",
                "market_event": {"warning": True, "caution": {"PRICE_FLUCTUATIONS": True, "NEW_KIND": False}},
            },
            {"market": "KRW-ETH", "korean_name": "이더리움", "english_name": "Ethereum"},
            {"market": "IDR-BTC", "english_name": "Bitcoin", "market_warning": "CAUTION"},
            {"market": "IDR-ETH", "english_name": "Ethereum", "market_warning": "NONE"},
        )
    )  # fmt: skip
    assert (full.market, full.korean_name, full.english_name, full.warning) == ("KRW-BTC", "비트코인", "Bitcoin", True)
    assert full.caution == {"PRICE_FLUCTUATIONS": True, "NEW_KIND": False}
    assert (plain.warning, plain.caution) == (None, {})
    assert (warned.korean_name, warned.warning, calm.warning) == (None, True, False)


def test_the_samples_lose_no_field() -> None:
    (listed,) = sample("rest_market_all_details_docexample.jsonl")
    for row, market in zip(listed, rest_replies.read_markets(rows(*listed)), strict=True):
        assert row == {
            "market": market.market,
            "korean_name": market.korean_name,
            "english_name": market.english_name,
            "market_event": {"warning": market.warning, "caution": market.caution},
        }
    (recorded,) = sample("rest_orderbook_instruments_recorded_2026.jsonl")
    (instrument,) = rest_replies.read_instruments(rows(*recorded))
    assert recorded == [
        {
            "market": instrument.market,
            "quote_currency": instrument.quote_currency,
            "tick_size": str(instrument.tick_size),
            "supported_levels": [str(level) for level in instrument.supported_levels],
        }
    ]


def test_amounts_are_exact() -> None:
    (balance,) = rest_replies.read_balances(rows(BALANCE))
    assert balance.balance == Decimal("1386929.37231066771348207")
    assert balance.locked == Decimal("1E-23")
    assert (balance.avg_buy_price_modified, balance.unit_currency) == (True, "KRW")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(DecodeError, match="balance is not an amount"):
        rest_replies.read_balances(rows({**BALANCE, "balance": amount}))
    with pytest.raises(DecodeError, match="tick_size is not an amount"):
        rest_replies.read_instruments(rows({"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": amount}))


def test_an_order_keeps_every_field() -> None:
    order = rest_replies.read_order(json.dumps(ORDER).encode())
    assert order == rest_replies.read_orders(rows(ORDER))[0]
    for name, value in ORDER.items():
        kept = getattr(order, name)
        if name != "trades":
            assert kept == (Decimal(value) if isinstance(kept, Decimal) else value), name
    (trade,) = order.trades
    assert (trade.price, trade.volume, trade.funds) == (Decimal("0.02994"), Decimal("1.5"), Decimal("0.04491"))
    assert (trade.uuid, trade.trend, trade.side, trade.market) == ("t1", "up", "ask", "BTC-ETH")


def test_an_order_maps_to_the_private_event() -> None:
    event = rest_replies.read_order(json.dumps(ORDER).encode()).to_event(received_ns=9)
    assert isinstance(event, MyOrderEvent)
    assert (event.type, event.code, event.received_ns) == ("myOrder", "BTC-ETH", 9)
    assert (event.stream_type, event.source) == (StreamType.SNAPSHOT, Source.REST)
    assert (event.ask_bid, event.order_type, event.state) == (Side.ASK, "best", "done")
    assert event.order_timestamp == 1795412382500
    assert event.volume == Decimal("12345678901234.123456789")
    assert (event.price, event.trade_uuid) == (None, None)
    assert (event.smp_type, event.prevented_volume, event.prevented_locked) == (
        "reduce",
        Decimal("0.5"),
        Decimal("0.6"),
    )
    assert Order(uuid="a", side="bid", ord_type="limit", state="wait", market="KRW-BTC").to_event().ask_bid is Side.BID


@pytest.mark.parametrize("change", [{"uuid": None}, {"market": 5}, {"state": ["wait"]}, {"ord_type": 1}])
def test_an_order_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        rest_replies.read_orders(rows({**ORDER, **change}))


@pytest.mark.parametrize("change", [{"side": "both"}, {"created_at": "yesterday"}, {"volume": "much"}], ids=str)
def test_what_an_order_can_do_without_does_not_cost_it(change: dict[str, str]) -> None:
    ((name, value),) = change.items()
    noted: dict[str, object] = {}
    read = rest_replies.read_orders(rows({**ORDER, **change}, {**ORDER, "uuid": "other"}), noted.__setitem__)
    assert [order.uuid for order in read] == ["cdd92199", "other"]
    assert getattr(read[0], name) is None
    assert getattr(read[1], name) is not None
    assert noted == {f"order.{name}": value}
    assert read.unread == ()


@pytest.mark.parametrize("name", READERS)
def test_what_is_not_the_reply_is_refused(name: str) -> None:
    read, row = READERS[name]
    assert read(rows()) == ()
    assert len(read(rows(row, row))) == 2  # type: ignore[arg-type]
    for body in (b"", b"<html>", b"\xff", b"{}", b"null", b"[1]", b"[{}]", b"[" * 100_000, rows(row)[:-3]):
        with pytest.raises(DecodeError):
            read(body)
