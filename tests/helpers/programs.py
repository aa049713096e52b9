"""Whole programs in processes of their own, against a simulated exchange."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_ws.testing.program import exchange_environment

if TYPE_CHECKING:
    from upbit_qt_ws.testing import SimulatedExchange

LONGEST = 40
"""Seconds that a program may take on a busy machine; those that wait for nothing take one."""

_NOISE = "This plugin does not support propagateSizeHints()"


class Ended(NamedTuple):
    """How a program has ended: its exit code, and what it has written without the noise of the offscreen platform."""

    code: int
    output: str
    errors: str


def environment(exchange: SimulatedExchange, **more: str) -> dict[str, str]:
    """Return the environment of a program that uses an exchange."""
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", **exchange_environment(exchange), **more}


def run_program(exchange: SimulatedExchange, source: str, *arguments: str, **more: str) -> Ended:
    """Run a program, and wait for its end."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(source), *arguments],
        env=environment(exchange, **more),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    errors = "\n".join(line for line in done.stderr.splitlines() if line != _NOISE)
    return Ended(done.returncode, done.stdout, errors)
