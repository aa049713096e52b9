"""Every fault of the list has a scenario, over plain sockets and over TLS, in all formats."""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.reliability.processes import spread
from tests.reliability.runs import AT_ONCE, on_loop
from tests.reliability.scenarios import ELSEWHERE, SCRIPTS
from tests.reliability.world import World
from upbit_qt_ws.testing.faults import Authority, FaultScript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QApplication

    from tests.reliability.processes import Outcome
    from tests.reliability.report import Report

pytestmark = pytest.mark.timeout(900)

Case = tuple[str, str, str]
"""The name of a scenario, how it is carried, and the format."""

FORMATS = cycle(("SIMPLE", "JSON_LIST", "SIMPLE_LIST", "DEFAULT"))
CASES = [
    *((name, "plain", "DEFAULT") for name in SCRIPTS),
    *((name, "TLS", form) for name, form in zip(SCRIPTS, FORMATS, strict=False)),
]


def world_of(case: Case, executor: ThreadPoolExecutor, authority: Authority) -> World:
    name, transport, form = case
    return World(
        CASES.index(case),
        executor,
        script=FaultScript.parse(SCRIPTS[name]),
        authority=authority if transport == "TLS" else None,
        reorder=0.2 if name == "reordered frames" else 0.0,
        wire_format=form,
    )


def play(application: QApplication, cases: Sequence[Case]) -> list[Report]:
    """Play scenarios, some at a time."""
    waiting = iter(cases)
    reports: list[Report] = []
    authority = Authority()

    async def worker(executor: ThreadPoolExecutor) -> None:
        for case in waiting:
            world = world_of(case, executor, authority)
            try:
                await world.run()
            finally:
                reports.append(world.report)

    async def main(executor: ThreadPoolExecutor) -> None:
        await asyncio.gather(*(worker(executor) for _ in range(AT_ONCE)))

    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        ThreadPoolExecutor(2 * AT_ONCE, "controls") as executor,
    ):
        patch.setenv("SSL_CERT_FILE", str(authority.write(Path(folder) / "authority.pem")))
        on_loop(application, main(executor))
    return reports


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, qapp: QApplication, figures: list[str]) -> Outcome:
    """Plays all scenarios whose tests were chosen."""
    chosen = [item for item in request.session.items if item.nodeid.startswith(request.node.nodeid)]
    scenarios = [item.callspec.params for item in chosen if hasattr(item, "callspec")]
    cases: list[Case] = [parameters["case"] for parameters in scenarios if "case" in parameters]
    result = spread(play, cases)
    slowest = max(result.reports, key=lambda report: report.recovery)
    figures.append(
        f"{len(result.reports)} scenarios: slowest recovery {slowest.recovery:.2f} s ({CASES[slowest.seed][0]})"
    )
    return result


@pytest.mark.parametrize("case", CASES, ids=lambda case: " · ".join(case))
def test_it_is_survived(outcome: Outcome, case: Case) -> None:
    (report,) = (report for report in outcome.reports if report.seed == CASES.index(case))
    assert report.faults == len(FaultScript.parse(SCRIPTS[case[0]]))
    assert not report.violations, f"\n{report}"


def test_nothing_failed_inside_and_nothing_is_left_behind(outcome: Outcome) -> None:
    assert not outcome.leaks + outcome.defects
    assert not outcome.leftovers


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_the_others_have_tests_of_their_own(fault: str) -> None:
    module, _, name = ELSEWHERE[fault].partition(":")
    assert callable(getattr(importlib.import_module(module), name))
