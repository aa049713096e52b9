"""The paint limit: the same table, repainted at the same frame rate from values that are made in the process."""

from __future__ import annotations

import itertools
import random
import time

from PyQt6.QtCore import Qt, QTimer, pyqtSlot

from benchmarks.stage import Stage
from benchmarks.table import Quote


class PaintStage(Stage):
    def __init__(self) -> None:
        super().__init__()
        rng = random.Random(1)
        made = [
            Quote(code, price, rng.uniform(-0.05, 0.05), price, price, price, price, rng.uniform(1e9, 1e11))
            for code, price in ((rng.choice(self.codes), rng.uniform(1e3, 1e8)) for _ in range(20_000))
        ]
        self.show_all(Quote(code, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0) for code in self.codes)
        self._made = itertools.cycle(made)
        self._rate: float = self.job["rate"]
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._frame)
        self._timer.start(round(1000 / max(1.0, self.job["frames"])))

    @pyqtSlot()
    def _frame(self) -> None:
        now = time.monotonic()
        count = int(self._rate * (now - self._last))
        self._last += count / self._rate
        self._messages += count
        # One value for each market, the newest: nobody could paint less and show as much.
        self.show_all({quote.code: quote for quote in itertools.islice(self._made, count)}.values())


if __name__ == "__main__":
    stage = PaintStage()
    stage.app.exec()
