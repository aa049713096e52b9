"""Random scripts of faults, one a seed. ``--seeds 17`` does one again, ``--seeds 1-2000`` does many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.helpers.seeds import parse_seeds
from tests.reliability.figures import summary
from tests.reliability.processes import spread
from tests.reliability.runs import run_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QApplication

    from tests.reliability.processes import Outcome
    from tests.reliability.report import Report

pytestmark = pytest.mark.timeout(3600)
"""The worlds of all seeds run side by side before the first test, which takes its time."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes a test of each seed."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", parse_seeds(metafunc.config.getoption("--seeds")))


def live_through(application: QApplication, seeds: Sequence[int]) -> list[Report]:
    """Run the world of each seed."""
    reports: list[Report] = []
    run_seeds(application, seeds, reports.append)
    return reports


@pytest.fixture(scope="module")
def outcome(request: pytest.FixtureRequest, qapp: QApplication, figures: list[str]) -> Outcome:
    """Runs all worlds whose tests were chosen."""
    chosen = [item for item in request.session.items if item.nodeid.startswith(request.node.nodeid)]
    seeds: list[int] = [item.callspec.params["seed"] for item in chosen if hasattr(item, "callspec")]
    result = spread(live_through, seeds)
    figures.extend(summary(result.reports))
    return result


def test_the_invariants_hold(outcome: Outcome, seed: int) -> None:
    (report,) = (report for report in outcome.reports if report.seed == seed)
    assert not report.violations, f"\n{report}"


def test_nothing_failed_inside_and_no_secret_was_logged(outcome: Outcome) -> None:
    assert not outcome.leaks
    assert not outcome.defects, outcome.defects[0]


def test_nothing_is_left_behind(outcome: Outcome) -> None:
    assert not outcome.leftovers
