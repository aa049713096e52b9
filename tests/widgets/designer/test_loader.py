from __future__ import annotations

from pathlib import Path

import pytest

from tests.widgets.designer.places import LOADER, program
from upbit_qt_widgets.designer.loader import NAMES, find_loader


@pytest.mark.parametrize("name", NAMES)
def test_it_is_known_by_its_names(tmp_path: Path, name: str) -> None:
    file = program(tmp_path / name, b"nothing")
    found = find_loader([tmp_path / "missing", tmp_path], [])
    assert found is not None
    assert (found.file, found.python, found.lacks) == (file, None, "")


@pytest.mark.parametrize(
    ("content", "python"),
    [
        (b"\0libpython3.11.so.1.0\0", (3, 11)),
        (b"\0libpython3.13t.so.1.0\0", (3, 13)),
        (b"\0python312.dll\0", (3, 12)),
        (b"\0PYTHON3.dll\0python3.dll\0", None),
        (b"\0/opt/homebrew/Python.framework/Versions/3.14/Python\0", (3, 14)),
    ],
)
def test_it_tells_its_python(tmp_path: Path, content: bytes, python: tuple[int, int] | None) -> None:
    program(tmp_path / "libpyqt6.so", content)
    found = find_loader([tmp_path], [])
    assert found is not None
    assert found.python == python


def test_a_library_by_name_is_beside_the_plugins_or_in_a_folder_of_the_system(tmp_path: Path) -> None:
    designer, system = tmp_path / "lib/qt6/plugins/designer", tmp_path / "usr/lib"
    program(designer / "libpyqt6.so", LOADER % (11, 11))
    for folder in (tmp_path / "lib", system):
        lacking = find_loader([designer], [system])
        assert lacking is not None
        assert lacking.lacks == "libpython3.11.so"
        library = program(folder / "libpython3.11.so", b"")
        complete = find_loader([designer], [system])
        assert complete is not None
        assert complete.lacks == ""
        library.unlink()


def test_a_library_by_path_is_there_or_nowhere(tmp_path: Path) -> None:
    # As Debian 13 has it: a path without the end of the name.
    wanted = Path("/", *(tmp_path / "lib/libpython3.13").parts[1:])
    content = f"\0libpython3.13.so.1.0\0{wanted.as_posix()}\0".encode()
    program(tmp_path / "libpyqt6.so", content)
    program(tmp_path / "lib/libpython3.13.so.1.0", b"")
    program(tmp_path / "elsewhere/libpython3.13.so", b"")
    found = find_loader([tmp_path], [tmp_path / "elsewhere"])
    assert found is not None
    assert found.lacks == f"{wanted}.so"
    program(tmp_path / "lib/libpython3.13.so", b"")
    found = find_loader([tmp_path], [])
    assert found is not None
    assert found.lacks == ""
