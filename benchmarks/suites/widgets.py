"""What a frame costs each widget, and how a window with all of them lives on a busy market."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

from benchmarks.contest import ROOT, ContenderFailed, environment
from benchmarks.figures import Figure, Report
from benchmarks.suites.parts import told_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

CASES: Final = ("table", "book", "chart", "ticker", "strip", "trades", "depth")
"""See ``benchmarks.micro.widgets``."""

_TARGETS: Final = {
    "MarketTable, 300 rows, 60 change": 1.5,
    "OrderbookWidget, full book, 60 rows seen": 1.5,
    "CandleChartWidget, tick, 120 of 200 candles seen": 0.6,
    "CandleChartWidget, tick, 200 candles seen": 0.6,
}
_LATE_MS: Final = 16.0
_FIGURES: Final = {
    "messages_per_s": ("messages on the public socket", "/s"),
    "frames_per_s": ("frames delivered", "/s"),
    "late_p50_ms": ("a timer of 5 ms is late, p50", "ms"),
    "late_p99_ms": ("a timer of 5 ms is late, p99", "ms"),
    "cpu_percent": ("CPU of the process", "% of a core"),
}


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("Widgets: a frame of each, and all in one window", "python3 dev.py bench widgets")
    # To see whether everything runs, one process is enough.
    processes = [CASES] if settings.smoke else [(case,) for case in CASES]
    frames: dict[str, list[float]] = {}
    windows: list[dict[str, Any]] = []
    for number in range(settings.rounds):
        for cases in processes:
            say(f"round {number + 1} of {settings.rounds}: {', '.join(cases)}")
            seconds = str(min(1.0, settings.seconds / 10 if settings.smoke else settings.seconds))
            for name, value in told_by("benchmarks.micro.widgets", seconds, *cases).items():
                frames.setdefault(name, []).append(value)
        say(f"round {number + 1} of {settings.rounds}: all widgets in one window")
        windows.append(_window(settings))
    for name, values in frames.items():
        figure = report.add(name, "ms a frame", values)
        if name in _TARGETS:
            report.judge(name, figure.median, _TARGETS[name], figure.unit)
    _add_window(report, windows)
    return report


def _add_window(report: Report, windows: list[dict[str, Any]]) -> None:
    found: dict[str, Figure] = {}
    for key, (name, unit) in _FIGURES.items():
        found[key] = report.add(f"all widgets in one window: {name}", unit, [window[key] for window in windows])
    name = "all widgets in one window: a timer of 5 ms is late, p99"
    report.judge(name, found["late_p99_ms"].median, _LATE_MS, "ms")
    report.judge("all widgets in one window: public sockets", max(each["public_sockets"] for each in windows), 1)


def _window(settings: Settings) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.widget_window", "--seconds", str(settings.seconds)]
    command += ["--warm-up", str(settings.warm_up)]
    done = subprocess.run(
        command, capture_output=True, check=False, text=True, cwd=ROOT, env=environment(), timeout=120
    )
    if done.returncode:
        raise ContenderFailed(f"the window with all widgets failed:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told
