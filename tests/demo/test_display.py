"""Where no window can be opened, the demo says in one sentence what is missing and what helps."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from upbit_qt_demo.display import display_problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere PyQt6 brings all that Qt needs")


def system_without(*missing: str) -> Callable[[str], object]:
    """Return what loads every library but these."""

    def load(name: str) -> object:
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file: No such file or directory")
        return object()

    return load


def test_the_missing_libraries_are_named_with_their_packages() -> None:
    load = system_without("libxcb-cursor.so.0", "libxcb-icccm.so.4")
    assert display_problem({"DISPLAY": ":0"}, load, "linux") == (
        "Qt cannot open a window without libxcb-cursor.so.0, libxcb-icccm.so.4; on Debian and Ubuntu: "
        "sudo apt-get install libxcb-cursor0 libxcb-icccm4; or run it with --headless, which needs no display"
    )


@pytest.mark.parametrize(
    ("environment", "missing", "named"),
    [
        ({"DISPLAY": ":0"}, (), ""),
        ({"QT_QPA_PLATFORM": "offscreen"}, ("libxcb-cursor.so.0",), ""),
        ({"QT_QPA_PLATFORM": "xcb"}, ("libxcb-cursor.so.0",), "libxcb-cursor0"),
        ({"QT_QPA_PLATFORM": "xcb;offscreen"}, ("libxcb-cursor.so.0",), ""),
        ({"WAYLAND_DISPLAY": "w"}, ("libwayland-cursor.so.0",), "libwayland-cursor0"),
        ({"WAYLAND_DISPLAY": "w"}, ("libxcb-cursor.so.0",), ""),
        ({"WAYLAND_DISPLAY": "nowhere"}, (), "nowhere"),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ("libxcb-cursor.so.0",), ""),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ("libxcb-cursor.so.0", "libGL.so.1"), "libxcb-cursor0"),
        (
            {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"},
            ("libwayland-client.so.0", "libGL.so.1"),
            "libwayland-client0",
        ),
    ],
)
def test_the_platforms_are_looked_at_that_qt_would_try(
    tmp_path: Path, environment: dict[str, str], missing: tuple[str, ...], named: str
) -> None:
    (tmp_path / "w").touch()
    problem = display_problem(environment | {"XDG_RUNTIME_DIR": str(tmp_path)}, system_without(*missing), "linux")
    assert bool(problem) == bool(named)
    assert named in problem


def test_other_systems_are_not_looked_at() -> None:
    assert display_problem({"DISPLAY": ":0"}, system_without("libxcb-cursor.so.0"), "darwin") == ""


def run_demo(**environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    return subprocess.run(
        [sys.executable, "-m", "upbit_qt_demo", "--seconds", "1"],
        env=surroundings | environment,
        capture_output=True,
        text=True,
        timeout=40,
    )


@LINUX
def test_the_demo_ends_with_the_sentence_and_without_a_core_dump(tmp_path: Path) -> None:
    # The loader finds this first, and cannot read it.
    (tmp_path / "libxcb-cursor.so.0").write_text("not a library")

    ended = run_demo(DISPLAY=":4242", LD_LIBRARY_PATH=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("upbit-qt-demo: Qt cannot open a window without ")
    assert "libxcb-cursor0" in ended.stderr
    assert "--headless" in ended.stderr


@LINUX
def test_a_display_that_does_not_answer_is_one_plain_sentence_too() -> None:
    ended = run_demo(DISPLAY=":4242")

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("upbit-qt-demo: Qt cannot open a window")
