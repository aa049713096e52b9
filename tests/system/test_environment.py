"""No program that this project starts gets the user's API keys, unless it was asked to go to the exchange."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tools.console import ROOT
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

STARTERS = {"run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "QProcess"}
MODULES = {"subprocess", "psutil"}
FOLDERS = ("upbit_qt_ws", "widgets", "demo_app", "tools", "benchmarks", "examples")
SOURCES = [ROOT / "dev.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]


def test_the_keys_are_left_out_and_all_else_is_there() -> None:
    environ = {"UPBIT_ACCESS_KEY": "a", "upbit_secret_key": "s", "UPBIT_REGION": "kr", "PATH": "/bin"}
    assert environment_without_keys(environ) == {"UPBIT_REGION": "kr", "PATH": "/bin"}
    assert "UPBIT_ACCESS_KEY" in environ


def test_the_environment_of_the_process_is_taken_if_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPBIT_SECRET_KEY", "hidden")
    monkeypatch.setenv("UPBIT_REGION", "th")
    found = environment_without_keys()
    assert found["UPBIT_REGION"] == "th"
    assert "hidden" not in found.values()


def starts(path: Path) -> list[tuple[int, bool]]:
    """Return the line of each call that starts a program, and whether it says with which environment."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            is_start = called.value.id in MODULES and called.attr in STARTERS
            is_start |= called.value.id == "os" and called.attr.startswith(("spawn", "posix_spawn", "popen", "system"))
        else:
            is_start = isinstance(called, ast.Name) and called.id in ("Popen", "QProcess")
        if is_start:
            found.append((node.lineno, any(keyword.arg == "env" for keyword in node.keywords)))
    return found


def test_every_place_that_starts_a_program_names_its_environment() -> None:
    places = {f"{path.relative_to(ROOT)}:{line}": named for path in SOURCES for line, named in starts(path)}
    assert len(places) > 12, "the search finds what there is"
    assert [place for place, named in places.items() if not named] == []
