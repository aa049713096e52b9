"""The newest trades over REST, for a tape: once it is shown, and whenever its stream may have left some out."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.answers import deliver
from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.system.repeats import Repeats

if TYPE_CHECKING:
    from upbit_qt_ws import QtWebSocketProxy, TradeEvent
    from upbit_qt_ws.outcome import Outcome

_log = logging.getLogger(__name__)

PAGE: Final = 500
"""Trades of one REST call."""

_RETRY_SECONDS: Final = (1.0, 3.0, 10.0, 30.0, 60.0)


class Backfill(QObject):
    """Asks for the newest trades of one market at a time; answers about another one are dropped.

    It asks only while it is allowed to, and after a failure again until it gets an answer, ever more seldom.

    Signals:
        arrived: a tuple of trades, oldest first and without a hole; it may hold nothing new.
        failed: an answer did not come.
    """

    arrived = pyqtSignal(object)
    failed = pyqtSignal()

    def __init__(self, proxy: QtWebSocketProxy) -> None:
        """Want nothing yet."""
        super().__init__(proxy)
        self._proxy = proxy
        self._market = ""
        self._round = 0
        self._count = PAGE
        self._due: float | None = None
        self._is_allowed = False
        self._is_asking = False
        self._failures = 0
        self._troubles = Repeats()
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._ask)

    def begin(self, market: str, count: int) -> None:
        """Want the newest ``count`` trades of a market, 500 at most, and forget what was wanted before.

        Nothing is wanted of an empty one.
        """
        self._market, self._count = market, min(count, PAGE)
        self._round += 1
        self._is_asking = False
        self._failures = 0
        self._due = time.monotonic() if market else None
        self._pursue()

    def want(self, count: int) -> None:
        """Want the newest trades at once; an answer that is under way does not do, and is asked for once more."""
        self._count = min(count, PAGE)
        if self._market:
            self._due = time.monotonic() if self._due is None else min(self._due, time.monotonic())
            self._pursue()

    def want_later(self) -> None:
        """Want them again after a pause, which is longer each time until :meth:`satisfied`."""
        pause = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
        self._failures += 1
        due = time.monotonic() + pause
        self._due = due if self._due is None else min(self._due, due)
        self._pursue()

    def satisfied(self) -> None:
        """The last answer told all that was missing: pauses are short again."""
        self._failures = 0

    @property
    def failures(self) -> int:
        """How many answers in a row did not come, or did not tell all that was missing."""
        return self._failures

    def allow(self, allowed: bool) -> None:
        """Ask now and later, or wait: nobody would see the answer, or the stream would not follow on it."""
        if allowed != self._is_allowed:
            self._is_allowed = allowed
            self._pursue()

    def _pursue(self) -> None:
        if self._due is None or self._is_asking or not self._is_allowed or self._proxy.manager.is_shut_down:
            self._next.stop()
            return
        self._next.start(max(0, round((self._due - time.monotonic()) * 1000)))

    @pyqtSlot()
    @guarded
    def _ask(self) -> None:
        if self._proxy.manager.is_shut_down:
            return
        self._due, self._is_asking = None, True
        deliver(self._proxy.get_trade_snapshot(self._market, self._count), self._on_answer, self._round)

    def _on_answer(self, outcome: Outcome[tuple[TradeEvent, ...]], asked: int) -> None:
        if asked != self._round or self._proxy.manager.is_shut_down:
            return
        self._is_asking = False
        try:
            trades = outcome.result()
        except UpbitQtError as error:
            line = self._troubles.complain(f"the trades of {self._market} did not come: {error}", time.monotonic())
            if line is not None:
                _log.info("%s", line)
            self.want_later()
            self.failed.emit()
        else:
            self._troubles.worked(time.monotonic())
            self.arrived.emit(trades)
            self._pursue()
