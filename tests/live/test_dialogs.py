"""Dialogs that callbacks and slots open, with their ``exec()``: everybody else goes on beside them and after them.

The tests are driven by a timer of Qt: a coroutine of the test itself would lose its wake-up in qasync's loop as soon as
a dialog opens in another one.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
import qasync
from PyQt6.QtCore import QEventLoop, QObject, QTimer, pyqtSlot

from tests.live.conftest import PATIENCE, Feed, config_for
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, TickerEvent
from upbit_qt_ws.network.event_loop import NetworkEventLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from PyQt6.QtWidgets import QApplication

    from upbit_qt_ws.testing import SimulatedExchange

    Script = Generator[Callable[[], object], None, None]


class Dialog:
    """What exec() of a dialog does: it runs Qt's loop until somebody closes it."""

    def __init__(self) -> None:
        self.depth = self.deepest = self.opened = 0
        self._loop = QEventLoop()

    def exec(self) -> None:
        self.opened += 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self._loop = QEventLoop()
        self._loop.exec()
        self.depth -= 1

    def close(self) -> None:
        self._loop.quit()


class Driver(QObject):
    """Goes on with a script whenever the condition that it has yielded is true; a loop runs meanwhile."""

    def __init__(self, loop: Any, script: Script) -> None:
        super().__init__()
        self._loop = loop
        self._script = script
        self._condition: Callable[[], object] = lambda: True
        self._until = time.monotonic() + 3 * PATIENCE
        self.error: BaseException | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def run(self) -> None:
        self._timer.start(5)
        self._loop.run_forever()
        self._timer.stop()
        if self.error is not None:
            raise self.error

    @pyqtSlot()
    def _look(self) -> None:
        try:
            if time.monotonic() > self._until:
                raise AssertionError(f"never came true: {self._condition}")
            if self._condition():
                self._condition = next(self._script)
        except StopIteration:
            self._end()
        except BaseException as error:
            self.error = error
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        self._loop.stop()


def drive(feed: Feed, script: Script) -> None:
    """Run a script in an application on stock qasync, then shut its manager down on the same loop."""
    loop = qasync.QEventLoop(feed.application, already_running=False)
    asyncio.set_event_loop(loop)
    try:
        try:
            Driver(loop, script).run()
        finally:
            loop.run_until_complete(_shut_down(feed.manager))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _shut_down(manager: GlobalWebSocketManager) -> None:
    await manager.shutdown()


def test_a_dialog_in_an_async_callback_silences_nobody(feed: Feed) -> None:
    def script() -> Script:
        counts = {"plain": 0, "async": 0}
        dialog = Dialog()

        async def ask(event: TickerEvent) -> None:
            if not dialog.opened:
                dialog.exec()

        def count(event: TickerEvent) -> None:
            counts["plain"] += 1

        async def work(event: Any) -> None:
            await asyncio.sleep(0.001)
            counts["async"] += 1

        asker, other, worker = feed.proxy("asker"), feed.proxy("other"), feed.proxy("worker")
        other.subscribe_ticker("KRW-BTC", callback=count)
        worker.subscribe_trade("KRW-BTC", callback=work)
        yield lambda: min(counts.values()) > 2
        asker.subscribe_ticker("KRW-BTC", callback=ask)
        yield lambda: dialog.depth
        opened = dict(counts)
        yield lambda: all(counts[name] > opened[name] + 5 for name in counts)
        assert dialog.depth, "they went on beside it"
        dialog.close()
        yield lambda: not dialog.depth
        closed = dict(counts)
        yield lambda: all(counts[name] > closed[name] + 5 for name in counts)

    drive(feed, script())


@pytest.mark.parametrize("way", ["callback", "signal"])
def test_what_opens_a_dialog_is_not_entered_again(feed: Feed, way: str) -> None:
    def script() -> Script:
        others: list[TickerEvent] = []
        dialog = Dialog()
        seen: list[float] = []

        def ask(event: TickerEvent) -> None:
            seen.append(event.trade_price)
            if dialog.opened < 2:
                dialog.exec()

        alarm, other = feed.proxy("alarm"), feed.proxy("other")
        other.subscribe_ticker("KRW-BTC", callback=others.append)
        if way == "callback":
            subscription = alarm.subscribe_ticker("KRW-BTC", callback=ask)
        else:
            alarm.ticker_received.connect(ask)
            subscription = alarm.subscribe_ticker("KRW-BTC")
        for number in (1, 2):
            yield lambda number=number: dialog.opened == number and dialog.depth  # type: ignore[misc]
            others.clear()
            # Longer than the beat by which a nested loop is told from a slot that keeps the window busy.
            opened = time.monotonic()
            yield lambda opened=opened: len(others) > 10 and time.monotonic() > opened + 0.4  # type: ignore[misc]
            dialog.close()
        yield lambda: not dialog.depth and len(seen) > 5
        assert dialog.deepest == 1
        feed.exchange.set_rate(0)
        yield lambda: seen[-1] == feed.last_price("KRW-BTC")
        account = subscription.account
        assert account.received == account.delivered + account.coalesced + account.dropped
        assert not feed.manager.slow_calls.worst, "the window was not busy"

    drive(feed, script())


def test_the_toolkits_own_loop_goes_on_beside_a_dialog(qapp: QApplication, exchange: SimulatedExchange) -> None:
    manager = GlobalWebSocketManager(config_for(exchange, loop="application"))

    def script() -> Script:
        counted: list[Any] = []
        dialog = Dialog()

        async def count(event: Any) -> None:
            await asyncio.sleep(0)
            counted.append(event)

        async def ask() -> None:
            dialog.exec()

        proxy = QtWebSocketProxy(manager=manager)
        proxy.subscribe_trade("KRW-BTC", callback=count)
        yield lambda: len(counted) > 2
        task = loop.create_task(ask())
        yield lambda: dialog.depth
        before = len(counted)
        yield lambda: len(counted) > before + 10
        dialog.close()
        yield task.done

    loop = NetworkEventLoop.for_current_thread()
    try:
        Driver(loop, script()).run()
        loop.run_until_complete(_shut_down(manager))
    finally:
        loop.close()


def test_tasks_of_the_application_keep_their_kind(qapp: QApplication, exchange: SimulatedExchange) -> None:
    manager = GlobalWebSocketManager(config_for(exchange, loop="application"))

    async def main() -> None:
        proxy = QtWebSocketProxy(manager=manager)
        await proxy.subscribe_ticker("KRW-BTC")
        assert type(asyncio.create_task(asyncio.sleep(0))) is asyncio.Task
        await manager.shutdown()
        assert asyncio.get_running_loop().get_task_factory() is None

    loop = qasync.QEventLoop(qapp, already_running=False)
    try:
        loop.run_until_complete(asyncio.wait_for(main(), 4 * PATIENCE))
    finally:
        loop.close()
