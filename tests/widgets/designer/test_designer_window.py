"""The form of the example, loaded as an application loads it, on the simulated exchange."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from PyQt6 import uic
from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QTableView, QWidget

from upbit_qt_widgets import (
    ConnectionBadge,
    DepthChartWidget,
    MarketTable,
    OrderbookWidget,
    TickerStrip,
    TickerWidget,
    TradesWidget,
)
from upbit_qt_widgets.designer.catalogue import CATALOGUE, HEADER
from upbit_qt_widgets.markets.market_model import CODE_ROLE
from upbit_qt_widgets.markets.market_row import NAME
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

FORM = Path(__file__).parents[3] / "examples" / "designer_window.ui"


class Window(QWidget):
    """What the form makes, with types."""

    ticker: TickerWidget
    tickerStrip: TickerStrip
    marketTable: MarketTable
    orderbook: OrderbookWidget
    depthChart: DepthChartWidget
    trades: TradesWidget
    connectionBadge: ConnectionBadge

    def followers(self) -> tuple[TickerWidget | OrderbookWidget | DepthChartWidget | TradesWidget, ...]:
        return self.ticker, self.orderbook, self.depthChart, self.trades


def row_of(table: MarketTable, code: str) -> tuple[QTableView, QModelIndex]:
    """Return the view of a table, and the cell with a market's name."""
    view = table.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    cells = [model.index(row, NAME) for row in range(model.rowCount())]
    return view, next(cell for cell in cells if cell.data(CODE_ROLE) == code)


@pytest.fixture
def window(qtbot: QtBot, manager: GlobalWebSocketManager) -> Window:
    """The form, live."""
    made = Window()
    uic.loadUi(str(FORM), made)  # type: ignore[attr-defined, no-untyped-call]
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in made.followers()))
    qtbot.waitUntil(lambda: made.marketTable.state is SubscriptionState.LIVE)
    return made


def test_the_form_promotes_as_the_catalogue_says() -> None:
    bases = {entry.name: entry.base for entry in CATALOGUE}
    promoted = ElementTree.parse(FORM).getroot().findall("customwidgets/customwidget")
    assert len(promoted) == 7
    for custom in promoted:
        assert custom.findtext("header") == HEADER
        assert custom.findtext("extends") == bases[custom.findtext("class") or ""]


# As Designer saves it: a text that was added by hand is translatable at first, and a promoted widget is marked native.
PROMOTED = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>Form</class>
 <widget class="QWidget" name="Form">
  <widget class="TickerWidget" name="ticker" native="true">
   <property name="market" stdset="0"><string>KRW-BTC</string></property>
   <property name="line_shown" stdset="0"><bool>false</bool></property>
  </widget>
  <widget class="ConnectionBadge" name="badge">
   <property name="text"><string>TextLabel</string></property>
  </widget>
 </widget>
 <customwidgets>
  <customwidget>
   <class>TickerWidget</class><extends>QWidget</extends><header>upbit_qt_widgets</header><container>1</container>
  </customwidget>
  <customwidget>
   <class>ConnectionBadge</class><extends>QLabel</extends><header>upbit_qt_widgets</header>
  </customwidget>
 </customwidgets>
</ui>
"""


def test_a_form_with_widgets_that_were_promoted_by_hand(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    form = uic.loadUi(StringIO(PROMOTED))  # type: ignore[attr-defined, no-untyped-call]
    qtbot.addWidget(form)
    form.show()
    assert (form.ticker.market, form.ticker.line_shown) == ("KRW-BTC", False)
    qtbot.waitUntil(lambda: form.ticker.state is SubscriptionState.LIVE)
    assert "TextLabel" not in form.badge.text()


def test_it_is_live_with_what_was_set_in_designer(window: Window, exchange: SimulatedExchange, qtbot: QtBot) -> None:
    assert type(window.marketTable) is MarketTable
    assert window.marketTable.quote == "KRW"
    assert {widget.market for widget in window.followers()} == {"KRW-BTC"}
    assert window.tickerStrip.markets == ["KRW-BTC", "KRW-ETH", "KRW-XRP"]
    qtbot.waitUntil(lambda: window.tickerStrip.state is SubscriptionState.LIVE)
    assert "●" in window.connectionBadge.text()
    assert len(exchange.handshakes) == 1, "all widgets share one connection"


def test_a_market_that_is_clicked_in_the_table_is_shown_by_all(window: Window, qtbot: QtBot) -> None:
    view, row = row_of(window.marketTable, "KRW-ETH")
    view.scrollTo(row)
    middle = view.visualRect(row).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)  # type: ignore[no-untyped-call]
    assert {widget.market for widget in window.followers()} == {"KRW-ETH"}
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in window.followers()))


def test_a_market_that_is_chosen_in_the_strip_is_shown_by_all_and_marked(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.tickerStrip.state is SubscriptionState.LIVE)
    qtbot.keyClick(window.tickerStrip, Qt.Key.Key_Right)  # type: ignore[no-untyped-call]
    qtbot.keyClick(window.tickerStrip, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert {widget.market for widget in window.followers()} == {"KRW-ETH"}
    view, row = row_of(window.marketTable, "KRW-ETH")
    assert view.currentIndex().row() == row.row()


def test_book_and_depth_chart_have_one_level(window: Window, qtbot: QtBot) -> None:
    window.orderbook.level = 10_000.0
    assert window.depthChart.level == 10_000.0
    books = (window.orderbook, window.depthChart)
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in books))
    window.ticker.market = "KRW-XRP"
    assert window.orderbook.level == window.depthChart.level == 0.0
    qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in books))
