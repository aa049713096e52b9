"""Whether Qt will be able to open a window, asked before it tries: when it fails, it ends the process with a core dump.

Only Linux needs this, where the libraries of the display server come from the system and not with PyQt6.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_COMMON: Final = {"libGL.so.1": "libgl1", "libxkbcommon.so.0": "libxkbcommon0"}
# What Qt's plugins are linked with, and the packages of Debian and Ubuntu that bring it.
_LIBRARIES: Final = {
    "xcb": {
        "libX11.so.6": "libx11-6",
        "libX11-xcb.so.1": "libx11-xcb1",
        "libxcb.so.1": "libxcb1",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-image.so.0": "libxcb-image0",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-randr.so.0": "libxcb-randr0",
        "libxcb-render.so.0": "libxcb-render0",
        "libxcb-render-util.so.0": "libxcb-render-util0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxcb-shm.so.0": "libxcb-shm0",
        "libxcb-sync.so.1": "libxcb-sync1",
        "libxcb-util.so.1": "libxcb-util1",
        "libxcb-xfixes.so.0": "libxcb-xfixes0",
        "libxcb-xkb.so.1": "libxcb-xkb1",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        **_COMMON,
    },
    "wayland": {
        "libwayland-client.so.0": "libwayland-client0",
        "libwayland-cursor.so.0": "libwayland-cursor0",
        **_COMMON,
    },
}
_WAY_OUT: Final = "or run it with --headless, which needs no display"


def display_problem(
    environment: Mapping[str, str], load: Callable[[str], object] = ctypes.CDLL, system: str = sys.platform
) -> str:
    """Tell in one sentence why Qt could open no window here, and what helps; empty if it can.

    Args:
        environment: the variables of the process.
        load: loads a shared library by its name, and raises OSError if it cannot.
        system: the operating system, as ``sys.platform`` names it.
    """
    if not system.startswith("linux"):
        return ""
    problems = [_problem(platform, environment, load) for platform in _platforms(environment)]
    # Qt tries one after the other.
    return "" if not all(problems) else next(iter(problems), "")


def _platforms(environment: Mapping[str, str]) -> list[str]:
    """Return the platforms that Qt will try, without those that need nothing of the system."""
    chosen = [entry.partition(":")[0] for entry in environment.get("QT_QPA_PLATFORM", "").split(";") if entry]
    if not chosen:
        chosen = [
            platform
            for platform, variable in (("xcb", "DISPLAY"), ("wayland", "WAYLAND_DISPLAY"))
            if environment.get(variable)
        ]
        if environment.get("XDG_SESSION_TYPE") == "wayland":
            chosen.reverse()
    return chosen


def _problem(platform: str, environment: Mapping[str, str], load: Callable[[str], object]) -> str:
    libraries = _LIBRARIES.get(platform, {})
    missing = {name: package for name, package in libraries.items() if not _loads(name, load)}
    if missing:
        return (
            f"Qt cannot open a window without {', '.join(missing)}; on Debian and Ubuntu: "
            f"sudo apt-get install {' '.join(missing.values())}; {_WAY_OUT}"
        )
    if platform == "xcb" and not _x_server_answers(load("libxcb.so.1")):
        display = environment.get("DISPLAY", "")
        return f"Qt cannot open a window: no X server answers at DISPLAY={display}; correct that, {_WAY_OUT}"
    if platform == "wayland":
        name = environment.get("WAYLAND_DISPLAY", "wayland-0")
        if not Path(environment.get("XDG_RUNTIME_DIR", "/"), name).exists():
            return f"Qt cannot open a window: there is no Wayland display {name}; correct WAYLAND_DISPLAY, {_WAY_OUT}"
    return ""


def _loads(name: str, load: Callable[[str], object]) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True


def _x_server_answers(xcb: object) -> bool:
    """Connect to the X server as Qt will; true also when the library is not the real one."""
    if not isinstance(xcb, ctypes.CDLL):
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
