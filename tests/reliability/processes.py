"""Worlds in several processes: those of one share a processor, whatever the machine has."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from PyQt6.QtCore import QtMsgType, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication

from tests.helpers.leaks import LeakWatch
from tests.reliability.runs import watched_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tests.reliability.report import Report

_T = TypeVar("_T")


@dataclass
class Outcome:
    """What came of many worlds.

    Attributes:
        reports: one for each world.
        leaks: records of the log that show a secret.
        defects: what failed inside and was caught, and what Python and Qt have complained of.
        leftovers: what was left running.
    """

    reports: list[Report] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take in what came of others."""
        self.reports += other.reports
        self.leaks += other.leaks
        self.defects += other.defects
        self.leftovers += other.leftovers


def spread(run: Callable[[QApplication, Sequence[_T]], list[Report]], items: Sequence[_T]) -> Outcome:
    """Run the worlds of all items, dealt out to a process for each processor; a single one runs in this process.

    Args:
        run: runs the worlds of some items, and returns their reports; it can be pickled.
        items: can be pickled, too.
    """
    count = min(os.cpu_count() or 1, len(items))
    if count <= 1:
        return _watched(run, items)
    outcome = Outcome()
    # The worlds take longer than pytest waits before it writes the stacks of this process, which only waits for them.
    faulthandler.cancel_dump_traceback_later()
    # A process that is forked would have the threads' locks and Qt's state without the threads.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as processes:
        hands = [items[first::count] for first in range(count)]
        for part in processes.map(_in_a_process_of_its_own, [run] * count, hands):
            outcome.add(part)
    return outcome


def _watched(run: Callable[[QApplication, Sequence[_T]], list[Report]], items: Sequence[_T]) -> Outcome:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    watch = LeakWatch()
    with watched_log() as log:
        reports = run(application, items)
    return Outcome(reports, log.leaks, log.defects, watch.finish())


def _in_a_process_of_its_own(run: Callable[[QApplication, Sequence[_T]], list[Report]], items: Sequence[_T]) -> Outcome:
    """Run worlds where no pytest takes what Python and Qt complain of for a failure."""
    complaints: list[str] = []

    def qt_says(kind: QtMsgType, _context: object, text: str | None) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            complaints.append(f"Qt: {text}")

    def is_unraisable(found: Any) -> None:
        complaints.append(f"{found.err_msg or 'ignored'}: {found.exc_value!r} in {found.object!r}")

    sys.unraisablehook = is_unraisable
    threading.excepthook = lambda found: complaints.append(f"{found.thread}: {found.exc_value!r}")
    qInstallMessageHandler(qt_says)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = _watched(run, items)
        gc.collect()
    qInstallMessageHandler(None)
    outcome.defects += complaints
    return outcome
