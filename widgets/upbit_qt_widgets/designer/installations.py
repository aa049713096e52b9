"""Finds the Qt Designers of a computer, and tells which of them can load plugins that are written with PyQt6."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.designer.loader import Loader, find_loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAMS: Final = ("designer6", "designer-qt6", "designer", "designer.exe", "Designer.app/Contents/MacOS/Designer")
# Where systems put Qt's programs besides PATH, and Qt's own installer; the newest version is the last by name.
_FOLDERS: Final = (
    "usr/lib/qt6/bin",
    "usr/lib64/qt6/bin",
    "usr/lib/*/qt6/bin",
    "opt/homebrew/bin",
    "opt/homebrew/opt/qt*/bin",
    "opt/Qt/6*/*/bin",
    "Qt/6*/*/bin",
)
_FOLDERS_OF_USER: Final = ("Qt/6*/*/bin",)
_LIBRARIES: Final = ("usr/lib", "usr/lib64", "usr/local/lib")
_PLUGINS_NEAR: Final = ("plugins", "share/qt/plugins", "*/qt6/plugins")
_LEVELS: Final = 5
# As shared libraries are named inside a program: on Linux, on Windows, on macOS.
_QT6: Final = re.compile(rb"libQt6|Qt6Core\.dll|QtCore\.framework/Versions/A/")
_QT5: Final = re.compile(rb"libQt5|Qt5Core\.dll|QtCore\.framework/Versions/5/")


class Family(Enum):
    """Which Designer it is; ``UNKNOWN`` may be a script that starts one."""

    QT6 = auto()
    QT5 = auto()
    PYSIDE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Designer:
    """One Qt Designer.

    Attributes:
        program: its file.
        family: which one it is.
        searched: the folders in which it looks for plugins, as far as can be told.
        loader: PyQt6's plugin for it; None if there is none.
    """

    program: Path
    family: Family
    searched: tuple[Path, ...] = ()
    loader: Loader | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look.

    Attributes:
        programs: folders of programs, the preferred first.
        plugins: folders of Qt plugins besides those of each Qt.
        libraries: folders of shared libraries.
        own: the folder of the user's own Designer plugins.
    """

    programs: tuple[Path, ...]
    plugins: tuple[Path, ...]
    libraries: tuple[Path, ...]
    own: Path

    @classmethod
    def usual(cls, environ: Mapping[str, str], home: Path, root: Path) -> Places:
        """Return those that the environment names, and where systems and Qt's installer put Designer.

        Args:
            environ: the environment.
            home: the user's folder.
            root: of the file system.
        """
        programs = _named(environ, "PATH")
        for top, patterns in ((root, _FOLDERS), (home, _FOLDERS_OF_USER)):
            for pattern in patterns:
                programs += sorted(top.glob(pattern), reverse=True)
        libraries = [*_named(environ, "LD_LIBRARY_PATH"), *(root / folder for folder in _LIBRARIES)]
        return cls(
            tuple(programs), tuple(_named(environ, "QT_PLUGIN_PATH")), tuple(libraries), home / ".designer" / "plugins"
        )


def find_designers(places: Places) -> Iterator[Designer]:
    """Yield the Designers of Qt 6, each once; a ``designer`` of another Qt goes by the same name."""
    seen = set()
    for folder in places.programs:
        for name in _PROGRAMS:
            program = folder / name
            if not (program.is_file() and os.access(program, os.R_OK | os.X_OK)) or program.resolve() in seen:
                continue
            seen.add(program.resolve())
            designer = inspect_designer(program, places)
            if designer.family is Family.QT6:
                yield designer


def inspect_designer(program: Path, places: Places) -> Designer:
    """Tell what a Designer is and whether it has a loader.

    Raises:
        OSError: its file or that of the loader cannot be read.
    """
    real = program.resolve()
    searched = tuple(_plugin_folders(real, places))
    return Designer(program, _family_of(real), searched, find_loader(searched, places.libraries))


def _named(environ: Mapping[str, str], variable: str) -> list[Path]:
    return [Path(folder) for folder in environ.get(variable, "").split(os.pathsep) if folder]


def _family_of(program: Path) -> Family:
    if "PySide6" in program.parts or program.name.startswith("pyside6-"):
        return Family.PYSIDE
    content = program.read_bytes()
    if _QT6.search(content):
        return Family.QT6
    return Family.QT5 if _QT5.search(content) else Family.UNKNOWN


def _plugin_folders(program: Path, places: Places) -> Iterator[Path]:
    """Yield the folders that exist, in Designer's order: the variable's, its own, those of its Qt, the user's."""
    folders = [*places.plugins, program.parent]
    for parent in program.parents[1:_LEVELS]:
        for pattern in _PLUGINS_NEAR:
            folders += sorted(parent.glob(pattern))
    yield from dict.fromkeys(found for folder in folders if (found := folder / "designer").is_dir())
    if places.own.is_dir():
        yield places.own
