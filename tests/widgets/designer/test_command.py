"""``upbit-qt designer``, on computers that are folders."""

from __future__ import annotations

import os
import sys
import tomllib
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path

import pytest

from tests.widgets.designer.places import QT5, QT6, debian, program
from upbit_qt_widgets.designer.catalogue import CATALOGUE, GROUP, HEADER
from upbit_qt_widgets.designer.installations import Places
from upbit_qt_widgets.designer.launch import PATH_VARIABLE, PLUGIN_FOLDER
from upbit_qt_ws import cli, extra_commands

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
OURS = sys.version_info[1]


@pytest.fixture(autouse=True)
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer of Debian's kind, with nothing on it."""
    usual = Places.usual
    monkeypatch.setattr(Places, "usual", lambda _environ, _home, _root: usual({}, tmp_path / "home", tmp_path))
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "mint", "ID_LIKE": "ubuntu debian"})
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    if not entry_points(group=extra_commands.GROUP):
        # The package is not installed, and only on the search path: what its installation would name.
        named = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][extra_commands.GROUP]
        points = EntryPoints(EntryPoint(name, value, extra_commands.GROUP) for name, value in named.items())
        monkeypatch.setattr(extra_commands, "entry_points", lambda group: points.select(group=group))
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["designer", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("upbit-qt: ")
    return captured.err


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ko", ["Qt Designer를 찾지 못했습니다", "승격(promote)", "ConnectionBadge에는 QLabel", "Header file"]),
        ("en", ["no Qt Designer of Qt 6 was found", "by promotion", "a QLabel for ConnectionBadge", "Header file"]),
    ],
)
def test_without_a_designer_it_says_how_to_promote(
    capsys: pytest.CaptureFixture[str], language: str, told: list[str]
) -> None:
    words = refused(capsys, "--lang", language)
    for part in (*told, HEADER, "sudo apt-get install designer-qt6 python3-pyqt6.qtdesigner", "--designer"):
        assert part in words
    for entry in CATALOGUE:
        assert entry.name in words.splitlines()[-1]


@pytest.mark.parametrize(("language", "told"), [("ko", "로더"), ("en", "lacks PyQt6's plugin loader")])
def test_a_designer_without_a_loader(
    computer: Path, capsys: pytest.CaptureFixture[str], language: str, told: str
) -> None:
    made = program(computer / "usr/lib/qt6/bin/designer")
    plugins = computer / "usr/lib/x86_64-linux-gnu/qt6/plugins/designer"
    plugins.mkdir(parents=True)
    words = refused(capsys, "--lang", language)
    assert told in words
    assert str(made) in words
    assert str(plugins) in words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_loader_without_its_library(computer: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    debian(computer, OURS, with_library=False)
    words = refused(capsys, "--lang", language)
    assert f"libpython3.{OURS}.so" in words
    assert "libpython3-dev" in words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_loader_of_another_python(computer: Path, capsys: pytest.CaptureFixture[str], language: str) -> None:
    debian(computer, OURS + 1)
    words = refused(capsys, "--lang", language)
    assert f"3.{OURS + 1}" in words
    assert f"3.{OURS}" in words
    assert "upbit-qt-ws[charts]" in words
    assert "apt-get" not in words


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bin/designer", QT5, "Qt 5"),
        ("PySide6/designer", QT6, "PySide6"),
        ("bin/my-designer", b"#!/bin/sh\n", "plugin loader"),
    ],
)
def test_a_designer_that_was_named_and_does_not_do(
    computer: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, told: str
) -> None:
    made = program(computer / name, content)
    words = refused(capsys, "--lang", "en", "--designer", str(made))
    assert told in words
    assert str(made) in words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_designer_that_does_not_exist(capsys: pytest.CaptureFixture[str], language: str) -> None:
    words = refused(capsys, "--lang", language, "--designer", "missing/designer")
    assert "missing" in words
    assert len(words.splitlines()) == 1


@pytest.mark.parametrize(
    ("system", "conda", "remedy"),
    [
        ({"ID": "fedora"}, None, "dnf install qt6-designer"),
        ({"ID": "debian"}, None, "apt-get install designer-qt6"),
        ({"ID": "debian"}, "/opt/conda", "conda install -c conda-forge pyqt6"),
        ({"ID": "plan9"}, None, ""),
        (None, None, ""),
    ],
)
def test_it_names_the_packages_of_a_system_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    system: dict[str, str] | None,
    conda: str | None,
    remedy: str,
) -> None:
    def release() -> dict[str, str]:
        if system is None:
            raise OSError("there is no os-release")
        return system

    monkeypatch.setattr("platform.freedesktop_os_release", release)
    if conda:
        monkeypatch.setenv("CONDA_PREFIX", conda)
    words = refused(capsys, "--lang", "en")
    assert remedy in words
    assert ("To install" in words) == bool(remedy)


STARTED = """#!{python}
# It is taken for a Designer of Qt 6 because it names libQt6Core.so.6.
import os, sys
print(sys.argv[1:], os.environ["PYQTDESIGNERPATH"], os.environ[{variable!r}], sep="\\n")
sys.exit({code})
"""


def designer_script(computer: Path, code: int) -> Path:
    """Make a Designer that tells how it was started."""
    script = STARTED.format(python=sys.executable, variable=PATH_VARIABLE, code=code)
    made = program(debian(computer, OURS), script.encode())
    if os.name != "nt":
        return made
    # A script is started by another one there, and that one is not looked for but named.
    start = f'@rem It is taken for a Designer because of Qt6Core.dll.\r\n@"{sys.executable}" "{made}" %*\r\n'
    return program(made.with_suffix(".bat"), start.encode())


def named(made: Path) -> list[str]:
    """Return the arguments that name a Designer which is not found by itself."""
    return ["--designer", str(made)] if made.suffix else []


def test_a_designer_that_can_is_started(
    computer: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYQTDESIGNERPATH", "/theirs")
    made = designer_script(computer, 0)
    assert cli.main(["designer", "--lang", "ko", *named(made), "a form.ui"]) == 0
    captured = capfd.readouterr()
    forms, plugins, packages = captured.out.splitlines()
    assert forms == "['a form.ui']"
    assert plugins.split(os.pathsep) == [str(PLUGIN_FOLDER), "/theirs"]
    assert str(Path(cli.__file__).parents[1]) in packages.split(os.pathsep)
    assert str(made) in captured.err
    assert GROUP in captured.err


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_designer_that_fails_is_a_failure(computer: Path, capfd: pytest.CaptureFixture[str], language: str) -> None:
    made = designer_script(computer, 9)
    assert cli.main(["designer", "--lang", language, *named(made)]) == 2
    assert "9" in capfd.readouterr().err.splitlines()[-1]


def test_a_designer_that_cannot_be_started(computer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = debian(computer, OURS)
    made.chmod(0o644)  # Windows has no such permission, but the file is no program there.
    assert "cannot be started" in refused(capsys, "--lang", "en", "--designer", str(made)).splitlines()[-1]
