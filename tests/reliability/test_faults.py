"""Every fault of the list has a scenario, over plain sockets and over TLS, in all formats."""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.helpers.leaks import LeakWatch
from tests.reliability.runs import AT_ONCE, on_loop, watched_log
from tests.reliability.scenarios import ELSEWHERE, SCRIPTS
from tests.reliability.world import World
from upbit_qt_ws.testing.faults import Authority, FaultScript

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from tests.reliability.report import Report

pytestmark = pytest.mark.timeout(900)

FORMATS = cycle(("SIMPLE", "JSON_LIST", "SIMPLE_LIST", "DEFAULT"))
CASES = [
    *((name, "plain", "DEFAULT") for name in SCRIPTS),
    *((name, "TLS", form) for name, form in zip(SCRIPTS, FORMATS, strict=False)),
]


def world_of(case: tuple[str, str, str], executor: ThreadPoolExecutor, authority: Authority) -> World:
    name, transport, form = case
    return World(
        CASES.index(case),
        executor,
        script=FaultScript.parse(SCRIPTS[name]),
        authority=authority if transport == "TLS" else None,
        reorder=0.2 if name == "reordered frames" else 0.0,
        wire_format=form,
    )


class Outcome:
    """The reports of all scenarios, and what was left running or went wrong inside."""

    def __init__(self) -> None:
        """Begin empty."""
        self.reports: dict[tuple[str, str, str], Report] = {}
        self.leftovers: list[str] = []
        self.defects: list[str] = []


@pytest.fixture(scope="module")
def outcome(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, figures: list[str]
) -> Outcome:
    """Plays all scenarios whose tests were chosen, some at a time."""
    chosen = [item for item in request.session.items if item.nodeid.startswith(request.node.nodeid)]
    scenarios = [item.callspec.params for item in chosen if hasattr(item, "callspec")]
    waiting = iter([parameters["case"] for parameters in scenarios if "case" in parameters])
    authority = Authority()
    result = Outcome()

    async def worker(executor: ThreadPoolExecutor) -> None:
        for case in waiting:
            world = world_of(case, executor, authority)
            try:
                await world.run()
            finally:
                result.reports[case] = world.report

    async def main(executor: ThreadPoolExecutor) -> None:
        await asyncio.gather(*(worker(executor) for _ in range(AT_ONCE)))

    watch = LeakWatch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path_factory.mktemp("authority") / "authority.pem")))
        with watched_log() as log, ThreadPoolExecutor(2 * AT_ONCE, "controls") as executor:
            on_loop(qapp, main(executor))
    result.leftovers = watch.finish()
    result.defects = log.leaks + log.defects
    slowest = max(result.reports, key=lambda case: result.reports[case].recovery)
    figures.append(
        f"{len(result.reports)} scenarios: slowest recovery {result.reports[slowest].recovery:.2f} s ({slowest[0]})"
    )
    return result


@pytest.mark.parametrize("case", CASES, ids=lambda case: " · ".join(case))
def test_it_is_survived(outcome: Outcome, case: tuple[str, str, str]) -> None:
    report = outcome.reports[case]
    assert report.faults == len(FaultScript.parse(SCRIPTS[case[0]]))
    assert not report.violations, f"\n{report}"


def test_nothing_failed_inside_and_nothing_is_left_behind(outcome: Outcome) -> None:
    assert not outcome.defects
    assert not outcome.leftovers


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_the_others_have_tests_of_their_own(fault: str) -> None:
    module, _, name = ELSEWHERE[fault].partition(":")
    assert callable(getattr(importlib.import_module(module), name))
