from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.doctor import Outcome, run_doctor
from upbit_qt_ws.doctor.checkup import CHECKS, LONGEST, Check, check_up
from upbit_qt_ws.doctor.results import Finding, same
from upbit_qt_ws.doctor.scrub import Scrubber
from upbit_qt_ws.doctor.visit import Visit

if TYPE_CHECKING:
    from pathlib import Path


def visit() -> Visit:
    return Visit(load=WebSocketConfig, language="en", scrubber=Scrubber(), environ={}, proxies={})


@pytest.mark.asyncio
async def test_when_the_time_is_up_the_rest_is_left_out() -> None:
    now = [0.0]

    async def slow(_: Visit) -> Finding:
        now[0] += LONGEST
        return Finding(Outcome.OK, same("slow"))

    checks = [Check("one", same("One"), slow, 60.0), Check("two", same("Two"), slow, 60.0)]
    one, two = await check_up(visit(), lambda _: None, checks=checks, clock=lambda: now[0])
    assert (one.outcome, one.seconds) == (Outcome.OK, LONGEST)
    assert two.outcome is Outcome.SKIPPED
    assert "28 s" in two.figure


@pytest.mark.asyncio
async def test_a_check_that_hangs_or_breaks_ends_no_other() -> None:
    async def hang(_: Visit) -> Finding:
        return await asyncio.Future[Finding]()

    async def break_down(_: Visit) -> Finding:
        raise ZeroDivisionError("by nothing")

    async def work(_: Visit) -> Finding:
        return Finding(Outcome.OK, same("done"))

    checks = [Check(run.__name__, same(run.__name__), run, 0.05) for run in (hang, break_down, work)]
    hung, broken, worked = await check_up(visit(), lambda _: None, checks=checks)
    assert (hung.outcome, broken.outcome, worked.outcome) == (Outcome.FAILED, Outcome.FAILED, Outcome.OK)
    assert "no answer" in hung.figure
    assert "ZeroDivisionError: by nothing" in broken.figure


def test_needs_are_earlier_checks() -> None:
    seen: set[str] = set()
    for check in CHECKS:
        assert seen.issuperset(check.needs)
        seen.add(check.name)


@pytest.mark.parametrize(
    ("environ", "content", "named"),
    [
        ({"UPBIT_REGION": "moon"}, None, "UPBIT_REGION"),
        ({"UPBIT_ACCESS_KEY": "half-a-pair-of-keys"}, None, "UPBIT_ACCESS_KEY"),
        ({}, 'region = "moon"\naccess_key = "a-key-in-a-broken-file"', "settings.toml"),
        ({}, "not TOML", "settings.toml"),
    ],
)
def test_settings_that_cannot_work(environ: dict[str, str], content: str | None, named: str, tmp_path: Path) -> None:
    file = None
    if content is not None:
        file = tmp_path / "settings.toml"
        file.write_text(content)
    report = run_doctor(config_file=file, environ=environ, language="en")
    results = {result.name: result for result in report.results}
    assert results["configuration"].outcome is Outcome.FAILED
    assert named in results["configuration"].advice
    assert {results[name].outcome for name in ("dns", "tls", "rest", "socket", "keys")} == {Outcome.SKIPPED}
    assert not report.ok
    report.write_bundle(tmp_path / "bundle.zip")
    shown = report.text() + report.json() + repr(report)
    assert "half-a-pair" not in shown
    assert "a-key-in-a-broken-file" not in shown
