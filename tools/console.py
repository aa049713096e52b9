"""What dev.py says, and how it runs other programs: in the foreground, or quietly as a step of the set-up."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from upbit_qt_ws.system.environment import environment_without_keys
from upbit_qt_ws.system.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project."""

GRACE_S = 15
"""How many seconds a program has to end after Ctrl-C before it is ended."""


class SetupError(Exception):
    """Something that the user has to put right; the text is a sentence that says what and how."""


def show(text: str) -> None:
    """Prints a text at once, to whatever there is to print to."""
    Output().write(text)


def say(text: str) -> None:
    """Prints a line at once, so that it stands before what another program prints."""
    show(f"dev.py: {text}\n")


def run(command: Sequence[str], folder: Path = ROOT, *, with_keys: bool = False) -> int:
    """Runs a program in the foreground.

    Args:
        command: The program and its arguments.
        folder: Where it runs; the project's own folder if none is given.
        with_keys: Whether it gets the API keys of the environment, as one that was asked to go to the exchange does.

    Returns:
        Its exit code, or 128 + N as in a shell if signal N ended it.
    """
    try:
        environment = dict(os.environ) if with_keys else environment_without_keys()
        process = subprocess.Popen(command, cwd=folder, env=environment)
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be started: {error}") from error
    with process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            # The terminal has sent Ctrl-C to the program too, which now cleans up and prints its last words.
            try:
                code = process.wait(GRACE_S)
            except (KeyboardInterrupt, subprocess.TimeoutExpired):
                process.kill()
                raise KeyboardInterrupt from None
    return 128 - code if code < 0 else code


def run_quietly(title: str, command: Sequence[str]) -> str | None:
    """Runs a program under one line with a title and the time it took.

    Returns:
        None if it succeeded, otherwise all that it printed.
    """
    show(f"dev.py: {title} ...")
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment_without_keys(),
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        show(" failed\n")
        return str(error)
    show(f" {'failed' if done.returncode else 'done'} after {time.monotonic() - started:.0f} s\n")
    if done.returncode == 0:
        return None
    return done.stdout.strip() or f"(it printed nothing; its exit code is {done.returncode})"


def step(title: str, command: Sequence[str]) -> None:
    """Runs a program as a step of the set-up.

    Raises:
        SetupError: The step failed; what it printed stands above.
    """
    problem = run_quietly(title, command)
    if problem:
        show(f"{problem}\n")
        raise SetupError(f"the step `{title}` failed, see above. Once that is put right, start the same command again.")
