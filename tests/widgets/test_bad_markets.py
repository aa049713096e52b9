"""A market that does not exist, or stops to: a quiet, truthful picture beside others that live on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage, QPalette
from PyQt6.QtWidgets import QHBoxLayout, QTableView, QWidget

from tests.widgets.kinds import OF_ONE_MARKET, Kind, texts
from upbit_qt_widgets import (
    MarketDirectory,
    MarketTable,
    MyAssetsWidget,
    MyOrdersWidget,
    OrderbookWidget,
    TickerStrip,
    TickerWidget,
    light_palette,
)
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_widgets.markets.market_model import CODE_ROLE
from upbit_qt_widgets.markets.market_row import PRICE
from upbit_qt_ws import SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

    Act = Callable[[SimulatedExchange], object]

BAD: Final = "KRW-XRP"
GOOD: Final = "KRW-ETH"
UNKNOWN: Final = "KRW-NOSUCH"


class Case(NamedTuple):
    """What can be wrong with a market.

    Attributes:
        spoil: makes it so.
        mend: makes it an ordinary market again.
        ko: what the line of the state says meanwhile.
        en: the same in English.
        tip: what a row of the list of markets says of it.
        item: what the strip says of it.
        code: of the market.
        shows_old: whether the last values are there, faded.
    """

    spoil: Act
    mend: Act
    ko: str
    en: str
    tip: str
    item: str
    code: str = BAD
    shows_old: bool = True


CASES: Final = {
    "does not exist": Case(
        lambda exchange: None,
        lambda exchange: exchange.list_market(UNKNOWN),
        "거래소가 보내지 않는 종목입니다",
        "the exchange does not serve this market",
        "거래소가 보내지 않는 종목입니다",
        "거래소가 보내지 않는 종목",
        UNKNOWN,
        shows_old=False,
    ),
    "is taken off the list": Case(
        lambda exchange: exchange.unlist(BAD),
        lambda exchange: exchange.list_market(BAD),
        "거래소 목록에서 빠진 종목입니다",
        "the exchange no longer lists this market",
        "거래소가 보내지 않는 종목입니다",
        "거래소가 보내지 않는 종목",
    ),
    "is delisted": Case(
        lambda exchange: exchange.set_market_state(BAD, "DELISTED"),
        lambda exchange: exchange.set_market_state(BAD),
        "거래지원 종료",
        "delisted",
        "거래지원이 종료된 종목입니다",
        "거래지원 종료",
    ),
    "is suspended": Case(
        lambda exchange: exchange.set_market_state(BAD, suspended=True),
        lambda exchange: exchange.set_market_state(BAD),
        "거래 중단",
        "suspended",
        "거래가 일시 중단되었습니다",
        "거래 중단",
    ),
    "does not trade yet": Case(
        lambda exchange: exchange.set_market_state(BAD, "PREVIEW"),
        lambda exchange: exchange.set_market_state(BAD),
        "거래지원 예정",
        "not traded yet",
        "거래지원 예정 종목입니다",
        "거래지원 예정",
    ),
}
WAYS: Final = {
    "does_not_exist": ("does not exist",),
    "is_taken_off": ("is taken off the list",),
    "does_not_trade": ("is delisted", "is suspended", "does not trade yet"),
}
"""Those that one market can go through, one after the other."""
IN_EACH_CASE = pytest.mark.parametrize("case", CASES.values(), ids=[name.replace(" ", "_") for name in CASES])
ONE_MARKET = pytest.mark.parametrize("kind", OF_ONE_MARKET, ids=lambda kind: kind.name)


@pytest.fixture(autouse=True)
def list_is_read_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of markets is read anew within a moment, and not within ten minutes."""
    monkeypatch.setattr("upbit_qt_widgets.base.market_directory._RENEW_MILLISECONDS", 150)
    monkeypatch.setattr("upbit_qt_widgets.base.market_directory._DOUBT_MILLISECONDS", 50)


