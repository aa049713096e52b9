"""Every model keeps the rules of Qt's models while live data, and somebody at the keyboard, change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from PyQt6.QtCore import QAbstractItemModel, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QLineEdit, QTableView, QWidget

from upbit_qt_widgets import (
    HealthPanel,
    MarketTable,
    MyAssetsWidget,
    MyOrdersWidget,
    OrderbookWidget,
    TickerWidget,
    TradesWidget,
)
from upbit_qt_widgets.account.row_model import RowModel
from upbit_qt_widgets.connection.figure_model import FigureModel
from upbit_qt_widgets.markets.market_model import MarketModel
from upbit_qt_widgets.orderbook.orderbook_model import OrderbookModel
from upbit_qt_widgets.trades.trades_model import TradesModel
from upbit_qt_ws import SubscriptionState
from upbit_qt_ws.wire.rest_records import MarketInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

COINS = ("BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX")

Shown = TypeVar("Shown", bound=QWidget)


@pytest.fixture
def show(qtbot: QtBot, account: GlobalWebSocketManager) -> Callable[[Shown], Shown]:
    def shown(widget: Shown) -> Shown:
        qtbot.addWidget(widget)
        widget.resize(700, 500)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return shown


class Changes:
    """Counts what a model announces; Qt's tester looks at the model each time, and warns, which fails the test.

    The fixture ``qtmodeltester`` does the same for the model that it was given last, and for no other.
    """

    def __init__(self, model: QAbstractItemModel) -> None:
        self._tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
        self.count = 0
        for signal in (model.dataChanged, model.rowsInserted, model.rowsRemoved, model.layoutChanged, model.modelReset):
            signal.connect(self.note)

    def note(self, *_: object) -> None:
        self.count += 1


def models(widget: QWidget, kind: type[Any]) -> list[Any]:
    found: list[Any] = list(widget.findChildren(kind))
    assert found
    return found


def test_the_list_of_markets_and_its_search(
    qtbot: QtBot, show: Callable[[MarketTable], MarketTable], exchange: SimulatedExchange
) -> None:
    # The tester looks at all cells, each time.
    listed = [item for item in exchange.server.market.listings.values() if item.base in COINS]
    infos = [MarketInfo(market=item.code, korean_name=item.korean_name) for item in listed]
    table = show(MarketTable(markets=infos, quote="KRW"))
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    (source,), (found,) = models(table, MarketModel), models(table, QSortFilterProxyModel)
    view, search = table.findChild(QTableView), table.findChild(QLineEdit)
    assert view is not None
    assert search is not None
    changes = [Changes(source), Changes(found)]
    table.select("KRW-XRP")
    kept = QPersistentModelIndex(view.currentIndex())

    for words in ("비트", "", "ㅇㄷㄹㅇ", "no such market", ""):
        search.setText(words)
        for column in range(source.columnCount()):
            view.sortByColumn(column, Qt.SortOrder.AscendingOrder if column % 2 else Qt.SortOrder.DescendingOrder)
        before = [change.count for change in changes]
        exchange.trade("KRW-BTC")
        qtbot.waitUntil(lambda before=before: changes[0].count > before[0])  # type: ignore[misc]
    view.setCurrentIndex(view.model().index(3, 1))  # type: ignore[union-attr]
    qtbot.keyClick(view, Qt.Key.Key_F)  # type: ignore[no-untyped-call]
    for quote in ("BTC", "favourites", "USDT", "KRW"):
        table.quote = quote
    table.language = "en" if table.language == "ko" else "ko"
    assert not kept.isValid()
    before = [change.count for change in changes]
    qtbot.waitUntil(lambda: all(change.count > count for change, count in zip(changes, before, strict=True)))


def test_the_book(
    qtbot: QtBot,
    show: Callable[[OrderbookWidget], OrderbookWidget],
    exchange: SimulatedExchange,
) -> None:
    book = show(OrderbookWidget("KRW-BTC"))
    (model,) = models(book, OrderbookModel)
    changes = Changes(model)
    qtbot.waitUntil(lambda: changes.count > 20)
    book.cumulative = True
    book.level = 10_000.0
    qtbot.waitUntil(lambda: book.state is SubscriptionState.LIVE and not model.is_empty)
    book.market = "KRW-XRP"
    book.color_scheme = "western"
    qtbot.waitUntil(lambda: book.state is SubscriptionState.LIVE and not model.is_empty)
    exchange.empty_book("KRW-XRP")
    qtbot.waitUntil(lambda: model.is_empty)


def test_the_tape(qtbot: QtBot, show: Callable[[TradesWidget], TradesWidget], exchange: SimulatedExchange) -> None:
    tape = show(TradesWidget("KRW-BTC"))
    (model,) = models(tape, TradesModel)
    changes = Changes(model)
    qtbot.waitUntil(lambda: model.rowCount() > 50)
    for market, rows in (("KRW-XRP", 5), ("BTC-ETH", 40), ("KRW-BTC", 20)):
        tape.market = market
        tape.max_rows = rows
        tape.highlight_above = 1_000.0
        qtbot.waitUntil(lambda: model.rowCount() > 0)
        before = changes.count
        exchange.trade(market)
        qtbot.waitUntil(lambda before=before: changes.count > before)  # type: ignore[misc]
    tape.language = "en" if tape.language == "ko" else "ko"


def test_own_orders(
    qtbot: QtBot,
    show: Callable[[MyOrdersWidget], MyOrdersWidget],
    exchange: SimulatedExchange,
) -> None:
    orders = show(MyOrdersWidget())
    (model,) = models(orders, RowModel)
    view = orders.findChild(QTableView)
    assert view is not None
    changes = Changes(model)
    qtbot.waitUntil(lambda: orders.state is SubscriptionState.LIVE and model.rowCount() > 0)
    count = model.rowCount()

    placed = [exchange.place_order("KRW-XRP", "BID", price, 10) for price in (1_000, 1_001, 1_002)]
    qtbot.waitUntil(lambda: model.rowCount() == count + 3)
    for column in range(model.columnCount()):
        view.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    exchange.cancel_order(placed[1])
    exchange.place_order("KRW-ETH", "BID", 50_000)
    qtbot.waitUntil(lambda: model.rowCount() == count + 4)
    orders.market = "KRW-XRP"
    orders.show_closed = False
    qtbot.waitUntil(lambda: {model.row(row).code for row in range(model.rowCount())} == {"KRW-XRP"})
    exchange.cancel_order(placed[0])
    orders.language = "en" if orders.language == "ko" else "ko"
    orders.show_closed = True
    orders.market = ""
    qtbot.waitUntil(lambda: model.rowCount() == count + 4)
    assert changes.count > 10


def test_own_assets(
    qtbot: QtBot,
    show: Callable[[MyAssetsWidget], MyAssetsWidget],
    exchange: SimulatedExchange,
) -> None:
    assets = show(MyAssetsWidget())
    (model,) = models(assets, RowModel)
    view = assets.findChild(QTableView)
    assert view is not None
    changes = Changes(model)
    qtbot.waitUntil(lambda: model.rowCount() > 0)
    exchange.place_order("KRW-DOGE", "BID", 500_000)
    qtbot.waitUntil(lambda: any(model.row(row).key == "DOGE" for row in range(model.rowCount())))
    for column in range(model.columnCount()):
        view.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    before = changes.count
    qtbot.waitUntil(lambda: changes.count > before + 3)
    for amount in (1e7, 0.0, 1e12, 5_000.0):
        assets.hide_below = amount
    assets.language = "en" if assets.language == "ko" else "ko"


def test_the_figures_of_the_panel(qtbot: QtBot, show: Callable[[Any], Any], exchange: SimulatedExchange) -> None:
    panel = show(HealthPanel())
    panel._clock.setInterval(50)
    components = panel._models["components"]
    watched = {model: Changes(model) for model in models(panel, FigureModel)}
    assert len(watched) == 3
    changes = watched[components]
    tickers = [show(TickerWidget(market)) for market in ("KRW-BTC", "KRW-XRP", "KRW-ETH")]
    qtbot.waitUntil(lambda: components.rowCount() >= 3 and changes.count > 10)
    for column in range(components.columnCount()):
        panel._views["components"].sortByColumn(column, Qt.SortOrder.DescendingOrder)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    tickers.pop().close()
    panel.language = "en" if panel.language == "ko" else "ko"
    before = changes.count
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: changes.count > before + 3)
