"""The history of a chart over REST: the newest candles, what an outage or a rest left out, and older ones on demand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, pyqtSignal

from upbit_qt_widgets.base.answers import deliver
from upbit_qt_widgets.chart.intervals import moment, seconds_of
from upbit_qt_ws.errors import UpbitQtError

if TYPE_CHECKING:
    from upbit_qt_ws import CandleEvent, QtWebSocketProxy
    from upbit_qt_ws.outcome import Outcome

PAGE: Final = 200
"""Candles of one REST call."""

_FARTHEST: Final = 1_000
"""If more candles than these may be missing, the chart begins anew."""


class CandleHistory(QObject):
    """Asks for the candles of one market and interval at a time; answers about another one are dropped.

    Signals:
        arrived: a tuple of candles, oldest first, which may hold nothing new.
        failed: why an answer did not come, in plain words.
        busy_changed: whether anything is being asked for.
    """

    arrived = pyqtSignal(object)
    failed = pyqtSignal(str)
    busy_changed = pyqtSignal(bool)

    def __init__(self, proxy: QtWebSocketProxy) -> None:
        """Ask nothing yet."""
        super().__init__(proxy)
        self._proxy = proxy
        self._market = self._interval = ""
        self._round = 0
        self._under_way: set[str] = set()
        self._is_complete = False

    @property
    def is_busy(self) -> bool:
        """Whether anything is being asked for."""
        return bool(self._under_way)

    def begin(self, market: str, interval: str) -> None:
        """Ask for the newest candles of a market, and forget what was asked before."""
        self._market, self._interval = market, interval
        self._round += 1
        self._is_complete = False
        self._under_way.clear()
        self._ask("newest", PAGE)

    def catch_up(self, newest_start: int | None) -> bool:
        """Ask for what may have come since the newest known candle.

        Args:
            newest_start: when it began, in seconds since 1970 UTC; None if none is known.

        Returns:
            Whether the candles are to be forgotten first, since too many may be missing between.
        """
        if newest_start is None:
            self.begin(self._market, self._interval)
            return False
        missing = int(max(0.0, time.time() - newest_start) / seconds_of(self._interval)) + 3
        if missing > _FARTHEST:
            self.begin(self._market, self._interval)
            return True
        self._ask("newest", missing)
        return False

    def older(self, oldest_start: int) -> None:
        """Ask for the page before the oldest known candle, unless anything is under way or there is none."""
        if not self._is_complete and not self._under_way:
            self._ask("older", PAGE, oldest_start)

    def _ask(self, kind: str, count: int, before: int | None = None) -> None:
        if self._proxy.manager.is_shut_down:
            return
        was_busy = self.is_busy
        self._under_way.add(kind)
        to = None if before is None else moment(before)
        outcome = self._proxy.get_candle_snapshot(self._market, self._interval, count, to=to)
        deliver(outcome, self._on_answer, kind, self._round)
        if not was_busy and self.is_busy:
            self.busy_changed.emit(True)

    def _on_answer(self, outcome: Outcome[tuple[CandleEvent, ...]], kind: str, asked: int) -> None:
        if asked != self._round:
            return
        self._under_way.discard(kind)
        try:
            candles = outcome.result()
        except UpbitQtError as error:
            self.failed.emit(str(error))
        else:
            if kind == "older" and not candles:
                self._is_complete = True
            self.arrived.emit(candles)
        if not self.is_busy:
            self.busy_changed.emit(False)
