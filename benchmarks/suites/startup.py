"""How long one waits at the beginning."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contest import ROOT, environment
from benchmarks.figures import Report
from benchmarks.suites.parts import told_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("The start", "python3 dev.py bench startup")
    imports: list[float] = []
    demos: list[float] = []
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        imports.append(told_by("benchmarks.micro.imports")["import"])
        demos.append(_demo())
    first = report.add("import of the toolkit beyond PyQt6.QtWidgets", "ms", imports)
    second = report.add("demo: from the start of the process to the first painted data", "s", demos)
    report.judge("import", first.median, 120.0, "ms")
    report.judge("first painted data", second.median, 1.5, "s")
    return report


def _demo() -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        command = [sys.executable, "-m", "upbit_qt_demo", "--headless", "--seconds", "3", "--report", str(path)]
        subprocess.run(command, cwd=ROOT, env=environment(), timeout=60, check=True)
        seconds: float = json.loads(path.read_text(encoding="utf-8"))["first_data_painted_after_s"]
        return seconds
