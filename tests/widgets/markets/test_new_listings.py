"""A market that is listed while the table is open appears by itself, soon; nobody asks while no table can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QAbstractItemView

from upbit_qt_widgets import MarketTable
from upbit_qt_widgets.base import market_directory
from upbit_qt_widgets.base.market_directory import MarketDirectory

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange

LISTING = 200


def rows(table: MarketTable) -> int:
    view = table.findChild(QAbstractItemView)
    assert view is not None
    model = view.model()
    assert model is not None
    return model.rowCount()


def lists_asked(exchange: SimulatedExchange) -> int:
    return sum("/market/all" in request.path for request in exchange.rest_requests)


def test_the_table_finds_a_new_listing_while_it_can_be_seen(
    qtbot: QtBot, exchange: SimulatedExchange, manager: GlobalWebSocketManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market_directory, "_LISTING_MILLISECONDS", LISTING)
    table = MarketTable()
    qtbot.addWidget(table)
    table.show()
    qtbot.waitUntil(lambda: rows(table) > 10)
    before = rows(table)
    exchange.list_market("KRW-NEWCOIN", 500)
    qtbot.waitUntil(lambda: rows(table) == before + 1)
    exchange.unlist("KRW-NEWCOIN")
    qtbot.waitUntil(lambda: MarketDirectory.of(manager).is_gone("KRW-NEWCOIN"))


def test_a_hidden_table_asks_for_no_list_and_catches_up_when_it_is_shown(
    qtbot: QtBot, exchange: SimulatedExchange, manager: GlobalWebSocketManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market_directory, "_LISTING_MILLISECONDS", LISTING)
    table = MarketTable()
    qtbot.addWidget(table)
    table.show()
    qtbot.waitUntil(lambda: lists_asked(exchange) >= 2)
    table.hide()
    # The one that was due when it was hidden may still come.
    qtbot.wait(2 * LISTING)
    asked, before = lists_asked(exchange), rows(table)
    exchange.list_market("KRW-NEWCOIN", 500)
    qtbot.wait(3 * LISTING)
    assert lists_asked(exchange) == asked
    table.show()
    qtbot.waitUntil(lambda: rows(table) == before + 1)


def test_the_real_interval_has_a_new_listing_shown_within_half_a_minute() -> None:
    assert market_directory._LISTING_MILLISECONDS <= 25_000
