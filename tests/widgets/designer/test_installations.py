from __future__ import annotations

import os
from pathlib import Path

import PyQt6
import pytest

from tests.widgets.designer.places import LOADER, QT5, QT6, debian, loader, other_name, places, program
from upbit_qt_widgets.designer.installations import Family, find_designers, inspect_designer


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert list(find_designers(places(tmp_path, PATH=f"{os.pathsep}{tmp_path / 'missing'}"))) == []


def test_debian_has_the_loader_apart_from_the_program(tmp_path: Path) -> None:
    made = debian(tmp_path, 13)
    (found,) = find_designers(places(tmp_path))
    assert found.program == made
    assert found.loader is not None
    assert found.loader.file == tmp_path / "usr/lib/x86_64-linux-gnu/qt6/plugins/designer/libpyqt6.so"
    assert found.loader.python == (3, 13)
    assert found.loader.lacks == ""


def test_the_designer_of_the_path_comes_first_and_each_once(tmp_path: Path) -> None:
    debian(tmp_path, 13)
    link = other_name(tmp_path / "usr/lib/qt6/bin/designer", tmp_path / "usr/bin/designer6")
    other = program(tmp_path / "home/Qt/6.9.1/gcc_64/bin/designer")
    older = program(tmp_path / "home/Qt/6.8.0/gcc_64/bin/designer")
    found = [designer.program for designer in find_designers(places(tmp_path, PATH=str(link.parent)))]
    assert found == [link, other, older]


def test_a_designer_of_qt_5_and_a_file_that_does_not_run_are_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "bin/designer", QT5)
    if os.name != "nt":  # Any file may be run there, as far as is told.
        program(tmp_path / "bin/designer6").chmod(0o644)
    assert list(find_designers(places(tmp_path, PATH=str(tmp_path / "bin")))) == []


@pytest.mark.parametrize(
    ("path", "content", "family"),
    [
        ("bin/designer", QT6, Family.QT6),
        ("bin/designer.exe", b"MZ\0Qt6Core.dll\0", Family.QT6),
        ("Designer.app/Contents/MacOS/Designer", b"@rpath/QtCore.framework/Versions/A/QtCore\0", Family.QT6),
        ("bin/designer", QT5, Family.QT5),
        ("Designer.app/Contents/MacOS/Designer", b"@rpath/QtCore.framework/Versions/5/QtCore\0", Family.QT5),
        ("site-packages/PySide6/designer", QT6, Family.PYSIDE),
        ("bin/pyside6-designer", b"#!/usr/bin/python3\n", Family.PYSIDE),
        ("my-pyside6-project/bin/designer", QT6, Family.QT6),
        ("bin/designer", b"#!/bin/sh\nexec /opt/somewhere/designer\n", Family.UNKNOWN),
    ],
)
def test_which_designer_it_is(tmp_path: Path, path: str, content: bytes, family: Family) -> None:
    assert inspect_designer(program(tmp_path / path, content), places(tmp_path)).family is family


@pytest.mark.parametrize(
    ("designer", "plugins"),
    [
        ("usr/lib64/qt6/bin/designer", "usr/lib64/qt6/plugins"),
        ("conda/lib/qt6/bin/designer", "conda/lib/qt6/plugins"),
        ("conda/Library/lib/qt6/bin/designer.exe", "conda/Library/plugins"),
        ("Qt/6.9.1/msvc2022_64/bin/designer.exe", "Qt/6.9.1/msvc2022_64/plugins"),
        ("brew/opt/qt/bin/Designer.app/Contents/MacOS/Designer", "brew/opt/qt/share/qt/plugins"),
        ("anywhere/designer6", "anywhere"),
        ("anywhere/designer6", "extra"),
    ],
)
def test_the_loader_is_looked_for_where_that_qt_has_its_plugins(tmp_path: Path, designer: str, plugins: str) -> None:
    made = program(tmp_path / designer)
    where = places(tmp_path, QT_PLUGIN_PATH=str(tmp_path / "extra"))
    assert inspect_designer(made, where).loader is None
    expected = loader(tmp_path / plugins, LOADER % (12, 12))
    found = inspect_designer(made, where)
    assert found.loader is not None
    assert found.loader.file == expected
    assert expected.parent in found.searched


def test_the_user_may_have_one(tmp_path: Path) -> None:
    made = program(tmp_path / "usr/lib/qt6/bin/designer")
    own = tmp_path / "home/.designer/plugins"
    file = program(own / "libpyqt6.so", LOADER % (12, 12))
    found = inspect_designer(made, places(tmp_path))
    assert found.searched == (own,)
    assert found.loader is not None
    assert found.loader.file == file


def test_pyqt6_itself_comes_without_a_loader() -> None:
    qt = Path(next(iter(PyQt6.__path__))) / "Qt6"
    libraries = ("lib/libQt6Designer.so*", "bin/Qt6Designer.dll", "lib/QtDesigner.framework/Versions/A/QtDesigner")
    designer = next(found for library in libraries for found in qt.glob(library))
    found = inspect_designer(designer, places(qt, QT_PLUGIN_PATH=str(qt / "plugins")))
    assert found.family is Family.QT6
    assert found.loader is None
