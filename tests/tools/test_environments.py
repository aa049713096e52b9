from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tools import environments
from tools.console import ROOT, SetupError
from tools.environments import STAMP, Environment, environment_for, prepare, wanted_stamp
from tools.pythons import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = "{}.{}".format(*sys.version_info[:2])


def test_each_combination_has_a_folder_of_its_own() -> None:
    plain = environment_for()
    others = [
        environment_for(lowest=True),
        environment_for(version=RUNNING),
    ]

    assert plain.folder == ROOT / ".venv"
    assert [other.folder.name for other in others] == [f"py{RUNNING}-lowest", f"py{RUNNING}-default"]
    assert [other.pins.name for other in others] == ["lowest.txt", "default.txt"]


class SetUp(NamedTuple):
    environment: Environment
    pyproject: Path
    steps: list[str]


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """An environment whose steps are written down instead of being run."""
    pins, pyproject, steps = tmp_path / "pins.txt", tmp_path / "pyproject.toml", list[str]()
    pins.write_text("a==1\n")
    pyproject.write_text('[project]\nname = "x"\n[tool.ruff]\nline-length = 120\n')
    environment = Environment(tmp_path / "venv", pins, Interpreter(sys.executable, RUNNING, "this one"))

    def step(title: str, command: list[str]) -> None:
        steps.append(title.split()[0] + " " + title.split()[1])
        if "venv" in command:
            environment.python.parent.mkdir(parents=True, exist_ok=True)
            environment.python.touch()

    monkeypatch.setattr(environments, "step", step)
    monkeypatch.setattr(environments, "wanted_stamp", lambda environment: wanted_stamp(environment, pyproject))
    return SetUp(environment, pyproject, steps)


ALL_STEPS = ["make venv", "install pins/pins.txt", "install the"]


def test_makes_everything_once(set_up: SetUp) -> None:
    prepare(set_up.environment)
    assert set_up.steps == ALL_STEPS

    prepare(set_up.environment)
    assert set_up.steps == ALL_STEPS


def test_changed_pins_begin_again(set_up: SetUp) -> None:
    prepare(set_up.environment)
    set_up.environment.pins.write_text("a==2\n")

    prepare(set_up.environment)

    assert set_up.steps == ALL_STEPS * 2


def test_other_python_begins_again(set_up: SetUp) -> None:
    prepare(set_up.environment)

    prepare(set_up.environment._replace(base=Interpreter(sys.executable, RUNNING, "another one")))

    assert set_up.steps == ALL_STEPS * 2


def test_lost_python_begins_again(set_up: SetUp) -> None:
    prepare(set_up.environment)
    set_up.environment.python.unlink()

    prepare(set_up.environment)

    assert set_up.steps == ALL_STEPS * 2


def test_changed_project_is_installed_without_its_packages(set_up: SetUp) -> None:
    prepare(set_up.environment)
    set_up.pyproject.write_text('[project]\nname = "y"\n')

    prepare(set_up.environment)

    assert set_up.steps == [*ALL_STEPS, "install the"]


def test_settings_of_tools_change_nothing(set_up: SetUp) -> None:
    prepare(set_up.environment)
    set_up.pyproject.write_text('[project]\nname = "x"\n[tool.ruff]\nline-length = 99\n')

    prepare(set_up.environment)

    assert set_up.steps == ALL_STEPS


def test_interrupted_step_is_repaired(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(set_up.environment)
    set_up.environment.pins.write_text("a==2\n")
    with monkeypatch.context() as patch:
        patch.setattr(environments, "_pip_install", lambda environment: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            prepare(set_up.environment)
    assert not (set_up.environment.folder / STAMP).exists()
    set_up.steps.clear()

    prepare(set_up.environment)

    assert set_up.steps == ALL_STEPS


def test_missing_pins(set_up: SetUp) -> None:
    set_up.environment.pins.unlink()

    with pytest.raises(SetupError, match=r"pins\.txt is missing"):
        prepare(set_up.environment)
