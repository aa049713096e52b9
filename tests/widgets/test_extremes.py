"""The smallest and the largest values are readable to the last digit, in the narrowest window and in both languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QApplication, QHeaderView, QLabel, QTableView

from upbit_qt_widgets import MarketTable, OrderbookWidget, TickerStrip, TickerWidget
from upbit_qt_widgets.base.cells import RIGHT, width_of
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, TURNOVER
from upbit_qt_widgets.orderbook.orderbook_model import ASK_SIZE, BID_SIZE
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange


class Extreme(NamedTuple):
    """A ticker as nobody has seen it yet.

    Attributes:
        price: the last one.
        before: the close of the day before.
        volume: of 24 hours.
        turnover: of 24 hours.
        shown: price, rate, change and turnover as they are written where all markets have the same quote currency.
    """

    price: float
    before: float
    volume: float
    turnover: float
    shown: tuple[str, str, str, str]


EXTREMES = {
    "KRW-BTC": Extreme(
        116_539_000.0, 116_422.577, 123_456_789.0, 1e13, ("116,539,000", "▲ +100,000.00%", "+116,422,577", "10,000,000")
    ),
    "KRW-SHIB": Extreme(0.0123, 123.0, 1e-8, 0.01, ("0.0123", "▼ -99.99%", "-122.9877", "0")),
    "BTC-ETH": Extreme(0.0000014, 0.014, 1e-8, 1e-8, ("0.00000140", "▼ -99.99%", "-0.01399860", "0.000")),
    "BTC-XRP": Extreme(
        0.0000014, 0.000_000_01, 9e9, 123_456.789, ("0.00000140", "▲ +13,900.00%", "+0.00000139", "123,456.789")
    ),
    "USDT-BTC": Extreme(
        86_842.02, 86.75, 1e9, 1e13, ("86,842.02", "▲ +100,006.07%", "+86,755.27", "10,000,000,000,000")
    ),
}


def ticker(code: str) -> dict[str, Any]:
    """Return a ticker frame."""
    extreme = EXTREMES[code]
    change = extreme.price - extreme.before
    return {
        "type": "ticker", "code": code, "stream_type": "REALTIME", "timestamp": 2_000_000_000_000,
        "trade_timestamp": 2_000_000_000_000, "trade_date": "20330518", "trade_time": "033320",
        "opening_price": extreme.before, "high_price": max(extreme.price, extreme.before),
        "low_price": min(extreme.price, extreme.before), "trade_price": extreme.price,
        "prev_closing_price": extreme.before, "change": "RISE" if change > 0 else "FALL",
        "change_price": abs(change), "signed_change_price": change, "change_rate": abs(change / extreme.before),
        "signed_change_rate": change / extreme.before, "trade_volume": extreme.volume, "ask_bid": "ASK",
        "acc_trade_volume": extreme.volume, "acc_trade_volume_24h": extreme.volume,
        "acc_trade_price": extreme.turnover, "acc_trade_price_24h": extreme.turnover, "acc_ask_volume": extreme.volume,
        "acc_bid_volume": extreme.volume, "highest_52_week_price": extreme.price, "highest_52_week_date": "2033-05-18",
        "lowest_52_week_price": extreme.price, "lowest_52_week_date": "2033-05-18", "market_state": "ACTIVE",
        "is_trading_suspended": False, "delisting_date": None, "market_warning": "NONE",
    }  # fmt: skip


def book(code: str, price: float, unit: float, size: float) -> dict[str, Any]:
    """Return a book of 30 levels with sizes from the smallest of all to this one."""
    sizes = [0.00000001, 0.0000014, *[size] * 28]
    units = [
        {"ask_price": price + (n + 1) * unit, "bid_price": price - n * unit, "ask_size": sizes[n], "bid_size": sizes[n]}
        for n in range(30)
    ]
    return {
        "type": "orderbook", "code": code, "stream_type": "REALTIME", "timestamp": 2_000_000_000_000, "level": 0,
        "total_ask_size": sum(sizes), "total_bid_size": sum(sizes), "orderbook_units": units,
    }  # fmt: skip


@pytest.fixture(params=[9.0, 15.0], ids=["small", "large"])
def show(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange, request: pytest.FixtureRequest
) -> Callable[[Any], Any]:
    """Show a widget as small as it may be, of an exchange on which nothing happens, in two sizes of the font."""
    exchange.set_rate(0)

    def shown(widget: Any) -> Any:
        qtbot.addWidget(widget)
        font = QFont(widget.font())
        font.setPointSizeF(request.param)
        widget.setFont(font)
        with qtbot.waitExposed(widget):
            widget.show()
        qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE)
        shrink(widget)
        return widget

    return shown


def shrink(widget: QWidget) -> None:
    QApplication.processEvents()
    widget.resize(widget.minimumSizeHint().expandedTo(widget.minimumSize()))
    QApplication.processEvents()


def view_of(widget: QWidget) -> tuple[QTableView, QHeaderView, Any]:
    view = widget.findChild(QTableView)
    assert view is not None
    header = view.horizontalHeader()
    assert header is not None
    return view, header, view.model()


def row_of(model: Any, code: str) -> int:
    return next(row for row in range(model.rowCount()) if model.index(row, 0).data(Qt.ItemDataRole.UserRole) == code)


def cut(widget: QWidget, *columns: int) -> list[str]:
    """Return the texts that are wider than their columns."""
    view, header, model = view_of(widget)
    texts = [(str(model.index(row, column).data()), column) for row in range(model.rowCount()) for column in columns]
    return [text for text, column in texts if width_of(view.fontMetrics(), text) - 2 > header.sectionSize(column)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_list_of_markets(
    language: str, qtbot: QtBot, show: Callable[[Any], Any], exchange: SimulatedExchange
) -> None:
    table = MarketTable(markets=list(EXTREMES))
    table.language = language
    show(table)
    view, header, model = view_of(table)

    def shown(code: str) -> tuple[str, ...]:
        # Again and again: the snapshot of a market that is chosen may come later.
        exchange.broadcast(json.dumps(ticker(code)).encode())
        return tuple(model.index(row_of(model, code), column).data() for column in (PRICE, RATE, CHANGE, TURNOVER))

    for quote in ("KRW", "BTC", "USDT", ""):
        table.quote = quote
        qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
        shrink(table)
        for code, extreme in EXTREMES.items():
            if code in table.codes():
                wanted = extreme.shown if quote else extreme.shown[:3]
                qtbot.waitUntil(lambda code=code, wanted=wanted: shown(code)[: len(wanted)] == wanted)  # type: ignore[misc]
        assert cut(table, PRICE, RATE) == []
        table.resize(1_400, table.height())
        assert cut(table, PRICE, RATE, CHANGE, TURNOVER) == []
        # All figures end at the same place, and digits are of one width, so that decimals are below one another.
        for column in (PRICE, RATE, CHANGE, TURNOVER):
            assert {
                model.index(row, column).data(Qt.ItemDataRole.TextAlignmentRole) for row in range(model.rowCount())
            } == {RIGHT}
            if quote == "BTC":
                figures = [model.index(row, column).data() for row in range(model.rowCount())]
                assert len({len(figure.partition(".")[2]) for figure in figures}) == 1
        # The name keeps its place and price and rate are seen without scrolling.
        viewport = view.viewport()
        assert viewport is not None
        assert header.sectionSize(NAME) >= width_of(view.fontMetrics(), "비트코인 BTC")
    assert len({view.fontMetrics().horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_price_and_rate_are_seen_in_the_narrowest_list(qtbot: QtBot, show: Callable[[Any], Any]) -> None:
    table = show(MarketTable(markets=["KRW-BTC", "KRW-XRP"]))
    view, header, _ = view_of(table)
    viewport = view.viewport()
    assert viewport is not None
    assert header.sectionViewportPosition(RATE) + header.sectionSize(RATE) <= viewport.width()


@pytest.mark.parametrize("code", ["KRW-BTC", "BTC-XRP", "KRW-SHIB"])
def test_the_book(code: str, qtbot: QtBot, show: Callable[[Any], Any], exchange: SimulatedExchange) -> None:
    widget = show(OrderbookWidget(code))
    view, header, model = view_of(widget)
    extreme = EXTREMES[code]
    unit = {"KRW-BTC": 1_000.0, "KRW-SHIB": 0.0001, "BTC-XRP": 0.00000001}[code]
    exchange.broadcast(json.dumps(ticker(code)).encode())
    exchange.broadcast(json.dumps(book(code, extreme.price, unit, 123_456_789.0)).encode())
    qtbot.waitUntil(lambda: model.index(29, ASK_SIZE).data() == "0.00000001")
    assert model.index(28, ASK_SIZE).data() == "0.00000140"
    assert model.index(27, ASK_SIZE).data() == "123,456,789"
    for cumulative in (False, True):
        widget.cumulative = cumulative
        shrink(widget)
        assert cut(widget, *range(4)) == []
        for label in widget.findChildren(QLabel):
            if label.isVisible() and label.text() and "●" not in label.text():
                assert label.sizeHint().width() <= label.width(), label.text()
    assert model.index(59, BID_SIZE).data() == "3,456,790,092"
    bar = view.verticalScrollBar()
    assert bar is not None
    assert header.length() <= view.width() - bar.width()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_ticker(language: str, qtbot: QtBot, show: Callable[[Any], Any], exchange: SimulatedExchange) -> None:
    for code, extreme in EXTREMES.items():
        widget = TickerWidget(code)
        widget.language = language
        show(widget)
        exchange.broadcast(json.dumps(ticker(code)).encode())
        price, rate, change, _ = extreme.shown
        arrow, percent = rate.split()
        wanted = (price, f"{percent}   {arrow} {change}")
        qtbot.waitUntil(lambda: (widget._price.text(), widget._change.text()) == wanted)
        shrink(widget)
        for label in widget.findChildren(QLabel):
            if label.isVisible() and "●" not in label.text() and not label.wordWrap():
                assert label.sizeHint().width() <= label.width(), label.text()


def test_the_strip(qtbot: QtBot, show: Callable[[Any], Any], exchange: SimulatedExchange) -> None:
    strip = TickerStrip()
    strip.markets = list(EXTREMES)
    show(strip)
    for code in EXTREMES:
        exchange.broadcast(json.dumps(ticker(code)).encode())
    for extreme in EXTREMES.values():
        price, rate, *_ = extreme.shown
        qtbot.waitUntil(lambda said=f"{price} {rate}": said in strip.accessibleDescription())  # type: ignore[misc]
    layout = strip._layout
    for number, item in enumerate(layout.items):
        parts = [*layout.parts(number), layout.lefts[number] + layout.item_width(number)]
        for part, words in enumerate(item.texts):
            assert parts[part] + strip.fontMetrics().horizontalAdvance(words) <= parts[part + 1] + 1
