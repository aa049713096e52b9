"""The window as its user has it: each area shows something, and mouse and keys do what the menus say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QModelIndex, QPoint, Qt
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit, QTabBar, QTableView, QWidget

from tests.demo.conftest import LONG_MS
from tests.helpers import hands
from tests.helpers.numpy import HAS_NUMPY, needs_numpy
from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.window import DemoWindow
from upbit_qt_widgets import Favourites
from upbit_qt_widgets.connection.component_accounts import ComponentFinder
from upbit_qt_widgets.markets.market_model import CODE_ROLE
from upbit_qt_ws import GlobalWebSocketManager, LinkState, SubscriptionState, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets import CandleChartWidget


CONTROL = Qt.KeyboardModifier.ControlModifier


def chart(window: DemoWindow) -> CandleChartWidget:
    from upbit_qt_widgets import CandleChartWidget

    assert isinstance(window.panels.chart, CandleChartWidget)
    return window.panels.chart


def followers(window: DemoWindow) -> list[Any]:
    """Return what shows the chosen market."""
    panels = window.panels
    return [panels.ticker, panels.book, panels.trades, panels.depth, *([chart(window)] if HAS_NUMPY else [])]


def wait_until_live(qtbot: QtBot, window: DemoWindow, market: str) -> None:
    def is_shown() -> bool:
        states = [(widget.market, widget.state) for widget in followers(window)]
        return states == [(market, SubscriptionState.LIVE)] * len(states)

    qtbot.waitUntil(is_shown, timeout=LONG_MS)


def list_of_markets(window: DemoWindow) -> QTableView:
    view = window.panels.table.findChild(QTableView)
    assert view is not None
    return view


def row_of(view: QTableView, market: str) -> QModelIndex:
    model = view.model()
    assert model is not None
    return next(
        (model.index(row, 1) for row in range(model.rowCount()) if model.index(row, 1).data(CODE_ROLE) == market),
        QModelIndex(),
    )


def click(qtbot: QtBot, window: DemoWindow, market: str) -> None:
    """Click a market in the list."""
    view = list_of_markets(window)
    qtbot.waitUntil(lambda: row_of(view, market).isValid(), timeout=LONG_MS)
    view.scrollTo(row_of(view, market))
    hands.click(view.viewport(), view.visualRect(row_of(view, market)).center())


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    hands.press(QApplication.focusWidget(), key, modifiers)


def test_every_area_shows_the_market_that_it_starts_with(qtbot: QtBot, window: DemoWindow) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")

    qtbot.waitUntil(lambda: window.panels.table.state is SubscriptionState.LIVE, timeout=LONG_MS)
    if HAS_NUMPY:
        qtbot.waitUntil(lambda: chart(window).candle_count > 100, timeout=LONG_MS)
    qtbot.waitUntil(lambda: len(window.panels.trades.trades) > 10, timeout=LONG_MS)
    assert window.panels.strip.state is SubscriptionState.LIVE
    assert "BTC/KRW" in window.windowTitle()


@pytest.mark.parametrize("market", ["KRW-ETH", "KRW-DOGE"])
def test_a_click_on_a_market_changes_everything(qtbot: QtBot, window: DemoWindow, market: str) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")

    click(qtbot, window, market)

    wait_until_live(qtbot, window, market)
    if HAS_NUMPY:
        qtbot.waitUntil(lambda: chart(window).candle_count > 0, timeout=LONG_MS)
    qtbot.waitUntil(lambda: bool(window.panels.trades.trades), timeout=LONG_MS)
    assert {trade.code for trade in window.panels.trades.trades} == {market}
    quote, base = market.split("-")
    assert f"{base}/{quote}" in window.windowTitle()


def test_keys_find_a_market_and_choose_it(qtbot: QtBot, window: DemoWindow) -> None:
    view = list_of_markets(window)
    qtbot.waitUntil(lambda: row_of(view, "KRW-SOL").isValid(), timeout=LONG_MS)
    hands.press(window, Qt.Key.Key_2, CONTROL)
    assert window.navigation.current is Area.CHART

    press(Qt.Key.Key_F, CONTROL)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    hands.write(field, "solana")
    press(Qt.Key.Key_Return)

    wait_until_live(qtbot, window, "KRW-SOL")
    press(Qt.Key.Key_Escape)
    assert not field.text()
    assert field.hasFocus()
    press(Qt.Key.Key_Escape)
    assert window.navigation.current is Area.CHART


def test_enter_chooses_the_row_that_the_arrows_have_reached(qtbot: QtBot, window: DemoWindow) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")
    view = list_of_markets(window)
    qtbot.waitUntil(lambda: view.currentIndex().data(CODE_ROLE) == "KRW-BTC", timeout=LONG_MS)
    view.setFocus()

    press(Qt.Key.Key_Down)
    chosen = view.currentIndex().data(CODE_ROLE)
    press(Qt.Key.Key_Return)

    assert chosen != "KRW-BTC"
    wait_until_live(qtbot, window, chosen)


@pytest.mark.parametrize(("number", "area"), list(enumerate(Area, 1)), ids=str)
def test_a_key_leads_to_each_area(window: DemoWindow, number: int, area: Area) -> None:
    hands.press(window, Qt.Key(Qt.Key.Key_0 + number), CONTROL)

    assert window.navigation.current is area
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.isVisible()


def test_f6_goes_round_the_areas_that_are_seen(window: DemoWindow) -> None:
    shown = [area for area in Area if area not in TABS or area is Area.DEPTH]
    assert window.navigation.current is Area.MARKETS
    visited = []
    for _ in shown:
        press(Qt.Key.Key_F6)
        visited.append(window.navigation.current)
    assert visited == [*shown[1:], shown[0]]

    press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)

    assert window.navigation.current is shown[-1]


@needs_numpy
def test_tab_goes_through_the_window_as_one_reads_it(window: DemoWindow) -> None:
    first = QApplication.focusWidget()
    visited: list[QWidget | None] = []
    while QApplication.focusWidget() not in visited and len(visited) < 100:
        visited.append(QApplication.focusWidget())
        press(Qt.Key.Key_Tab)

    assert QApplication.focusWidget() is first, "it comes back to where it began, and gets stuck nowhere"
    areas = [window.navigation._area_of(stop) for stop in visited]
    in_order = list(dict.fromkeys(area for area in areas if area is not None))
    assert in_order == [Area.MARKETS, Area.CHART, Area.BOOK, Area.TRADES, Area.DEPTH]
    assert window.panels.strip in visited


def test_the_area_with_the_keyboard_is_marked(window: DemoWindow) -> None:
    pane = window._panes[Area.BOOK]
    before = pane.grab().toImage().pixelColor(0, pane.height() // 2)

    hands.press(window, Qt.Key.Key_3, CONTROL)

    assert pane.grab().toImage().pixelColor(0, pane.height() // 2) != before
    hands.press(window, Qt.Key.Key_4, CONTROL)
    assert pane.grab().toImage().pixelColor(0, pane.height() // 2) == before


def test_tabs_are_chosen_and_dragged_with_the_mouse(window: DemoWindow) -> None:
    bar = window.arrangement.tab_widget.tabBar()
    assert isinstance(bar, QTabBar)
    hands.click(bar, bar.tabRect(2).center())
    assert window.arrangement.tab is Area.ASSETS
    assert window.panels.assets is not None
    assert window.panels.assets.isVisible()

    hands.drag(bar, bar.tabRect(2).center(), bar.tabRect(0).center() - QPoint(20, 0))

    assert window.arrangement.tabs[0] is Area.ASSETS


def test_whatever_is_shown_there_is_one_public_socket(
    qtbot: QtBot, window: DemoWindow, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    options = exchange.server.options
    manager.set_keys(options.access_key, options.secret_key)
    for area in Area:
        window.navigation.go(area)
    for market in ("KRW-ETH", "KRW-XRP", "KRW-BTC"):
        click(qtbot, window, market)
        wait_until_live(qtbot, window, market)
    assert window.panels.orders is not None
    window.navigation.go(Area.ORDERS)
    qtbot.waitUntil(lambda: window.panels.orders.state is SubscriptionState.LIVE, timeout=LONG_MS)  # type: ignore[union-attr]

    assert [handshake.path for handshake in exchange.handshakes].count("/websocket/v1") == 1
    assert manager.link("public").sockets_opened == 1
    assert manager.account.received == manager.account.delivered + manager.account.coalesced + manager.account.dropped


def test_a_grouping_of_the_book_is_that_of_the_depth_too(qtbot: QtBot, window: DemoWindow) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")

    window.panels.book.level = 10_000.0

    assert window.panels.depth.level == 10_000.0
    qtbot.waitUntil(
        lambda: {window.panels.book.state, window.panels.depth.state} == {SubscriptionState.LIVE}, timeout=LONG_MS
    )


def test_without_keys_prices_come_and_the_tabs_of_the_account_say_what_is_missing(
    qtbot: QtBot, window: DemoWindow, manager: GlobalWebSocketManager
) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")
    for area, widget in ((Area.ORDERS, window.panels.orders), (Area.ASSETS, window.panels.assets)):
        assert widget is not None
        window.navigation.go(area)
        qtbot.waitUntil(lambda: widget.state is SubscriptionState.REJECTED, timeout=LONG_MS)
        view = widget.findChild(QTableView)
        assert view is not None
        qtbot.waitUntil(lambda: "no API keys" in view.accessibleDescription(), timeout=LONG_MS)
        assert "UPBIT_ACCESS_KEY" in view.accessibleDescription()
    assert manager.link("public").state is LinkState.CONNECTED


def test_an_own_order_leads_to_its_market_and_the_others_stay(
    qtbot: QtBot, window: DemoWindow, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    options = exchange.server.options
    manager.set_keys(options.access_key, options.secret_key)
    window.navigation.go(Area.ORDERS)
    assert window.panels.orders is not None
    view = window.panels.orders.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    qtbot.waitUntil(lambda: model.rowCount() == 2, timeout=LONG_MS)
    names = {model.index(row, 0).data() for row in range(2)}
    place = next(row for row in range(2) if "ETH" in model.index(row, 0).data())

    hands.click(view.viewport(), view.visualRect(model.index(place, 0)).center())

    wait_until_live(qtbot, window, "KRW-ETH")
    assert {model.index(row, 0).data() for row in range(model.rowCount())} == names


def test_a_market_that_is_not_listed_any_more_gives_way_to_the_usual_one(
    qtbot: QtBot, open_window: Callable[..., DemoWindow]
) -> None:
    window = open_window(Preferences(language="en", market="KRW-GONE"))

    wait_until_live(qtbot, window, "KRW-BTC")


def test_in_another_region_the_window_shows_what_is_listed_there(qtbot: QtBot, qapp: QApplication, looks: None) -> None:
    with SimulatedExchange(seed=7, rate=300, options=SimulatorOptions(region="sg")) as exchange:
        config = WebSocketConfig(
            region="sg", public_url=exchange.websocket_url, private_url=exchange.private_url, rest_url=exchange.rest_url
        )
        manager = GlobalWebSocketManager.get_instance(config)
        window = DemoWindow(Preferences(language="en"), live=True)
        qtbot.addWidget(window)
        window.show()

        qtbot.waitUntil(lambda: row_of(list_of_markets(window), "SGD-BTC").isValid(), timeout=LONG_MS)
        wait_until_live(qtbot, window, "SGD-BTC")
        assert window.panels.table.quote == "SGD"
        assert all(code.startswith("SGD-") for code in window.panels.strip.markets)
        manager.shutdown()


def test_the_sign_says_that_prices_are_simulated_and_is_not_there_when_they_are_real(
    open_window: Callable[..., DemoWindow],
) -> None:
    words = "Simulated exchange · not real prices"
    for live in (False, True):
        window = open_window(live=live)
        shown = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
        assert (words in shown) is not live
        assert ("simulated" in window.windowTitle()) is not live
        window.close()


def test_a_covered_tab_is_given_nothing_until_it_is_seen_again(
    qtbot: QtBot, window: DemoWindow, manager: GlobalWebSocketManager
) -> None:
    wait_until_live(qtbot, window, "KRW-BTC")
    finder = ComponentFinder(manager)

    def delivered(name: str) -> int:
        return next(account.delivered for account in finder.accounts() if account.name == name)

    window.navigation.go(Area.ORDERS)
    covered_at = book_at = 0

    def is_at_rest() -> bool:
        """Tell whether the book has been given a lot since the depth chart was given anything."""
        nonlocal covered_at, book_at
        depth, book = delivered("DepthChartWidget"), delivered("OrderbookWidget")
        if depth != covered_at:
            covered_at, book_at = depth, book
        return book > book_at + 50

    qtbot.waitUntil(is_at_rest, timeout=LONG_MS)

    window.navigation.go(Area.DEPTH)

    qtbot.waitUntil(lambda: delivered("DepthChartWidget") > covered_at, timeout=LONG_MS)


def test_stars_of_the_list_are_remembered_where_the_choices_are(qtbot: QtBot, window: DemoWindow) -> None:
    view = list_of_markets(window)
    qtbot.waitUntil(lambda: row_of(view, "KRW-XRP").isValid(), timeout=LONG_MS)
    star = row_of(view, "KRW-XRP").siblingAtColumn(0)
    hands.click(view.viewport(), view.visualRect(star).center())

    assert "KRW-XRP" in Favourites.shared()
    assert window.panels.link.market == "KRW-BTC"
