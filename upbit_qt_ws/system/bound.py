"""Run as a program of its own, beside the rest: binds a program to the process that wants it.

``bound.py linux PARENT COMMAND...`` becomes the command after it has asked the kernel to be killed with its parent.
``bound.py watch PID`` kills a process when its own input ends without a word.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(parent: int, command: list[str]) -> None:
    """Turn into a program that is killed when the parent, or the thread in it that started this, ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have ended before that was asked.
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)


def watch(pid: int) -> None:
    """Wait for the end of the input; kill the process unless a word came first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if not sys.stdin.buffer.readline():
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    # Ctrl-C at this very moment ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    mode, number, *rest = sys.argv[1:]
    if mode == "watch":
        watch(int(number))
    else:
        become(int(number), rest)
