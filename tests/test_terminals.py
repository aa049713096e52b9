"""Every command, on every kind of standard stream: never a traceback, and an exit code that says what happened."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tools.console import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

CLI = [sys.executable, "-m", "upbit_qt_ws.cli"]
PATIENCE = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the streams are opened by a shell")

ALARMS = ("Traceback", "Exception ignored", "Logging error", "Error in sys.excepthook", "Fatal Python error")


class Ended(NamedTuple):
    code: int
    out: bytes
    err: bytes


def run(command: list[str], streams: str = "", environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command as a shell does; ``streams`` are its redirections."""
    surroundings = {
        name: value for name, value in os.environ.items() if not name.startswith(("UPBIT_", "LC_", "LANG", "PYTHONIO"))
    }
    done = subprocess.run(
        ["bash", "-c", f"exec {shlex.join(command)} {streams}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env=surroundings | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | dict(environment or {}),
    )
    complaints = done.stderr.decode(errors="replace")
    assert not any(alarm in complaints for alarm in ALARMS), complaints
    assert done.returncode >= 0, complaints
    return Ended(done.returncode, done.stdout, done.stderr)


NARROW = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp949": {"PYTHONIOENCODING": "cp949"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "LANG=C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
WATCH = [*CLI, "watch", "KRW-BTC", "KRW-ETH", "--seconds", "1"]
WATCH_FOR_LONGER = [*WATCH[:-1], "3"]
"""A machine that has other work to do shows little within one second."""
DOCTOR = [*CLI, "doctor", "--lang", "ko"]
HELP = [*CLI, "--help"]
MOCK = [*CLI, "mock", "--exit-with-parent", "--rate", "0"]
DEMO = [sys.executable, "-m", "upbit_qt_demo", "--headless", "--seconds", "1"]
DEV = [sys.executable, str(ROOT / "dev.py"), "example"]
DESIGNER = [*CLI, "designer", "--lang", "ko", "--designer", "/no/such/설계자"]


@pytest.mark.parametrize("narrow", NARROW)
def test_a_stream_is_watched_in_any_encoding(narrow: str) -> None:
    ended = run(WATCH_FOR_LONGER, environment=NARROW[narrow])
    assert ended.code == 0
    # Qt itself says that it prefers another locale.
    assert not ended.err or narrow == "LANG=C"
    lines = ended.out.decode("cp949" if narrow == "cp949" else "cp1252").splitlines()
    assert len(lines) >= 2
    assert all("KRW-" in line for line in lines)
    assert ("▲" in " ".join(lines) or "▼" in " ".join(lines)) is (narrow == "cp949")


@pytest.mark.parametrize("narrow", NARROW)
def test_a_stream_of_json_can_be_read_in_any_encoding(narrow: str) -> None:
    ended = run([*WATCH_FOR_LONGER, "--json"], environment=NARROW[narrow])
    assert ended.code == 0
    events = [json.loads(line) for line in ended.out.decode("ascii").splitlines()]
    assert events
    assert {event["code"] for event in events} <= {"KRW-BTC", "KRW-ETH"}


@pytest.mark.parametrize("narrow", NARROW)
def test_the_doctor_speaks_to_any_terminal(narrow: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    ended = run([*DOCTOR, "--bundle", str(bundle)], environment=NARROW[narrow])
    assert ended.code == 0
    spoken = ended.out.decode({"cp949": "cp949", "cp1252": "cp1252"}.get(narrow, "ascii"))
    assert ("[정상]" if narrow == "cp949" else "[\\uc815\\uc0c1]") in spoken
    with zipfile.ZipFile(bundle) as read:
        assert "정상" in read.read("report.txt").decode()


def test_the_doctor_speaks_english_to_a_korean_whose_terminal_lacks_the_letters() -> None:
    for encoding, word in (("ascii", "[ok]"), ("cp949", "[정상]")):
        ended = run([*CLI, "doctor"], environment={"LC_ALL": "ko_KR.UTF-8", "PYTHONIOENCODING": encoding})
        assert word in ended.out.decode(encoding)


@pytest.mark.parametrize("narrow", NARROW)
@pytest.mark.parametrize("command", [DESIGNER, [*CLI, "watch", "비트코인"], HELP], ids=["designer", "watch", "help"])
def test_messages_are_written_to_any_terminal(command: list[str], narrow: str) -> None:
    ended = run(command, environment=NARROW[narrow])
    assert ended.code == (0 if command is HELP else 2)
    assert ended.out if command is HELP else ended.err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (WATCH, 0),
        ([*WATCH, "--json"], 0),
        (DOCTOR, 0),
        ([*DOCTOR, "--json"], 0),
        (MOCK, 0),
        (HELP, 0),
        ([*CLI, "--version"], 0),
        ([*CLI, "watch", "nonsense"], 2),
        ([*CLI], 2),
        (DESIGNER, 2),
        (DEMO, 0),
        ([*DEMO, "--port", "99999"], 2),
        (DEV, 0),
        ([*DEV, "nonsense"], 2),
    ],
    ids=lambda value: " ".join(value[2:5]) if isinstance(value, list) else None,
)
@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-"])
def test_streams_that_are_not_there(command: list[str], code: int, streams: str) -> None:
    assert run(command, streams).code == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize(
    "command",
    [WATCH, [*WATCH, "--json"], DOCTOR, [*DOCTOR, "--json"], MOCK, HELP, [*CLI, "--version"], DEV],
    ids=lambda command: " ".join(command[2:5]),
)
def test_a_full_disk_is_told_and_exit_code_2(command: list[str]) -> None:
    ended = run(command, ">/dev/full")
    assert ended.code == 2
    assert ended.err.decode().splitlines()[-1].endswith("standard output cannot be written: the disk is full")
    assert run(command, ">/dev/full 2>/dev/full").code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("command", [DESIGNER, [*CLI, "watch", "nonsense"], [*DEV, "nonsense"]], ids=lambda c: c[-1])
