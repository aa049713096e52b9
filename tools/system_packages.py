"""Installs what Qt's wheels take from Debian or Ubuntu; on other systems they bring everything along."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tools.console import run_quietly, say, show
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

QT_LIBRARIES = ("libegl1", "libgl1", "libglib2.0-0", "libxkbcommon0", "libfontconfig1", "libdbus-1-3")
"""What Qt loads even without a screen."""

WINDOW_LIBRARIES = (
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xinerama0",
    "libxkbcommon-x11-0",
)
"""What it needs besides to show a window on X11."""

KOREAN_FONT = "fonts-noto-cjk"


def missing_packages(wanted: Sequence[str], installed: Collection[str]) -> list[str]:
    """Names the wanted packages that are not installed.

    Debian 13 and Ubuntu 24.04 call some libraries NAMEt64; apt-get knows them under their old names too.
    """
    return [name for name in wanted if name not in installed and f"{name}t64" not in installed]


def apt_get(prefix: Sequence[str], *arguments: str) -> list[str]:
    """Builds an apt-get command that asks no question and waits 2 minutes for another one to end.

    Args:
        prefix: What makes it run as root, see `as_root`.
        arguments: What apt-get is to do.
    """
    # sudo drops the variables of its caller, so the one that silences questions is set behind it.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    return [*prefix, *quiet, *arguments]


def as_root() -> list[str] | None:
    """Gives the prefix that runs a command as root without a password: none, sudo, or None if neither works."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    environment = environment_without_keys()
    if not shutil.which("sudo"):
        return None
    tried = subprocess.run([*sudo, "true"], capture_output=True, check=False, env=environment)
    return sudo if tried.returncode == 0 else None


def install_packages(packages: Sequence[str], purpose: str) -> bool:
    """Installs packages if that needs no password, and otherwise says how to do it.

    Args:
        packages: Names of Debian packages.
        purpose: Who needs them, as the first words of a sentence.

    Returns:
        Whether they are installed now.
    """
    by_hand = f"sudo apt-get install {' '.join(packages)}"
    prefix = as_root()
    if prefix is None:
        say(f"{purpose} needs packages of the system that are not here. Please run: {by_hand}")
        return False
    install = apt_get(prefix, "install", "-y", "--no-install-recommends", *packages)
    title = f"apt-get install {' '.join(packages)}"
    problem = run_quietly(title, install)
    if problem:
        # A new machine has no lists of packages, and an old list names versions that are gone.
        problem = run_quietly("apt-get update", apt_get(prefix, "update")) or run_quietly(title, install)
    if problem:
        show(f"{problem}\n")
        say(f"{purpose} needs packages that apt-get could not install, see above. Going on without; by hand: {by_hand}")
    return not problem


def ensure_system_libraries(*, for_window: bool) -> None:
    """Installs the libraries that Qt misses on Debian and Ubuntu, and a font with Korean letters.

    Args:
        for_window: Whether a real window will be shown.
    """
    if not (shutil.which("dpkg-query") and shutil.which("apt-get")):
        return
    installed = _installed_packages()
    missing = missing_packages([*QT_LIBRARIES, *(WINDOW_LIBRARIES if for_window else ())], installed)
    if KOREAN_FONT not in installed and not _has_korean_font():
        missing.append(KOREAN_FONT)
    if missing:
        install_packages(missing, "Qt")


def _installed_packages() -> set[str]:
    question = ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n"]
    environment = environment_without_keys()
    lines = subprocess.run(question, capture_output=True, text=True, check=False, env=environment).stdout.splitlines()
    return {line.split()[1] for line in lines if line.startswith("installed ")}


def _has_korean_font() -> bool:
    """Asks fontconfig, since any font with Korean letters will do."""
    try:
        question = ["fc-list", ":lang=ko"]
        found = subprocess.run(question, capture_output=True, check=False, env=environment_without_keys())
        return bool(found.stdout.strip())
    except OSError:
        return False
