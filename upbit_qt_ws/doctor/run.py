"""Runs the doctor for a program: a thread of its own, whatever loop the program has."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import tomllib
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.doctor import facts
from upbit_qt_ws.doctor.checkup import check_up
from upbit_qt_ws.doctor.report import DoctorReport
from upbit_qt_ws.doctor.scrub import Scrubber
from upbit_qt_ws.doctor.visit import Visit
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.keys import ACCESS_VARIABLE, SECRET_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from upbit_qt_ws.doctor.results import CheckResult
    from upbit_qt_ws.wire.auth_errors import Language

_CTRL_C_S: Final = 0.2
"""On Windows Ctrl-C does not end a wait, only what follows it."""
_CLOSING_S: Final = 0.5


def run_doctor(
    config: WebSocketConfig | None = None,
    *,
    language: Language | None = None,
    on_result: Callable[[CheckResult], object] | None = None,
    config_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    wall_clock: Callable[[], float] = time.time,
) -> DoctorReport:
    """Make all checks, and return what they found; blocks for up to 30 s, so call it outside the GUI thread.

    The checks run on an event loop in a thread of their own. ``on_result`` is called in that thread: in a Qt
    application let it emit a signal.

    Args:
        config: addresses and keys; None reads them from ``config_file`` and the environment, and makes a value that
            cannot work a result and not an exception.
        language: of the results; None for that of the system.
        on_result: gets every result as soon as it is known.
        config_file: the TOML file that is read when ``config`` is None.
        environ: the environment; that of the process if None.
        wall_clock: the time of this computer in seconds since 1970.
    """
    variables = dict(os.environ if environ is None else environ)
    scrubber = Scrubber(
        [variables.get(ACCESS_VARIABLE, ""), variables.get(SECRET_VARIABLE, ""), *_keys_in(config_file)]
    )
    visit = Visit(
        load=(lambda: config) if config is not None else (lambda: _load(config_file, variables)),
        language=language or facts.language_of_system(variables),
        scrubber=scrubber,
        environ=variables,
        config_file=config_file,
        wall_clock=wall_clock,
    )
    results: list[CheckResult] = []
    failures: list[BaseException] = []
    finished = threading.Event()

    def run() -> None:
        try:
            # A stock loop, even in a program whose policy makes Qt loops.
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                results.extend(runner.run(check_up(visit, on_result or _ignore)))
                finished.set()  # Before the loop is closed, which waits for look-ups of names that hang.
        except BaseException as error:
            failures.append(error)
            finished.set()

    thread = threading.Thread(target=run, name="upbit-doctor", daemon=True)
    thread.start()
    while not finished.wait(_CTRL_C_S):
        pass
    thread.join(_CLOSING_S)
    if failures:
        raise failures[0]
    return DoctorReport(tuple(results), visit.language, _computer(visit), scrubber)


def _load(config_file: Path | None, variables: Mapping[str, str]) -> WebSocketConfig:
    return WebSocketConfig.load(file=config_file, environ=variables)


def _ignore(result: CheckResult) -> None:
    """Nobody wants to know before the end."""


def _keys_in(config_file: Path | None) -> list[str]:
    """Return the keys that a file holds, also one whose other values cannot work."""
    if config_file is None:
        return []
    try:
        values = tomllib.loads(config_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []  # The check of the settings tells what is wrong with the file.
    tables = [values, values.get("upbit_qt_ws")]
    found = [table.get(name) for table in tables if isinstance(table, dict) for name in ("access_key", "secret_key")]
    return [key for key in found if isinstance(key, str)]


def _computer(visit: Visit) -> dict[str, object]:
    computer: dict[str, object] = {"versions": facts.versions(), "environment": facts.variables(visit.environ)}
    try:
        computer["settings"] = facts.settings(visit.config)
    except ConfigurationError as error:
        computer["settings"] = {"error": str(error)}
    return computer
