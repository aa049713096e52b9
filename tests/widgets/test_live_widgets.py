"""The widgets in a window, on the simulated exchange, with no other line of code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QLabel, QTableView, QVBoxLayout, QWidget

from upbit_qt_widgets import ConnectionBadge, OrderbookWidget, TickerWidget
from upbit_qt_widgets.orderbook.orderbook_model import DEPTH, PRICE
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionError, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


def words(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def best_ask(widget: OrderbookWidget) -> str:
    view = widget.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    return str(model.index(DEPTH - 1, PRICE).data())


def test_widgets_in_a_layout_live_by_themselves(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    ticker, book = TickerWidget("KRW-BTC"), OrderbookWidget("KRW-BTC")
    layout.addWidget(ticker)
    layout.addWidget(book)
    assert not exchange.handshakes
    window.show()

    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE and book.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: best_ask(book).replace(",", "").isdigit())

    assert "BTC/KRW" in words(ticker)
    assert "%" in words(ticker)
    assert len(exchange.handshakes) == 1
    assert len(exchange.requests) == 1


def test_another_market_is_shown_without_a_trace_of_the_old_one(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    book = OrderbookWidget("KRW-BTC")
    qtbot.addWidget(book)
    book.show()
    qtbot.waitUntil(lambda: best_ask(book) != "")
    changed: list[str] = []
    book.market_changed.connect(changed.append)

    book.market = "KRW-XRP"

    assert best_ask(book) == ""
    qtbot.waitUntil(lambda: best_ask(book) != "")
    assert float(best_ask(book).replace(",", "")) < 100_000
    assert changed == ["KRW-XRP"]
    assert book.market == "KRW-XRP"


def test_a_misspelt_market_is_refused_at_once(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    with pytest.raises(SubscriptionError, match="'krw-btc'"):
        TickerWidget("krw-btc")
    ticker = TickerWidget()
    qtbot.addWidget(ticker)
    with pytest.raises(SubscriptionError, match="'BTC'"):
        ticker.market = "BTC"
    assert ticker.market == ""


def test_a_market_that_is_not_served_is_a_quiet_truthful_picture(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    ticker = TickerWidget("KRW-NOSUCH")
    qtbot.addWidget(ticker)
    ticker.language = "en"
    ticker.show()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.NOT_SERVED)
    assert "does not serve this market" in words(ticker)


def test_a_lost_connection_is_shown_with_the_age_of_the_value(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    ticker, badge = TickerWidget("KRW-BTC"), ConnectionBadge()
    qtbot.addWidget(ticker)
    qtbot.addWidget(badge)
    ticker.language = "ko"
    badge.set_language("en")
    ticker.show()
    badge.show()
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    assert "connected" in badge.text()

    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: "초 전" in words(ticker))
    qtbot.waitUntil(lambda: "reconnecting" in badge.text())
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    assert "초 전" not in words(ticker)
