from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tools import pythons
from tools.console import SetupError

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = "{}.{}".format(*sys.version_info[:2])


def runs_python(path: Path, version: str) -> Path:
    """Writes a program that answers like a Python of this version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":
        path = path.with_name(f"{path.name}.BAT")
        path.write_text(f"@echo {version}\n@echo {path}\n@echo {version}.0 in {path.parent}\n")
    else:
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{version}' '{path}' '{version}.0 in {path.parent}'\n")
        path.chmod(0o755)
    return path


@pytest.fixture
def no_other_pythons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hides the Pythons of this machine, but the running one; returns the folder that is searched for programs."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def test_running_one_by_default(no_other_pythons: Path) -> None:
    assert pythons.find_python(None).version == RUNNING


def test_running_one_is_known_by_its_base_in_a_virtual_environment() -> None:
    found = pythons.probe([sys.executable])

    assert found is not None
    assert found.identity.endswith(sys.base_prefix)


def test_on_path(no_other_pythons: Path) -> None:
    program = runs_python(no_other_pythons / "bin/python3.99", "3.99")

    assert pythons.find_python("3.99").program == str(program)


@pytest.mark.skipif(os.name == "nt", reason="its Pythons have other names on Windows, which no script can have")
def test_shim_that_cannot_run_is_passed_over_for_newest_of_pyenv(no_other_pythons: Path) -> None:
    shim = runs_python(no_other_pythons / "bin/python3.99", "3.99")
    shim.write_text("#!/bin/sh\nexit 127\n")
    runs_python(no_other_pythons / "pyenv/versions/3.99.9/bin/python", "3.99")
    newest = runs_python(no_other_pythons / "pyenv/versions/3.99.10/bin/python", "3.99")

    assert pythons.find_python("3.99").program == str(newest)


def test_program_that_is_another_version_is_passed_over(no_other_pythons: Path) -> None:
    runs_python(no_other_pythons / "bin/python3.99", "3.98")

    with pytest.raises(SetupError, match=r"there is no Python 3\.99 on this machine"):
        pythons.find_python("3.99")


@pytest.mark.parametrize("version", ["3.10", "2.7", "3", "3.13.0", "newest", "3.13-dev"])
def test_version_that_is_not_allowed(version: str) -> None:
    with pytest.raises(SetupError, match=re.escape(repr(version))):
        pythons.find_python(version)
