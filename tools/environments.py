"""Makes virtual environments that hold exactly what the pins say."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

from tools.console import ROOT, SetupError, step
from tools.pythons import Interpreter, find_python
from tools.system_packages import install_packages
from upbit_qt_ws.system.environment import environment_without_keys

STAMP = "dev-stamp.txt"
"""The file in an environment that says what has been installed."""


class Environment(NamedTuple):
    """A virtual environment.

    Attributes:
        folder: Where it is.
        pins: The file that lists what goes into it.
        base: The Python that it is made with.
        has_project: Whether the project itself is installed in it.
    """

    folder: Path
    pins: Path
    base: Interpreter
    has_project: bool = True

    @property
    def scripts(self) -> Path:
        """The folder of its programs."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its own Python."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")


def environment_for(*, lowest: bool = False, version: str | None = None) -> Environment:
    """Chooses an environment: .venv for daily work, one below .venvs for each other combination.

    Args:
        lowest: Whether it holds the oldest libraries that are allowed.
        version: The version of Python as X.Y; None for the one that runs dev.py.

    Raises:
        SetupError: There is no such Python.
    """
    base = find_python(version)
    name = "lowest" if lowest else "default"
    folder = ROOT / ".venvs" / f"py{base.version}-{name}" if lowest or version else ROOT / ".venv"
    return Environment(folder, ROOT / "pins" / f"{name}.txt", base)


def contenders_environment() -> Environment:
    """Chooses the environment of the projects that the benchmarks compare with: their libraries do not fit with ours.

    Raises:
        SetupError: There is no such Python.
    """
    base = find_python(None)
    folder = ROOT / ".venvs" / f"py{base.version}-contenders"
    return Environment(folder, ROOT / "pins" / "contenders.txt", base, has_project=False)


def wanted_stamp(environment: Environment, pyproject: Path = ROOT / "pyproject.toml") -> list[str]:
    """Describes what belongs into an environment: a line for its packages, and one for the project itself."""
    if not environment.pins.exists():
        raise SetupError(f"{environment.pins} is missing: get it back from the repository.")
    # The folder belongs to it, since an environment that has been moved or copied does not work.
    packages = [environment.base.identity, str(environment.folder), environment.pins.read_text(encoding="utf-8")]
    if not environment.has_project:
        return [f"packages {_digest(packages)}"]
    content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    # The settings of the other tools change often, and nothing is installed from them.
    project = [content.get("project"), content.get("build-system"), content.get("tool", {}).get("hatch")]
    return [f"packages {_digest(packages)}", f"project {_digest(project)}"]


def prepare(environment: Environment) -> None:
    """Makes an environment what it should be, and does nothing if it already is.

    The stamp goes first and comes back last: an interrupted set-up begins again, with an empty folder.

    Raises:
        SetupError: A step failed.
    """
    stamp = environment.folder / STAMP
    wanted = wanted_stamp(environment)
    found = stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else []
    if found[:1] != wanted[:1] or not environment.python.exists():
        stamp.unlink(missing_ok=True)
        ensure_venv_module(environment.base)
        make = [environment.base.program, "-m", "venv", "--clear", str(environment.folder)]
        step(f"make {environment.folder.name} with Python {environment.base.version}", make)
        # Wheels only: to build one, pip would fetch tools that no hash vouches for.
        locked = ["--require-hashes", "--only-binary=:all:", "-r", str(environment.pins)]
        step(f"install pins/{environment.pins.name}", [*_pip_install(environment), *locked])
        found = wanted[:1]
        _write(stamp, found)
    if found != wanted:
        step("install the project", [*_pip_install(environment), "--no-build-isolation", "-e", str(ROOT)])
        _write(stamp, wanted)


def ensure_venv_module(base: Interpreter) -> None:
    """Makes sure that a Python can make environments: Debian and Ubuntu keep that in a package of its own.

    Raises:
        SetupError: It cannot, and the package could not be installed.
    """
    if _can_make_environments(base):
        return
    if not (base.program.startswith("/usr/bin/") and shutil.which("apt-get")):
        raise SetupError(f"{base.program} lacks venv or ensurepip: install a complete Python {base.version}.")
    # The package without a number belongs to the Python that the system calls python3.
    is_default = Path(base.program).resolve() == Path("/usr/bin/python3").resolve()
    package = "python3-venv" if is_default else f"python{base.version}-venv"
    if not (install_packages([package], "A virtual environment") and _can_make_environments(base)):
        raise SetupError(f"the set-up stops here. First run `sudo apt-get install {package}`, then this command again.")


def _can_make_environments(base: Interpreter) -> bool:
    attempt = [base.program, "-c", "import ensurepip, venv"]
    return subprocess.run(attempt, capture_output=True, check=False, env=environment_without_keys()).returncode == 0


def _pip_install(environment: Environment) -> list[str]:
    # A user's own configuration may say --user, which fails in an environment.
    options = ["--quiet", "--disable-pip-version-check", "--no-user", "--no-deps"]
    return [str(environment.python), "-m", "pip", "install", *options]


def _write(stamp: Path, lines: list[str]) -> None:
    stamp.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
