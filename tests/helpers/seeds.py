"""Which seeds of the reliability suite run, and the figures that it prints at the end."""

from __future__ import annotations

from typing import Any

import pytest

FIGURES = pytest.StashKey[list[str]]()
DEFAULT = "1-200"


def parse_seeds(text: str) -> list[int]:
    """Read ``"17"``, ``"1-200"`` or ``"3,7,10-12"``."""
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that chooses the seeds."""
    parser.addoption("--seeds", default=DEFAULT, help=f"seeds of the reliability suite, such as 17 or {DEFAULT}")


def pytest_configure(config: pytest.Config) -> None:
    """Begins without figures."""
    config.stash[FIGURES] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends what one process of several has measured to the one that prints it."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = session.config.stash[FIGURES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what another process has measured; one that has crashed has sent nothing."""
    node.config.stash[FIGURES] += getattr(node, "workeroutput", {}).get("figures", ())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints what the reliability suite has measured."""
    if config.stash[FIGURES]:
        terminalreporter.section("reliability")
        for line in config.stash[FIGURES]:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines that are printed when all tests are done."""
    return request.config.stash[FIGURES]
