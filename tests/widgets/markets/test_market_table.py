"""The list in a window, on the simulated exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit

from upbit_qt_widgets import MarketTable, light_palette
from upbit_qt_widgets.base.cells import FlatHeader, width_of
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, STAR, TURNOVER
from upbit_qt_widgets.markets.market_view import MarketView
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionError, SubscriptionState
from upbit_qt_ws.wire.rest_records import MarketInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange


Part = TypeVar("Part", bound="QWidget")


def listed(exchange: SimulatedExchange) -> list[MarketInfo]:
    return [info(item.code, item.korean_name, item.english_name) for item in exchange.server.market.listings.values()]


def info(code: str, korean: str, english: str) -> MarketInfo:
    return MarketInfo(market=code, korean_name=korean, english_name=english)


def part(table: MarketTable, kind: type[Part]) -> Part:
    found = table.findChild(kind)
    assert found is not None
    return found


def cell(table: MarketTable, row: int, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> Any:
    model = part(table, MarketView).model()
    assert model is not None
    return model.index(row, column).data(role)


def rows(table: MarketTable) -> int:
    model = part(table, MarketView).model()
    assert model is not None
    return model.rowCount()


def wanted(exchange: SimulatedExchange) -> set[str]:
    return {entry.code for view in exchange.connections if view.open for entry in view.subscription}


def strongest_color(table: MarketTable) -> int:
    viewport = part(table, MarketView).viewport()
    assert viewport is not None
    image = viewport.grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return max(pixel.saturation() for pixel in pixels)


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Callable[[MarketTable], MarketTable]:
    def shown(table: MarketTable) -> MarketTable:
        qtbot.addWidget(table)
        table.setPalette(light_palette())
        table.language = "en"
        table.resize(700, 500)
        with qtbot.waitExposed(table):
            table.show()
        return table

    return shown


def test_the_list_is_one_subscription_and_tells_what_was_chosen(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=listed(exchange), quote="KRW"))
    qtbot.waitUntil(lambda: cell(table, 0, PRICE) != "")
    table.select("KRW-XRP")
    chosen: list[str] = []
    table.market_selected.connect(chosen.append)
    view = part(table, MarketView)
    place = view.visualRect(view.currentIndex()).center()

    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]

    assert chosen == ["KRW-XRP"]
    assert len(exchange.requests) == 1


def test_the_quote_currency_chooses_among_the_given_markets(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=["KRW-BTC", "KRW-XRP", "BTC-ETH", "KRW-BTC"], quote="KRW"))
    changes: list[str] = []
    table.quote_changed.connect(changes.append)
    assert (table.quote, table.codes(), rows(table)) == ("KRW", ("KRW-BTC", "KRW-XRP"), 2)
    qtbot.waitUntil(lambda: wanted(exchange) == {"KRW-BTC", "KRW-XRP"})
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)

    table.quote = "BTC"

    assert (table.codes(), rows(table), changes) == (("BTC-ETH",), 1, ["BTC"])
    qtbot.waitUntil(lambda: wanted(exchange) == {"BTC-ETH"})
    qtbot.waitUntil(lambda: cell(table, 0, PRICE) != "")
    table.quote = ""
    assert table.codes() == ("KRW-BTC", "KRW-XRP", "BTC-ETH")
    qtbot.waitUntil(lambda: all(cell(table, row, PRICE) for row in range(3)))
    table.quote = "USDT"
    assert rows(table) == 0
    assert part(table, StateLine).accessibleName() == "no market is chosen"


@pytest.mark.parametrize("quote", ["krw", "KRW-BTC", "K"])
def test_a_misspelt_quote_currency_is_refused_and_changes_nothing(
    manager: GlobalWebSocketManager, qtbot: QtBot, quote: str
) -> None:
    with pytest.raises(SubscriptionError):
        MarketTable(markets=["KRW-BTC"], quote=quote)
    table = MarketTable(markets=["KRW-BTC"], quote="KRW")
    qtbot.addWidget(table)
    with pytest.raises(SubscriptionError):
        table.quote = quote
    with pytest.raises(SubscriptionError):
        table.set_markets(["KRW-BTC", "btc"])
    assert (table.quote, table.codes()) == ("KRW", ("KRW-BTC",))


def test_other_markets_keep_the_chosen_row(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=["KRW-BTC", "KRW-XRP"]))
    table.select("KRW-XRP")

    table.set_markets(["KRW-ETH", "KRW-XRP", "KRW-SOL"])

    assert part(table, MarketView).currentIndex().data() == "XRP/KRW"
    table.set_markets(["KRW-ETH"])
    assert part(table, MarketView).selectedIndexes() == []


def test_the_change_has_a_sign_and_an_arrow(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=listed(exchange), quote="KRW"))
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: all(cell(table, row, CHANGE) for row in range(rows(table))))

    signs = {(cell(table, row, RATE)[0], cell(table, row, CHANGE)[0]) for row in range(rows(table))}

    assert ("▲", "+") in signs
    assert ("▼", "-") in signs
    assert signs <= {("▲", "+"), ("▼", "-"), ("0", "0")}


def test_a_lost_connection_greys_the_list_and_says_so_until_data_comes_again(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=listed(exchange), quote="KRW"))
    line = part(table, StateLine)
    qtbot.waitUntil(lambda: line.accessibleName().startswith("live · "))
    qtbot.waitUntil(lambda: strongest_color(table) > 150)

    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: table.state is SubscriptionState.STALE)
    qtbot.waitUntil(lambda: line.accessibleName().startswith("not connected · reconnecting"))

    assert "last value" in line.accessibleName()
    assert strongest_color(table) < 100
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: line.accessibleName().startswith("live · "))
    assert strongest_color(table) > 150


def test_a_list_that_is_not_served_says_so(
    qtbot: QtBot, show: Callable[[MarketTable], MarketTable], exchange: SimulatedExchange
) -> None:
    table = show(MarketTable(markets=["KRW-NOSUCH"]))
    qtbot.waitUntil(lambda: table.state is SubscriptionState.NOT_SERVED)
    assert part(table, StateLine).accessibleName() == "the exchange does not serve this market · 1"


def test_one_market_that_is_not_served_is_grey_among_live_ones(
    qtbot: QtBot, show: Callable[[MarketTable], MarketTable], exchange: SimulatedExchange
) -> None:
    table = show(MarketTable(markets=["KRW-BTC", "KRW-NOSUCH"]))
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    tips = [cell(table, row, NAME, Qt.ItemDataRole.ToolTipRole) for row in range(2)]
    assert tips == ["비트코인 · Bitcoin · KRW-BTC", "KRW-NOSUCH · the exchange does not serve this market"]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("quote", ["KRW", "BTC", "USDT"])
def test_no_caption_is_covered_or_cut_by_the_arrow_of_the_sorted_column(
    qtbot: QtBot, exchange: SimulatedExchange, manager: GlobalWebSocketManager, language: str, quote: str
) -> None:
    table = MarketTable(markets=listed(exchange), quote=quote)
    qtbot.addWidget(table)
    table.language = language
    table.resize(900, 400)
    table.grab()
    header, view = part(table, FlatHeader), part(table, MarketView)
    assert not any(header.isSectionHidden(column) for column in range(header.count()))
    for column in range(header.count()):
        for order, arrow in ((Qt.SortOrder.AscendingOrder, "↑"), (Qt.SortOrder.DescendingOrder, "↓")):
            view.sortByColumn(column, order)
            assert header.caption(column).endswith(f" {arrow}")
            assert width_of(header.fontMetrics(), header.caption(column)) <= header.sectionSize(column)
    assert "↓" not in header.caption(NAME)


def test_where_there_is_little_room_the_change_and_then_the_turnover_are_left_out(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=listed(exchange), quote="KRW"))
    header, view = part(table, FlatHeader), part(table, MarketView)
    shown = []
    for width in (900, 480, table.minimumSizeHint().width()):
        table.resize(width, 400)
        shown.append([column for column in range(header.count()) if not header.isSectionHidden(column)])
        bar = view.horizontalScrollBar()
        assert bar is not None
        assert bar.maximum() == 0
        assert header.sectionSize(NAME) >= width_of(view.fontMetrics(), "비트코인 BTC")

    everything = [STAR, NAME, PRICE, RATE, CHANGE, TURNOVER]
    assert shown == [everything, [STAR, NAME, PRICE, RATE, TURNOVER], [STAR, NAME, PRICE, RATE]]
    table.resize(900, 400)
    assert not header.isSectionHidden(CHANGE)


def test_a_click_on_a_caption_sorts_and_the_list_stays_sorted(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=listed(exchange), quote="KRW"))
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: all(cell(table, row, PRICE) for row in range(rows(table))))
    header = part(table, FlatHeader)
    assert header.sortIndicatorSection() == TURNOVER
    viewport = header.viewport()
    place = header.sectionViewportPosition(PRICE) + 30

    for _ in range(2):
        position = viewport.rect().center() if viewport is not None else None
        assert position is not None
        position.setX(place)
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=position)  # type: ignore[no-untyped-call]

    def prices() -> list[float]:
        return [float(cell(table, row, PRICE).replace(",", "")) for row in range(rows(table))]

    descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
    assert header.sortIndicatorSection() == PRICE
    assert len(set(prices())) > 100
    qtbot.waitUntil(lambda: prices() == sorted(prices(), reverse=descending))


def test_a_search_finds_names_and_codes(
    qtbot: QtBot, exchange: SimulatedExchange, show: Callable[[MarketTable], MarketTable]
) -> None:
    table = show(MarketTable(markets=[info("KRW-BTC", "비트코인", "Bitcoin"), info("KRW-XRP", "엑스알피", "XRP")]))
    for words, found in (("비트", ["Bitcoin BTC"]), ("xrp", ["XRP XRP"]), ("krw-", ["Bitcoin BTC", "XRP XRP"])):
        part(table, QLineEdit).setText(words)
        assert sorted(cell(table, row, NAME) for row in range(rows(table))) == found
