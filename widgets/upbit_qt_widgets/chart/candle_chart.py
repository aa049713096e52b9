"""The candle chart of one market: history and live candles, volumes, moving averages, and values under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.formatting import market_text
from upbit_qt_widgets.base.labels import PlainLabel
from upbit_qt_widgets.base.live_widget import LiveWidget
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import SAMPLE_MARKET, sample_candles
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_flag
from upbit_qt_widgets.chart.averages import parse_averages
from upbit_qt_widgets.chart.candle_series import CandleSeries
from upbit_qt_widgets.chart.canvas import ChartCanvas
from upbit_qt_widgets.chart.chart_data import ChartData
from upbit_qt_widgets.chart.history import CandleHistory
from upbit_qt_widgets.chart.intervals import INTERVALS, is_streamed, parse_interval, seconds_of
from upbit_qt_widgets.chart.items import average_colors
from upbit_qt_widgets.chart.legend import Legend, Part, candle_parts
from upbit_qt_widgets.chart.words import WORDS
from upbit_qt_ws import CandleEvent, SubscriptionState
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QHideEvent, QShowEvent

    from upbit_qt_widgets.chart.candle_series import Candle
    from upbit_qt_ws import Event, GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent

_AVERAGES: Final = "5,20,60"
_REFUSED: Final = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)
_RETRY_MILLISECONDS: Final = (1_000, 3_000, 10_000, 30_000, 60_000)


class CandleChartWidget(LiveWidget):
    """Shows a market's candles: the nine intervals that the exchange streams, and days, weeks and months.

    History comes over REST and meets the live candle without a seam; panning to the left loads more. After an outage,
    or when it is shown again, what was missed is loaded. Days, weeks and months move with the ticker. A period without
    trades has no candle. Rising candles are hollow where there is room, so that they are told by more than colour.

    Signals:
        interval_changed: the new interval, for example ``"1m"``.
        moving_averages_changed: the new periods, for example ``"5,20,60"``.
        volume_shown_changed: whether the volumes are shown.
    """

    interval_changed = pyqtSignal(str)
    moving_averages_changed = pyqtSignal(str)
    volume_shown_changed = pyqtSignal(bool)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._interval = "1m"
        self._averages = _AVERAGES
        self._volume_shown = True
        self._series = CandleSeries()
        self._data = ChartData(parse_averages(_AVERAGES))
        self._history: CandleHistory | None = None
        self._was_live = False
        self._failure = ""
        self._is_answered = False
        self._failures = 0
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self._begin)
        self._pending: list[CandleEvent] = []
        self._ticker: TickerEvent | None = None
        self._hovered: int | None = None
        self._tabs = QTabBar(self)
        self._legend = Legend(self)
        self._busy = PlainLabel(self)
        self._canvas = ChartCanvas(self._data, self._colors, self)
        self._lay_out()
        self._tabs.currentChanged.connect(self._on_tab_chosen)
        self._canvas.older_wanted.connect(self._on_older_wanted)
        self._canvas.hovered.connect(self._on_hovered)
        self.give_focus_to(self._canvas)
        self.retranslate()

    def _lay_out(self) -> None:
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for place, interval in enumerate(INTERVALS):
            self._tabs.addTab(interval)
            self._tabs.setTabData(place, interval)
        self._tabs.setCurrentIndex(INTERVALS.index(self._interval))
        above = QHBoxLayout()
        above.setContentsMargins(PADDING, 0, PADDING, 0)
        above.addWidget(self._legend, 1)
        above.addWidget(self._busy)
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._tabs)
        layout.addLayout(above)
        layout.addWidget(self._canvas, 1)
        layout.addLayout(below)

    # -- properties -------------------------------------------------------------------------------------------

    def _get_interval(self) -> str:
        return self._interval

    @pyqtSlot(str)
    @guarded_setter
    def set_interval(self, interval: str) -> None:
        """Show candles of another length; together with another market in the same turn it is one request.

        Raises:
            ConfigurationError: there is no such interval; nothing has changed then.
        """
        if parse_interval(interval) == self._interval:
            return
        self._interval = interval
        self._tabs.setCurrentIndex(INTERVALS.index(interval))
        self.unsubscribe()
        self.clear()
        self.change_codes()
        self._begin()
        self.interval_changed.emit(interval)

    interval = qt_property(str, notify=interval_changed)(_get_interval).setter(set_interval)

    def _get_moving_averages(self) -> str:
        return self._averages

    @guarded_setter
    def set_moving_averages(self, periods: str) -> None:
        """Show the means of so many closes, for example ``"5,20,60"``; at most four, empty shows none.

        Raises:
            ConfigurationError: it is misspelt; nothing has changed then.
        """
        parsed = parse_averages(periods)
        if periods != self._averages:
            self._averages = periods
            self._data.set_periods(parsed)
            self._canvas.candles.update()
            self._show_legend()
            self.moving_averages_changed.emit(periods)

    moving_averages = qt_property(str, notify=moving_averages_changed)(_get_moving_averages).setter(set_moving_averages)

    def _get_volume_shown(self) -> bool:
        return self._volume_shown

    @guarded_setter
    def set_volume_shown(self, shown: bool) -> None:
        """Show the volumes below the candles, or not.

        Raises:
            ConfigurationError: ``shown`` is neither True nor False.
        """
        if parse_flag("volume_shown", shown) != self._volume_shown:
            self._volume_shown = shown
            self._canvas.set_volume_shown(shown)
            self.volume_shown_changed.emit(shown)

    volume_shown = qt_property(bool, notify=volume_shown_changed)(_get_volume_shown).setter(set_volume_shown)

    @property
    def candles(self) -> Sequence[Candle]:
        """The candles that are known, oldest first."""
        return self._series.candles

    @property
    def candle_count(self) -> int:
        """How many candles are known."""
        return len(self._series)

    @property
    def hovered_candle(self) -> Candle | None:
        """The candle under the mouse; None when it is nowhere."""
        place = -1 if self._hovered is None else self._hovered - self._data.first_x
        return self._series[place] if 0 <= place < len(self._series) else None

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to candles and tickers, and ask for the history."""
        proxy.batch_received.connect(self._on_batch)
        proxy.ticker_received.connect(self._on_ticker)
        self._history = CandleHistory(proxy)
        self._history.arrived.connect(self._on_history)
        self._history.failed.connect(self._on_history_failed)
        self._history.busy_changed.connect(self._on_busy_changed)
        self._begin()

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the market's candles, or its ticker where candles are not streamed."""
        if is_streamed(self._interval):
            return [proxy.subscribe_candle(codes, self._interval)]
        return [proxy.subscribe_ticker(codes)]

    def change_codes(self) -> None:
        """Follow a change of the market."""
        super().change_codes()
        self._begin()

    def show_sample(self) -> None:
        """Show sample candles."""
        self._market = self._market or SAMPLE_MARKET
        self._series.clear()
        self._series.merge(sample_candles(self._market, self._interval, 160, seconds_of(self._interval)))
        self._canvas.set_market(self.grid(self._market), seconds_of(self._interval))
        self._load(0, newest=True)

    def clear(self) -> None:
        """Forget all candles."""
        self._series.clear()
        self._data.clear()
        self._pending.clear()
        self._ticker = None
        self._was_live = False
        self._failure = ""
        self._is_answered = False
        self._failures = 0
        self._received_ns = None
        self._canvas.set_market(self.grid(self._market), seconds_of(self._interval))
        self._canvas.hide_cross()
        self._canvas.renew(newest=False)
        self._show_legend()

    def directory_changed(self) -> None:
        """Write prices with the decimals that the exchange tells."""
        self._canvas.set_market(self.grid(self._market), seconds_of(self._interval))
        self._show_legend()

    def retranslate(self) -> None:
        """Show all words in the current language."""
        for place, interval in enumerate(INTERVALS):
            self._tabs.setTabText(place, pick(WORDS[interval], self._language))
        self._tabs.setAccessibleName(pick(WORDS["interval"], self._language))
        self._busy.setText(pick(WORDS["loading"], self._language) if self._is_busy else "")
        self._canvas.setAccessibleDescription(pick(WORDS["keys"], self._language))
        self._canvas.setToolTip(pick(WORDS["keys"], self._language))
        self._show_legend()

    def recolor(self) -> None:
        """Show all in the current colours."""
        self._canvas.set_colors(self._colors)
        self._show_legend()

    def fade(self, faded: bool) -> None:
        """Make the candles look old, or true again; and ask for what was missed when the data is live again."""
        if faded != self._canvas.candles.faded:
            self._canvas.set_faded(faded)
            self._show_legend()
        is_live = self._state is SubscriptionState.LIVE
        if is_live and not self._was_live and self._history is not None:
            if self._failure and not self._is_answered:
                # The market that was not there, or the REST that did not answer, may have come.
                self._begin()
            elif len(self._series):
                self._catch_up()
        self._was_live = is_live

    def refresh(self) -> None:
        """Show what has come since the last time."""
        waiting, self._pending = self._pending, []
        ticker, self._ticker = self._ticker, None
        count = len(self._series)
        last = self._series[-1].start if count else None
        older = self._series.merge(waiting)
        if ticker is not None and count:
            self._series.trade(self._interval, ticker)
        added = len(self._series) - count
        if not waiting and ticker is None:
            return
        if not added and last is not None and all(_starts_at(event, last) for event in waiting):
            self._data.set_last(self._series[-1])
            self._canvas.update_last()
            self._show_legend()
        elif added == 1 and not older and count and self._series[-2].start == last:
            self._data.load(self._series.candles, 0)
            self._canvas.append()
            self._show_legend()
        else:
            self._load(older, newest=count == 0)

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up with what was traded while it was hidden."""
        was_asked = self._history is not None
        super().showEvent(a0)
        if was_asked and self._failure and not self._is_answered:
            self._begin()
        elif was_asked and len(self._series):
            self._catch_up()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._retry.stop()

    # -- history ----------------------------------------------------------------------------------------------

    @property
    def _is_busy(self) -> bool:
        return self._history is not None and self._history.is_busy

    @pyqtSlot()
    @guarded
    def _begin(self) -> None:
        self._retry.stop()
        if self._history is not None and self._market:
            self._history.begin(self._market, self._interval)

    def _catch_up(self) -> None:
        assert self._history is not None
        if self._history.catch_up(self._series[-1].start):
            self._series.clear()

    def _load(self, older: int, *, newest: bool) -> None:
        """Show all candles anew."""
        self._data.load(self._series.candles, older)
        self._canvas.renew(newest=newest)
        self._show_legend()

    @pyqtSlot(object)
    @guarded
    def _on_history(self, candles: tuple[CandleEvent, ...]) -> None:
        self._failure, self._is_answered, self._failures = "", True, 0
        first = not len(self._series) or not len(self._data)
        older = self._series.merge(candles)
        self._load(older, newest=first)
        # Whoever panned to the left while something else was under way is still waiting.
        if self._canvas.is_near_oldest:
            self._on_older_wanted()

    @pyqtSlot(str)
    @guarded
    def _on_history_failed(self, reason: str) -> None:
        self._failure = reason
        self._begin_again()
        self._show_legend()

    def _begin_again(self) -> None:
        """Ask for the newest candles once more after a while, if they never came and somebody would see them."""
        if self._is_answered or not self.isVisible() or self._state in _REFUSED:
            return
        self._retry.start(_RETRY_MILLISECONDS[min(self._failures, len(_RETRY_MILLISECONDS) - 1)])
        self._failures += 1

    @pyqtSlot(bool)
    @guarded
    def _on_busy_changed(self, busy: bool) -> None:
        self._busy.setText(pick(WORDS["loading"], self._language) if busy else "")

    @pyqtSlot()
    @guarded
    def _on_older_wanted(self) -> None:
        if self._history is not None and len(self._series):
            self._history.older(self._series[0].start)

    # -- live -------------------------------------------------------------------------------------------------

    @pyqtSlot(object)
    @guarded
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        candles = [
            event
            for event in events
            if isinstance(event, CandleEvent) and event.code == self._market and event.interval == self._interval
        ]
        if candles:
            self._pending += candles
            self.note(candles[-1])

    @pyqtSlot(object)
    @guarded
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market and not is_streamed(self._interval):
            self._ticker = event
            self.note(event)

    @pyqtSlot(int)
    @guarded
    def _on_tab_chosen(self, place: int) -> None:
        self.set_interval(self._tabs.tabData(place))

    @pyqtSlot(object)
    @guarded
    def _on_hovered(self, x: int | None) -> None:
        if x != self._hovered:
            self._hovered = x
            self._show_legend()

    def _why_empty(self) -> str:
        """Return why there are no candles, where the line of the state does not say it."""
        if self._failure and self._state not in _REFUSED:
            return pick(WORDS["failed"], self._language).format(reason=self._failure)
        return pick(WORDS["empty"], self._language) if self._is_answered and not self._failure else ""

    def _show_legend(self) -> None:
        """Write the values of the candle under the mouse, or of the newest one."""
        name = pick(WORDS["chart"], self._language)
        title = market_text(self._market) if self._market else ""
        if not len(self._data) or not len(self._series):
            self._legend.show_parts([Part(self._why_empty())])
            self._canvas.setAccessibleName(f"{name} {title}".strip())
            return
        candle = self.hovered_candle or self._series[-1]
        is_old = self._canvas.candles.faded
        ink = self._colors.faded if is_old else self._colors.of(candle.close - candle.open)
        averages = zip(self._data.periods, average_colors(self._colors), strict=False)
        parts = candle_parts(candle, self.grid(self._market), self._language, ink, averages)
        self._legend.show_parts(parts)
        spoken = "".join(part.words for part in parts[: len(parts) - len(self._data.periods)])
        self._canvas.setAccessibleName(f"{name} {title} {spoken}")


def _starts_at(event: CandleEvent, start: int) -> bool:
    return int(event.start.timestamp()) == start
