"""Programs that are bound to this process: they end with it in every case, and it waits for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BOUND: Final = Path(__file__).with_name("bound.py")
_PASSED_ON: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def run_bound(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program in the foreground, bound to this process; return its exit code when it has ended.

    * It ends when this process does, however that ends. On Linux the kernel kills it, on Windows the system does with
      all that it has started itself; on macOS and other systems a third process sees to it.
    * Ctrl-C and other requests to end reach it once, and this process waits for it.
    * It has this process's terminal and standard streams.

    Args:
        command: the program and its arguments.
        environment: of the program.

    Returns:
        Its exit code; 128 and the number of the signal, as shells count it, if one ended it.

    Raises:
        OSError: it cannot be started.
    """
    if sys.platform == "linux":
        # Not between fork and exec, where nothing that Python does is safe beside other threads.
        command = [sys.executable, "-I", "-S", str(_BOUND), "linux", str(os.getpid()), *command]
    with subprocess.Popen(command, env=dict(environment)) as process, _tied(process), _passing_on(process):
        code = process.wait()
    return 128 - code if code < 0 else code


@contextmanager
def _tied(process: subprocess.Popen[Any]) -> Iterator[None]:
    """See to it that the process ends with this one where that does not bind itself."""
    if sys.platform == "win32":
        from upbit_qt_ws.system.windows_job import job_of

        with job_of(process):
            yield
    elif sys.platform == "linux":
        yield
    else:
        with watched(process.pid):
            yield


@contextmanager
def watched(pid: int) -> Iterator[None]:
    """Have a third process kill another one if this one ends before the block does."""
    command = [sys.executable, "-I", "-S", str(_BOUND), "watch", str(pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment_without_keys(), start_new_session=True) as it:
        assert it.stdin is not None
        try:
            yield
        finally:
            # The end of its input alone means that this process has gone.
            with suppress(OSError):
                it.stdin.write(b"done\n")
                it.stdin.close()


@contextmanager
def _passing_on(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Take requests to end as requests to the program, and wait for it; nothing is done in other threads than main."""

    def pass_on(number: int, frame: object) -> None:
        if not (number == signal.SIGINT and _terminal_told_all()):
            with suppress(OSError):
                process.send_signal(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    # A handler, and not SIG_IGN, which the program would have inherited.
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_told_all() -> bool:
    """Tell whether Ctrl-C in the terminal has reached the program as well, which has it twice if it is passed on."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
