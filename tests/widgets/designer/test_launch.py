from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.widgets.designer.places import program
from upbit_qt_widgets.designer.installations import Designer, Family
from upbit_qt_widgets.designer.launch import (
    PATH_VARIABLE,
    PLUGIN_FOLDER,
    Obstacle,
    choose,
    environment_of,
    obstacle_of,
    package_folders,
    start,
)
from upbit_qt_widgets.designer.loader import Loader

OURS = (3, 12)
GOOD = Designer(Path("/good/designer"), Family.QT6, (), Loader(Path("/good/libpyqt6.so"), OURS))
NO_LOADER = Designer(Path("/plain/designer"), Family.QT6)
OTHER_PYTHON = replace(GOOD, loader=Loader(Path("/other/libpyqt6.so"), (3, 13)))
NO_LIBRARY = replace(GOOD, loader=Loader(Path("/good/libpyqt6.so"), OURS, "libpython3.12.so"))


@pytest.mark.parametrize(
    ("designer", "obstacle"),
    [
        (GOOD, None),
        (replace(GOOD, family=Family.UNKNOWN), None),
        (replace(GOOD, loader=Loader(Path("libpyqt6.so"))), None),
        (NO_LOADER, Obstacle.NO_LOADER),
        (OTHER_PYTHON, Obstacle.OTHER_PYTHON),
        (NO_LIBRARY, Obstacle.NO_LIBRARY),
        (replace(GOOD, family=Family.PYSIDE), Obstacle.PYSIDE),
        (replace(NO_LOADER, family=Family.QT5), Obstacle.QT5),
    ],
)
def test_what_is_in_the_way(designer: Designer, obstacle: Obstacle | None) -> None:
    assert obstacle_of(designer, OURS) is obstacle


def test_the_first_that_works_is_chosen() -> None:
    other = replace(GOOD, program=Path("/second/designer"))
    assert choose([NO_LOADER, OTHER_PYTHON, GOOD, other], OURS) == (GOOD, None)


def test_else_the_one_that_lacks_least_is_told() -> None:
    assert choose([], OURS) == (None, Obstacle.NO_DESIGNER)
    assert choose([NO_LOADER, OTHER_PYTHON, NO_LIBRARY], OURS) == (OTHER_PYTHON, Obstacle.OTHER_PYTHON)
    assert choose([NO_LIBRARY, NO_LOADER], OURS) == (NO_LIBRARY, Obstacle.NO_LIBRARY)


def test_the_folders_of_designer_are_kept() -> None:
    made = environment_of({"HOME": "/me"}, ["/a", "/b"])
    assert made["HOME"] == "/me"
    # The empty part stands for Designer's usual folders.
    assert made["PYQTDESIGNERPATH"].split(os.pathsep) == [str(PLUGIN_FOLDER), ""]
    assert made[PATH_VARIABLE].split(os.pathsep) == ["/a", "/b"]
    assert "PYTHONPATH" not in made
    given = environment_of({"PYQTDESIGNERPATH": "/theirs", "PYTHONPATH": "/kept"}, [])
    assert given["PYQTDESIGNERPATH"].split(os.pathsep) == [str(PLUGIN_FOLDER), "/theirs"]
    assert given["PYTHONPATH"] == "/kept"


def test_only_folders_of_packages_are_handed_over(tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    archive = program(tmp_path / "python.zip", b"")
    standard = str(Path(os.__file__).parent)
    search_path = ["", standard, str(archive), str(packages), str(tmp_path / "missing")]
    assert package_folders(search_path) == [str(packages)]


def test_it_runs_with_the_forms_and_the_environment(tmp_path: Path) -> None:
    # Windows starts no scripts by themselves, so Python stands for Designer there and here.
    script = tmp_path / "form.ui"
    script.write_text("import os, sys\nsys.exit(int(os.environ['CODE']))\n")
    python = replace(GOOD, program=Path(sys.executable))
    assert start(python, [script], {**os.environ, "CODE": "0"}) == 0
    assert start(python, [script], {**os.environ, "CODE": "7"}) == 7
