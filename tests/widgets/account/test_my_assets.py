"""The list of balances in a window, on the simulated exchange."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QLabel, QTableView

from tests.widgets.account.conftest import calls, colorful
from tests.widgets.paints import Paints
from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_widgets.account.asset_row import (
    AMOUNT,
    AVERAGE,
    LOCKED,
    NAME,
    PRICE,
    PROFIT,
    RATE,
    SHARE,
    VALUE,
)
from upbit_qt_widgets.account.my_assets import MyAssetsWidget
from upbit_qt_widgets.account.row_view import RowView
from upbit_qt_widgets.account.totals import Totals
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_ws import ConfigurationError, GlobalWebSocketManager, SubscriptionState
from upbit_qt_ws.testing import ApiKey
from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

    Show = Callable[[MyAssetsWidget], MyAssetsWidget]


def view(widget: MyAssetsWidget) -> RowView:
    found = widget.findChild(RowView)
    assert found is not None
    return found


def table(widget: MyAssetsWidget) -> dict[str, list[str]]:
    """Return the texts of all rows by currency."""
    model = view(widget).model()
    assert model is not None
    rows = [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    return {row[NAME].split()[-1]: row for row in rows}


def totals(widget: MyAssetsWidget) -> list[str]:
    """Return total, cash and profit."""
    foot = widget.findChild(Totals)
    assert foot is not None
    return [label.text() for label in foot.findChildren(QLabel)][3:]


def line(widget: MyAssetsWidget) -> str:
    found = widget.findChild(StateLine)
    assert found is not None
    return found.accessibleName()


def number(words: str) -> int:
    return int(words.replace(",", ""))


def wanted(exchange: SimulatedExchange) -> set[str]:
    return {entry.code for item in exchange.connections if item.open for entry in item.subscription if entry.code}


def push(exchange: SimulatedExchange, **balances: str) -> None:
    changed = [
        {"currency": currency, "balance": Decimal(balance), "locked": Decimal(0)}
        for currency, balance in balances.items()
    ]
    exchange.push_asset({"asset_uuid": "a", "assets": changed})


@pytest.fixture
def assets(qtbot: QtBot, show: Show) -> MyAssetsWidget:
    """A list that has been read, valued and is live."""
    widget = show(MyAssetsWidget())
    qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE and "–" not in totals(widget))
    qtbot.waitUntil(lambda: all(row[VALUE] != "–" for row in table(widget).values()))
    qtbot.waitUntil(lambda: not widget._is_asking and widget._due is None)
    return widget


def test_balances_are_valued_with_prices_and_averages(assets: MyAssetsWidget, exchange: SimulatedExchange) -> None:
    rows = table(assets)
    assert set(rows) == {"KRW", "BTC", "ETH", "XRP"}
    assert rows["XRP"][NAME] == "XRP XRP"
    assert rows["BTC"][NAME] == "Bitcoin BTC"
    assert rows["BTC"][AMOUNT] == "0.05"
    # The simulated account was bought at the prices of the start, and nothing has been traded since.
    price = exchange.server.market.listings["KRW-BTC"].price // SCALE
    assert rows["BTC"][AVERAGE] == rows["BTC"][PRICE] == f"{price:,}"
    assert rows["BTC"][VALUE] == f"{price // 20:,}"
    assert (rows["BTC"][PROFIT], rows["BTC"][RATE]) == ("0", "0.00%")
    # What the open orders lock is part of the cash.
    assert rows["KRW"][AMOUNT] == rows["KRW"][VALUE] == "5,000,000"
    assert number(rows["KRW"][LOCKED]) > 200_000
    assert [rows["KRW"][column] for column in (AVERAGE, PRICE, PROFIT, RATE)] == ["", "", "", ""]
    total, cash, _ = totals(assets)
    assert cash == "5,000,000"
    assert number(total) == sum(number(row[VALUE]) for row in rows.values())
    assert wanted(exchange) == {"KRW-BTC", "KRW-ETH", "KRW-XRP"}


def test_a_price_that_moves_moves_value_profit_and_totals_with_sign_and_arrow(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange
) -> None:
    exchange.trade("KRW-XRP", price=3_000, side="BID", volume=1.0)
    exchange.trade("KRW-BTC", price=100_000_000, side="ASK", volume=0.0001)
    qtbot.waitUntil(lambda: table(assets)["XRP"][PRICE] == "3,000" and table(assets)["BTC"][PRICE] == "100,000,000")
    rows = table(assets)
    assert rows["XRP"][VALUE] == "4,500,000"
    bought = exchange.server.market.listings["KRW-XRP"].price // SCALE
    assert rows["XRP"][PROFIT] == f"{1500 * (3000 - bought):+,}"
    assert rows["XRP"][RATE] == f"▲ {3000 / bought - 1:+.2%}"
    assert (rows["BTC"][PROFIT][0], rows["BTC"][RATE][:3]) == ("-", "▼ -")
    profit = sum(number(rows[currency][PROFIT]) for currency in ("BTC", "ETH", "XRP"))
    assert totals(assets)[2].split()[1] == f"{profit:+,}"
    assert sum(float(row[SHARE].rstrip("%")) for row in rows.values()) == pytest.approx(100, abs=0.5)


def test_a_purchase_has_the_averages_read_again_once(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange, soon: None
) -> None:
    asked = calls(exchange, "/accounts")
    for _ in range(3):
        exchange.place_order("KRW-SOL", "BID", "100000", None)
    qtbot.waitUntil(lambda: "SOL" in table(assets) and table(assets)["SOL"][AVERAGE] != "–")
    assert calls(exchange, "/accounts") == asked + 1
    qtbot.waitUntil(lambda: table(assets)["SOL"][VALUE] != "–")
    assert "KRW-SOL" in wanted(exchange)


def test_a_balance_that_is_sold_out_leaves(qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange) -> None:
    exchange.place_order("KRW-XRP", "ASK", None, "1500")
    qtbot.waitUntil(lambda: "XRP" not in table(assets))
    qtbot.waitUntil(lambda: wanted(exchange) == {"KRW-BTC", "KRW-ETH"})
    assert number(totals(assets)[1]) > 8_000_000


def test_a_currency_without_a_krw_market_is_valued_over_btc_and_one_without_any_is_named(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange
) -> None:
    listed = exchange.server.market.listings
    only_btc = next(code for code in listed if code.startswith("BTC-") and f"KRW-{code[4:]}" not in listed)
    total = number(totals(assets)[0])
    push(exchange, **{only_btc[4:]: "1000000", "LUNA2": "12.5"})
    qtbot.waitUntil(lambda: table(assets).get(only_btc[4:], ["–"] * 9)[VALUE] != "–")
    assert number(totals(assets)[0]) == pytest.approx(total + number(table(assets)[only_btc[4:]][VALUE]), abs=1)
    assert table(assets)["LUNA2"][PRICE : RATE + 1] == ["–", "–", "–", "–"]
    assert "not counted, no price: LUNA2" in line(assets)


def test_small_balances_are_hidden_and_counted(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange
) -> None:
    changes: list[float] = []
    assets.hide_below_changed.connect(changes.append)
    total = totals(assets)[0]
    assets.hide_below = 5_500_000.0
    assert set(table(assets)) == {"BTC"}
    assert totals(assets)[0] == total
    assert line(assets) == "live · 3 small hidden"
    assets.hide_below = 1e12
    assert view(assets).accessibleDescription() == "only small balances, which are hidden"
    assets.hide_below = 0.0
    assert len(table(assets)) == 4
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ConfigurationError, match="hide_below"):
            assets.hide_below = wrong
    assert (assets.hide_below, changes) == (0.0, [5_500_000.0, 1e12, 0.0])


def test_a_row_leads_to_its_market_and_cash_leads_nowhere(qtbot: QtBot, assets: MyAssetsWidget) -> None:
    chosen: list[str] = []
    assets.market_selected.connect(chosen.append)
    names = list(table(assets))
    model = view(assets).model()
    assert model is not None
    for name in ("KRW", "ETH"):
        place = view(assets).visualRect(model.index(names.index(name), VALUE)).center()
        qtbot.mouseClick(view(assets).viewport(), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]
    assert chosen == ["KRW-ETH"]
    assets.select("KRW-XRP")
    qtbot.keyClick(view(assets), Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert chosen == ["KRW-ETH", "KRW-XRP"]


def test_other_keys_have_the_balances_read_again(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange, manager: GlobalWebSocketManager
) -> None:
    other = ApiKey(access_key="of-another-account", secret_key="a-secret-of-another-account-of-the-user")
    exchange.set_key(other)
    asked = calls(exchange, "/accounts")
    manager.set_keys(other.access_key, other.secret_key)
    qtbot.waitUntil(lambda: calls(exchange, "/accounts") > asked)


def test_rows_are_sorted_by_value_as_numbers(qtbot: QtBot, assets: MyAssetsWidget) -> None:
    values = [number(row[VALUE]) for row in table(assets).values()]
    assert values == sorted(values, reverse=True)
    view(assets).sortByColumn(AMOUNT, Qt.SortOrder.AscendingOrder)
    assert [row[AMOUNT] for row in table(assets).values()] == ["0.05", "1.25", "1,500", "5,000,000"]


def test_old_prices_look_old_while_the_balances_are_true(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange
) -> None:
    exchange.trade("KRW-XRP", price=3_000, side="BID", volume=1.0)
    qtbot.waitUntil(lambda: table(assets)["XRP"][RATE].startswith("▲"))
    assert colorful(assets) > 150
    public = next(item for item in exchange.connections if item.open and not item.path.endswith("/private"))
    exchange.refuse_sockets("/websocket/v1")
    exchange.drop(public.id, abort=True)
    qtbot.waitUntil(lambda: line(assets) == "live · prices are not live")
    assert colorful(assets) < 150
    exchange.refuse_sockets(None)
    qtbot.waitUntil(lambda: line(assets) == "live")
    assert colorful(assets) > 150


def test_hidden_it_takes_balances_and_asks_and_paints_nothing_until_it_is_shown(
    qtbot: QtBot, assets: MyAssetsWidget, exchange: SimulatedExchange, soon: None
) -> None:
    asked = calls(exchange, "/accounts")
    exchange.trade("KRW-ETH", price=3_400_000, side="BID", volume=0.001)
    qtbot.waitUntil(assets._arrange.isActive)
    assets.hide()
    painted = [Paints(item) for item in (assets, *assets.findChildren(QTableView))]
    before = table(assets)
    push(exchange, XRP="3000")
    qtbot.waitUntil(lambda: any(holding.balance == 3000 for holding in assets._holdings))
    exchange.trade("KRW-XRP", price=3_000, side="BID", volume=1.0)
    assert [timer for timer in assets.findChildren(QTimer) if timer.isActive()] == []
    assert (table(assets), sum(len(item.heights) for item in painted)) == (before, 0)
    assert calls(exchange, "/accounts") == asked

    assets.show()

    assert table(assets)["XRP"][AMOUNT] == "3,000"
    qtbot.waitUntil(lambda: calls(exchange, "/accounts") == asked + 1)
    qtbot.waitUntil(lambda: table(assets)["XRP"][PRICE] == "3,000")


def test_one_that_was_never_seen_opens_nothing(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    assets = MyAssetsWidget()
    qtbot.addWidget(assets)
    assets.select("KRW-BTC")
    assert (manager.watched_components, exchange.handshakes, exchange.rest_requests) == (0, (), ())


@pytest.mark.parametrize("palette", [light_palette, dark_palette])
def test_the_sample_has_both_languages_and_both_colour_schemes(
    qtbot: QtBot, palette: Callable[[], Any], manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    assets = MyAssetsWidget()
    qtbot.addWidget(assets)
    assets.setPalette(palette())
    assets.language = "ko"
    assets.preview()
    assets.resize(1100, 300)
    assets.show()
    foot = assets.findChild(Totals)
    assert foot is not None
    assert table(assets)["BTC"][NAME] == "비트코인 BTC"
    assert table(assets)["KRW"][NAME] == "원화 KRW"
    assert table(assets)["SHIB"][AVERAGE] == "0.01102"
    assert line(assets) == "실시간 · 시세 없음 APENFT 제외 · 소액 1종 숨김"
    picture = foot.grab().toImage()
    assets.color_scheme = "western"
    assert foot.grab().toImage() != picture
    assets.language = "en"
    assert table(assets)["KRW"][NAME] == "Korean won KRW"
    assert view(assets).accessibleName() == "My assets"
    assert [label.text() for label in foot.findChildren(QLabel)][:3] == ["Total (KRW)", "Cash (KRW)", "Profit"]
    assert not exchange.rest_requests
