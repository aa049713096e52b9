"""Many worlds in one process and on one loop: as many at a time as keep the machine busy, the reports as they come."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import qasync

from tests.reliability.world import OPTIONS, World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Any

    from PyQt6.QtWidgets import QApplication

    from tests.reliability.report import Report

AT_ONCE = 6
_SECRETS = (OPTIONS.access_key, OPTIONS.secret_key, "Bearer ")


class LogWatch(logging.Handler):
    """Notes records that show a secret, and defects that were caught so that the feed goes on."""

    def __init__(self) -> None:
        """Note nothing yet."""
        super().__init__(logging.DEBUG)
        self.leaks: list[str] = []
        self.defects: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record."""
        text = self.format(record)
        if any(secret in text for secret in _SECRETS):
            self.leaks.append(f"{record.name}: {record.levelname}")
        ours = record.name.startswith("upbit_qt_ws") and not record.name.startswith("upbit_qt_ws.testing")
        if record.levelno >= logging.ERROR and (ours or record.name == "asyncio"):
            self.defects.append(text)


@contextmanager
def watched_log() -> Iterator[LogWatch]:
    """Look at every record of the toolkit while the block runs."""
    watch = LogWatch()
    root, ours = logging.getLogger(), logging.getLogger("upbit_qt_ws")
    level = ours.level
    ours.setLevel(logging.DEBUG)
    root.addHandler(watch)
    try:
        yield watch
    finally:
        root.removeHandler(watch)
        ours.setLevel(level)


def on_loop(application: QApplication, main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a stock qasync loop in the GUI thread, as an application would."""
    # Many worlds take minutes; the stacks that pytest would write meanwhile are of no use, and may crash dozens of
    # running threads. Its own time limits stay.
    faulthandler.cancel_dump_traceback_later()
    loop = qasync.QEventLoop(application, already_running=False)
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(main)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def run_seeds(
    application: QApplication, seeds: Iterable[int], finished: Callable[[Report], None], *, at_once: int = AT_ONCE
) -> None:
    """Run the world of each seed; ``finished`` gets each report."""

    async def main(executor: ThreadPoolExecutor) -> None:
        waiting = iter(seeds)

        async def worker() -> None:
            for seed in waiting:
                # One in four reads and delivers at once instead of in pauses.
                world = World(seed, executor, low_latency=seed % 4 == 0)
                # What fails is in its report, and the other worlds go on.
                with suppress(Exception):
                    await world.run()
                finished(world.report)

        await asyncio.gather(*(worker() for _ in range(at_once)))

    with ThreadPoolExecutor(2 * at_once, "controls") as executor:
        on_loop(application, main(executor))
