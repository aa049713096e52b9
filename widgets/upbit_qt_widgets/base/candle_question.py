"""Candles over REST that a widget needs once: asked for while anybody would see them, and again until they come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.answers import deliver
from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    import datetime

    from upbit_qt_ws import CandleEvent, QtWebSocketProxy
    from upbit_qt_ws.outcome import Outcome

_RETRY_SECONDS: Final = (1.0, 3.0, 10.0, 30.0, 60.0)


class _Wish(NamedTuple):
    market: str
    interval: str
    size: int
    before: datetime.datetime | None


class CandleQuestion(QObject):
    """Asks for some candles of one market; answers to what is wanted no longer are dropped.

    What is wanted and what is allowed may change in any order and at any time: whenever there is something to ask, and
    it may be asked, it is asked, and after a failure again, ever more seldom.

    Signals:
        arrived: a tuple of candles, oldest first.
    """

    arrived = pyqtSignal(object)

    def __init__(self, parent: QObject) -> None:
        """Want nothing yet."""
        super().__init__(parent)
        self._proxy: QtWebSocketProxy | None = None
        self._wish: _Wish | None = None
        self._asked: _Wish | None = None
        self._due = 0.0
        self._failures = 0
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._ask)

    def want(
        self,
        market: str,
        interval: str,
        count: int,
        *,
        before: datetime.datetime | None = None,
        after_s: float = 0.0,
    ) -> None:
        """Want candles, in place of what was wanted before.

        Args:
            market: whose.
            interval: of the candles.
            count: how many of the newest ones.
            before: only those that start before this moment, which has a time zone; None for up to now.
            after_s: not sooner than in so many seconds: the exchange may still be closing a candle.
        """
        self._wish, self._asked = _Wish(market, interval, count, before), None
        self._due, self._failures = time.monotonic() + after_s, 0
        self._pursue()

    def forget(self) -> None:
        """Want nothing."""
        self._wish = self._asked = None
        self._next.stop()

    def allow(self, proxy: QtWebSocketProxy | None) -> None:
        """Ask now and later through a proxy; None waits, because nobody would see the answer, or it would not hold."""
        if proxy is not self._proxy:
            self._proxy = proxy
            self._pursue()

    def _pursue(self) -> None:
        if self._wish is None or self._asked is not None or self._proxy is None:
            self._next.stop()
        else:
            self._next.start(max(0, round((self._due - time.monotonic()) * 1000)))

    @pyqtSlot()
    @guarded
    def _ask(self) -> None:
        wish, proxy = self._wish, self._proxy
        if wish is None or proxy is None or proxy.manager.is_shut_down:
            return
        self._asked = wish
        outcome = proxy.get_candle_snapshot(wish.market, wish.interval, wish.size, to=wish.before)
        deliver(outcome, self._on_answer, wish)

    def _on_answer(self, outcome: Outcome[tuple[CandleEvent, ...]], asked: _Wish) -> None:
        if asked is not self._asked:
            return
        self._asked = None
        try:
            candles = outcome.result()
        except UpbitQtError:
            self._due = time.monotonic() + _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
            self._failures += 1
            self._pursue()
        else:
            self._wish = None
            self.arrived.emit(candles)
