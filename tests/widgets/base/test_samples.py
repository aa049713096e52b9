"""The samples look like the exchange's data, are the same each time, and fit together."""

from __future__ import annotations

import pytest

from upbit_qt_widgets.base.samples import (
    sample_candles,
    sample_levels,
    sample_markets,
    sample_orderbook,
    sample_ticker,
    sample_trades,
)
from upbit_qt_ws import Side, Source
from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.tick_size import tick_size

CODES = [info.market for info in sample_markets()]


@pytest.mark.parametrize("code", CODES)
def test_all_samples_of_a_market_meet_at_its_price(code: str) -> None:
    price = sample_ticker(code).trade_price
    unit = tick_size(quote_of(code), price)
    book, candles, trades = sample_orderbook(code), sample_candles(code), sample_trades(code)
    best = book.orderbook_units[0]

    assert best.bid_price < best.ask_price
    assert abs(best.ask_price - price) <= 2 * unit
    assert candles[-1].trade_price == pytest.approx(price)
    assert all(abs(trade.trade_price - price) <= 2 * unit for trade in trades)
    assert sample_levels(code)[0] == 0.0


@pytest.mark.parametrize("code", CODES)
def test_candles_and_trades_are_in_order_and_possible(code: str) -> None:
    candles, trades = sample_candles(code), sample_trades(code)

    assert [candle.start for candle in candles] == sorted({candle.start for candle in candles})
    for candle in candles:
        assert candle.low_price <= min(candle.opening_price, candle.trade_price)
        assert candle.high_price >= max(candle.opening_price, candle.trade_price)
    assert [trade.trade_timestamp for trade in trades] == sorted(trade.trade_timestamp for trade in trades)
    assert {trade.ask_bid for trade in trades} == {Side.ASK, Side.BID}
    assert {trade.source for trade in trades} == {Source.REST, Source.WEBSOCKET}


def test_they_are_the_same_each_time() -> None:
    assert sample_ticker("KRW-BTC") == sample_ticker("KRW-BTC")
    assert sample_orderbook("KRW-BTC") == sample_orderbook("KRW-BTC")
    assert sample_trades("KRW-BTC") == sample_trades("KRW-BTC")
    assert sample_candles("KRW-BTC") == sample_candles("KRW-BTC")


def test_one_market_is_warned_of_and_one_asks_for_caution() -> None:
    markets = sample_markets()

    assert sum(bool(info.warning) for info in markets) == 1
    assert sum(any(info.caution.values()) for info in markets) == 1


def test_a_market_that_is_not_listed_has_samples_too() -> None:
    assert sample_ticker("KRW-NEW").code == "KRW-NEW"
    assert sample_orderbook("KRW-NEW").code == "KRW-NEW"
