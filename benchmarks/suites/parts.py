"""Parts of the path, each measured alone: decoding, taking trades in, fan-out, merging, memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.contest import ROOT, ContenderFailed, environment
from benchmarks.figures import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

_UNITS = {"decode": "µs", "trades": "µs", "fanout": "µs", "merge": "ms", "memory": "KB"}
_TARGETS = {
    "decode: ticker": 1.3,
    "decode: book of 30 units": 6.0,
    "fanout: delivery": 3.0,
    "merge: 100 changes to one request": 5.0,
    "memory: proxy with one subscription": 6.0,
}


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("Parts of the path, warm", "python3 dev.py bench parts")
    found: dict[str, list[float]] = {}
    for number in range(settings.rounds):
        for module in _UNITS:
            say(f"round {number + 1} of {settings.rounds}: {module}")
            for name, value in told_by(f"benchmarks.micro.{module}", str(min(1.0, settings.seconds))).items():
                found.setdefault(f"{module}: {name}", []).append(value)
    for name, values in found.items():
        figure = report.add(name, _UNITS[name.partition(":")[0]], values)
        if name in _TARGETS:
            report.judge(name, figure.median, _TARGETS[name], figure.unit)
    return report


def told_by(module: str, *arguments: str) -> dict[str, float]:
    """Run a module in a process of its own, and return what it has measured."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, capture_output=True, check=False, text=True, cwd=ROOT, env=environment(), timeout=120
    )
    if done.returncode:
        raise ContenderFailed(f"{module} failed:\n{done.stderr[-3000:]}")
    told: dict[str, float] = json.loads(done.stdout)
    return told
