"""A computer that has run out of descriptors or memory: a reason in words, and all is well when it is over.

Each program is one of its own, since it takes away from itself what all of a process share.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.program import exchange_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO_DESCRIPTOR = "this program has no file descriptor left"
ALARMS = ("Traceback", "Fatal", "never retrieved")

# Tells what it does, one JSON array a line, and does as it is told on its standard input, a letter each.
PROGRAM = """
import json, logging, os, socket, sys, threading, time
from PyQt6.QtWidgets import QApplication
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig

logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
application = QApplication([])
held, events, errors, words = [], [], [], []
exhausting = False

class Socket(socket.socket):
    # On Windows a program may have more sockets than anybody opens; then it is told this.
    def __init__(self, *arguments, **options):
        if exhausting:
            raise OSError(0, "An operation on a socket could not be performed", None, 10024)
        super().__init__(*arguments, **options)

try:
    import resource
except ImportError:
    socket.socket = Socket
else:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

def listen():
    while not words or words[-1] not in ("q", ""):
        words.append(os.read(0, 1).decode())

threading.Thread(target=listen, daemon=True).start()
config = WebSocketConfig.load(WebSocketConfig(retry_base_s=0.05, retry_cap_s=0.2, fallback_after_s=0.5))
manager = GlobalWebSocketManager.get_instance(config)
manager.error_occurred.connect(lambda error: errors.append(str(error)))
exhausting = "exhausted" in sys.argv

def exhaust():
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass

if exhausting:
    exhaust()
proxy = QtWebSocketProxy()
proxy.subscribe_ticker("KRW-BTC", callback=events.append)
proxy.subscribe_my_order(callback=print)
last = None
while True:
    application.processEvents()
    time.sleep(0.002)
    if exhausting:
        exhaust()
    link = manager.link()
    now = [str(link.state), link.reason, len(events), link.failures, errors[-1] if errors else ""]
    if now != last:
        last = now
        print(json.dumps(now), flush=True)
    if words:
        word = words.pop(0)
        if word == "x":
            exhausting = True
        elif word == "r":
            exhausting = False
            while held:
                os.close(held.pop())
        else:
            break
