"""Signals for a program that a test has started, on Windows too.

Windows cannot send a signal to one process. What its console does is done in the program there: the handler in C runs
in a thread that Python's code never sees.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import signal
    import subprocess

WINDOWS: Final = os.name == "nt"
_LISTENS = """
import os, runpy, signal, sys, threading, time
def listen():
    while word := os.read(0, 16):
        {wait}
        signal.raise_signal(int(word))
threading.Thread(target=listen, daemon=True).start()
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
_UNTIL_HANDLED = "while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL: time.sleep(0.05)"


def command(module: str, *, options: tuple[str, ...] = (), until_handled: bool) -> list[str]:
    """Return the command that runs a module so that :func:`send` reaches it; its input has to be a pipe on Windows.

    Args:
        module: what ``python -m`` takes.
        options: of Python.
        until_handled: on Windows, where nobody sees it from outside: a signal waits until the program handles SIGTERM.
    """
    if not WINDOWS:
        return [sys.executable, *options, "-m", module]
    source = _LISTENS.format(module=module, wait=_UNTIL_HANDLED if until_handled else "pass")
    return [sys.executable, *options, "-c", source]


def send(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to a program."""
    if not WINDOWS:
        process.send_signal(number)
        return
    assert process.stdin is not None
    process.stdin.write(f"{int(number)}")
    process.stdin.flush()
