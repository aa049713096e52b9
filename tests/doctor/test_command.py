from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from upbit_qt_ws import cli
from upbit_qt_ws.doctor import CheckResult, Outcome, line_of
from upbit_qt_ws.doctor.checkup import CHECKS
from upbit_qt_ws.testing import SimulatedExchange

if TYPE_CHECKING:
    from pathlib import Path


def test_a_simulated_exchange_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "app.log"
    log.write_text("something happened with simulated-access-key\n")
    bundle = tmp_path / "bundle.zip"
    assert cli.main(["doctor", "--lang", "ko", "--bundle", str(bundle), "--log", str(log)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CHECKS) + 1
    assert all(line.startswith("[정상]") for line in lines[:-1])
    assert "\x1b" not in lines[0], "no colours where nobody sees them"
    with zipfile.ZipFile(bundle) as read:
        assert "something happened with •••" in read.read("log.txt").decode()
        assert "simulated-access-key" not in read.read("computer.json").decode()


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json", "--lang", "en"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert read["ok"] is True
    assert [result["name"] for result in read["results"]] == [check.name for check in CHECKS]


def test_a_failed_check_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with SimulatedExchange(rate=0) as exchange:
        monkeypatch.setenv("UPBIT_WEBSOCKET_PUBLIC_URL", exchange.websocket_url)
        monkeypatch.setenv("UPBIT_WEBSOCKET_PRIVATE_URL", exchange.private_url)
        monkeypatch.setenv("UPBIT_REST_URL", f"http://127.0.0.1:{port}/v1")
        assert cli.main(["doctor", "--live", "--lang", "en"]) == 1
    shown = capsys.readouterr().out
    assert "[failed] TCP and TLS" in shown
    assert "    → The server cannot be reached" in shown
    assert "UPBIT_REST_URL" in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--log", "app.log"], "--bundle"),
        (["--bundle", "bundle.zip", "--log", "missing.log"], "missing.log"),
        (["--config", "settings.toml"], "--live"),
    ],
)
def test_misuse_is_exit_code_2(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", *arguments]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


def test_the_outcome_is_told_in_words_and_in_colour() -> None:
    result = CheckResult("dns", "DNS", Outcome.FAILED, "no such name", "Check it.", 0.1)
    assert line_of(result, "ko") == "[실패] DNS: no such name\n    → Check it."
    assert line_of(result, "en", color=True).startswith("\x1b[31m[failed]\x1b[0m DNS")


WITHOUT_QT = """
import sys
sys.modules.update(PyQt6=None, qasync=None)
from upbit_qt_ws import cli
sys.exit(cli.main(["doctor", "--json", "--lang", "en"]))
"""


def test_it_works_where_qt_cannot_be_loaded() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, "-c", WITHOUT_QT]
    ended = subprocess.run(command, capture_output=True, timeout=25, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    results = {result["name"]: result for result in json.loads(ended.stdout)["results"]}
    assert results["socket"]["outcome"] == "ok"
    assert results["keys"]["outcome"] == "ok"


def test_an_interrupted_run_is_no_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def close_the_pipe(*_: object, **more: object) -> str:
        raise BrokenPipeError

    monkeypatch.setattr("upbit_qt_ws.doctor.command.line_of", close_the_pipe)
    assert cli.main(["doctor", "--lang", "en"]) == 130
    assert capsys.readouterr().out == ""
