"""On Windows, a program that is bound to this process ends with it too, and so does what that has started."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has job objects")

BIND = """
import os, sys
from upbit_qt_ws.system.children import run_bound
sys.exit(run_bound([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], os.environ))
"""
COUNT = """
import sys, time
for number in range(600):
    with open(sys.argv[1], "w") as file:
        file.write(str(number))
    time.sleep(0.05)
"""
START = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {COUNT!r}, *sys.argv[1:]])\n"


@pytest.mark.parametrize("program", [COUNT, START], ids=["itself", "what it has started"])
def test_it_ends_with_its_parent(program: str, tmp_path: Path) -> None:
    file = tmp_path / "count"
    parent = subprocess.Popen([sys.executable, "-c", BIND, program, str(file)])
    end = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    parent.kill()
    parent.wait(30)

    counts = [""]
    while len(counts) < 2 or counts[-1] != counts[-2]:
        assert time.monotonic() < end, "it goes on counting"
        time.sleep(1.0)
        counts.append(file.read_text())


def test_the_exit_code_is_passed_on() -> None:
    command = [sys.executable, "-c", BIND, "raise SystemExit(9)"]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
