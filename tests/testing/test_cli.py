from __future__ import annotations

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.helpers import signals
from upbit_qt_ws.testing import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LINGER_NOT_AT_ALL = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)

COMMAND = [sys.executable, "-m", "upbit_qt_ws.cli", "mock"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


@contextmanager
def mock(*arguments: str, command: Sequence[str] = COMMAND) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*command, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment()
    )
    assert process.stdout is not None
    with process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def markets(addresses: dict[str, str]) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(addresses["rest"] + "/market/all", timeout=5) as response:
        return len(json.load(response))


def test_it_tells_its_addresses_and_ends_with_its_parent() -> None:
    with mock("--exit-with-parent", "--rate", "10", "--seed", "3") as (process, addresses):
        assert set(addresses) == {"websocket", "private", "info", "rest", "access_key", "secret_key"}
        assert markets(addresses) > 300
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        assert process.wait(10) == 0
        told = process.stderr.read()
        assert "10 trades per second" in told
        assert "warning" not in told


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_on_a_signal(name: signal.Signals) -> None:
    command = [*signals.command("upbit_qt_ws.cli", until_handled=True), "mock"]
    with mock("--quiet", command=command) as (process, _):
        signals.send(process, name)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def pasted(lines: list[str]) -> dict[str, str]:
    """Return the variables of a program that is started in a shell after these lines."""
    if sys.platform == "win32":
        # What PowerShell takes as it stands: nothing in the quotes means anything to it.
        plain = [re.fullmatch(r'\$env:(\w+) = "([^"`$]*)"', line) for line in lines]
        assert all(plain), lines
        return {line[1]: line[2] for line in plain if line}
    show = f'{sys.executable} -c "import json, os; print(json.dumps(dict(os.environ)))"'
    clean = {name: value for name, value in os.environ.items() if not name.startswith("UPBIT_")}
    shell = subprocess.run("\n".join([*lines, show]), shell=True, capture_output=True, text=True, env=clean, check=True)
    variables: dict[str, str] = json.loads(shell.stdout)
    return variables


def test_what_it_tells_people_can_be_pasted_into_a_shell() -> None:
    with mock("--exit-with-parent") as (process, addresses):
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        lines = [line.strip() for line in process.stderr.read().splitlines() if line.startswith("  ")]
    assert {name: value for name, value in pasted(lines).items() if name.startswith("UPBIT_")} == {
        "UPBIT_WEBSOCKET_PUBLIC_URL": addresses["websocket"],
        "UPBIT_WEBSOCKET_PRIVATE_URL": addresses["private"],
        "UPBIT_WEBSOCKET_INFO_URL": addresses["info"],
        "UPBIT_REST_URL": addresses["rest"],
        "UPBIT_ACCESS_KEY": addresses["access_key"],
        "UPBIT_SECRET_KEY": addresses["secret_key"],
    }


def test_it_takes_connections_after_clients_that_went_away_before_they_were_accepted() -> None:
    with mock("--exit-with-parent", "--quiet") as (_, addresses):
        place = urlsplit(addresses["rest"])
        for _ in range(30):
            with socket.create_connection((place.hostname, place.port), 10) as client:
                # It ends with a reset.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT_AT_ALL)
        assert markets(addresses) > 300


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1", "::1", "localhost"])
def test_it_warns_when_others_can_reach_it_also_when_it_is_to_be_quiet(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.bind((host, 0))
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with mock("--exit-with-parent", "--quiet", "--host", host) as (process, addresses):
        assert markets(addresses) > 300, "the address leads there"
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        told = process.stderr.read()
    if host in ("0.0.0.0", "::"):
        (line,) = told.splitlines()
        assert line.startswith("warning: whoever can reach port")
        assert "known to everybody" in line
    else:
        assert told == ""


def test_it_ends_with_its_parent_also_when_it_cannot_end_cleanly() -> None:
    hang = (
        "import time\nfrom upbit_qt_ws.testing import MockUpbitWebSocketServer\n"
        "async def stop(self):\n    time.sleep(60)\nMockUpbitWebSocketServer.stop = stop\n"
        "from upbit_qt_ws.cli import main\nmain(['mock', '--exit-with-parent', '--quiet'])\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", hang], stdin=pipe, stdout=pipe, env=environment()) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_cannot_be_is_named(port: str) -> None:
    result = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, env=environment())
    assert result.returncode == 2
    assert port in result.stderr
    assert "Traceback" not in result.stderr


def test_a_port_in_use_is_one_sentence_and_exit_code_2() -> None:
    with SimulatedExchange() as exchange:
        result = subprocess.run(
            [*COMMAND, "--port", str(exchange.port)], capture_output=True, text=True, timeout=60, env=environment()
        )
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert str(exchange.port) in result.stderr


def test_a_recording_is_played(tmp_path: Path) -> None:
    path = tmp_path / "capture.tsv"
    path.write_text('1.0\t{"ty":"trade","cd":"KRW-OLD","tp":5,"st":"REALTIME"}\n')
    with mock("--capture", str(path), "--speed", "inf", "--exit-with-parent") as (_, addresses):
        assert markets(addresses) > 300


@pytest.mark.parametrize(
    "arguments",
    [["--rate", "-1"], ["--rate", "nan"], ["--capture", "missing.tsv"], ["--speed", "0"], ["--host", "no.such.host"]],
)
def test_what_cannot_work_is_told_in_a_sentence(arguments: list[str]) -> None:
    result = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=environment())
    assert result.returncode == 2
    assert result.stderr.startswith("upbit-qt: ")
    assert "Traceback" not in result.stderr
