"""Writes the pins: every package that an environment holds, with its version and the hashes of its files.

There are three sets. `default` is the newest of everything, for daily work. `lowest` has the oldest allowed version of
each library that the project itself needs, with the same test tools as `default`, so that a failure there comes from a
library and from nothing else. `contenders` has the projects that the benchmarks compare with, without this one. All
hold for every platform and every Python that the project allows.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.console import ROOT, SetupError, say, step

if TYPE_CHECKING:
    from collections.abc import Sequence

PIN = re.compile(
    r"""(?P<pin>(?P<name>[a-z0-9][a-z0-9._-]*)==[\w.!+]+(\s*;[\w\s.'"<>=!()]+?)?)(\s+--hash=sha256:[0-9a-f]{64})+"""
)
"""A name, a version, perhaps a marker, and hashes; an address or a path fits nowhere in it."""

GROUPS = {"default": ("test", "lint", "build", "pins"), "lowest": ("test", "build"), "contenders": ("contenders",)}
"""The dependency groups that are installed with each set."""

HEADER = "# Written by `python dev.py lock` from pyproject.toml; not to be changed by hand.\n"


def requirements(text: str) -> list[str]:
    """Takes the requirements from the text of a pins file, one line each, without comments."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def problems(text: str) -> list[str]:
    """Lists the lines of a pins file that are more or less than a pin with hashes, or that name an address."""
    bad = [line for line in requirements(text) if not PIN.fullmatch(line)]
    return bad + [line for line in text.splitlines() if line.startswith("#") and "://" in line]


def versions(text: str) -> dict[str, list[str]]:
    """Maps each package of a pins file to its pins without hashes; there are several where markers differ."""
    found: dict[str, list[str]] = {}
    for line in requirements(text):
        match = PIN.fullmatch(line)
        if match:
            found.setdefault(match["name"], []).append(match["pin"])
    return found


def write_pins(uv: str, arguments: Sequence[str]) -> None:
    """Writes pins/default.txt, pins/lowest.txt and pins/contenders.txt.

    Args:
        uv: The program that finds the versions.
        arguments: More options for it; without any, versions that still fit are kept.

    Raises:
        SetupError: uv failed, or wrote more than names, versions, markers and hashes.
    """
    with tempfile.TemporaryDirectory() as folder:
        default, libraries, lowest, contenders = (
            Path(folder) / f"{name}.txt" for name in ("default", "libraries", "lowest", "contenders")
        )
        for made in (default, contenders):
            current = ROOT / "pins" / made.name
            if current.exists():
                made.write_bytes(current.read_bytes())  # uv keeps the versions that its output file has.
        _compile("the newest versions", uv, default, GROUPS["default"], arguments)
        _compile("the oldest libraries", uv, libraries, (), ["--resolution", "lowest-direct"])
        fixed = {**versions(default.read_text()), **versions(libraries.read_text())}
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{pin}\n" for pins in fixed.values() for pin in pins))
        _compile("the tools for them", uv, lowest, GROUPS["lowest"], ["--constraint", str(constraints)])
        _compile("the contenders", uv, contenders, GROUPS["contenders"], arguments, has_project=False)
        for made in (default, lowest, contenders):
            _publish(made)


def _compile(
    title: str,
    uv: str,
    output: Path,
    groups: Sequence[str],
    arguments: Sequence[str],
    *,
    has_project: bool = True,
) -> None:
    form = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    privacy = ["--no-emit-index-url", "--no-emit-find-links"]
    chosen = [part for group in groups for part in ("--group", group)]
    project = ["pyproject.toml"] if has_project else []
    command = [uv, "pip", "compile", "--quiet", *project, "--output-file", str(output)]
    step(f"find {title}", [*command, *form, *privacy, *chosen, *arguments])


def _publish(made: Path) -> None:
    text = HEADER + made.read_text(encoding="utf-8")
    unfit = problems(text)
    if unfit:
        raise SetupError(f"{made.name} has lines that are no pins: {unfit}")
    target = ROOT / "pins" / made.name
    if target.exists() and target.read_text(encoding="utf-8") == text:
        say(f"pins/{made.name} is as it was")
        return
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    say(f"pins/{made.name} has {len(versions(text))} packages")
