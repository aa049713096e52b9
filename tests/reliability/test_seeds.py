"""Random scripts of faults, one a seed. ``--seeds 17`` does one again, ``--seeds 1-2000`` does many."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.helpers.leaks import LeakWatch
from tests.helpers.seeds import parse_seeds
from tests.reliability.figures import summary
from tests.reliability.runs import run_seeds, watched_log

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from tests.reliability.report import Report
    from tests.reliability.runs import LogWatch

pytestmark = pytest.mark.timeout(3600)
"""The worlds of all seeds run side by side before the first test, which takes its time."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes a test of each seed."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", parse_seeds(metafunc.config.getoption("--seeds")))


class Outcome:
    """The reports of all seeds, the log, and what was left running."""

    def __init__(self) -> None:
        """Begin empty."""
        self.reports: dict[int, Report] = {}
        self.log: LogWatch | None = None
        self.leftovers: list[str] = []


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, qapp: QApplication, figures: list[str]) -> Outcome:
    """Runs all worlds whose tests were chosen."""
    chosen = [item for item in request.session.items if item.nodeid.startswith(request.node.nodeid)]
    seeds: list[int] = [item.callspec.params["seed"] for item in chosen if hasattr(item, "callspec")]
    result = Outcome()
    capture = request.config.pluginmanager.getplugin("capturemanager")
    began = time.monotonic()

    def finished(report: Report) -> None:
        result.reports[report.seed] = report
        done = len(result.reports)
        if done % 25 == 0:
            failed = sum(bool(other.violations) for other in result.reports.values())
            with capture.global_and_fixture_disabled():
                sys.stdout.write(f"\n{done} of {len(seeds)} seeds, {failed} failed, {time.monotonic() - began:.0f} s\n")
                sys.stdout.flush()

    watch = LeakWatch()
    with watched_log() as log:
        run_seeds(qapp, seeds, finished)
    result.log = log
    result.leftovers = watch.finish()
    figures.extend(summary(list(result.reports.values())))
    return result


def test_the_invariants_hold(outcome: Outcome, seed: int) -> None:
    report = outcome.reports[seed]
    assert not report.violations, f"\n{report}"


def test_nothing_failed_inside_and_no_secret_was_logged(outcome: Outcome) -> None:
    assert outcome.log is not None
    assert not outcome.log.leaks
    assert not outcome.log.defects, outcome.log.defects[0]


def test_nothing_is_left_behind(outcome: Outcome) -> None:
    assert not outcome.leftovers
