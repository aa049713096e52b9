"""Applications that live differently: event loops in any order, threads, forks, several applications in one process.

Each one is a program of its own, since only one application can live in a process of tests. What is looked at is what
a user sees: the data, the exit code, and that nothing is complained of.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.helpers.numpy import needs_numpy
from tests.helpers.programs import run_program
from upbit_qt_ws.testing import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def exchange() -> Iterator[SimulatedExchange]:
    with SimulatedExchange(seed=3, rate=300) as running:
        yield running


def fine(exchange: SimulatedExchange, source: str, *arguments: str, **environment: str) -> list[str]:
    """Run a program that must end well and in silence; return the words that it wrote."""
    ended = run_program(exchange, source, *arguments, **environment)
    assert (ended.code, ended.errors) == (0, ""), ended.output
    return ended.output.split()


QASYNC = """
import asyncio, sys
import qasync
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig

app = QApplication([])
app.setQuitOnLastWindowClosed(False)
config = WebSocketConfig.load(WebSocketConfig(loop=sys.argv[1]))
manager = GlobalWebSocketManager.get_instance(config)
proxy = QtWebSocketProxy()
got = []
"""


@pytest.mark.parametrize("mode", ["thread", "application"])
def test_a_set_up_by_run_until_complete_and_then_run_forever(exchange: SimulatedExchange, mode: str) -> None:
    words = fine(
        exchange,
        QASYNC
        + """
loop = qasync.QEventLoop(app)
asyncio.set_event_loop(loop)

async def set_up():
    return await proxy.subscribe_ticker("KRW-BTC", callback=take)

def take(event):
    got.append(event)
    if len(got) > 20 and stage:
        loop.stop()

stage = []
prices = loop.run_until_complete(set_up())
stage.append("second loop")
loop.run_forever()
print(prices.state, len(got) > 20)
""",
        mode,
    )
    assert words == ["live", "True"]


@pytest.mark.parametrize("mode", ["thread", "application"])
def test_one_asyncio_run_after_the_other(exchange: SimulatedExchange, mode: str) -> None:
    """Each run cancels all tasks at its end, and closes its loop: the data goes on in the next one."""
    words = fine(
        exchange,
        QASYNC
        + """
async def main():
    got.clear()
    prices = proxy.subscribe_ticker("KRW-BTC", callback=got.append)
    await prices
    (ticker,) = await proxy.get_ticker_snapshot("KRW-ETH")
    while len(got) < 5:
        await asyncio.sleep(0.01)
    print(prices.state, ticker.code)
    prices.cancel()

for _ in range(3):
    qasync.run(main())
""",
        mode,
    )
    assert words == ["live", "KRW-ETH"] * 3


@pytest.mark.parametrize("mode", ["thread", "application"])
def test_a_log_in_dialog_before_the_loop(exchange: SimulatedExchange, mode: str) -> None:
    words = fine(
        exchange,
        QASYNC
        + """
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QDialog

prices = proxy.subscribe_ticker("KRW-BTC", callback=got.append)
dialog = QDialog()
QTimer.singleShot(300, dialog.accept)
dialog.exec()
loop = qasync.QEventLoop(app)
asyncio.set_event_loop(loop)

async def main():
    await prices
    while len(got) < 20:
        await asyncio.sleep(0.01)
    print(prices.state)

loop.run_until_complete(main())
""",
        mode,
    )
    assert words == ["live"]


def test_exec_twice(exchange: SimulatedExchange) -> None:
    words = fine(
        exchange,
        """
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy
from upbit_qt_widgets import TickerWidget

app = QApplication([])
widget = TickerWidget("KRW-BTC")
widget.show()
proxy = QtWebSocketProxy()
got = []

def take(event):
    got.append(event)
    if len(got) == 10:
        app.quit()

proxy.subscribe_ticker("KRW-BTC", callback=take)
for _ in range(3):
    got.clear()
    app.exec()
    print(len(got) >= 10, widget.state, GlobalWebSocketManager.get_instance().is_shut_down)
""",
    )
    assert words == ["True", "live", "False"] * 3


def test_three_applications_one_after_the_other(exchange: SimulatedExchange) -> None:
    """A QApplication that is local to a function ends with it, and the toolkit with that; the next one begins anew."""
    words = fine(
        exchange,
        """
import time
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, ShutDownError
from upbit_qt_widgets import OrderbookWidget

def price():
    app = QApplication([])
    book = OrderbookWidget("KRW-BTC")
    book.show()
    proxy = QtWebSocketProxy()
    loop = QEventLoop()
    seen = []

    def take(event):
        seen.append(event.trade_price)
        loop.quit()

    managers.append(GlobalWebSocketManager.get_instance())
    subscriptions.append(proxy.subscribe_ticker("KRW-BTC", callback=take))
    loop.exec()
    return seen[0] > 0

managers, subscriptions = [], []
for _ in range(3):
    began = time.monotonic()
    print(price(), managers[-1].is_shut_down, subscriptions[-1].state)
print(len(set(map(id, managers))))
""",
    )
    assert words == ["True", "True", "closed"] * 3 + ["3"]


def test_objects_that_let_go_of_themselves_when_the_application_ends_do_not_crash_it(
    exchange: SimulatedExchange,
) -> None:
    words = fine(
        exchange,
        """
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy

