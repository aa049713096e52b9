"""Ctrl-C ends the event loop at whichever moment it comes, with 130, and what the program does after it still runs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from tests.helpers.numpy import needs_numpy
from tests.helpers.programs import environment, run_program
from upbit_qt_ws.testing import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 20
"""Seconds for what takes a fraction of one."""

BEGIN = """
import sys
from PyQt6.QtWidgets import QApplication
from upbit_qt_widgets import OrderbookWidget, TickerWidget
from upbit_qt_ws import QtWebSocketProxy, install_excepthook
app = QApplication([])
"""
WINDOWS = os.name == "nt"
INTERRUPTED_BY_INPUT = """
import signal, sys, threading
def listen():
    while sys.stdin.readline():
        signal.raise_signal(signal.SIGINT)
threading.Thread(target=listen, daemon=True).start()
"""
"""Windows cannot send Ctrl-C to one process. What its console does is done in the program: the handler in C runs in a
thread that Python's code never sees."""

READY = "ready"
"""What a program writes once data comes."""

PROGRAMS = {
    "widgets": """
widgets = [TickerWidget("KRW-BTC"), OrderbookWidget("KRW-BTC")]
for widget in widgets:
    widget.show()
widgets[0].state_changed.connect(lambda state: print(state, "ready", flush=True) if state == "live" else None)
code = app.exec()
print("after", flush=True)
sys.exit(code)
""",
    "chart and both hooks": """
from upbit_qt_widgets import CandleChartWidget
install_excepthook()
widget = CandleChartWidget("KRW-BTC")
widget.show()
widget.state_changed.connect(lambda state: print(state, "ready", flush=True) if state == "live" else None)
code = app.exec()
print("after", flush=True)
sys.exit(code)
""",
    "own dialog": """
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QDialog
proxy = QtWebSocketProxy()
prices = proxy.subscribe_ticker("KRW-BTC")
prices.on_live(lambda: print("ready", flush=True))
def ask():
    print("dialog", QDialog().exec(), flush=True)
QTimer.singleShot(0, ask)
code = app.exec()
print("after", flush=True)
sys.exit(code)
""",
    "qasync": """
import asyncio
import qasync
loop = qasync.QEventLoop(app)
asyncio.set_event_loop(loop)
proxy = QtWebSocketProxy()
async def work(event):
    await asyncio.sleep(0.001)
proxy.subscribe_trade("KRW-BTC", callback=work).on_live(lambda: print("ready", flush=True))
with loop:
    code = loop.run_forever()
print("after", flush=True)
sys.exit(code)
""",
    "the toolkit's own loop": """
from upbit_qt_ws.network.event_loop import NetworkEventLoop
proxy = QtWebSocketProxy()
proxy.subscribe_trade("KRW-BTC").on_live(lambda: print("ready", flush=True))
loop = NetworkEventLoop.for_current_thread()
try:
    loop.run_forever()
except KeyboardInterrupt:
    print("after", flush=True)
    sys.exit(130)
""",
    "processEvents": """
import time
widget = TickerWidget("KRW-BTC")
widget.show()
widget.state_changed.connect(lambda state: print(state, "ready", flush=True) if state == "live" else None)
try:
    while True:
        app.processEvents()
        time.sleep(0.002)
except KeyboardInterrupt:
    print("after", flush=True)
    sys.exit(130)
""",
}


@pytest.fixture(scope="module")
def exchange() -> Iterator[SimulatedExchange]:
    with SimulatedExchange(seed=3, rate=500) as running:
        yield running


def start(exchange: SimulatedExchange, source: str) -> subprocess.Popen[str]:
    """Start a program, and wait until data comes."""
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", INTERRUPTED_BY_INPUT * WINDOWS + BEGIN + textwrap.dedent(source)],
        env=environment(exchange),
        stdin=subprocess.PIPE if WINDOWS else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell does for a program in the foreground; a test may run in the background, where it is ignored.
        preexec_fn=None if WINDOWS else lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if READY in line:
            break
    return process


