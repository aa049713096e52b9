"""Finds PyQt6's plugin for Designer, which loads those that are written in Python, and what it needs itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES: Final = ("libpyqt6.so", "libpyqt6.dylib", "pyqt6.dll", "libpyqt6.dll")

# As shared libraries are named inside a program: on Linux, on Windows, on macOS.
_PYTHON: Final = re.compile(rb"libpython(3)\.(\d+)|python(3)(\d+)\.dll|Versions/(3)\.(\d+)/Python")
# What it loads itself when it starts, on Linux: a library without a number after ".so", as a path or by its name.
_LIBRARY: Final = re.compile(rb"\0((?:/[!-~]*/)?libpython3\.\d+t?)(?:\.so)?\0")


@dataclass(frozen=True, slots=True)
class Loader:
    """PyQt6's plugin for one Designer.

    Attributes:
        file: where it is.
        python: the version of Python that it runs; None if it does not tell.
        lacks: a library that it looks for and that is not there. It loads nothing then, and says nothing. Systems
            that keep files for developers apart do not install this one with Python. Empty if nothing lacks.
    """

    file: Path
    python: tuple[int, int] | None = None
    lacks: str = ""


def find_loader(folders: Sequence[Path], libraries: Iterable[Path]) -> Loader | None:
    """Return the first loader in some folders of plugins.

    Args:
        folders: to look in.
        libraries: folders of shared libraries besides the one that the plugins belong to.

    Raises:
        OSError: it cannot be read.
    """
    file = next((folder / name for folder in folders for name in NAMES if (folder / name).is_file()), None)
    if file is None:
        return None
    content = file.read_bytes()
    return Loader(file, _python_of(content), _lacking(content, [*file.parents[3:4], *libraries]))


def _python_of(content: bytes) -> tuple[int, int] | None:
    found = _PYTHON.search(content)
    if found is None:
        return None
    major, minor = (int(number) for number in found.groups() if number)
    return major, minor


def _lacking(content: bytes, libraries: Iterable[Path]) -> str:
    found = _LIBRARY.search(content)
    if found is None:
        return ""
    wanted = Path(f"{found[1].decode()}.so")
    places = [wanted] if wanted.is_absolute() else [folder / wanted for folder in libraries]
    return "" if any(place.exists() for place in places) else str(wanted)
