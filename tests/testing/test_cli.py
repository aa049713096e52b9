from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from upbit_qt_ws.testing import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "upbit_qt_ws.cli", "mock"]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}


@contextmanager
def mock(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment()
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
        assert set(addresses) == {"websocket", "private", "rest"}
        assert markets(addresses) > 300
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        assert process.wait(10) == 0
        assert "10 trades per second" in process.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_on_a_signal(name: signal.Signals) -> None:
    with mock("--quiet") as (process, _):
        process.send_signal(name)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_port_in_use_is_one_sentence_and_exit_code_2() -> None:
    with SimulatedExchange() as exchange:
        result = subprocess.run(
            [*COMMAND, "--port", str(exchange.port)], capture_output=True, text=True, timeout=20, env=environment()
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


@pytest.mark.parametrize("arguments", [["--rate", "-1"], ["--capture", "missing.tsv"], ["--speed", "0"]])
def test_what_cannot_work_is_told_in_a_sentence(arguments: list[str]) -> None:
    result = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=20, env=environment())
    assert result.returncode == 2
    assert result.stderr.startswith("upbit-qt: ")
    assert "Traceback" not in result.stderr
