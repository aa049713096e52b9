"""A program that is bound to this process ends with it, however that ends, and its exit code is passed on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a third process sees to it, as tested below")
PATIENCE = 30.0

BIND = """
import os, sys
from upbit_qt_ws.system.children import run_bound
sys.exit(run_bound([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], os.environ))
"""
# Tells its number, and does not end by itself, nor when it is asked to.
STUBBORN = """
import os, signal, sys, time
from pathlib import Path
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
Path(sys.argv[1] + ".new").write_text(str(os.getpid()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
"""
# Cleans up when it is interrupted, which takes a while, and counts how often.
TIDY = """
import os, signal, sys, time
from pathlib import Path
told = []
signal.signal(signal.SIGINT, lambda number, frame: told.append(number))
Path(sys.argv[1] + ".new").write_text(str(os.getpid()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
while not told:
    time.sleep(0.01)
time.sleep(1.0)
Path(sys.argv[1] + ".told").write_text(str(len(told)))
sys.exit(7)
"""
WATCH = """
import sys, time
from upbit_qt_ws.system.children import watched
with watched(int(sys.argv[1])):
    print("watching", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return sys.platform != "linux"
    return state != "Z"


@contextmanager
def bound(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that starts a program."""
    command = [sys.executable, "-c", BIND, program, *arguments]
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def started(file: Path) -> int:
    until(file.exists, "the program has not started")
    return int(file.read_text())


@LINUX
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])  # By name: Windows lacks them, and must read this.
def test_it_ends_when_its_parent_is_killed(tmp_path: Path, name: str) -> None:
    with bound(STUBBORN, str(tmp_path / "pid")) as process:
        pid = started(tmp_path / "pid")
        process.send_signal(signal.Signals[name])
        process.wait(PATIENCE)
        until(lambda: not runs(pid), "the program outlives its parent")


def test_a_third_process_kills_it_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as target:
        command = [sys.executable, "-c", WATCH, str(target.pid), "60"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as watcher:
            assert watcher.stdout is not None
            assert watcher.stdout.readline() == b"watching\n"
            watcher.kill()
        assert target.wait(PATIENCE) == -signal.SIGKILL


def test_a_third_process_leaves_it_alone_when_the_block_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as target:
        done = subprocess.run([sys.executable, "-c", WATCH, str(target.pid), "0"], timeout=PATIENCE, check=False)
        assert done.returncode == 0
        time.sleep(0.2)
        assert target.poll() is None
        target.kill()


def test_ctrl_c_in_the_terminal_reaches_both_once_and_the_parent_waits(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", BIND, TIDY, str(tmp_path / "pid")])
    try:
        started(tmp_path / "pid")
        os.write(terminal, b"\x03")
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 7, "the exit code is that of the program, which had time to clean up"
    assert (tmp_path / "pid.told").read_text() == "1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_parent_alone_is_passed_on(tmp_path: Path, number: signal.Signals) -> None:
    program = TIDY.replace("signal.signal(signal.SIGINT", f"signal.signal({int(number)}")
    with bound(program, str(tmp_path / "pid")) as process:
        started(tmp_path / "pid")
        process.send_signal(number)
        assert process.wait(PATIENCE) == 7
        assert (tmp_path / "pid.told").read_text() == "1"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + 9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 128 + 15),
    ],
)
def test_the_exit_code_is_passed_on_also_when_a_signal_ends_it(program: str, code: int) -> None:
    with bound(program) as process:
        assert process.wait(PATIENCE) == code


def test_it_has_the_streams_and_arguments_it_would_have_alone() -> None:
    program = textwrap.dedent("""
        import sys
        print(sys.argv[1:], sys.stdin.read(), flush=True)
        print("complaint", file=sys.stderr)
    """)
    command = [sys.executable, "-c", BIND, program, "--flag", "a b"]
    done = subprocess.run(command, input="typed", capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "['--flag', 'a b'] typed\n"
    assert done.stderr == "complaint\n"
