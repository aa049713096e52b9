"""How much goes through when everything is sent as fast as it is read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.contest import Contender, Sample, measure
from benchmarks.figures import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

TOOLKIT = Contender("this toolkit, through to slots", "toolkit", {"heartbeat": True})
RECEIVE_LIMIT = Contender("*receive limit*: websockets and msgspec, no window", "receive_limit")
PICOWS = Contender("*receive limit* of picows, for information", "receive_picows", is_foreign=True)


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("A flood", "python3 dev.py bench flood")
    found: dict[str, list[Sample]] = {}
    for number in range(settings.rounds):
        for contender in (TOOLKIT, RECEIVE_LIMIT, PICOWS):
            say(f"round {number + 1} of {settings.rounds}: {contender.title}")
            found.setdefault(contender.title, []).append(measure(contender, settings, rate=math.inf))
    figures = {
        title: report.add(title, "messages/s", [sample.messages for sample in samples])
        for title, samples in found.items()
    }
    late = report.add(
        "lateness of a 5 ms timer in the GUI thread meanwhile, p99",
        "ms",
        [sample.late_ms[1] for sample in found[TOOLKIT.title]],
    )
    mine = figures[TOOLKIT.title]
    report.ratio("toolkit / receive limit", mine, figures[RECEIVE_LIMIT.title], 1.0, at_least=True)
    report.ratio("toolkit / picows", mine, figures[PICOWS.title], 0.3, at_least=True)
    report.judge("GUI heartbeat, p99", late.median, 16.0, "ms")
    return report
