"""The demo as a newcomer starts it: a program of its own, with everything it promises to leave behind or not."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from PyQt6.QtGui import QImage

from tests.helpers.signals import WINDOWS, command, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at other processes in /proc")
LONG_MS = 20_000
ROOT = Path(__file__).parents[2]


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the demo without a display, as the leader of a process group, as a shell does."""
    return start_command([sys.executable, "-W", "error", "-m", "upbit_qt_demo", *arguments], None, environment)


def start_to_signal(*arguments: str, until_handled: bool) -> subprocess.Popen[str]:
    """Start a demo that takes signals; on Windows once it has a handler, if they are to wait for it."""
    program = command("upbit_qt_demo", options=("-W", "error"), until_handled=until_handled)
    return start_command([*program, *arguments], subprocess.PIPE if WINDOWS else None, {})


def start_command(words: list[str], stdin: int | None, environment: dict[str, str]) -> subprocess.Popen[str]:
    surroundings = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    surroundings.pop("QT_QPA_PLATFORM", None)
    if "PYTHONPATH" in environment:
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, (environment["PYTHONPATH"], surroundings.get("PYTHONPATH")))
        )
    return subprocess.Popen(
        words,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings | environment,
        start_new_session=True,
    )


def finish(demo: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return the exit status and what it wrote to standard error."""
    _, complaints = demo.communicate(timeout=40)
    return demo.returncode, complaints


def children(pid: int) -> list[int]:
    """Return the child processes of a process; of one that has ended, none."""
    with suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children()]
    return []


def has_begun(pid: int) -> bool:
    """Tell whether a process runs code of its own; Windows never starts one whose maker is killed in the midst."""
    return not WINDOWS or psutil.Process(pid).num_threads() > 1


def runs(pid: int) -> bool:
    """Tell whether a process still runs; one that has ended and was not waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(pid: int) -> list[str]:
    return psutil.Process(pid).cmdline()


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal; on Windows, whether it has got as far as its exchange."""
    if WINDOWS:
        return bool(children(pid))
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_headless_run_leaves_a_picture_and_a_report(tmp_path: Path) -> None:
    picture, report = tmp_path / "demo.png", tmp_path / "demo.json"
    demo = start("--headless", "--seconds", "4", "--screenshot", str(picture), "--report", str(report))

    status, complaints = finish(demo)

    assert (status, complaints) == (0, "")
    figures: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    link, events = figures["links"]["public"], figures["events"]
    assert (link["state"], link["sockets_opened"], link["epoch"]) == ("connected", 1, 1)
    assert 1 <= link["requests_sent"] <= 3
    assert events["received"] == events["delivered"] + events["coalesced"]
    assert events["delivered"] > 200
    assert events["dropped"] == 0
    assert figures["frames"] > 20
    assert set(figures["gui_lag_ms"]) == {"p50", "p99"}
    assert figures["exceptions"] == []
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1180, 800)
    colors = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colors) > 100, "the picture is not blank"


# Without --seconds it ends by itself after ten, which one case is enough for.
@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        # Windows and macOS have one if nobody says otherwise.
        ({} if sys.platform == "linux" else {"QT_QPA_PLATFORM": "minimal"}, ("--seconds", "1")),
        ({"QT_QPA_PLATFORM": "offscreen"}, ()),
    ],
)
def test_without_a_display_it_says_so_and_ends_by_itself(environment: dict[str, str], seconds: tuple[str, ...]) -> None:
    demo = start(*seconds, "--theme", "light", "--language", "en", **environment)

    status, complaints = finish(demo)

    assert status == 0
    # A machine that has other work to do is told that it keeps the window busy.
    said = [line for line in complaints.splitlines() if "kept the window busy" not in line]
    assert said == ["upbit-qt-demo: there is no display, so the window is rendered offscreen"]


def test_a_port_in_use_is_one_plain_sentence(taken_port: int) -> None:
    status, complaints = finish(start("--headless", "--seconds", "1", "--port", str(taken_port)))

    assert status == 1
    assert complaints.count("\n") == 1
    assert str(taken_port) in complaints


def test_a_bad_address_is_one_plain_sentence() -> None:
    environment = {"UPBIT_WEBSOCKET_PUBLIC_URL": "ws://example.com/websocket/v1"}
    status, complaints = finish(start("--live", "--headless", "--seconds", "1", **environment))

    assert status == 1
    assert complaints.count("\n") == 1
    assert "ws://example.com/websocket/v1" in complaints


def test_a_missing_library_is_one_plain_sentence_with_the_way_out(tmp_path: Path) -> None:
    broken = tmp_path / "PyQt6"
    broken.mkdir()
    (broken / "__init__.py").write_text('raise ImportError("libEGL.so.1: cannot open shared object file")\n')
    status, complaints = finish(start("--headless", "--seconds", "1", PYTHONPATH=str(tmp_path)))

    assert status == 1
    assert complaints.count("\n") == 1
    assert "libEGL.so.1" in complaints
    assert "apt-get install libegl1" in complaints


def test_a_report_that_cannot_be_written_is_refused_before_the_start(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "report.json"
    status, complaints = finish(start("--headless", "--report", str(missing)))

    assert status == 2
    assert str(missing.parent) in complaints


def test_without_the_simulated_exchange_in_the_environment_nothing_leaves_the_machine(tmp_path: Path) -> None:
    report = tmp_path / "demo.json"
    environment = {"UPBIT_WEBSOCKET_PUBLIC_URL": "wss://127.0.0.1:9/websocket/v1"}
    status, complaints = finish(start("--headless", "--seconds", "2", "--report", str(report), **environment))

    assert (status, complaints) == (0, "")
    assert json.loads(report.read_text(encoding="utf-8"))["links"]["public"]["state"] == "connected"


def test_the_exchange_ends_with_the_demo_also_when_that_is_killed(qtbot: QtBot) -> None:
    demo = start("--headless", "--seconds", "30")
    qtbot.waitUntil(lambda: any(map(has_begun, children(demo.pid))), timeout=LONG_MS)
    (exchange,) = children(demo.pid)

    demo.kill()
    finish(demo)

    qtbot.waitUntil(lambda: not runs(exchange), timeout=LONG_MS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_with_a_report(qtbot: QtBot, tmp_path: Path, number: signal.Signals) -> None:
    report = tmp_path / "demo.json"
    demo = start_to_signal("--headless", "--seconds", "30", "--report", str(report), until_handled=True)
    qtbot.waitUntil(lambda: catches(demo.pid, signal.SIGTERM), timeout=LONG_MS)
    (exchange,) = children(demo.pid)

    send(demo, number)
    status, complaints = finish(demo)

    assert (status, complaints) == (128 + number, "")
    assert json.loads(report.read_text(encoding="utf-8"))["exceptions"] == []
    qtbot.waitUntil(lambda: not runs(exchange), timeout=LONG_MS)


@LINUX
def test_ctrl_c_in_the_terminal_reaches_the_demo_and_not_the_exchange(qtbot: QtBot, tmp_path: Path) -> None:
    report = tmp_path / "demo.json"
    demo = start("--headless", "--seconds", "30", "--report", str(report))
    qtbot.waitUntil(lambda: catches(demo.pid, signal.SIGTERM), timeout=LONG_MS)
    (exchange,) = children(demo.pid)
    assert os.getpgid(exchange) not in (os.getpgid(demo.pid), os.getpgid(0))

    os.killpg(os.getpgid(demo.pid), signal.SIGINT)
    status, complaints = finish(demo)

    assert (status, complaints) == (130, "")
    assert json.loads(report.read_text(encoding="utf-8"))["exceptions"] == []
    qtbot.waitUntil(lambda: not runs(exchange), timeout=LONG_MS)


def test_ctrl_c_while_it_starts_ends_it_at_once(qtbot: QtBot) -> None:
    demo = start_to_signal("--headless", "--seconds", "30", until_handled=False)
    qtbot.waitUntil(lambda: any("mock" in command_line(child) for child in children(demo.pid)), timeout=LONG_MS)
    (exchange,) = children(demo.pid)
    psutil.Process(exchange).suspend()  # It will not get ready.

    began = time.monotonic()
    send(demo, signal.SIGINT)
    status, _ = finish(demo)

    with suppress(psutil.NoSuchProcess):
        psutil.Process(exchange).resume()
    assert status == 130
    assert time.monotonic() - began < 10, "it waited until the exchange was given up"
    qtbot.waitUntil(lambda: not runs(exchange), timeout=LONG_MS)


def test_without_the_chart_s_libraries_all_else_runs(tmp_path: Path) -> None:
    (tmp_path / "pyqtgraph.py").write_text("raise ModuleNotFoundError(\"No module named 'pyqtgraph'\")\n")
    report = tmp_path / "demo.json"
    demo = start("--headless", "--seconds", "3", "--report", str(report), PYTHONPATH=str(tmp_path))

    status, complaints = finish(demo)

    assert (status, complaints) == (0, "")
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert figures["links"]["public"]["state"] == "connected"
    assert figures["exceptions"] == []


def test_what_is_chosen_is_kept_in_a_profile_and_nowhere_without_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "APPDATA": str(home / "AppData")}
    profile = tmp_path / "profile"
    for arguments in (("--profile", str(profile), "--language", "en", "--theme", "light"), ("--fresh",), ()):
        status, complaints = finish(start("--headless", "--seconds", "1", *arguments, **environment))
        assert (status, complaints) == (0, "")

    kept = (profile / "upbit_qt_ws" / "demo.ini").read_text(encoding="utf-8")
    assert "language=en" in kept
    assert "theme=light" in kept
    assert not [path for path in home.rglob("*") if path.suffix == ".ini"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--size", "1366"), "1366x768"),
        (("--size", "0x700"), "0x700"),
        (("--profile", __file__), __file__),
        (("--profile", ".", "--fresh"), "--fresh"),
        (("--theme", "blue"), "blue"),
    ],
)
def test_wrong_choices_are_refused_before_the_start(arguments: tuple[str, ...], named: str) -> None:
    status, complaints = finish(start("--headless", *arguments))

    assert status == 2
    assert named in complaints
    assert "Traceback" not in complaints


def test_a_picture_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    demo = start("--headless", "--seconds", "2", "--size", "1366x768", "--screenshot", str(picture))

    assert finish(demo) == (0, "")
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1366, 768)


@pytest.mark.skipif(Path(sys.prefix) != ROOT / ".venv", reason="in another environment it would set up .venv first")
def test_the_first_command_of_the_readme_runs_from_any_folder(tmp_path: Path) -> None:
    demo = ["demo", "--headless", "--seconds", "1", "--report", "report.json"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), *demo],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["exceptions"] == []
