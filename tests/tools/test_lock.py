from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tools import lock
from tools.console import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PIN_FILES = sorted((ROOT / "pins").glob("*.txt"))


def test_all_sets_are_there() -> None:
    assert [file.name for file in PIN_FILES] == [f"{name}.txt" for name in sorted(lock.GROUPS)]


@pytest.mark.parametrize("file", PIN_FILES, ids=lambda file: str(file.name))
def test_hold_versions_and_hashes_only(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert lock.problems(text) == []
    assert not re.search(r"://|--index|--find-links|/", text.replace("pins/", ""))
    assert len(lock.versions(text)) > 20


@pytest.mark.parametrize(
    "line",
    [
        "a==1",
        "a>=1 --hash=sha256:" + "0" * 64,
        "a==1 --hash=md5:" + "0" * 32,
        "a @ https://example.org/a.whl --hash=sha256:" + "0" * 64,
        "--index-url https://example.org/simple",
        "-e .",
        "# from https://example.org",
    ],
)
def test_anything_else_is_found(line: str) -> None:
    assert lock.problems(f"good==1 --hash=sha256:{'1' * 64}\n{line}\n") == [line]


def test_lowest_are_the_bounds_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = dict(requirement.lower().split(">=") for requirement in project["dependencies"])
    pinned = lock.versions((ROOT / "pins/lowest.txt").read_text(encoding="utf-8"))

    for name, bound in bounds.items():
        assert pinned[name][0].startswith(f"{name}=={bound}")


def test_tools_are_the_same_in_both() -> None:
    default, lowest = (lock.versions((ROOT / "pins" / f"{name}.txt").read_text()) for name in ("default", "lowest"))

    for tool in ("pytest", "pytest-qt", "hypothesis", "hatchling"):
        assert lowest[tool] == default[tool]


def test_the_contenders_come_without_the_project() -> None:
    contenders = lock.versions((ROOT / "pins/contenders.txt").read_text(encoding="utf-8"))

    assert {"ccxt", "pyupbit", "upbit-sdk", "picows"} <= set(contenders)
    assert "httpx2" not in contenders
