"""The wheel that the readme has one build: it has all that is needed, and runs where the project itself is not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.console import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = {
    "upbit_qt_ws": ROOT / "upbit_qt_ws",
    "upbit_qt_widgets": ROOT / "widgets" / "upbit_qt_widgets",
    "upbit_qt_demo": ROOT / "demo_app" / "upbit_qt_demo",
}


def run(command: Sequence[str | Path], folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network: the builder is in the environment."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder])
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has installed the wheel, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    done = run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", folder, wheel])
    assert done.returncode == 0, done.stderr
    return folder


def run_there(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the libraries of this environment, but with the wheel in place of the project's own folders."""
    # Without the site module nothing reads the file by which this environment finds the project.
    paths = os.pathsep.join([str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    python = [sys.executable, "-S", "-W", "error", *arguments]
    # Python looks for modules where it is started, too.
    return run(python, installed, PYTHONPATH=paths, QT_QPA_PLATFORM="offscreen")


def test_all_files_of_the_packages_are_in_it_and_no_others(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    wanted = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == wanted
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_imported_from_it(installed: Path, package: str) -> None:
    done = run_there(installed, "-c", f"import {package}; print({package}.__file__)")

    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == installed / package / "__init__.py"


def test_every_widget_is_there(installed: Path) -> None:
    program = "import upbit_qt_widgets as w; print(len([getattr(w, name) for name in w.__all__]))"
    done = run_there(installed, "-c", program)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


def test_the_demo_runs_from_it(installed: Path, tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    arguments = ["--headless", "--seconds", "2", "--screenshot", str(picture)]
    done = run_there(installed, "-m", "upbit_qt_demo", *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert picture.stat().st_size > 20_000


@pytest.mark.parametrize("command", ["upbit-qt", "upbit-qt-demo"])
def test_a_command_comes_with_it(installed: Path, command: str) -> None:
    scripts = {path.stem: path for path in (installed / "bin").iterdir()}
    done = run([scripts[command], "--help"], installed, PYTHONPATH=str(installed))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: {command} ")
