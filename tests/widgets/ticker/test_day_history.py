"""The figures of 24 hours come after any change of the market, at any time, seen or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QSplitter

from tests.widgets.day_figures import DAY_MS, is_right, words
from upbit_qt_widgets import MarketTable, TickerWidget
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange


@pytest.fixture
def window(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> tuple[TickerWidget, QSplitter]:
    """A ticker beside a list of all markets, which keeps all of them live."""
    exchange.set_rate(0)
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    ticker, table = TickerWidget("KRW-BTC"), MarketTable()
    for part in (ticker, table):
        part.language = "en"
        splitter.addWidget(part)
    splitter.resize(1100, 500)
    with qtbot.waitExposed(splitter):
        splitter.show()
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE, timeout=15_000)
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)
    return ticker, splitter


Window = tuple[TickerWidget, QSplitter]


def test_another_market_that_is_live_already(qtbot: QtBot, window: Window, exchange: SimulatedExchange) -> None:
    ticker, _ = window
    for market in ("KRW-ETH", "KRW-XRP", "KRW-BTC", "KRW-DOGE"):
        ticker.market = market
        assert "High (24 h)" not in words(ticker), "they were of the other market"
        qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)


def test_there_and_back_before_any_answer(qtbot: QtBot, window: Window, exchange: SimulatedExchange) -> None:
    ticker, _ = window
    for market in ("KRW-ETH", "KRW-BTC", "KRW-ETH", "", "KRW-XRP"):
        ticker.market = market
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)
    assert ticker.market == "KRW-XRP"


def test_a_change_while_it_is_hidden(qtbot: QtBot, window: Window, exchange: SimulatedExchange) -> None:
    ticker, _ = window
    ticker.hide()
    ticker.market = "KRW-ETH"
    qtbot.wait(50)
    ticker.show()
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)
    ticker.hide()
    ticker.market = "KRW-BTC"
    ticker.show()
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)


def test_a_change_while_rest_does_not_answer(qtbot: QtBot, window: Window, exchange: SimulatedExchange) -> None:
    ticker, _ = window
    exchange.block_address(60.0)
    ticker.market = "KRW-ETH"
    qtbot.waitUntil(lambda: "High (UTC day)" in words(ticker))
    exchange.block_address(0.0)
    # The limiter of REST calls waits as long as the block was told to last.
    ticker.market = "KRW-XRP"
    assert ticker._day.line() == []


def test_another_market_while_the_first_is_not_served(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    ticker = TickerWidget("KRW-NOSUCH")
    qtbot.addWidget(ticker)
    ticker.language = "en"
    ticker.show()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.NOT_SERVED)
    asked = len([call for call in exchange.rest_requests if "candles" in call.path])
    assert asked == 0, "the exchange is not asked for candles of what it does not have"
    ticker.market = "KRW-ETH"
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)


def test_a_spike_between_two_frames_is_the_highest_price(
    qtbot: QtBot, window: Window, exchange: SimulatedExchange
) -> None:
    ticker, _ = window
    last = exchange.call(lambda: exchange.server.market.market("KRW-BTC").last_trade().price) / 1e8
    highest = ticker._day.high
    assert highest is not None

    def spike() -> None:
        market = exchange.server.market
        for at in (highest + 5_000_000.0, last - 50_000_000.0, last):
            market.trade("KRW-BTC", price=at, volume=0.01)

    exchange.call(spike)
    qtbot.waitUntil(lambda: f"{highest + 5_000_000.0:,.0f}" in words(ticker))
    assert is_right(ticker, exchange)
    assert f"{last - 50_000_000.0:,.0f}" in words(ticker)


def test_figures_are_right_again_after_an_outage(qtbot: QtBot, window: Window, exchange: SimulatedExchange) -> None:
    ticker, _ = window
    states: list[SubscriptionState] = []
    ticker.state_changed.connect(states.append)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: SubscriptionState.STALE in states and ticker.state is SubscriptionState.LIVE)
    exchange.advance(7 * 3_600, trades=2_000)
    exchange.trade("KRW-BTC")
    qtbot.waitUntil(lambda: is_right(ticker, exchange), timeout=15_000)


def test_the_oldest_hours_leave_while_nothing_is_traded(
    qtbot: QtBot, window: Window, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    ticker, _ = window
    high = ticker._day.high
    assert high is not None
    exchange.trade("KRW-BTC", price=high + 3_000_000.0, volume=0.01)
    qtbot.waitUntil(lambda: f"{high + 3_000_000.0:,.0f}" in words(ticker))
    exchange.trade("KRW-BTC", price=high - 3_000_000.0, volume=0.01)
    before = manager.exchange_time() or 0
    # A day later, of which the exchange tells in another market only.
    exchange.advance(25 * 3_600, trades=0)
    for _ in range(3):
        exchange.trade("KRW-ETH")
    qtbot.waitUntil(lambda: (manager.exchange_time() or 0) > before + DAY_MS)
    # The minute or half hour that the widget waits for is over.
    ticker._history._on_clock()
    assert f"{high + 3_000_000.0:,.0f}" not in words(ticker)
    assert words(ticker).count(f"{high - 3_000_000.0:,.0f}") == 3
