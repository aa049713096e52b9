"""What a whole window costs: the same table of 200 rows, filled by each contender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contest import Contender, Sample, measure
from benchmarks.figures import Figure, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.settings import Settings

TOOLKIT = Contender("this toolkit", "toolkit")
LOW_LATENCY = Contender("this toolkit, low latency", "toolkit", {"config": {"low_latency": True}})
SIMPLE = Contender("this toolkit, wire format SIMPLE", "toolkit", {"config": {"wire_format": "SIMPLE"}})
QWEBSOCKET = Contender("QWebSocket and json, by hand", "qwebsocket")
WEBSOCKETS = Contender("websockets on qasync", "websockets_qasync")
PYUPBIT = Contender("pyupbit in a QThread", "pyupbit_manager", is_foreign=True)
CCXT = Contender("ccxt pro on qasync", "ccxt_pro", is_foreign=True)
SDK = Contender("official upbit-sdk on qasync", "official_sdk", is_foreign=True)
PAINT_LIMIT = Contender("*paint limit*", "paint_limit")

FIELD = {
    500: (TOOLKIT, QWEBSOCKET),
    2000: (TOOLKIT, SIMPLE, LOW_LATENCY, QWEBSOCKET, WEBSOCKETS, PYUPBIT, CCXT, SDK, PAINT_LIMIT),
    8000: (TOOLKIT, QWEBSOCKET),
}


def run(settings: Settings, say: Callable[[str], None]) -> Report:
    report = Report("CPU of a whole GUI process", "python3 dev.py bench gui")
    found: dict[tuple[int, str], list[Sample]] = {}
    # All contenders run at the middle rate.
    field = {2000: FIELD[2000]} if settings.smoke else FIELD
    for number in range(settings.rounds):
        for rate, contenders in field.items():
            for contender in contenders:
                say(f"round {number + 1} of {settings.rounds}: {contender.title} at {rate} messages a second")
                if contender is PAINT_LIMIT:
                    # As often as the toolkit has painted in this round.
                    contender = contender._replace(options={"frames": found[rate, TOOLKIT.title][-1].frames})
                sample = measure(contender, settings, rate=rate)
                found.setdefault((rate, contender.title), []).append(sample)
    figures: dict[tuple[int, str], Figure] = {}
    for (rate, title), samples in found.items():
        figures[rate, title] = report.add(
            f"{title}, {rate:,}/s", "% of a core", [sample.cpu for sample in samples], _note(rate, samples)
        )
    for rate, target in ((500, 0.9), (2000, 0.55), (8000, 0.6)):
        if rate not in field:
            continue
        mine, its = figures[rate, TOOLKIT.title], figures[rate, QWEBSOCKET.title]
        report.ratio(f"toolkit / QWebSocket by hand at {rate:,}/s", mine, its, target)
    mine = figures[2000, TOOLKIT.title]
    for other, name, target in (
        (WEBSOCKETS, "websockets on qasync", 0.15),
        (PYUPBIT, "pyupbit", 0.13),
        (PAINT_LIMIT, "paint limit", 1.4),
    ):
        report.ratio(f"toolkit / {name} at 2,000/s", mine, figures[2000, other.title], target)
    return report


def _note(rate: int, samples: list[Sample]) -> str:
    """Return how often the window was painted, and whether everything was taken in."""
    frames = sum(sample.frames for sample in samples) / len(samples)
    messages = sum(sample.messages for sample in samples) / len(samples)
    behind = f", fell behind: {messages:,.0f} messages/s" if messages < 0.95 * rate else ""
    return f"{frames:.0f} paints/s{behind}"
