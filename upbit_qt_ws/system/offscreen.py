"""The platform of Qt that shows nothing: what has to be said to Qt in the environment before it is loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_PLATFORM: Final = "QT_QPA_PLATFORM"
_FONTS: Final = "QT_QPA_FONTDIR"


def render_offscreen(environ: MutableMapping[str, str], *, system: str = sys.platform) -> None:
    """Have Qt render without a screen, whatever platform is chosen.

    Args:
        environ: the environment of the process, or of one that will be started; changed.
        system: the operating system, as ``sys.platform`` names it.
    """
    environ[_PLATFORM] = "offscreen"
    give_fonts(environ, system=system)


def give_fonts(environ: MutableMapping[str, str], *, system: str = sys.platform) -> None:
    """Name the folder of the fonts, where Qt's offscreen platform is chosen and does not find them by itself.

    On Windows it looks in the folder of the Qt libraries, which has none, and would paint every sign as an empty box.

    Args:
        environ: the environment of the process, or of one that will be started; changed, but for what is set already.
        system: the operating system, as ``sys.platform`` names it.
    """
    if system != "win32" or environ.get(_FONTS) or environ.get(_PLATFORM, "").partition(":")[0] != "offscreen":
        return
    windows = environ.get("SystemRoot") or environ.get("WINDIR") or r"C:\Windows"
    environ[_FONTS] = windows.rstrip("\\") + r"\Fonts"
