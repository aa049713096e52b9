"""The prices of the last 24 hours of one market, kept true: candles over REST, tickers, and the time that passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.candle_question import CandleQuestion
from upbit_qt_widgets.ticker.day_prices import COUNT, EDGE_COUNT, EDGE_INTERVAL, INTERVAL, DayPrices
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from upbit_qt_ws import CandleEvent, QtWebSocketProxy, TickerEvent

_CLOSING_SECONDS: Final = 1.0
"""So long after a half hour has ended its candle is asked for."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class DayHistory(QObject):
    """Asks for what :class:`DayPrices` needs, whenever that changes, while it is allowed.

    Signals:
        changed: the prices are others now, though no ticker has come.

    Attributes:
        prices: what is known.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        """Know nothing."""
        super().__init__(parent)
        self.prices = DayPrices()
        self._proxy: QtWebSocketProxy | None = None
        self._market = ""
        self._edge_asked: int | None = None
        self._halves = CandleQuestion(self)
        self._minutes = CandleQuestion(self)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._on_clock)
        self._halves.arrived.connect(self._on_halves)
        self._minutes.arrived.connect(self._on_minutes)

    def begin(self, market: str) -> None:
        """Forget all, and want the prices of another market; of none if it is empty."""
        self.prices.clear()
        self._market = market
        self._edge_asked = None
        self._clock.stop()
        self._minutes.forget()
        if market:
            self.renew()
        else:
            self._halves.forget()

    def renew(self, *, after_s: float = 0.0) -> None:
        """Want the candles anew: some may be missing, or others than they were."""
        if self._market:
            self._halves.want(self._market, INTERVAL, COUNT + 1, after_s=after_s)

    def allow(self, proxy: QtWebSocketProxy | None) -> None:
        """Ask through a proxy, and follow the time; None waits, because nobody sees it, or the market is not live."""
        if proxy is self._proxy:
            return
        self._proxy = proxy
        self._halves.allow(proxy)
        self._minutes.allow(proxy)
        if proxy is None:
            self._clock.stop()
        else:
            self._on_clock()

    def take(self, event: TickerEvent) -> None:
        """Take a ticker of the market."""
        if self.prices.take(event, self._now()):
            self.renew(after_s=_CLOSING_SECONDS)
        self._look()

    def _now(self) -> int | None:
        return None if self._proxy is None else self._proxy.manager.exchange_time()

    def _look(self) -> None:
        """Ask for the minutes of the half hour that is being left, if they matter; and look again in time."""
        edge = self.prices.edge_wanted
        if edge is not None and edge != self._edge_asked:
            self._edge_asked = edge
            end = _EPOCH + timedelta(milliseconds=edge)
            self._minutes.want(self._market, EDGE_INTERVAL, EDGE_COUNT, before=end)
        if self._proxy is not None and self.prices.is_known and not self._clock.isActive():
            self._clock.start(self.prices.changes_after)

    @pyqtSlot()
    @guarded
    def _on_clock(self) -> None:
        """See what the time that has passed has changed."""
        now = self._now()
        if now is not None:
            if self.prices.advance(now):
                self.renew(after_s=_CLOSING_SECONDS)
            self.changed.emit()
        self._look()

    @pyqtSlot(object)
    @guarded
    def _on_halves(self, candles: tuple[CandleEvent, ...]) -> None:
        self.prices.load(candles, self._now() or 0)
        self._look()
        self.changed.emit()

    @pyqtSlot(object)
    @guarded
    def _on_minutes(self, candles: tuple[CandleEvent, ...]) -> None:
        if self._edge_asked is not None:
            self.prices.load_edge(self._edge_asked, candles)
        self._look()
        self.changed.emit()