def interrupt(process: subprocess.Popen[str]) -> None:
    """Do what Ctrl-C in the terminal does."""
    if process.stdin is None:
        process.send_signal(signal.SIGINT)
    else:
        process.stdin.write("\n")
        process.stdin.flush()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_numpy) if "Chart" in PROGRAMS[name] else name for name in PROGRAMS]
)
def test_it_ends_every_kind_of_program(exchange: SimulatedExchange, name: str) -> None:
    rng = random.Random(name)
    for _ in range(2):
        process = start(exchange, PROGRAMS[name])
        time.sleep(rng.uniform(0.0, 0.5))
        interrupt(process)
        output, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, "after" in output) == (130, True), errors
        assert "Traceback" not in errors
        assert "Fatal" not in errors


def test_a_program_that_handles_it_itself_goes_on_doing_so(exchange: SimulatedExchange) -> None:
    process = start(
        exchange,
        """
        import signal
        signal.signal(signal.SIGINT, lambda *_: (print("mine", flush=True), app.exit(5)))
        widget = TickerWidget("KRW-BTC")
        widget.show()
        widget.state_changed.connect(lambda state: print("ready", flush=True) if state == "live" else None)
        sys.exit(app.exec())
        """,
    )
    interrupt(process)
    output, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output.split()) == (5, ["mine"])


def test_the_old_handler_comes_back_when_the_manager_ends(exchange: SimulatedExchange) -> None:
    ended = run_program(
        exchange,
        BEGIN
        + """
import signal
from upbit_qt_ws import GlobalWebSocketManager
before = signal.getsignal(signal.SIGINT)
proxy = QtWebSocketProxy()
during = signal.getsignal(signal.SIGINT)
GlobalWebSocketManager.get_instance().shutdown()
print(during is before, signal.getsignal(signal.SIGINT) is before, signal.set_wakeup_fd(-1))
""",
    )
    assert (ended.code, ended.output.split()) == (0, ["False", "True", "-1"])


def test_code_of_the_program_that_keeps_the_window_busy_is_interrupted_by_the_second_one(
    exchange: SimulatedExchange,
) -> None:
    process = start(
        exchange,
        """
        proxy = QtWebSocketProxy()
        def busy(event):
            print("ready", flush=True)
            while True:
                pass
        proxy.subscribe_ticker("KRW-BTC", callback=busy)
        code = app.exec()
        print("after", flush=True)
        sys.exit(code)
        """,
    )
    interrupt(process)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.2)
    interrupt(process)
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output.split()) == (130, ["after"]), errors


@pytest.mark.parametrize(
    ("raised", "code"), [("KeyboardInterrupt", 130), ("SystemExit(7)", 7), ("SystemExit('a sentence')", 1)]
)
@pytest.mark.parametrize("way", ["callback", "paint"])
def test_what_ends_a_program_ends_the_loop_when_it_is_raised_within_the_toolkit(
    exchange: SimulatedExchange, raised: str, code: int, way: str
) -> None:
    ended = run_program(
        exchange,
        BEGIN
        + f"""
def end(*_):
    raise {raised}
if {way!r} == "callback":
    proxy = QtWebSocketProxy()
    proxy.subscribe_ticker("KRW-BTC", callback=end)
else:
    from upbit_qt_widgets.ticker import price_line
    price_line.QPainter = end
    widget = TickerWidget("KRW-BTC")
    widget.preview()
    widget.show()
code = app.exec()
print("after")
sys.exit(code)
""",
    )
    assert (ended.code, ended.output.split()) == (code, ["after"])
    assert "Traceback" not in ended.errors
    assert ("a sentence" in ended.errors) == ("sentence" in raised)


def test_it_is_left_to_python_where_the_setting_says_so(exchange: SimulatedExchange) -> None:
    ended = run_program(
        exchange,
        BEGIN
        + """
import signal
from upbit_qt_ws import GlobalWebSocketManager, WebSocketConfig
GlobalWebSocketManager.get_instance(WebSocketConfig.load(WebSocketConfig(handle_interrupts=False)))
proxy = QtWebSocketProxy()
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
""",
        PYTHONSAFEPATH=os.environ.get("PYTHONSAFEPATH", ""),
    )
    assert (ended.code, ended.output.split()) == (0, ["True"])