@pytest.fixture(autouse=True)
def log_is_quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A market that is not there is no reason for more than one line in the log."""
    with caplog.at_level(logging.WARNING):
        yield
        assert len(caplog.records) <= 1, caplog.text


@pytest.fixture
def show(qtbot: QtBot, manager: GlobalWebSocketManager) -> Callable[..., None]:
    windows: list[QWidget] = []

    def shown(*widgets: Any) -> None:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        # The palette of an application reaches all parts.
        window.setPalette(light_palette())
        row = QHBoxLayout(window)
        for widget in widgets:
            widget.language = "ko"
            row.addWidget(widget)
        window.resize(window.minimumSizeHint().expandedTo(window.size()))
        with qtbot.waitExposed(window):
            window.show()
        # What was never on the list cannot be taken off it.
        directory = MarketDirectory.of(manager)
        qtbot.waitUntil(lambda: directory.is_known)

    return shown


def said(widget: QWidget) -> str:
    line = widget.findChild(StateLine)
    assert line is not None
    return line.accessibleName()


def strength(kind: Kind, widget: Any) -> int:
    """Return how many pixels of the values have the colours of up and down at their full strength."""
    image = getattr(widget, kind.values).grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits()
    assert bits is not None
    data = bytes(bits.asarray(image.sizeInBytes()))
    # Every third pixel, of four bytes each.
    pixels = zip(data[::12], data[1::12], data[2::12], strict=False)
    return sum((max(pixel) - min(pixel)) * 255 > 150 * max(*pixel, 1) for pixel in pixels)


def check_bad(qtbot: QtBot, kind: Kind, bad: Any, case: Case, strong: int) -> None:
    """See that a widget says in both languages what is wrong, and that nothing of it looks alive."""
    bad.language = "ko"
    qtbot.waitUntil(lambda: said(bad).startswith(case.ko))
    qtbot.waitUntil(lambda: strength(kind, bad) <= strong / 8)
    assert "실시간" not in list(texts(bad, cells=True))
    bad.language = "en"
    assert said(bad).startswith(case.en)
    assert "live" not in list(texts(bad, cells=True))
    # Whoever looks again sees the same.
    bad.hide()
    bad.show()
    assert said(bad).startswith(case.en)


def check_good(qtbot: QtBot, kind: Kind, bad: Any) -> None:
    """See that a widget has come to life by itself."""
    qtbot.waitUntil(lambda: said(bad) == "live")
    qtbot.waitUntil(lambda: strength(kind, bad) > 20)
    if kind.name == "CandleChartWidget":
        # Its history has come, too.
        qtbot.waitUntil(lambda: bad.candle_count > 100)


@ONE_MARKET
@pytest.mark.parametrize("names", WAYS.values(), ids=list(WAYS))
def test_a_bad_market_is_a_quiet_true_picture_and_the_widget_follows_when_it_is_good_again(
    kind: Kind, names: tuple[str, ...], qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    cases = [CASES[name] for name in names]
    good, bad = kind.cls(GOOD), kind.cls(cases[0].code)
    show(good, bad)
    qtbot.waitUntil(lambda: good.state is SubscriptionState.LIVE)
    strong = 0
    if cases[0].shows_old:
        qtbot.waitUntil(lambda: said(bad) == "실시간" and strength(kind, bad) > 20)
        strong = strength(kind, bad)
    states: list[SubscriptionState] = []
    good.state_changed.connect(states.append)
    for case in cases:
        case.spoil(exchange)
        check_bad(qtbot, kind, bad, case, strong)
        case.mend(exchange)
        exchange.trade(BAD)
        check_good(qtbot, kind, bad)
    assert said(good) == "실시간"
    assert states == []


def tip(table: MarketTable, row: int) -> str:
    view = table.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    return str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole))


def inks(table: MarketTable) -> dict[str, QColor]:
    """Return the colour of the price in each row."""
    model = table.findChild(QTableView).model()
    assert model is not None
    indexes = [model.index(row, PRICE) for row in range(model.rowCount())]
    return {index.data(CODE_ROLE): index.data(Qt.ItemDataRole.ForegroundRole) for index in indexes}


@IN_EACH_CASE
def test_in_a_list_only_the_bad_market_is_grey_and_says_why(
    case: Case, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    table = MarketTable(markets=[GOOD, case.code])
    show(table)
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    faded = table.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    case.spoil(exchange)

    qtbot.waitUntil(lambda: inks(table)[case.code] == faded)

    qtbot.waitUntil(lambda: any(case.tip in tip(table, row) for row in range(2)))
    assert inks(table)[GOOD] != faded
    assert said(table) == "실시간 · 2"
    case.mend(exchange)
    exchange.trade(BAD)
    qtbot.waitUntil(lambda: inks(table)[case.code] != faded)
    assert not any(case.tip in tip(table, row) for row in range(2))
    assert inks(table)[GOOD] != faded


@IN_EACH_CASE
def test_in_a_strip_only_the_bad_market_says_why(
    case: Case, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    strip = TickerStrip()
    strip.markets = [GOOD, case.code]
    show(strip)
    qtbot.waitUntil(lambda: "%" in strip.accessibleDescription())
    case.spoil(exchange)

    qtbot.waitUntil(lambda: case.item in strip.accessibleDescription())

    good, bad = strip.accessibleDescription().split(", ")
    assert "%" in good
    assert "%" not in bad
    assert strip.state is SubscriptionState.LIVE
    case.mend(exchange)
    exchange.trade(BAD)
    qtbot.waitUntil(lambda: strip.accessibleDescription().count("%") == 2)
    assert case.item not in strip.accessibleDescription()


def test_the_list_of_all_markets_follows_the_exchange(
    qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    table = MarketTable()
    show(table)
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE and len(table.codes()) > 100)
    told: list[str] = []
    table.market_selected.connect(told.append)
    table.select(BAD)

    exchange.unlist(BAD)
    exchange.list_market("KRW-NEWCOIN", 250.0)

    qtbot.waitUntil(lambda: BAD not in table.codes() and "KRW-NEWCOIN" in table.codes())
    qtbot.waitUntil(lambda: table.state is SubscriptionState.LIVE)
    assert BAD not in inks(table)
    exchange.list_market(BAD)
    qtbot.waitUntil(lambda: BAD in inks(table))
    assert told == []


def test_a_book_without_orders_is_live_and_empty(
    qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    exchange.empty_book(BAD)
    book = OrderbookWidget(BAD)
    show(book)
    qtbot.waitUntil(lambda: said(book) == "실시간")
    qtbot.waitUntil(lambda: "호가가 없습니다" in list(texts(book)))
    assert "총잔량 0" in list(texts(book))
    book.language = "en"
    assert "there are no orders" in list(texts(book))
    exchange.empty_book(BAD, False)
    qtbot.waitUntil(lambda: "there are no orders" not in list(texts(book)))
    assert any("%" in cell for cell in texts(book, cells=True))
    # And the other way round, while it is looked at.
    exchange.empty_book(BAD)
    qtbot.waitUntil(lambda: "there are no orders" in list(texts(book)))
    assert said(book) == "live"


@ONE_MARKET
def test_a_market_without_trades_today_shows_its_last_price(
    kind: Kind, qtbot: QtBot, show: Callable[..., None], exchange: SimulatedExchange
) -> None:
    exchange.set_rate(0)
    exchange.trade(BAD)
    exchange.advance(2 * 86_400.0)
    widget = kind.cls(BAD)
    show(widget)
    qtbot.waitUntil(lambda: said(widget) == "실시간")
    if isinstance(widget, TickerWidget):
        # Yesterday's close is its price, and no figure is missing.
        qtbot.waitUntil(lambda: {"0백만", "0.00%   0", "0"} <= set(texts(widget)))
        # So are the highest and the lowest price of the day.
        last = f"{exchange.call(lambda: exchange.server.market.market(BAD).last) / 1e8:,.0f}"
        qtbot.waitUntil(lambda: list(texts(widget)).count(last) == 3)
    exchange.trade(BAD, volume=1e6)
    qtbot.waitUntil(lambda: "0백만" not in set(texts(widget)))
    assert said(widget) == "실시간"


def test_what_is_held_of_a_market_that_goes_is_not_counted(
    qtbot: QtBot, show: Callable[..., None], account: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    orders, assets = MyOrdersWidget(), MyAssetsWidget()
    exchange.set_rate(0)
    exchange.place_order(BAD, "BID", 500_000)
    exchange.place_order(BAD, "BID", 1_000, 10)
    show(orders, assets)
    qtbot.waitUntil(lambda: "엑스알피(리플) XRP" in " ".join(texts(assets, cells=True)))
    assert f"{BAD[4:]} 제외" not in said(assets)

    exchange.unlist(BAD)
    exchange.unlist(f"BTC-{BAD[4:]}")

    qtbot.waitUntil(lambda: "시세 없음 XRP 제외" in said(assets))
    qtbot.waitUntil(lambda: said(assets).startswith("실시간"))
    qtbot.waitUntil(lambda: said(orders).startswith("실시간 · 미체결 3"))
    orders.market = UNKNOWN
    assert "NOSUCH/KRW 주문 내역이 없습니다" in list(texts(orders))
    exchange.list_market(BAD)
    qtbot.waitUntil(lambda: "XRP 제외" not in said(assets))
    qtbot.waitUntil(lambda: "엑스알피(리플) XRP" in " ".join(texts(assets, cells=True)))
