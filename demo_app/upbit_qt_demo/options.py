"""The command line of the demo."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from upbit_qt_ws.commands.version import VersionAction
from upbit_qt_ws.system.command_parser import CommandParser
from upbit_qt_ws.system.output import complain

_SECONDS_WITHOUT_DISPLAY = 10.0
_SECONDS_FOR_PICTURE = 5.0
_MOST_PIXELS = 10_000


@dataclass(frozen=True, slots=True)
class Options:
    """What the demo was asked to do.

    Attributes:
        live: connect to Upbit instead of the simulated exchange.
        headless: render offscreen.
        seconds: end after that many seconds; None runs until the window is closed.
        screenshot: where to save a picture of the window at the end.
        report: where to write the figures at the end, as JSON.
        port: port of the simulated exchange, 0 for a free one.
        seed: seed of the simulated market.
        rate: trades per second of the simulated market.
        theme: ``system``, ``light`` or ``dark``; None for the one of the last time.
        language: ``ko`` or ``en``; None likewise.
        size: width and height of the window in pixels; None for those of the last time.
        profile: folder in which the choices of the user are kept; None for the usual one.
        fresh: whether nothing is remembered, neither from before nor for later.
    """

    live: bool
    headless: bool
    seconds: float | None
    screenshot: Path | None
    report: Path | None
    port: int
    seed: int
    rate: float
    theme: str | None
    language: str | None
    size: tuple[int, int] | None
    profile: Path | None
    fresh: bool


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line; a wrong one ends the program with a sentence."""
    parser = CommandParser(
        prog="upbit-qt-demo", description="A small trading terminal with live data, of a simulated exchange by default."
    )
    parser.add_argument("--version", action=VersionAction)
    parser.add_argument(
        "--live",
        action="store_true",
        help="connect to Upbit itself (never tested against the live service by this project)",
    )
    parser.add_argument("--headless", action="store_true", help="render offscreen, without a window")
    parser.add_argument("--seconds", type=_positive, metavar="N", help="end by itself after N seconds")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture (PNG) of the window at the end")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures at the end, as JSON")
    parser.add_argument("--port", type=_port, default=0, help="port of the simulated exchange; a free one by default")
    parser.add_argument("--seed", type=int, default=1, help="seed of the simulated market")
    parser.add_argument("--rate", type=_positive, default=150.0, help="trades per second of the simulated market")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="the one of the last time by default")
    parser.add_argument("--language", choices=("ko", "en"), help="the one of the last time by default")
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="width and height of the window, for example 1366x768"
    )
    memory = parser.add_mutually_exclusive_group()
    memory.add_argument("--profile", type=Path, metavar="DIR", help="keep what is chosen in the window in this folder")
    memory.add_argument(
        "--fresh", action="store_true", help="begin as at the first time and remember nothing (so does --headless)"
    )
    given = parser.parse_args(arguments)
    for name in ("screenshot", "report"):
        path: Path | None = getattr(given, name)
        if path is not None and not path.absolute().parent.is_dir():
            parser.error(f"--{name} {path}: there is no folder {path.absolute().parent}")
    if given.profile is not None and given.profile.exists() and not given.profile.is_dir():
        parser.error(f"--profile {given.profile} is a file: name a folder")
    headless, seconds = given.headless, given.seconds
    if not headless and not has_display():
        complain("upbit-qt-demo: there is no display, so the window is rendered offscreen")
        headless = True
        seconds = seconds or _SECONDS_WITHOUT_DISPLAY
    if given.screenshot and seconds is None:
        seconds = _SECONDS_FOR_PICTURE
    return Options(
        live=given.live,
        headless=headless,
        seconds=seconds,
        screenshot=given.screenshot,
        report=given.report,
        port=given.port,
        seed=given.seed,
        rate=given.rate,
        theme=given.theme,
        language=given.language,
        size=given.size,
        profile=given.profile,
        # What runs without a window, for a picture or a test, neither depends on what somebody chose nor changes it.
        fresh=given.fresh or (headless and given.profile is None),
    )


def has_display() -> bool:
    """Tell whether a window can be shown: as Qt's platform says if one is chosen, else wherever there is a display."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.partition(":")[0] not in ("offscreen", "minimal")
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _positive(value: str) -> float:
    number = float(value)
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{value} is not a number above 0")
    return number


def _port(value: str) -> int:
    number = int(value)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"{value} is not a port from 0 to 65535")
    return number


def _size(value: str) -> tuple[int, int]:
    width, _, height = value.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < int(width) <= _MOST_PIXELS >= int(height) > 0):
        raise argparse.ArgumentTypeError(f"{value} is not a size such as 1366x768")
    return int(width), int(height)
