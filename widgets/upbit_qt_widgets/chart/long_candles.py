"""The running candle of a day, a week or a month, kept true: tickers, the days over REST, and what has just closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.candle_question import CandleQuestion
from upbit_qt_widgets.chart.candle_series import day_of
from upbit_qt_widgets.chart.day_parts import DayParts, day_counts
from upbit_qt_widgets.chart.intervals import is_streamed
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from upbit_qt_widgets.chart.candle_series import Candle
    from upbit_qt_ws import CandleEvent, QtWebSocketProxy, TickerEvent

_CLOSING_MS: Final = 1_000
"""So long after a day has ended its candle is asked for: the exchange may still be closing it."""


class LongCandles(QObject):
    """Puts the running candle together for an interval that the exchange does not stream; idle for the others.

    Signals:
        changed: the running candle, which is known now: the days have come.
        closed: a day has ended a moment ago, and with it perhaps a week or a month; REST tells how.
    """

    changed = pyqtSignal(object)
    closed = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        """Follow nothing."""
        super().__init__(parent)
        self._proxy: QtWebSocketProxy | None = None
        self._market = self._interval = ""
        self._days = DayParts()
        self._question = CandleQuestion(self)
        self._question.arrived.connect(self._on_days)
        self._closing = QTimer(self)
        self._closing.setSingleShot(True)
        self._closing.setInterval(_CLOSING_MS)
        self._closing.timeout.connect(self._on_closed)

    def begin(self, market: str, interval: str) -> None:
        """Forget all, and follow a market and interval; none if the market is empty."""
        self._market, self._interval = market, interval
        self._days.clear()
        self._closing.stop()
        self._question.forget()
        self._want()

    def allow(self, proxy: QtWebSocketProxy | None) -> None:
        """Ask through a proxy; None rests, because nobody sees it, or nobody tells what happens meanwhile."""
        if proxy is self._proxy:
            return
        self._proxy = proxy
        if proxy is None:
            self._closing.stop()
        else:
            self._want()
        self._question.allow(proxy)

    def take(self, event: TickerEvent, now: int | None) -> Candle | None:
        """Take a ticker of the market; see :func:`day_of` for the arguments.

        Returns:
            The candle that is running; None if it does not take more than the ticker, or not all of its days are known.
        """
        day = None if is_streamed(self._interval) else day_of(event, now)
        if day is None:
            return None
        if self._days.take(day):
            self._closing.start()
        return self._days.running(self._interval) if day_counts(self._interval) else None

    def _want(self) -> None:
        count = day_counts(self._interval)
        if count and self._market:
            self._question.want(self._market, "1d", count)

    @pyqtSlot()
    @guarded
    def _on_closed(self) -> None:
        self._want()
        self.closed.emit()

    @pyqtSlot(object)
    @guarded
    def _on_days(self, candles: tuple[CandleEvent, ...]) -> None:
        self._days.load(candles, day_counts(self._interval))
        running = self._days.running(self._interval)
        if running is not None:
            self.changed.emit(running)
