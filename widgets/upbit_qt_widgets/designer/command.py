"""The command ``upbit-qt designer``: a Designer with the widgets, or what is missing for that."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

_DESCRIPTION: Final = (
    "Start a Qt Designer that has the widgets in its widget box, with sample data; nothing connects to the exchange "
    "there. That takes a Designer of Qt 6 with PyQt6's plugin loader, which PyQt6's own packages do not contain. Where "
    "there is none, say what is missing and how to promote the widgets instead; the exit code is 2 then."
)
# By the ID of /etc/os-release, or one that it is like.
_REMEDIES: Final = {
    "debian": "sudo apt-get install designer-qt6 python3-pyqt6.qtdesigner pyqt6-dev-tools libpython3-dev",
    "fedora": "sudo dnf install qt6-designer python3-pyqt6 python3-devel",
}


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to ``upbit-qt``; its entry point names this function."""
    parser = commands.add_parser("designer", help="start Qt Designer with the widgets", description=_DESCRIPTION)
    parser.add_argument("files", nargs="*", metavar="FILE", type=Path, help="forms to open")
    parser.add_argument("--designer", metavar="PATH", type=Path, help="the Designer to start (default: one is found)")
    parser.add_argument("--lang", choices=("ko", "en"), help="language of messages (default: that of the system)")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Imported here, since the help needs none of it.
    from upbit_qt_widgets.base.texts import pick, system_language
    from upbit_qt_widgets.designer import launch_words
    from upbit_qt_widgets.designer.catalogue import GROUP
    from upbit_qt_widgets.designer.installations import Places, find_designers, inspect_designer
    from upbit_qt_widgets.designer.launch import choose, environment_of, package_folders, start
    from upbit_qt_ws.errors import ConfigurationError
    from upbit_qt_ws.system.environment import environment_without_keys
    from upbit_qt_ws.system.output import can_write, complain

    language = options.lang or (system_language() if can_write("가", "stderr") else "en")
    python = sys.version_info[:2]
    places = Places.usual(os.environ, Path.home(), Path(Path.home().anchor))
    named: Path | None = options.designer
    if named is not None and not named.is_file():
        raise ConfigurationError(pick(launch_words.NOT_A_FILE, language).format(program=named))
    program = named
    try:
        found = choose(
            find_designers(places) if named is None else [inspect_designer(named.absolute(), places)], python
        )
        if found.designer is None or found.obstacle is not None:
            raise ConfigurationError(launch_words.explanation(found, python, _remedy(), language))
        program = found.designer.program
        said = pick(launch_words.STARTED, language).format(program=program, group=GROUP)
        complain(f"upbit-qt: {said}")
        environment = environment_of(environment_without_keys(), package_folders(sys.path))
        code = start(found.designer, options.files, environment)
    except OSError as error:
        words = pick(launch_words.NOT_STARTED, language)
        raise ConfigurationError(words.format(program=program, error=error)) from error
    if code != 0:
        raise ConfigurationError(pick(launch_words.FAILED, language).format(program=program, code=code))
    return 0


def _remedy() -> str:
    """Return the command that installs Designer and loader on this system; empty if it is not known."""
    if "CONDA_PREFIX" in os.environ:
        return "conda install -c conda-forge pyqt6"
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return ""
    names = (system.get("ID", ""), *system.get("ID_LIKE", "").split())
    return next((_REMEDIES[name] for name in names if name in _REMEDIES), "")
