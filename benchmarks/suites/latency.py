"""How long a message takes from the exchange's socket to the slot, at 2,000 messages a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contest import Contender, Sample, measure
from benchmarks.figures import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

DEFAULT = Contender("default mode", "toolkit", {"latency": True})
LOW = Contender("low-latency mode", "toolkit", {"latency": True, "config": {"low_latency": True}})
RATE = 2000


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("From the wire to the slot", "python3 dev.py bench latency")
    found: dict[str, list[Sample]] = {}
    for number in range(settings.rounds):
        for contender in (DEFAULT, LOW):
            say(f"round {number + 1} of {settings.rounds}: {contender.title}")
            found.setdefault(contender.title, []).append(measure(contender, settings, rate=RATE))
    targets = {(DEFAULT.title, "p50"): 16.0, (DEFAULT.title, "p99"): 34.0, (LOW.title, "p50"): 1.0}
    for title, samples in found.items():
        for position, name in enumerate(("p50", "p99")):
            figure = report.add(f"{title}, {name}", "ms", [sample.latency_ms[position] for sample in samples])
            if (title, name) in targets:
                report.judge(f"{title}, {name}", figure.median, targets[title, name], "ms")
    return report
