"""How long a click waits in a busy window."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.contest import ROOT, ContenderFailed, environment
from benchmarks.figures import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("Clicks in a window of 50 panels, at about 10,000 messages a second", "python3 dev.py bench clicks")
    found: dict[str, list[dict[str, Any]]] = {}
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        command = [sys.executable, "-m", "benchmarks.clicks", "--seconds", str(settings.seconds)]
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, cwd=ROOT, env=environment(), timeout=300
        )
        if done.returncode:
            raise ContenderFailed(f"clicks failed:\n{done.stderr[-3000:]}")
        for line in done.stdout.splitlines():
            told = json.loads(line)
            found.setdefault(told["callback"], []).append(told)
    titles = {"none": "nobody disturbs", "async": "an async callback sleeps 100 ms a second"}
    titles["plain"] = "a plain callback blocks the window 100 ms a second"
    for mode, results in found.items():
        rates = [result["frames_per_s_of_a_panel"] for result in results]
        report.add(f"{titles[mode]}: frames of a panel", "/s", rates)
        report.add(f"{titles[mode]}: click, p99", "ms", [result["click_p99_ms"] for result in results])
    return report
