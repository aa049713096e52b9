from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from upbit_qt_ws import cli, extra_commands

if TYPE_CHECKING:
    import argparse


def add_hello(commands: Any) -> None:
    def run(options: argparse.Namespace) -> int:
        sys.stdout.write(f"hello {options.who}\n")
        return 3

    parser = commands.add_parser("hello", help="greet somebody")
    parser.add_argument("who")
    parser.set_defaults(run=run)


def add_half(commands: Any) -> None:
    commands.add_parser("half")
    raise RuntimeError("half way")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Commands of other packages, and a list of those that have been imported."""
    module = ModuleType("extra_commands_of_a_test")
    module.__dict__.update(add_hello=add_hello, add_half=add_half)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    values = {
        "broken": "no_such_package:add_command",
        "half": "extra_commands_of_a_test:add_half",
        "hello": "extra_commands_of_a_test:add_hello",
        "mock": "no_such_package:not_ours",
    }
    loaded: list[str] = []

    class Watched(EntryPoint):
        def load(self) -> Any:
            loaded.append(self.name)
            return super().load()

    points = EntryPoints(Watched(name, value, extra_commands.GROUP) for name, value in values.items())
    monkeypatch.setattr(extra_commands, "entry_points", lambda group: points.select(group=group))
    return loaded


def test_a_command_of_another_package_runs(installed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hello", "Upbit"]) == 3
    assert capsys.readouterr().out == "hello Upbit\n"
    assert installed == ["hello"], "the others are not imported for it"


def test_the_help_lists_all(installed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    shown = capsys.readouterr().out
    assert "greet somebody" in shown
    assert "cannot be loaded" in shown
    assert "run a simulated exchange" in shown, "a command of our own is not replaced"
    assert installed == ["broken", "half", "hello"]


@pytest.mark.parametrize("arguments", [["broken"], ["broken", "word", "--option"]])
def test_one_that_cannot_be_imported_says_so(
    installed: list[str], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert cli.main(arguments) == 2
    told = capsys.readouterr().err
    assert "'broken' cannot be loaded from no_such_package:add_command: No module named 'no_such_package'" in told


def test_the_help_of_a_broken_one_says_so_too(installed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["half", "--help"])
    with pytest.raises(SystemExit, match="0"):
        cli.main(["broken", "--help"])
    assert "cannot be loaded" in capsys.readouterr().out


def test_a_word_that_is_no_command_is_answered_with_all(
    installed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["helo"])
    assert "hello" in capsys.readouterr().err
    assert installed == []


def test_other_commands_do_not_ask_what_is_installed() -> None:
    program = (
        "import sys\nfrom upbit_qt_ws import cli\n"
        "try:\n    cli.main(['mock', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'importlib.metadata', 'upbit_qt_ws.extra_commands'} & set(sys.modules)))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=25, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_designer_is_installed_with_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["designer", "--help"])
    assert "--designer" in capsys.readouterr().out
