"""What all contenders share: the window, the phases of a measurement, and what is told about it.

A contender is a process: `python -m benchmarks.contenders.NAME JOB`, with the job as JSON. It shows the table, waits
until every row is filled and a warm-up is over, writes a line when the measurement begins and one when it ends, and is
killed then. The CPU time is read from the operating system by whoever has started it.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSlot
from PyQt6.QtWidgets import QApplication

from benchmarks.table import Quote, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def job() -> dict[str, Any]:
    """Return what is to be done: url, rest, codes, seconds, warm_up, and options of the contender."""
    read: dict[str, Any] = json.loads(sys.argv[1])
    return read


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


class Heartbeat(QObject):
    """Measures how late a timer of 5 ms fires, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    @pyqtSlot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._last) * 1000 - 5.0))
        self._last = now


class Phases(QObject):
    """Waits until everything is shown and a warm-up is over, measures for a while, and tells what it has found.

    Args:
        job: what is to be done.
        is_ready: whether everything is shown.
        counted: how many messages were taken in since the start.
        painted: how many frames were painted since the start.
        latencies: from the sending to the slot, in seconds; emptied when the measurement begins.
    """

    def __init__(
        self,
        job: dict[str, Any],
        *,
        is_ready: Callable[[], bool],
        counted: Callable[[], int],
        painted: Callable[[], int] = lambda: 0,
        latencies: list[float] | None = None,
    ) -> None:
        super().__init__()
        self._job = job
        self._is_ready = is_ready
        self._counted = counted
        self._painted = painted
        self._latencies = [] if latencies is None else latencies
        self._began = 0.0
        self._before = (0, 0)
        self._heartbeat: Heartbeat | None = None
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._look)
        self._poll.start(20)

    @pyqtSlot()
    def _look(self) -> None:
        if self._is_ready():
            self._poll.stop()
            QTimer.singleShot(int(self._job["warm_up"] * 1000), self._begin)

    @pyqtSlot()
    def _begin(self) -> None:
        if self._job.get("heartbeat"):
            self._heartbeat = Heartbeat()
        self._began, self._before = time.perf_counter(), (self._counted(), self._painted())
        self._latencies.clear()
        tell(phase="begin")
        QTimer.singleShot(int(self._job["seconds"] * 1000), self._end)

    @pyqtSlot()
    def _end(self) -> None:
        seconds = time.perf_counter() - self._began
        messages, frames = self._counted() - self._before[0], self._painted() - self._before[1]
        tell(
            phase="end",
            messages=messages / seconds,
            frames=frames / seconds,
            latency_ms=percentiles([1000 * latency for latency in self._latencies]),
            late_ms=percentiles(self._heartbeat.late if self._heartbeat is not None else []),
        )


class Stage(QObject):
    """The window of a contender and the phases of its measurement.

    Attributes:
        app: the application; the contender runs its event loop.
        job: what is to be done.
        codes: the markets to show.
        table: the window.
        latencies: from the sending to the slot, in seconds, if somebody measures them.
    """

    def __init__(self) -> None:
        self.app = QApplication(["contender"])
        super().__init__()
        self.job = job()
        self.codes: list[str] = self.job["codes"]
        self.table = Table(self.codes)
        self.latencies: list[float] = []
        self._messages = 0
        self._phases = Phases(
            self.job,
            is_ready=lambda: self.table.quotes.filled == len(self.codes),
            counted=self.counted,
            painted=lambda: self.table.frames,
            latencies=self.latencies,
        )
        self.table.show()

    def show(self, quote: Quote) -> None:
        """Show one message at once."""
        self._messages += 1
        self.table.quotes.show(quote)

    def show_ticker(self, ticker: Mapping[str, Any]) -> None:
        """Show a ticker in the exchange's own fields at once."""
        self.show(quote_of(ticker))

    def show_all(self, quotes: Iterable[Quote]) -> None:
        """Show what a frame brings."""
        self.table.quotes.show_all(quotes)

    def counted(self) -> int:
        """Return how many messages were taken in; a contender that coalesces knows better than the window."""
        return self._messages


def percentiles(found: list[float]) -> list[float]:
    """Return the median and the 99th percentile; nothing of none."""
    values = sorted(found)
    return [values[len(values) // 2], values[min(len(values) - 1, int(len(values) * 0.99))]] if values else []


def quote_of(ticker: Mapping[str, Any]) -> Quote:
    return Quote(
        ticker["code"],
        ticker["trade_price"],
        ticker["signed_change_rate"],
        ticker["opening_price"],
        ticker["high_price"],
        ticker["low_price"],
        ticker["prev_closing_price"],
        ticker["highest_52_week_price"],
    )
