"""Decides which Designer can show the widgets, and starts it so that it finds them."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_widgets.designer.installations import Designer, Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PLUGIN_FOLDER: Final = Path(__file__).with_name("plugins")
PATH_VARIABLE: Final = "UPBIT_QT_DESIGNER_PATH"
"""What tells the plugin file where this environment keeps its packages."""

_PLUGINS_VARIABLE: Final = "PYQTDESIGNERPATH"


class Obstacle(Enum):
    """Why a Designer cannot show the widgets; the later ones are nearer to success."""

    NO_DESIGNER = auto()
    QT5 = auto()
    PYSIDE = auto()
    NO_LOADER = auto()
    NO_LIBRARY = auto()
    OTHER_PYTHON = auto()


class Choice(NamedTuple):
    """What was chosen.

    Attributes:
        designer: the one to start, or the one that is nearest to that; None if there is none at all.
        obstacle: what is in its way; None for nothing.
    """

    designer: Designer | None
    obstacle: Obstacle | None


def obstacle_of(designer: Designer, python: tuple[int, int]) -> Obstacle | None:
    """Say why a Designer cannot show the widgets of an environment; None if it can.

    Args:
        designer: the one.
        python: the version of the environment's Python: compiled libraries load in no other one.
    """
    if designer.family is Family.PYSIDE:
        return Obstacle.PYSIDE
    if designer.family is Family.QT5:
        return Obstacle.QT5
    if designer.loader is None:
        return Obstacle.NO_LOADER
    if designer.loader.python not in (None, python):
        return Obstacle.OTHER_PYTHON
    return Obstacle.NO_LIBRARY if designer.loader.lacks else None


def choose(designers: Iterable[Designer], python: tuple[int, int]) -> Choice:
    """Return the first Designer that can show the widgets, or the nearest one with what is in its way."""
    nearest, rank = Choice(None, Obstacle.NO_DESIGNER), Obstacle.NO_DESIGNER.value
    for designer in designers:
        obstacle = obstacle_of(designer, python)
        if obstacle is None:
            return Choice(designer, None)
        if obstacle.value > rank:
            nearest, rank = Choice(designer, obstacle), obstacle.value
    return nearest


def package_folders(search_path: Iterable[str]) -> list[str]:
    """Return the folders of packages on a Python's search path; those of its standard library stay with it."""
    own = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    own |= {folder / "lib-dynload" for folder in own}
    folders = (Path(entry) for entry in search_path if entry)
    return [str(folder) for folder in folders if folder.is_dir() and folder.resolve() not in own]


def environment_of(environ: Mapping[str, str], folders: Sequence[str]) -> dict[str, str]:
    """Return the environment to start Designer in; what it held before is kept.

    Args:
        environ: the present one.
        folders: where the packages of this environment are.
    """
    # An empty part stands for the folders that are searched without the variable.
    plugins = os.pathsep.join((str(PLUGIN_FOLDER), environ.get(_PLUGINS_VARIABLE, "")))
    return {**environ, _PLUGINS_VARIABLE: plugins, PATH_VARIABLE: os.pathsep.join(folders)}


def start(designer: Designer, files: Sequence[Path], environment: Mapping[str, str]) -> int:
    """Run a Designer until it is closed, and return its exit code.

    Raises:
        OSError: it cannot be started.
    """
    return subprocess.run([designer.program, *files], env=environment, check=False).returncode
