"""Memory and CPU of this process, from the operating system."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import psutil


class ProcessUse(NamedTuple):
    """What the process uses.

    Attributes:
        memory: resident memory, in bytes.
        cpu_seconds: CPU time of all its threads since the start, in seconds.
    """

    memory: int
    cpu_seconds: float


class ProcessProbe:
    """Asks the operating system what this process uses."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self._process: psutil.Process | None = None

    def read(self) -> ProcessUse | None:
        """Return what the process uses now; None where the operating system does not tell."""
        try:
            import psutil  # Only now: it takes some milliseconds, and many programs end before anybody asks.
        except (ImportError, OSError):
            return None  # There may be no file descriptor left to read it with.
        try:
            if self._process is None or self._process.pid != os.getpid():
                self._process = psutil.Process()
            with self._process.oneshot():
                times = self._process.cpu_times()
                return ProcessUse(self._process.memory_info().rss, times.user + times.system)
        except (psutil.Error, OSError):
            return None
