"""Whether Qt can be loaded and show windows: tried in a process of its own, since a missing plugin ends the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.doctor.results import NOTHING, Finding, Outcome, Text, same
from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""Libraries that Qt's wheels take from the system on Linux, and the Debian packages that have them."""

WINDOW_PACKAGES: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What it takes besides to show a window on X11."""

_PROGRAM: Final = """
import ctypes, json, sys
names = json.loads(sys.argv[1])
def absent(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return True
    return False
print(json.dumps({"missing": [name for name in names if absent(name)]}), flush=True)
from PyQt6 import QtCore, QtGui, QtWidgets
print(json.dumps({"qt": QtCore.qVersion(), "pyqt": QtCore.PYQT_VERSION_STR}), flush=True)
application = QtGui.QGuiApplication(sys.argv[:1])
print(json.dumps({"platform": application.platformName()}), flush=True)
"""
_LONGEST_LINE: Final = 300


class Probe(NamedTuple):
    """How the process ended.

    Attributes:
        lines: what it found, in the order in which it got there: ``missing``, ``qt`` and ``pyqt``, ``platform``.
        complaints: what it wrote to standard error.
        for_x11: whether windows are shown by X11, which needs more libraries.
    """

    lines: Mapping[str, object]
    complaints: str
    for_x11: bool


def run_probe(timeout: float) -> Probe | None:
    """Try Qt in a process of its own; blocks.

    Args:
        timeout: longest time, in seconds.

    Returns:
        How it ended; None in a frozen application, whose interpreter cannot run a program of ours.

    Raises:
        TimeoutError: it did not end in time.
    """
    if getattr(sys, "frozen", False):
        return None
    on_linux = sys.platform.startswith("linux")
    wanted = [*PACKAGES, *WINDOW_PACKAGES] if on_linux else []
    command = [sys.executable, "-c", _PROGRAM, json.dumps(wanted)]
    # Without a console, as on Windows, Qt's messages would go to a debugger, and without a word the reason is unknown.
    environment = {**environment_without_keys(), "PYTHONIOENCODING": "utf-8", "QT_FORCE_STDERR_LOGGING": "1"}
    try:
        ended = subprocess.run(
            command, capture_output=True, timeout=timeout, check=False, env=environment, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"Qt did not start within {timeout:g} s") from None
    found: dict[str, object] = {}
    for line in ended.stdout.decode(errors="replace").splitlines():
        if line.startswith("{"):
            found |= json.loads(line)
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    for_x11 = on_linux and (asked.startswith("xcb") or (not asked and bool(os.environ.get("DISPLAY"))))
    return Probe(found, ended.stderr.decode(errors="replace"), for_x11)


def judge_probe(probe: Probe | None) -> Finding:
    """Return what to say of Qt."""
    if probe is None:
        return Finding(
            Outcome.SKIPPED, Text("not tried in a frozen application", "패키징된 프로그램에서는 확인하지 않음")
        )
    # A traceback says the reason in its last line, and Qt in its first.
    complaints = [line[:_LONGEST_LINE] for line in probe.complaints.splitlines() if line.strip()] or [""]
    first, last = complaints[0], complaints[-1]
    missing = probe.lines.get("missing")
    absent = missing if isinstance(missing, list) else []
    if "qt" not in probe.lines:
        advice = _install([name for name in absent if name in PACKAGES]) or Text(
            "Install PyQt6 into this Python: pip install PyQt6", "이 Python에 PyQt6를 설치하세요: pip install PyQt6"
        )
        return Finding(
            Outcome.FAILED, Text(f"PyQt6 cannot be loaded: {last}", f"PyQt6를 불러올 수 없음: {last}"), advice
        )
    versions = f"PyQt {probe.lines.get('pyqt')}, Qt {probe.lines['qt']}"
    needed = {**PACKAGES, **(WINDOW_PACKAGES if probe.for_x11 else {})}
    install = _install([name for name in absent if name in needed])
    if "platform" not in probe.lines:
        advice = install or Text(
            "There is no screen that Qt can use. Start the program in a desktop session, under xvfb-run, or with "
            "QT_QPA_PLATFORM=offscreen. Data without windows works all the same.",
            "Qt가 쓸 수 있는 화면이 없습니다. 데스크톱 세션이나 xvfb-run에서 실행하거나 QT_QPA_PLATFORM=offscreen을 "
            "설정하세요. 창이 없는 데이터 수신은 그대로 동작합니다.",
        )
        outcome = Outcome.FAILED if install else Outcome.WARNING
        return Finding(
            outcome, Text(f"{versions}; no window: {first}", f"{versions}; 창을 열 수 없음: {first}"), advice
        )
    figure = same(f"{versions}, {probe.lines['platform']}")
    return Finding(Outcome.WARNING if install else Outcome.OK, figure, install or NOTHING)


def _install(libraries: list[str]) -> Text | None:
    """Return how to install what is missing; None when nothing is."""
    if not libraries:
        return None
    every = {**PACKAGES, **WINDOW_PACKAGES}
    command = "sudo apt-get install " + " ".join(every[name] for name in libraries)
    named = ", ".join(libraries)
    return Text(
        f"Libraries of the system are missing ({named}). On Debian and Ubuntu: {command}",
        f"시스템 라이브러리가 없습니다 ({named}). Debian·Ubuntu에서는: {command}",
    )
