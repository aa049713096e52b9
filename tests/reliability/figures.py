"""What many runs say together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.reliability.report import Report

KINDS = {
    "subscription": "lost subscriptions",
    "stuck": "recoveries that never came",
    "duplicate": "duplicated trades",
    "stale": "deliveries of an older connection",
    "order": "events out of order",
    "lost": "trades lost without a word",
    "limit": "broken limits",
    "value": "wrong last values",
    "state": "false states",
    "account": "accounts that do not add up",
    "shutdown": "slow shutdowns",
    "crash": "crashes",
}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def summary(reports: Sequence[Report]) -> list[str]:
    """Return the figures in a few lines."""
    broken = Counter(kind for report in reports for kind, _ in report.violations)
    recoveries = [report.recovery for report in reports]
    return [
        f"{len(reports)} seeds: {sum(report.events for report in reports):,} events, "
        f"{sum(report.faults for report in reports):,} faults, "
        f"{sum(report.sockets for report in reports):,} connections, "
        f"{sum(report.excused for report in reports)} topics kept out for a while after error frames",
        "recovery after the last fault (short waiting times): "
        f"median {percentile(recoveries, 0.5):.2f} s, p99 {percentile(recoveries, 0.99):.2f} s; "
        f"shutdown: at most {max(report.shutdown for report in reports):.2f} s",
        "violations: " + ", ".join(f"{broken[kind]} {words}" for kind, words in KINDS.items()),
    ]