def test_complaints_that_cannot_be_written_leave_the_exit_code(command: list[str]) -> None:
    assert run(command, "2>/dev/full").code == 2


@pytest.mark.parametrize(
    "command", [WATCH, [*WATCH, "--json"], [*DOCTOR, "--json"], MOCK, HELP, DEV], ids=lambda command: command[-1]
)
def test_a_reader_who_has_gone_is_no_failure(command: list[str]) -> None:
    # The reader ends before anything is written.
    assert run(command, "> >(exec <&-; true)").code == 0


def test_a_report_of_the_demo_on_a_full_disk_is_a_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no full disk to write to")
    ended = run([*DEMO, "--report", "/dev/full"])
    assert ended.code == 1
    assert ended.err.decode() == "upbit-qt-demo: the disk is full\n"


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full", "> >(exec <&-; true)"])
def test_a_trial_leaves_its_streams_to_the_program(streams: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(5)\n", encoding="utf-8")
    assert run([*CLI, "try", str(program)], streams).code == 5


PYTHONW = """
import sys
sys.stdin = sys.stdout = sys.stderr = sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = None
import os
from {module} import main
os._exit(main(sys.argv[1:]) + 100)
"""


@pytest.mark.parametrize(
    ("module", "arguments", "code"),
    [
        ("upbit_qt_ws.cli", WATCH[3:], 0),
        ("upbit_qt_ws.cli", DOCTOR[3:], 0),
        ("upbit_qt_ws.cli", [*DOCTOR[3:], "--json"], 0),
        ("upbit_qt_ws.cli", ["mock", "--exit-with-parent"], 2),
        ("upbit_qt_ws.cli", ["watch", "nonsense"], 2),
        ("upbit_qt_demo.__main__", DEMO[3:], 0),
    ],
)
def test_a_program_without_a_console(module: str, arguments: list[str], code: int) -> None:
    ended = run([sys.executable, "-c", PYTHONW.format(module=module), *arguments])
    assert ended.code == 100 + code
    assert ended.out == b""


@pytest.mark.parametrize(
    "command", [[*CLI], [sys.executable, "-m", "upbit_qt_demo"]], ids=["upbit-qt", "upbit-qt-demo"]
)
def test_the_version_is_one_line_with_those_of_python_and_qt(command: list[str]) -> None:
    ended = run([*command, "--version"])
    assert ended.code == 0
    (line,) = ended.out.decode().splitlines()
    program = "upbit-qt-demo" if "upbit_qt_demo" in command else "upbit-qt"
    assert line.startswith(f"{program} ")
    assert f"Python {sys.version.split()[0]}, PyQt6 6." in line
    assert ", Qt 6." in line
