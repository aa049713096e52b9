from __future__ import annotations

import ast
import runpy
import sys
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtGui import QImage

import dev
from tools.console import ROOT
from upbit_qt_demo.options import parse

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = "{}.{}".format(*sys.version_info[:2])


def test_file_can_be_read_by_python_3_6() -> None:
    source = (ROOT / "dev.py").read_text(encoding="utf-8")

    tree = ast.parse(source, feature_version=(3, 6))

    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert not future  # `annotations` is unknown to 3.6.


def test_old_python_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))

    with pytest.raises(SystemExit, match=r"^dev\.py needs Python 3\.11 or newer, but this is Python 3\.10 "):
        runpy.run_path(str(ROOT / "dev.py"))


def test_set_up_error_is_a_sentence_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["test", "--python", "3.10"]) == 2
    assert capsys.readouterr().err.startswith("dev.py: --python takes a version from 3.11 on")


def test_arguments_of_pytest_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(dev, "ensure_system_libraries", lambda for_window: None)
    monkeypatch.setattr(dev, "prepare", lambda environment: None)

    def run_instead(command: list[str]) -> int:
        calls.append(command)
        return 3

    monkeypatch.setattr(dev, "run", run_instead)

    assert dev.main(["test", "--lowest", "-k", "name", "--python", RUNNING, "-x", "tests/wire", "--help"]) == 3
    assert len(calls) == 1
    assert calls[0][1:] == ["-m", "pytest", "-k", "name", "-x", "tests/wire", "--help"]
    assert f"py{RUNNING}-lowest" in calls[0][0]


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 0, 0, 0], 0), ([1, 0, 0, 0], 1), ([0, 2, 0, 0], 2), ([0, 0, 3, 0], 3), ([0, 0, 0, 4], 4)]
)
def test_without_arguments_everything_is_tested_and_any_failure_counts(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], code: int
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(dev, "ensure_system_libraries", lambda for_window: None)
    monkeypatch.setattr(dev, "prepare", lambda environment: None)

    def run_instead(command: list[str]) -> int:
        calls.append(command)
        return codes[len(calls) - 1]

    monkeypatch.setattr(dev, "run", run_instead)

    assert dev.main(["test"]) == code
    assert "--ignore=tests/reliability" in calls[0]
    # Each file of the reliability suite belongs to one of two parts.
    assert calls[1][3:] == ["tests/reliability/test_faults.py", "tests/reliability/test_seeds.py"]
    assert calls[2][-3:] == [*(f"--ignore={path}" for path in calls[1][3:]), "tests/reliability"]
    assert all((ROOT / path).is_file() for path in calls[1][3:])
    assert calls[3][1:3] == ["-m", "benchmarks"]
    assert calls[3][-1] == "--smoke"


def test_benchmarks_run_with_the_contenders_in_an_environment_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Path] = []
    calls: list[list[str]] = []
    monkeypatch.setattr(dev, "ensure_system_libraries", lambda for_window: None)
    monkeypatch.setattr(dev, "prepare", lambda environment: prepared.append(environment.folder))

    def run_instead(command: list[str]) -> int:
        calls.append(command)
        return 0

    monkeypatch.setattr(dev, "run", run_instead)

    assert dev.main(["bench", "gui", "--rounds", "2"]) == 0
    assert [folder.name for folder in prepared] == [".venv", f"py{RUNNING}-contenders"]
    assert str(prepared[1]) in calls[0][calls[0].index("--contenders") + 1]
    assert calls[0][-3:] == ["gui", "--rounds", "2"]


def test_the_picture_of_the_readme_is_taken_by_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def run_instead(command: list[str], _folder: Path, *, with_keys: bool) -> int:
        assert not with_keys
        calls.append(command)
        return 0

    monkeypatch.setattr(dev, "ensure_system_libraries", lambda for_window: None)
    monkeypatch.setattr(dev, "prepare", lambda environment: None)
    monkeypatch.setattr(dev, "run", run_instead)

    assert dev.main(["pictures", "demo"]) == 0
    (command,) = calls
    assert command[1:3] == ["-m", "upbit_qt_demo"]
    options = parse(command[3:])
    assert options.fresh
    assert options.screenshot == ROOT / "docs" / "images" / "demo.png"
    published = QImage(str(options.screenshot))
    assert (published.width(), published.height()) == options.size


def test_pictures_of_something_else_are_a_sentence_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["pictures", "cats"]) == 2
    assert "no argument but `demo`" in capsys.readouterr().err


def test_without_a_name_the_examples_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["example"]) == 0
    assert capsys.readouterr().out.split() == sorted(path.stem for path in (ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize(("arguments", "through"), [([], ["-m", "upbit_qt_ws.cli", "try"]), (["--live"], [])])
def test_an_example_runs_against_a_simulated_exchange_unless_it_is_to_be_live(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], through: list[str]
) -> None:
    calls: list[list[str]] = []
    got_keys: list[bool] = []

    def run_instead(command: list[str], *, with_keys: bool = False) -> int:
        calls.append(command)
        got_keys.append(with_keys)
        return 0

    monkeypatch.setattr(dev, "ensure_system_libraries", lambda for_window: None)
    monkeypatch.setattr(dev, "prepare", lambda environment: None)
    monkeypatch.setattr(dev, "run", run_instead)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    assert dev.main(["example", "ticker", *arguments]) == 0
    assert [call[1:] for call in calls] == [[*through, str(ROOT / "examples" / "ticker.py")]]
    assert got_keys == [arguments == ["--live"]]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_an_example_without_a_display_is_a_sentence_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    assert dev.main(["example", "ticker"]) == 2
    assert "there is no display" in capsys.readouterr().err
