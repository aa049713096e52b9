"""How the cost grows with codes and with proxies, at the same message rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contest import Contender, measure
from benchmarks.figures import Figure, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

RATE = 2000
CODES = (30, 300)
PROXIES = (50, 500)


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("Growth", "python3 dev.py bench growth")
    cases = [(count, 1) for count in CODES] + [(50, count) for count in PROXIES]
    found: dict[tuple[int, int], list[float]] = {}
    for number in range(settings.rounds):
        for codes, proxies in cases:
            say(f"round {number + 1} of {settings.rounds}: {codes} codes, {proxies} proxies")
            contender = Contender("growth", "many_proxies", {"proxies": proxies})
            sample = measure(contender, settings, rate=RATE, codes=codes)
            found.setdefault((codes, proxies), []).append(sample.cpu)
    figures: dict[tuple[int, int], Figure] = {}
    for (codes, proxies), values in found.items():
        figures[codes, proxies] = report.add(f"{codes} codes, {proxies} proxies, {RATE:,}/s", "% of a core", values)
    report.ratio("300 codes / 30 codes", figures[300, 1], figures[30, 1], 1.3)
    report.ratio("500 proxies / 50 proxies, same topics", figures[50, 500], figures[50, 50], 2.0)
    return report
