"""Shutting down takes less than 2 s while the exchange sends all that it can, the window is busy, or nobody answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.live.conftest import PATIENCE
from upbit_qt_demo.exchange_process import ExchangeProcess
from upbit_qt_ws import GlobalWebSocketManager, LinkState, QtWebSocketProxy
from upbit_qt_ws.config import WebSocketConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtWidgets import QApplication

LIMIT = 2.0


@pytest.fixture(scope="module")
def flood() -> Iterator[ExchangeProcess]:
    """An exchange in a process of its own, so that it has a processor for itself, as busy as it can be."""
    with ExchangeProcess(port=0, seed=3, rate=float("inf")) as exchange:
        yield exchange


@pytest.fixture
def codes(flood: ExchangeProcess) -> list[str]:
    """All markets of the exchange."""
    from upbit_qt_ws.testing.directory import MarketDirectory

    return list(MarketDirectory(3, region="kr", codes=None).listings)


class Flooded:
    """A program that wants everything, and whose callbacks take their time."""

    def __init__(
        self, application: QApplication, exchange: ExchangeProcess, codes: list[str], **settings: bool
    ) -> None:
        self._application = application
        self.events = 0
        self.manager = GlobalWebSocketManager(
            WebSocketConfig(public_url=exchange.websocket_url, rest_url=exchange.rest_url, **settings)  # type: ignore[arg-type]
        )
        self._proxy = QtWebSocketProxy(manager=self.manager)
        for subscribe in (self._proxy.subscribe_trade, self._proxy.subscribe_orderbook, self._proxy.subscribe_ticker):
            subscribe(codes, callback=self._take)
        self.until(lambda: self.events > 500)

    def _take(self, event: object) -> None:
        self.events += 1
        if self.events % 50 == 0:
            time.sleep(0.02)  # A window that is busy with something else for most of its time.

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 3 * PATIENCE
        while not condition():
            assert time.monotonic() < end
            self._application.processEvents()

    def shutdown(self) -> float:
        """Shut down; return how long that took in seconds."""
        began = time.monotonic()
        self.manager.shutdown()
        took = time.monotonic() - began
        assert self.manager.link().state is LinkState.STOPPED
        before = self.events
        self._application.processEvents()
        assert self.events == before, "nothing is delivered any more"
        self._proxy.cleanup()
        return took


@pytest.mark.parametrize("settings", [{}, {"low_latency": True}, {"compression": True}], ids=str)
def test_in_a_flood_several_times_in_a_row(
    qapp: QApplication, flood: ExchangeProcess, codes: list[str], settings: dict[str, bool]
) -> None:
    took = [Flooded(qapp, flood, codes, **settings).shutdown() for _ in range(2)]
    assert max(took) < LIMIT, took


def test_in_a_flood_while_the_connection_is_replaced(
    qapp: QApplication, flood: ExchangeProcess, codes: list[str]
) -> None:
    program = Flooded(qapp, flood, codes)
    program.manager.reconnect()
    before = program.events
    program.until(lambda: program.events > before + 50)
    assert program.shutdown() < LIMIT


@pytest.mark.parametrize("renews", [False, True])
def test_while_the_exchange_stands_still(
    qapp: QApplication, flood: ExchangeProcess, codes: list[str], renews: bool
) -> None:
    program = Flooded(qapp, flood, codes)
    process = psutil.Process(flood.pid)
    process.suspend()
    try:
        if renews:
            program.manager.reconnect()
            program.until(lambda: True)
        took = program.shutdown()
    finally:
        process.resume()
    assert took < LIMIT


def test_while_it_reconnects_again_and_again(qapp: QApplication, codes: list[str]) -> None:
    with ExchangeProcess(port=0, seed=3, rate=float("inf")) as exchange:
        program = Flooded(qapp, exchange, codes)
    program.until(lambda: program.manager.link().state is LinkState.WAITING)
    assert program.shutdown() < LIMIT
