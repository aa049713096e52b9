"""The model of the list, from hand-made events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from upbit_qt_widgets.markets.market_model import CODE_ROLE, MarketModel
from upbit_qt_widgets.markets.market_row import CHANGE, NAME, PRICE, RATE, TURNOVER
from upbit_qt_ws import TickerEvent
from upbit_qt_ws.wire.rest_records import MarketInfo

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.base.colors import MarketColors

GROUND = Qt.ItemDataRole.BackgroundRole
INK = Qt.ItemDataRole.ForegroundRole
BITCOIN = MarketInfo(market="KRW-BTC", korean_name="비트코인", english_name="Bitcoin")
XRP = MarketInfo(market="KRW-XRP", korean_name="엑스알피", english_name="XRP")
ETHER = MarketInfo(market="BTC-ETH", korean_name="이더리움", english_name="Ethereum")


def ticker(code: str, price: float, change: float = 0.0, turnover: float = 1e9) -> TickerEvent:
    return TickerEvent(
        type="ticker",
        code=code,
        trade_price=price,
        signed_change_rate=change / (price - change),
        signed_change_price=change,
        acc_trade_price_24h=turnover,
    )


def shown(model: MarketModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


@pytest.fixture
def model(colors: MarketColors) -> MarketModel:
    made = MarketModel(colors, "ko")
    made.set_markets([BITCOIN, XRP])
    return made


def test_the_list_shows_and_names_its_markets(
    model: MarketModel, colors: MarketColors, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.show([ticker("KRW-XRP", 2_324.0, -12.0, 111_863e6), ticker("KRW-NONE", 1.0)])

    assert shown(model, 0) == ["☆", "비트코인 BTC", "", "", "", ""]
    assert shown(model, 1) == ["☆", "엑스알피 XRP", "2,324", "▼ -0.51%", "-12", "111,863"]
    assert [model.index(1, column).data(INK) for column in range(NAME, TURNOVER + 1)] == [
        colors.even, colors.down, colors.down, colors.down, colors.even,
    ]  # fmt: skip
    assert model.index(1, NAME).data(CODE_ROLE) == "KRW-XRP"
    assert model.headerData(TURNOVER, Qt.Orientation.Horizontal) == "거래대금(백만)"
    model.set_look(colors, "en")
    assert shown(model, 0)[NAME] == "Bitcoin BTC"
    assert model.headerData(TURNOVER, Qt.Orientation.Horizontal) == "Turnover (M)"
    assert model.headerData(CHANGE, Qt.Orientation.Horizontal) == "Change"


def test_several_quote_currencies_are_told_apart(model: MarketModel) -> None:
    model.set_markets([BITCOIN, ETHER, MarketInfo(market="USDT-XRP")])
    model.show([ticker("KRW-BTC", 1e8, 1e6, 2e12), ticker("BTC-ETH", 0.03, 0.00001234, 5.5)])

    assert shown(model, 0)[TURNOVER] == "2,000,000백만"
    assert shown(model, 1)[CHANGE] == "+0.00001234"
    assert shown(model, 1)[TURNOVER] == "5.500 BTC"
    assert [shown(model, row)[NAME] for row in range(3)] == ["비트코인 BTC/KRW", "이더리움 ETH/BTC", "XRP/USDT"]
    assert model.headerData(TURNOVER, Qt.Orientation.Horizontal) == "거래대금"


def test_other_markets_keep_the_values_of_those_that_stay(model: MarketModel) -> None:
    model.show([ticker("KRW-BTC", 1e8), ticker("KRW-XRP", 2_324.0)])

    model.set_markets([ETHER, XRP])

    assert [shown(model, row)[PRICE] for row in range(2)] == ["", "2,324"]


def test_sorting_moves_whole_rows_and_whoever_points_at_them(model: MarketModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.show([ticker("KRW-BTC", 9.0), ticker("KRW-XRP", 10.0)])
    chosen = QPersistentModelIndex(model.index(0, RATE))

    model.sort(PRICE, Qt.SortOrder.DescendingOrder)

    assert [shown(model, row)[PRICE] for row in range(2)] == ["10.0", "9.00"]
    assert (chosen.row(), chosen.column(), chosen.data(CODE_ROLE)) == (1, RATE, "KRW-BTC")
    model.show([ticker("KRW-BTC", 11.0)])
    model.stop_flashes()
    assert shown(model, 1)[PRICE] == "11.0"
    moves: list[object] = []
    model.layoutChanged.connect(moves.append)
    model.sort(NAME)
    assert [shown(model, row)[NAME] for row in range(2)] == ["비트코인 BTC", "엑스알피 XRP"]
    assert len(moves) == 1
    model.sort(NAME)
    assert len(moves) == 1, "rows that are in order already are left alone"


def test_a_moved_price_flashes_for_a_moment(model: MarketModel, colors: MarketColors, qtbot: QtBot) -> None:
    model.show([ticker("KRW-BTC", 1e8), ticker("KRW-XRP", 2_324.0)])
    assert model.index(1, PRICE).data(GROUND) is None

    model.show([ticker("KRW-BTC", 1e8), ticker("KRW-XRP", 2_325.0)])

    assert model.index(0, PRICE).data(GROUND) is None
    assert model.index(1, PRICE).data(GROUND) == colors.flash_up
    assert model.index(1, NAME).data(GROUND) is None
    model.sort(PRICE)
    qtbot.waitUntil(lambda: model.index(0, PRICE).data(GROUND) is None)


def test_flashes_end_at_once_on_demand(model: MarketModel, colors: MarketColors) -> None:
    model.show([ticker("KRW-XRP", 2_324.0)])
    model.show([ticker("KRW-XRP", 2_323.0)])
    assert model.index(1, PRICE).data(GROUND) == colors.flash_down
    changed: list[int] = []

    def note(first: QModelIndex, _last: QModelIndex) -> None:
        changed.append(first.row())

    model.dataChanged.connect(note)

    model.stop_flashes()

    # That no timer is left running is watched after every test.
    assert model.index(1, PRICE).data(GROUND) is None
    assert changed == [1]


def test_a_market_that_is_not_served_is_faded_until_data_comes(model: MarketModel, colors: MarketColors) -> None:
    model.show([ticker("KRW-BTC", 1e8, 1e6), ticker("KRW-XRP", 2_324.0, 12.0)])

    model.set_unserved({"KRW-XRP"})

    assert model.index(0, PRICE).data(INK) == colors.up
    assert model.index(1, PRICE).data(INK) == colors.faded
    assert "거래소가 보내지 않는" in model.index(1, NAME).data(Qt.ItemDataRole.ToolTipRole)
    model.show([ticker("KRW-XRP", 2_324.0, 12.0)])
    assert model.index(1, PRICE).data(INK) == colors.up
    assert "거래소가" not in model.index(1, NAME).data(Qt.ItemDataRole.ToolTipRole)
    model.stop_flashes()
