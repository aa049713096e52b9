"""What the exchange lists is asked for once for all widgets, and again until it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upbit_qt_widgets import MarketDirectory, TickerWidget
from upbit_qt_widgets.base import market_directory

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.testing import SimulatedExchange


def calls(exchange: SimulatedExchange, path: str) -> list[str]:
    return [call.path for call in exchange.rest_requests if path in call.path]


@pytest.fixture
def directory(manager: GlobalWebSocketManager) -> MarketDirectory:
    """The directory of the application's manager, which has asked nothing yet."""
    return MarketDirectory.of(manager)


def test_there_is_one_for_a_manager(manager: GlobalWebSocketManager, directory: MarketDirectory) -> None:
    assert MarketDirectory.of(manager) is directory
    assert directory.markets == ()
    assert directory.market("KRW-BTC") is None
    assert directory.levels("KRW-BTC") == ()


def test_names_and_warnings_come_once_for_all_who_ask(
    qtbot: QtBot, exchange: SimulatedExchange, directory: MarketDirectory
) -> None:
    with qtbot.waitSignal(directory.changed):
        for _ in range(3):
            directory.load()
    directory.load()

    info = directory.market("KRW-BTC")
    assert info is not None
    assert (info.name("ko"), info.name("en")) == ("비트코인", "Bitcoin")
    assert len(directory.markets) > 200
    assert len(calls(exchange, "/market/all")) == 1


def test_units_and_levels_of_a_turn_are_one_call(
    qtbot: QtBot, exchange: SimulatedExchange, directory: MarketDirectory
) -> None:
    with qtbot.waitSignal(directory.grids_changed) as told:
        directory.load_grids(["KRW-BTC"])
        directory.load_grids(["KRW-DOGE", "BTC-ETH"])

    assert set(told.args[0]) == {"KRW-BTC", "KRW-DOGE", "BTC-ETH"}
    assert directory.levels("KRW-BTC")[:2] == (0.0, 10_000.0)
    assert directory.levels("BTC-ETH") == (0.0,)
    assert len(calls(exchange, "/orderbook/instruments")) == 1


def test_a_market_that_is_not_listed_spoils_nothing_for_the_others(
    qtbot: QtBot, exchange: SimulatedExchange, directory: MarketDirectory
) -> None:
    with qtbot.waitSignal(directory.grids_changed) as told:
        directory.load_grids(["KRW-NOSUCH", "KRW-BTC"])

    assert told.args[0] == ("KRW-BTC",)
    assert directory.grid("KRW-NOSUCH").decimals(0.5) == 3


def test_it_asks_again_until_an_answer_comes(
    qtbot: QtBot, exchange: SimulatedExchange, directory: MarketDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market_directory, "_RETRY_MILLISECONDS", (20,))
    exchange.refuse_connections(True, status=503)

    with qtbot.waitSignal(directory.failed) as told:
        directory.load()
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: bool(directory.markets))

    assert told.args[0]


def test_it_looks_again_only_while_somebody_listens(
    qtbot: QtBot, exchange: SimulatedExchange, directory: MarketDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market_directory, "_RENEW_MILLISECONDS", 30)
    with qtbot.waitSignal(directory.changed):
        directory.load()
    qtbot.wait(150)
    assert len(calls(exchange, "/market/all")) == 1

    ticker = TickerWidget("KRW-BTC")
    qtbot.addWidget(ticker)
    ticker.show()

    qtbot.waitUntil(lambda: len(calls(exchange, "/market/all")) > 1)


def test_a_manager_that_was_shut_down_is_asked_nothing(
    qtbot: QtBot, exchange: SimulatedExchange, manager: GlobalWebSocketManager, directory: MarketDirectory
) -> None:
    manager.shutdown()

    directory.load_grids(["KRW-BTC"])
    qtbot.wait(50)

    assert not exchange.rest_requests


def test_a_list_that_is_doubted_is_read_again_and_what_has_gone_is_known(
    qtbot: QtBot,
    exchange: SimulatedExchange,
    directory: MarketDirectory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(market_directory, "_DOUBT_MILLISECONDS", 300)
    directory.renew()
    assert not directory.markets
    with qtbot.waitSignal(directory.changed):
        directory.load()
    assert directory.is_known
    exchange.unlist("KRW-XRP")
    exchange.list_market("KRW-NEWCOIN")

    with qtbot.waitSignal(directory.changed):
        for _ in range(5):
            directory.renew()

    assert directory.is_gone("KRW-XRP")
    assert not directory.is_gone("KRW-NOSUCH")
    assert directory.market("KRW-NEWCOIN") is not None
    assert len(calls(exchange, "/market/all")) == 2
    exchange.list_market("KRW-XRP")
    with qtbot.waitSignal(directory.changed):
        directory.renew()
    assert not directory.is_gone("KRW-XRP")