began = time.monotonic()
manager.shutdown()
print(json.dumps(["ended", round(time.monotonic() - began, 3)]), flush=True)
"""


class Told(NamedTuple):
    """What the program tells of its public link, its events and its errors; at the end how long its shutdown took."""

    state: str
    reason: Any
    events: int = 0
    failures: int = 0
    error: str = ""


class Run:
    """A program that runs out of descriptors when it is told to."""

    def __init__(self, exchange: SimulatedExchange, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**exchange_environment(exchange), "QT_QPA_PLATFORM": "offscreen"},
        )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, word: str) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(word)
        pipe.flush()

    def until(self, condition: Callable[[Told], bool]) -> Told:
        """Read until a condition holds."""
        assert self._process.stdout is not None
        end = time.monotonic() + 40
        told = None
        for line in self._process.stdout:
            told = Told(*json.loads(line))
            if condition(told):
                return told
            assert time.monotonic() < end, f"it never came true: {told}"
        raise AssertionError(f"the program ended after {told}: {self._process.communicate()[1]}")

    def end(self) -> tuple[float, str]:
        """End it; return how long its shutdown took in seconds, and what it has complained of."""
        self.tell("q")
        seconds: float = self.until(lambda told: told.state == "ended").reason
        _, complaints = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, complaints
        return seconds, complaints


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    with SimulatedExchange(rate=300) as running:
        yield running


def lines_about(complaints: str, words: str) -> list[str]:
    return [line for line in complaints.splitlines() if words in line]


def test_connections_without_descriptors_fail_with_a_reason_and_are_made_when_there_are_some(
    exchange: SimulatedExchange,
) -> None:
    with Run(exchange) as run:
        run.until(lambda told: told.events > 3)
        exchange.refuse_connections(True, status=503)
        exchange.drop(abort=True)
        run.until(lambda told: "503" in told.reason)
        run.tell("x")
        failed = run.until(lambda told: NO_DESCRIPTOR in told.reason)
        exchange.refuse_connections(False)
        told = run.until(lambda told: told.failures > failed.failures + 20)
        assert NO_DESCRIPTOR in told.reason
        run.tell("r")
        run.until(lambda now: now.state == "connected" and now.events > told.events)
        seconds, complaints = run.end()
    assert seconds < 2
    assert not [alarm for alarm in ALARMS if alarm in complaints], complaints
    # Two links and REST for each say it once, however often they try.
    assert 1 <= len(lines_about(complaints, NO_DESCRIPTOR)) <= 6


def test_a_program_that_starts_without_descriptors_says_so_and_starts_when_there_are_some(
    exchange: SimulatedExchange,
) -> None:
    with Run(exchange, "exhausted") as run:
        told = run.until(lambda told: bool(told.error))
        assert NO_DESCRIPTOR in told.error
        assert "tried again" in told.error
        time.sleep(0.5)
        run.tell("r")
        run.until(lambda told: told.state == "connected" and told.events > 3)
        seconds, complaints = run.end()
    assert seconds < 2
    assert not [alarm for alarm in ALARMS if alarm in complaints], complaints


def test_a_program_that_never_gets_descriptors_can_be_ended(exchange: SimulatedExchange) -> None:
    with Run(exchange, "exhausted") as run:
        run.until(lambda told: bool(told.error))
        seconds, complaints = run.end()
    assert seconds < 2
    assert not [alarm for alarm in ALARMS if alarm in complaints], complaints


LIMITED_MOCK = """
import socket, sys
from upbit_qt_ws.cli import main
import upbit_qt_ws.commands.mock

class Socket(socket.socket):
    # Windows has no limit of its own; this is what it says when it has run out.
    taken = set()

    def _accept(self):
        if len(self.taken) > 15:
            raise OSError(0, "An operation on a socket could not be performed", None, 10024)
        descriptor, address = super()._accept()
        self.taken.add(descriptor)
        return descriptor, address

    def _real_close(self):
        self.taken.discard(self.fileno())
        super()._real_close()

try:
    import resource
except ImportError:
    socket.socket = Socket
else:
    resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
sys.exit(main(["mock", "--exit-with-parent", "--quiet", "--rate", "10"]))
"""


def test_an_exchange_that_cannot_accept_says_so_once_and_accepts_again() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", LIMITED_MOCK], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as mock:
        assert mock.stdin is not None
        assert mock.stdout is not None
        assert mock.stderr is not None
        port = int(json.loads(mock.stdout.readline())["rest"].rpartition(":")[2].partition("/")[0])
        with ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            time.sleep(3.5)  # It tries to accept once a second.
        with socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.settimeout(20)
            connection.sendall(b"GET /v1/market/all HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(64).startswith(b"HTTP/1.1 200")
        mock.stdin.close()
        complaints = mock.stderr.read()
    assert complaints.splitlines() == [
        "the simulated exchange takes no connections now: "
        "this program has no file descriptor left: too many files and sockets are open in it"
    ]


SMALL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (900 * 2**20, 900 * 2**20))
from upbit_qt_ws.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
@pytest.mark.parametrize(
    "arguments",
    [["watch", "KRW-BTC", "--seconds", "2"], ["doctor", "--lang", "en"], ["mock", "--exit-with-parent"]],
    ids=lambda words: words[0],
)
def test_900_mb_of_addresses_and_a_home_that_cannot_be_written_are_enough(arguments: list[str]) -> None:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "UPBIT_"))}
    ended = subprocess.run(
        [sys.executable, "-c", SMALL, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**surroundings, "HOME": "/proc", "QT_QPA_PLATFORM": "offscreen"},
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "KRW-BTC" in ended.stdout or "websocket" in ended.stdout
