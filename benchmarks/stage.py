"""What all contenders share: the window, the phases of a measurement, and what is told about it.

A contender is a process: `python -m benchmarks.contenders.NAME JOB`, with the job as JSON. It shows the table, waits
until every row is filled and a warm-up is over, writes a line when the measurement begins and one when it ends, and is
killed then. The CPU time is read from the operating system by whoever has started it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSlot
from PyQt6.QtWidgets import QApplication

from benchmarks.table import Quote, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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


class Stage(QObject):
    """The window of a contender and the phases of its measurement.

    Attributes:
        app: the application; the contender runs its event loop.
        messages: how many were shown or coalesced.
        latencies: from the sending to the slot, in seconds, if the job asks for them.
    """

    def __init__(self) -> None:
        self.app = QApplication.instance() or QApplication(["contender"])
        super().__init__()
        self.job = job()
        self.codes: list[str] = self.job["codes"]
        self.table = Table(self.codes)
        self.messages = 0
        self.latencies: list[float] = []
        self._began = self._messages = self._frames = 0.0
        self._heartbeat: Heartbeat | None = None
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._look)
        self._poll.start(50)
        self.table.show()

    def show(self, quote: Quote) -> None:
        """Show one message at once."""
        self.messages += 1
        self.table.quotes.show(quote)

    def show_ticker(self, ticker: Mapping[str, Any]) -> None:
        """Show a ticker in the exchange's own fields at once."""
        self.show(quote_of(ticker))

    def show_all(self, quotes: Iterable[Quote]) -> None:
        """Show what a frame brings."""
        self.table.quotes.show_all(quotes)

    def counted(self) -> int:
        """Return how many messages were taken in; a contender that coalesces knows better than the window."""
        return self.messages

    @pyqtSlot()
    def _look(self) -> None:
        if self.table.quotes.filled >= self.job.get("filled", len(self.codes)):
            self._poll.stop()
            QTimer.singleShot(int(self.job["warm_up"] * 1000), self._begin)

    @pyqtSlot()
    def _begin(self) -> None:
        if self.job.get("heartbeat"):
            self._heartbeat = Heartbeat()
        self._began, self._messages, self._frames = time.perf_counter(), self.counted(), self.table.frames
        self.latencies.clear()
        tell(phase="begin")
        QTimer.singleShot(int(self.job["seconds"] * 1000), self._end)

    @pyqtSlot()
    def _end(self) -> None:
        seconds = time.perf_counter() - self._began
        messages, frames = self.counted() - self._messages, self.table.frames - self._frames
        latencies = sorted(self.latencies)
        late = sorted(self._heartbeat.late) if self._heartbeat is not None else []
        tell(
            phase="end",
            seconds=seconds,
            messages=messages / seconds,
            frames=frames / seconds,
            latency_ms=[part * 1000 for part in percentiles(latencies)],
            late_ms=percentiles(late),
        )
        # Whatever threads and processes there are: they are killed.
        sys.stdout.flush()
        if picture := self.job.get("picture"):
            self.table.grab().save(picture)
        if os.name == "nt":
            self.app.quit()


def percentiles(values: list[float]) -> list[float]:
    """Return the median and the 99th percentile of sorted values; nothing of none."""
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
        ticker["acc_trade_price_24h"],
    )
