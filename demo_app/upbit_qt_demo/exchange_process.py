"""The simulated exchange as a child process that ends with the demo in every case."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.system.environment import environment_without_keys

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_READY_SECONDS: Final = 20.0
_GLANCE_SECONDS: Final = 0.1


class ExchangeError(Exception):
    """The simulated exchange could not be started; the message says why."""


class ExchangeProcess:
    """Starts ``upbit-qt mock`` and knows its addresses.

    The child ends when its standard input ends, and that is a pipe from here: the system closes it however this
    process ends, also when it is killed. Ctrl-C in the terminal does not reach it: the window needs it until its own
    end. It gets no API keys of the user's.

    Attributes:
        websocket_url: address of the public socket.
        rest_url: address of the REST interface.
    """

    def __init__(self, *, port: int, seed: int, rate: float) -> None:
        """Start it and wait until it is ready.

        Raises:
            ExchangeError: it did not start; a port in use, for example.
        """
        command = [sys.executable, "-m", "upbit_qt_ws.cli", "mock", "--exit-with-parent", "--quiet"]
        command += ["--port", str(port), "--seed", str(seed), "--rate", str(rate)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment_without_keys(),
            start_new_session=True,  # Keeps Ctrl-C away on POSIX, and means nothing on Windows.
            creationflags=_creation_flags(),
        )
        line = self._first_line()
        try:
            addresses = json.loads(line)
            self.websocket_url: str = addresses["websocket"]
            self.rest_url: str = addresses["rest"]
        except (ValueError, KeyError, TypeError):
            self._process.kill()
            _, complaint = self._process.communicate()
            reason = complaint.strip().splitlines()[-1:] or ["it ended without a word"]
            raise ExchangeError(f"the simulated exchange did not start: {reason[0]}") from None
        # What it writes later is read and dropped: a full pipe would stop it.
        self._drain = threading.Thread(target=self._read_the_rest, name="upbit_qt_demo drain", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def stop(self) -> None:
        """End it; ending it twice does nothing."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._drain.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        """Use it for the time of a ``with`` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.stop()

    def _first_line(self) -> str:
        assert self._process.stdout is not None
        lines: list[str] = []
        read = self._process.stdout.readline
        # Ctrl-C may come at any moment here. On Windows it interrupts no reading of a pipe, and no long wait.
        reader = threading.Thread(target=lambda: lines.append(read()), name="upbit_qt_demo first line", daemon=True)
        reader.start()
        end = time.monotonic() + _READY_SECONDS
        try:
            while reader.is_alive() and time.monotonic() < end:
                reader.join(_GLANCE_SECONDS)
        finally:
            if reader.is_alive():
                # It hangs before it is ready, or is not wanted any more. Without it there is nothing to read.
                self._process.kill()
                reader.join()
        return "".join(lines)

    def _read_the_rest(self) -> None:
        assert self._process.stderr is not None
        for _line in self._process.stderr:
            pass


def _creation_flags() -> int:
    """Keep Ctrl-C away on Windows."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