held, made, managers = {}, [], []

class Item(QObject):
    def __init__(self):
        super().__init__()
        self.timer = QTimer()
        number = id(self)
        held[number] = self
        self.destroyed.connect(lambda: (held.pop(number, None), made.extend(QTimer() for _ in range(20))))

def run():
    app = QApplication([])
    # Each of them has a thread, which has to end before anything of it is destroyed.
    managers.extend(GlobalWebSocketManager() for _ in range(2))
    proxies = [QtWebSocketProxy(manager=manager) for manager in managers[-2:]]
    for proxy in proxies:
        proxy.subscribe_ticker("KRW-BTC")
    for _ in range(500):
        Item()
    QTimer.singleShot(100, app.quit)
    app.exec()

for _ in range(2):
    run()
    print(len(held))
""",
    )
    assert words == ["0", "0"]


@pytest.mark.parametrize("first", ["worker", "window"])
def test_a_proxy_in_a_worker_thread_is_refused(exchange: SimulatedExchange, first: str) -> None:
    words = fine(
        exchange,
        """
import sys, threading
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import QtWebSocketProxy, WrongThreadError

app = QApplication([])

def work():
    try:
        QtWebSocketProxy("worker")
    except WrongThreadError as error:
        print("refused", "GUI" in str(error))

def in_worker():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

if sys.argv[1] == "worker":
    in_worker()
proxy = QtWebSocketProxy("window")
if sys.argv[1] == "window":
    in_worker()
proxy.subscribe_ticker("KRW-BTC", callback=lambda event: app.quit())
app.exec()
print(proxy.subscriptions[0].state)
""",
        first,
    )
    assert words == ["refused", "True", "live"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_is_quiet_and_the_parent_goes_on(exchange: SimulatedExchange) -> None:
    words = fine(
        exchange,
        """
import os, sys, time
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import QtWebSocketProxy, ShutDownError

app = QApplication([])
proxy = QtWebSocketProxy()
got = []

def take(event):
    got.append(event)
    if len(got) == 5 * (1 + len(forked)):
        app.quit()

forked = []
prices = proxy.subscribe_ticker("KRW-BTC", callback=take)
app.exec()
began = time.monotonic()
child = os.fork()
if not child:
    for use in (lambda: QtWebSocketProxy(), lambda: proxy.subscribe_ticker("KRW-ETH")):
        try:
            use()
        except ShutDownError as error:
            print("spawn" in str(error), flush=True)
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), time.monotonic() - began < 1.5, flush=True)
forked.append(child)
got.clear()
app.exec()
print(prices.state)
""",
    )
    assert words == ["True", "True", "7", "True", "live"]


@needs_numpy
@pytest.mark.parametrize(
    ("variable", "value"), [("QT_API", "pyqt5"), ("QT_API", "pyside6"), ("PYQTGRAPH_QT_LIB", "PySide6")]
)
def test_the_environment_may_name_another_binding_of_qt(exchange: SimulatedExchange, variable: str, value: str) -> None:
    words = fine(
        exchange,
        """
import os, sys
from PyQt6.QtWidgets import QApplication
from upbit_qt_widgets import CandleChartWidget

app = QApplication([])
chart = CandleChartWidget("KRW-BTC")
chart.state_changed.connect(lambda state: app.quit() if state == "live" else None)
chart.show()
app.exec()
print(chart.state, os.environ[sys.argv[1]])
""",
        variable,
        **{variable: value},
    )
    assert words == ["live", value]


def test_an_interactive_interpreter(exchange: SimulatedExchange) -> None:
    """It has no event loop of its own: events are handled while it waits, or when the user says so."""
    words = fine(
        exchange,
        """
import code
interpreter = code.InteractiveInterpreter({})
for line in (
    "from PyQt6.QtWidgets import QApplication",
    "from upbit_qt_ws import QtWebSocketProxy",
    "app = QApplication([])",
    "proxy = QtWebSocketProxy()",
    "prices = proxy.subscribe_ticker('KRW-BTC')",
    "while prices.state != 'live': app.processEvents()",
    "",
    "print(prices.state)",
):
    interpreter.runsource(line + chr(10))
""",
    )
    assert words == ["live"]


@pytest.mark.parametrize("ends", ["exit", "exception", "nothing"])
def test_programs_that_never_run_a_loop_end_well(exchange: SimulatedExchange, ends: str) -> None:
    ended = run_program(
        exchange,
        """
import sys
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import QtWebSocketProxy
from upbit_qt_widgets import TickerWidget

app = QApplication([])
proxy = QtWebSocketProxy()
prices = proxy.subscribe_ticker("KRW-BTC")
widget = TickerWidget("KRW-BTC")
widget.show()
if sys.argv[1] == "exit":
    sys.exit(3)
if sys.argv[1] == "exception":
    raise SystemError("mine")
""",
        ends,
    )
    assert ended.code == {"exit": 3, "exception": 1, "nothing": 0}[ends]
    assert ("mine" in ended.errors) if ends == "exception" else not ended.errors
