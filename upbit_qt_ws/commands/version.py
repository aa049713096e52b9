"""One line with the versions that matter, for ``--version``."""

from __future__ import annotations

import argparse
import platform
from typing import TYPE_CHECKING, NoReturn

from upbit_qt_ws import __version__
from upbit_qt_ws.system.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence


def version_line(program: str) -> str:
    """Return the versions of the toolkit, of Python, of PyQt6 and of Qt."""
    # Imported here: it takes longer than all the rest of the command.
    try:
        from PyQt6.QtCore import PYQT_VERSION_STR, qVersion
    except ImportError:
        qt = "PyQt6 cannot be loaded, see upbit-qt doctor"
    else:
        qt = f"PyQt6 {PYQT_VERSION_STR}, Qt {qVersion()}"
    return f"{program} {__version__} (Python {platform.python_version()}, {qt})"


class VersionAction(argparse.Action):
    """Prints the line and ends the program, as argparse's own action does with a text that is ready."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        """Take no argument and leave nothing behind."""
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="print the versions and end")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print the versions."""
        Output().write(f"{version_line(parser.prog)}\n")
        parser.exit()
