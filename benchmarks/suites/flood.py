"""How much goes through when everything is sent as fast as it is read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.contest import Contender, Sample, measure
from benchmarks.figures import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

TOOLKIT = Contender("this toolkit, through to slots", "many_proxies", {"proxies": 1, "heartbeat": True})
WINDOW = Contender("this toolkit, into the table of 200 rows", "toolkit", {"heartbeat": True})
RECEIVE_LIMIT = Contender("*receive limit*: websockets and msgspec, no window", "receive_limit")
PICOWS = Contender("*receive limit* of picows, for information", "receive_picows", is_foreign=True)


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("A flood", "python3 dev.py bench flood")
    found: dict[str, list[Sample]] = {}
    for number in range(settings.rounds):
        for contender in (TOOLKIT, WINDOW, RECEIVE_LIMIT, PICOWS):
            say(f"round {number + 1} of {settings.rounds}: {contender.title}")
            found.setdefault(contender.title, []).append(measure(contender, settings, rate=math.inf))
    figures = {
        title: report.add(title, "messages/s", [sample.messages for sample in samples])
        for title, samples in found.items()
    }
    late = {
        contender.title: report.add(
            f"{contender.title}: lateness of a 5 ms timer in the GUI thread, p99",
            "ms",
            [sample.late_ms[1] for sample in found[contender.title]],
        )
        for contender in (TOOLKIT, WINDOW)
    }
    mine = figures[TOOLKIT.title]
    report.ratio("toolkit / receive limit", mine, figures[RECEIVE_LIMIT.title], 1.0, at_least=True)
    report.ratio("toolkit / picows", mine, figures[PICOWS.title], 0.3, at_least=True)
    report.judge("GUI heartbeat, p99", late[TOOLKIT.title].median, 16.0, "ms")
    report.judge("GUI heartbeat with the table, p99", late[WINDOW.title].median, 16.0, "ms")
    return report
