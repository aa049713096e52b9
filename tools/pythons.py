"""Finds a Python of a given version on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.console import SetupError
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLDEST = (3, 11)
"""The oldest Python that the project allows, as in pyproject.toml."""


class Interpreter(NamedTuple):
    """A Python that runs.

    Attributes:
        program: The path of the program itself; for a virtual environment, of the Python that it was made with.
        version: Its version as X.Y.
        identity: Its full version and place, which tell it from every other one.
    """

    program: str
    version: str
    identity: str


def probe(command: Sequence[str]) -> Interpreter | None:
    """Runs a Python and asks what it is; None if it does not run, as a shim of a version that is not installed."""
    question = (
        "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable), "
        "sys.version.split()[0] + ' in ' + sys.base_prefix, sep='\\n')"
    )
    try:
        answer = subprocess.run(
            [*command, "-c", question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env=environment_without_keys(),
        )
        version, program, identity = answer.stdout.splitlines()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(program, version, identity)


def candidates(version: str) -> Iterator[list[str]]:
    """Yields commands that may start this version (X.Y) of Python, the likeliest first."""
    yield [sys.executable]
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield [on_path]
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [*root.glob(f"versions/{version}.*"), *root.glob(f"pyenv-win/versions/{version}.*")]
    # By number, since 3.13.10 is newer than 3.13.9.
    folders.sort(key=lambda folder: [int(part) for part in re.findall(r"\d+", folder.name)], reverse=True)
    for folder in folders:
        yield [str(folder / "python.exe" if os.name == "nt" else folder / "bin" / "python")]
    if os.name == "nt":
        yield ["py", f"-{version}"]


def find_python(version: str | None) -> Interpreter:
    """Finds a Python of this version.

    Args:
        version: The version as X.Y; None for the one that runs dev.py.

    Raises:
        SetupError: The version is not one that the project allows, or there is none on this machine.
    """
    wanted = version or "{}.{}".format(*sys.version_info[:2])
    parts = re.fullmatch(r"(\d+)\.(\d+)", wanted)
    if not parts or (int(parts[1]), int(parts[2])) < OLDEST:
        raise SetupError(f"--python takes a version from {OLDEST[0]}.{OLDEST[1]} on, such as 3.13, but not {wanted!r}.")
    for command in candidates(wanted):
        found = probe(command)
        if found and found.version == wanted:
            return found
    raise SetupError(f"there is no Python {wanted} on this machine: install it, or leave --python out.")
