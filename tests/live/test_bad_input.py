"""Bad input gets a typed error that names the value and the way out, and nobody else notices."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QObject

from tests.live.conftest import FAST, Feed, config_for, until
from upbit_qt_ws import (
    ConfigurationError,
    GlobalWebSocketManager,
    NotServedError,
    QtWebSocketProxy,
    SubscriptionError,
    SubscriptionState,
    WebSocketConfig,
    WrongThreadError,
)
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda proxy: proxy.subscribe_ticker("krw-btc"), "'krw-btc'"),
        (lambda proxy: proxy.subscribe_ticker("BTC/KRW"), "'BTC/KRW'"),
        (lambda proxy: proxy.subscribe_ticker(["KRW-BTC", 7]), "7"),
        (lambda proxy: proxy.subscribe_ticker([]), "no market code"),
        (lambda proxy: proxy.subscribe_ticker(7), "7"),
        (lambda proxy: proxy.subscribe_candle("KRW-BTC", "2m"), "'2m'"),
        (lambda proxy: proxy.subscribe_orderbook("KRW-BTC", units=20), "20"),
        (lambda proxy: proxy.subscribe_orderbook("KRW-BTC", units=True), "True"),
        (lambda proxy: proxy.subscribe_orderbook("KRW-BTC", level=-1), "-1"),
        (lambda proxy: proxy.subscribe_orderbook("BTC-ETH", level=10), "'BTC-ETH'"),
        (lambda proxy: proxy.subscribe_ticker("KRW-BTC", stream="now"), "'now'"),
        (lambda proxy: proxy.subscribe_ticker("KRW-BTC", callback="print"), "'print'"),
        (lambda proxy: proxy.subscribe_ticker("KRW-BTC", print, error_handler=3), "3"),
        (lambda proxy: proxy.subscribe_my_order(["KRW-BTC", "btc"]), "'btc'"),
        (lambda proxy: proxy.subscribe_announcement("trading"), "'trading'"),
        (lambda proxy: proxy.subscribe_indicator("KRW-BTC", "stochastic"), "'stochastic'"),
        (lambda proxy: proxy.subscribe_indicator("BTC-ETH", "rsi"), "'BTC-ETH'"),
        (lambda proxy: proxy.subscribe_indicator("KRW-BTC", "rsi", timeframe="1m"), "'1m'"),
        (lambda proxy: proxy.subscribe_indicator([f"KRW-C{n}" for n in range(101)], "rsi"), "101 indicators"),
    ],
)
def test_a_wrong_argument_is_named_and_changes_nothing(
    qapp: QApplication, call: Callable[[QtWebSocketProxy], Any], named: str
) -> None:
    manager = GlobalWebSocketManager(FAST)
    proxy = QtWebSocketProxy(manager=manager)

    with pytest.raises(SubscriptionError) as caught:
        call(proxy)

    assert named in str(caught.value)
    assert proxy.subscriptions == ()
    assert manager.registry.counts() == {"components": 0, "subscriptions": 0, "topics": 0, "states": {}}
    manager.shutdown()


@pytest.mark.parametrize("url", ["ws://api.upbit.com/websocket/v1", "https://api.upbit.com", "wss://", "nonsense", ""])
def test_an_unsafe_address_is_refused(url: str) -> None:
    if not url:
        assert WebSocketConfig(public_url=url).public_url.startswith("wss://")
        return
    with pytest.raises(ConfigurationError, match="public_url"):
        WebSocketConfig(public_url=url)


def test_the_applications_loop_must_run_when_it_is_to_be_used(qtbot: QtBot, config: WebSocketConfig) -> None:
    manager = GlobalWebSocketManager(replace(config, loop="application"))
    proxy = QtWebSocketProxy(manager=manager)
    proxy.subscribe_ticker("KRW-BTC")

    with qtbot.waitSignal(proxy.error_occurred) as caught:
        pass

    assert isinstance(caught.args[0], ConfigurationError)
    assert "loop='thread'" in str(caught.args[0])
    manager.shutdown()


def test_calls_from_another_thread_are_refused(qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(FAST)
    proxy = QtWebSocketProxy(manager=manager)
    caught: list[BaseException] = []

    def work() -> None:
        for call in (lambda: proxy.subscribe_ticker("KRW-BTC"), proxy.cleanup, manager.start):
            try:
                call()
            except WrongThreadError as error:
                caught.append(error)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()

    assert len(caught) == 3
    assert "'worker'" in str(caught[0])
    manager.shutdown()


def test_use_after_cleanup_or_after_the_parent_died_is_refused(qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(FAST)
    proxy = QtWebSocketProxy("panel", manager=manager)
    prices = proxy.subscribe_ticker("KRW-BTC")
    proxy.cleanup()
    proxy.cleanup()
    with pytest.raises(SubscriptionError, match="'panel' was cleaned up"):
        proxy.subscribe_ticker("KRW-BTC")
    with pytest.raises(SubscriptionError, match="KRW-BTC is closed"):
        prices.set_codes("KRW-ETH")
    assert prices.state is SubscriptionState.CLOSED
    prices.cancel()

    parent = QObject()
    orphan = QtWebSocketProxy("orphan", parent=parent, manager=manager)
    trades = orphan.subscribe_trade("KRW-BTC")
    del parent
    assert trades.state is SubscriptionState.CLOSED
    with pytest.raises(SubscriptionError, match="'orphan' was destroyed"):
        orphan.subscribe_ticker("KRW-BTC")
    orphan.cleanup()
    manager.shutdown()


def test_a_market_that_is_not_served_is_told_to_its_owner_only(
    qapp: QApplication, exchange: SimulatedExchange, config: WebSocketConfig
) -> None:
    feed = Feed(exchange, GlobalWebSocketManager(replace(config, first_data_s=0.3)), qapp)

    async def main() -> None:
        good, bad, mixed = feed.proxy(), feed.proxy(), feed.proxy()
        served = good.subscribe_ticker("KRW-BTC")
        await served
        with pytest.raises(NotServedError, match="KRW-NOSUCH"):
            await bad.subscribe_ticker("KRW-NOSUCH")
        with pytest.raises(NotServedError):
            await bad.subscribe_ticker("KRW-NOSUCH2", stream="realtime")
        both = await mixed.subscribe_ticker(["KRW-ETH", "KRW-NOSUCH"])
        assert both.states == {"KRW-ETH": SubscriptionState.LIVE, "KRW-NOSUCH": SubscriptionState.NOT_SERVED}
        before = served.account.received
        await until(lambda: served.account.received > before)
        assert served.state is SubscriptionState.LIVE

    feed.run(main())

    assert len(exchange.handshakes) == 1


def test_a_second_level_of_one_book_is_rejected_with_the_way_out(feed: Feed) -> None:
    async def main() -> None:
        first, second = feed.proxy(), feed.proxy()
        plain = await first.subscribe_orderbook("KRW-BTC")
        grouped = second.subscribe_orderbook("KRW-BTC", level=10000)
        with pytest.raises(SubscriptionError, match="send_both"):
            await grouped
        assert grouped.state is SubscriptionState.REJECTED
        plain.cancel()
        await until(lambda: grouped.state is SubscriptionState.LIVE)

    feed.run(main())


def test_malformed_frames_are_counted_and_end_nothing(feed: Feed, caplog: pytest.LogCaptureFixture) -> None:
    garbage = [b"{", b"nonsense", b"\xff\xfe", b"[1]", b'{"type":"ticker"}', b'{"type":"novelty","code":"KRW-BTC"}']

    async def main() -> dict[str, Any]:
        proxy = feed.proxy()
        prices = await proxy.subscribe_ticker("KRW-BTC")
        connection = feed.exchange.connections[-1].id
        for frame in garbage * 3:
            feed.exchange.send_message(connection, frame)
        before = prices.account.received
        await until(lambda: prices.account.received > before + 5)
        status: dict[str, Any] = await feed.manager.get_health_status()
        link: dict[str, Any] = status["connections"]["public"]
        return link

    link = feed.run(main())

    assert link["malformed"] == 15
    assert link["unknown"] == 3
    assert link["epoch"] == 1
    assert len([record for record in caplog.records if "malformed" in record.message]) == 1


def test_a_request_that_the_exchange_refuses_hurts_only_who_asked_for_it(qapp: QApplication) -> None:
    """The Indonesian exchange answers a grouping level with an error frame and closes the socket."""
    options = SimulatorOptions(region="id", snapshot_delays=(0.0, 0.0), error_close_delay=0.05)
    with SimulatedExchange(seed=7, rate=300, options=options) as exchange:
        feed = Feed(exchange, GlobalWebSocketManager(config_for(exchange)), qapp)
        codes = feed.market_codes[:12]

        async def main() -> None:
            good, bad, late = feed.proxy("good"), feed.proxy("bad"), feed.proxy("late")
            prices = await good.subscribe_ticker(codes)
            grouped = bad.subscribe_orderbook("KRW-BTC", level=10000)
            newcomers = late.subscribe_trade(codes)
            with pytest.raises(SubscriptionError, match="WRONG_FORMAT"):
                await grouped
            await newcomers
            await until(lambda: prices.state is SubscriptionState.LIVE)
            assert grouped.state is SubscriptionState.REJECTED
            assert {(kind, code) for kind, code, _ in feed.served()} == {
                (kind, code) for kind in ("ticker", "trade") for code in codes
            }

        feed.run(main())

        assert 1 <= len([request for request in exchange.requests if request.error]) <= 5


def test_levels_are_refused_where_the_region_has_none(qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(
        replace(FAST, region="id", public_url="", private_url="", info_url="", rest_url="")
    )
    proxy = QtWebSocketProxy(manager=manager)
    with pytest.raises(SubscriptionError, match="'id'"):
        proxy.subscribe_orderbook("KRW-BTC", level=10000)
    manager.shutdown()


def test_the_own_assets_have_no_codes_to_swap(qapp: QApplication) -> None:
    manager = GlobalWebSocketManager(FAST)
    proxy = QtWebSocketProxy(manager=manager)
    assets, orders = proxy.subscribe_my_asset(), proxy.subscribe_my_order("KRW-BTC")
    with pytest.raises(SubscriptionError, match="no codes"):
        assets.set_codes("KRW-BTC")
    orders.set_codes([])
    assert (orders.codes, assets.codes) == ((), ())
    manager.shutdown()


def test_an_unsupported_level_is_not_served_to_its_owner_only(feed: Feed) -> None:
    async def main() -> None:
        proxy, other = feed.proxy(), feed.proxy()
        good = other.subscribe_orderbook("KRW-ETH")
        bad = proxy.subscribe_orderbook("KRW-BTC", level=123)
        with pytest.raises(NotServedError, match="level 123"):
            await bad
        assert good.state is SubscriptionState.LIVE

    feed.manager.shutdown()
    feed.manager = GlobalWebSocketManager(replace(feed.manager.config, first_data_s=0.5))
    feed.run(main())
