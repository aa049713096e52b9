"""The ticker in a window, on the simulated exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PyQt6.QtWidgets import QLabel, QWidget

from upbit_qt_widgets import TickerWidget
from upbit_qt_widgets.base.market_notes import market_notes
from upbit_qt_widgets.base.samples import sample_markets, sample_ticker
from upbit_qt_widgets.ticker.day_prices import COUNT
from upbit_qt_widgets.ticker.price_line import PriceLine
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def words(widget: QWidget) -> str:
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def ticker(qtbot: QtBot, manager: GlobalWebSocketManager) -> TickerWidget:
    made = TickerWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.language = "en"
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: made.state is SubscriptionState.LIVE and made._day.is_known)
    return made


def test_the_name_comes_from_the_exchange_in_the_language_of_the_widget(qtbot: QtBot, ticker: TickerWidget) -> None:
    qtbot.waitUntil(lambda: "Bitcoin  BTC/KRW" in words(ticker))
    ticker.language = "ko"
    assert "비트코인  BTC/KRW" in words(ticker)
    ticker.name = "내 코인"
    assert "내 코인  BTC/KRW" in words(ticker)
    ticker.market = "KRW-ETH"
    assert ticker.name == ""
    assert "이더리움  ETH/KRW" in words(ticker)


def test_high_and_low_are_of_24_hours_and_follow_the_trades(
    qtbot: QtBot, ticker: TickerWidget, exchange: SimulatedExchange
) -> None:
    assert "High (24 h)" in words(ticker)
    assert "UTC day" not in words(ticker)
    assert len(ticker._day.line()) == COUNT
    highest = ticker._day.high
    assert highest is not None

    exchange.trade("KRW-BTC", price=highest + 50_000.0, side="BID", volume=0.01)

    qtbot.waitUntil(lambda: f"{highest + 50_000.0:,.0f}" in words(ticker))
    assert ticker._day.line()[-1] == ticker._event.trade_price if ticker._event else False


def test_without_candles_the_figures_of_the_day_stand_in(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    made = TickerWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.language = "en"
    made.show()
    # Sockets that are open stay; new REST calls are refused.
    qtbot.waitUntil(lambda: made._proxy is not None and made._proxy.manager.link().epoch > 0)
    exchange.block_address(60.0)
    made.clear()
    qtbot.waitUntil(lambda: "High (UTC day)" in words(made) and made._event is not None)
    assert made._event is not None
    assert made._event.high_price is not None
    assert f"{made._event.high_price:,.0f}" in words(made)


def test_the_line_can_be_left_out(ticker: TickerWidget) -> None:
    line = ticker.findChild(PriceLine)
    assert line is not None
    ticker.line_shown = False
    assert not line.isVisible()
    ticker.line_shown = True
    assert line.isVisible()


def test_the_line_is_painted(qtbot: QtBot) -> None:
    made = TickerWidget("KRW-BTC")
    qtbot.addWidget(made)
    made.preview()
    made.resize(460, 180)
    with qtbot.waitExposed(made):
        made.show()
    line = made.findChild(PriceLine)
    assert line is not None
    image = line.grab().toImage()
    ground = image.pixelColor(0, 0)
    inked = sum(image.pixelColor(x, y) != ground for x in range(image.width()) for y in range(image.height()))
    assert inked > image.width()


NOTES = [
    ({"market_state": "DELISTED"}, "trading of this market has ended"),
    ({"market_state": "PREVIEW"}, "trading has not begun yet, only deposits"),
    ({"is_trading_suspended": True}, "trading is suspended"),
    ({"delisting_date": "2026-12-01"}, "trading ends on 2026-12-01"),
    ({"delisting_date": {"year": 2026, "month": 12, "day": 1}}, "trading ends on 2026-12-01"),
    ({"delisting_date": {"y": 2026}}, "trading ends on 2026"),
    ({}, ""),
]


@pytest.mark.parametrize(("fields", "told"), NOTES)
def test_what_a_trader_must_know_is_told(fields: dict[str, object], told: str) -> None:
    event = msgspec.structs.replace(sample_ticker("KRW-BTC"), **fields)
    assert " · ".join(market_notes(None, event, "en")) == told
    assert bool(market_notes(None, event, "ko")) == bool(told)


def test_warnings_and_cautions_are_told_with_their_kinds() -> None:
    notes = {info.market: market_notes(info, None, "ko") for info in sample_markets()}
    assert notes["KRW-BTT"] == ("거래 유의 종목으로 지정되었습니다",)
    assert notes["KRW-PEPE"] == ("주의 종목: 가격 급등락",)
    assert notes["KRW-BTC"] == ()


def test_a_delisted_market_shows_its_last_figures_and_says_so(qtbot: QtBot, ticker: TickerWidget) -> None:
    event = msgspec.structs.replace(sample_ticker("KRW-BTC"), market_state="DELISTED")
    ticker._on_ticker(event)
    assert "trading of this market has ended" in words(ticker)
    ticker._on_ticker(sample_ticker("KRW-BTC"))
    assert "ended" not in words(ticker)
