"""Widgets that are linked show the same market, whoever chose it, and nothing else connects them."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets import MarketLink, MarketTable, MyOrdersWidget, OrderbookWidget, TickerStrip, TickerWidget
from upbit_qt_widgets.base.market_link import LINK_COLORS
from upbit_qt_ws import SubscriptionError, SubscriptionState
from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange


@pytest.fixture
def pair(qtbot: QtBot) -> tuple[TickerWidget, OrderbookWidget]:
    """Two widgets of different markets, never shown."""
    ticker, book = TickerWidget("KRW-BTC"), OrderbookWidget("KRW-ETH")
    qtbot.addWidget(ticker)
    qtbot.addWidget(book)
    return ticker, book


def test_the_first_widget_brings_its_market_along(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, book = pair
    link = MarketLink()

    link.add(ticker)
    link.add(book)

    assert link.market == ticker.market == book.market == "KRW-BTC"


def test_a_link_with_a_market_leads_who_joins(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    link = MarketLink("KRW-XRP")

    for widget in pair:
        link.add(widget)

    assert {widget.market for widget in pair} == {"KRW-XRP"}


def test_all_follow_whoever_changes(qtbot: QtBot, pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, book = pair
    link = MarketLink()
    for widget in pair:
        link.add(widget)

    with qtbot.waitSignal(link.market_changed) as told:
        book.market = "KRW-SOL"

    assert told.args == ["KRW-SOL"]
    assert ticker.market == "KRW-SOL"


def test_who_has_left_goes_its_own_way(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, book = pair
    link = MarketLink()
    for widget in pair:
        link.add(widget)

    link.remove(book)
    link.set_market("KRW-SOL")
    book.market = "KRW-ADA"

    assert (ticker.market, book.market) == ("KRW-SOL", "KRW-ADA")
    assert link.widgets == (ticker,)


def test_twice_added_is_linked_once(qtbot: QtBot, pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, _ = pair
    link = MarketLink()
    link.add(ticker)
    link.add(ticker)

    assert link.widgets == (ticker,)
    link.remove(ticker)
    ticker.market = "KRW-ADA"
    assert link.market == "KRW-BTC"


def test_a_misspelt_market_changes_nothing(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, _ = pair
    link = MarketLink()
    link.add(ticker)

    with pytest.raises(SubscriptionError, match="BTC"):
        link.set_market("BTC")

    assert link.market == ticker.market == "KRW-BTC"


def test_a_widget_without_a_market_cannot_be_linked(qtbot: QtBot) -> None:
    plain = QWidget()
    qtbot.addWidget(plain)

    with pytest.raises(ConfigurationError, match="QWidget cannot be linked"):
        MarketLink().add(plain)


def test_a_link_keeps_no_widget_alive(qtbot: QtBot) -> None:
    link = MarketLink("KRW-BTC")
    ticker = TickerWidget()
    link.add(ticker)
    gone = weakref.ref(ticker)

    del ticker
    gc.collect()

    assert gone() is None
    assert link.widgets == ()
    link.set_market("KRW-ETH")


def test_the_colours_are_groups_of_the_application(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, book = pair

    ticker.link_color = "blue"
    book.link_color = "blue"
    assert book.market == "KRW-BTC"

    book.link_color = "red"
    ticker.market = "KRW-XRP"
    assert book.market == "KRW-BTC"
    assert MarketLink.of_color("blue").widgets == (ticker,)
    assert MarketLink.of_color("red").widgets == (book,)
    assert book.link_color == "red"


def test_an_unknown_colour_is_refused_and_the_group_is_kept(pair: tuple[TickerWidget, OrderbookWidget]) -> None:
    ticker, _ = pair
    ticker.link_color = "green"

    with pytest.raises(ConfigurationError, match=r"pink.*red, orange"):
        ticker.link_color = "pink"

    assert ticker.link_color == "green"
    assert MarketLink.of_color("green").widgets == (ticker,)


def test_the_market_of_closed_windows_is_forgotten(qtbot: QtBot) -> None:
    ticker = TickerWidget("KRW-BTC")
    ticker.link_color = "orange"
    ticker.deleteLater()
    qtbot.waitUntil(lambda: not MarketLink.of_color("orange").widgets)

    book = OrderbookWidget("KRW-ETH")
    qtbot.addWidget(book)
    book.link_color = "orange"

    assert book.market == "KRW-ETH"


def test_there_are_six_colours() -> None:
    assert len(set(LINK_COLORS)) == 6
    assert len({id(MarketLink.of_color(color)) for color in LINK_COLORS}) == 6


def test_a_list_leads_and_marks_what_another_one_chose(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    table, book = MarketTable(markets=["KRW-BTC", "KRW-ETH", "KRW-XRP"]), OrderbookWidget("KRW-BTC")
    for widget in (table, book):
        qtbot.addWidget(widget)
        widget.link_color = "purple"
        widget.resize(500, 400)
        widget.show()
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in (table, book)))

    table.market_selected.emit("KRW-XRP")
    assert book.market == "KRW-XRP"

    book.market = "KRW-ETH"
    current = table._view.currentIndex()
    assert table._model.row(table._found.mapToSource(current).row()).market.market == "KRW-ETH"
    # One request for the change of both, whoever led.
    qtbot.waitUntil(lambda: book.state is SubscriptionState.LIVE)
    assert len({request.connection_id for request in exchange.requests}) == 1


def test_lists_of_the_account_and_strips_can_be_linked(qtbot: QtBot) -> None:
    orders, strip, ticker = MyOrdersWidget(), TickerStrip(), TickerWidget("KRW-BTC")
    for widget in (ticker, orders, strip):
        qtbot.addWidget(widget)
        widget.link_color = "yellow"

    strip.market_selected.emit("KRW-ETH")

    assert ticker.market == orders.market == "KRW-ETH"
