"""The tape of one market: each trade with its time, price, size, amount and side, the newest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PyQt6.QtCore import QModelIndex, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.live_widget import LiveWidget
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import NOW, SAMPLE_MARKET, sample_trades
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_amount
from upbit_qt_widgets.trades.backfill import Backfill
from upbit_qt_widgets.trades.highlight import LargeAmounts
from upbit_qt_widgets.trades.kst import day_of, until_midnight
from upbit_qt_widgets.trades.tape_row import TradeRow
from upbit_qt_widgets.trades.trades_model import TradesModel
from upbit_qt_widgets.trades.trades_view import TradesView
from upbit_qt_widgets.trades.words import WORDS
from upbit_qt_ws import ConfigurationError, Source, StreamType, SubscriptionState, TradeEvent
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from PyQt6.QtGui import QHideEvent, QShowEvent

    from upbit_qt_ws import Event, Gap, GlobalWebSocketManager, QtWebSocketProxy, Subscription

_MOST_ROWS: Final = 10_000
_DAY_CHECK_MS: Final = 60_000
"""So often it is looked which day it is: this machine may have slept, or the exchange's clock may be known better."""

_PATIENCE: Final = 3
"""So many times REST may lag behind the stream before a gap is shown."""


class TradesWidget(LiveWidget):
    """Shows the trades of a market as they happen, in the order in which they happened.

    When it is shown it is filled over REST with up to 500 trades, which are marked with an R; so are those that REST
    told after an outage. Where trades may be missing that nobody tells any more, a row says from when to when. It
    follows the newest trade; scroll down, and what you read stays in place.

    ``highlight_above`` is an amount in the quote currency of the market that is shown. An amount means nothing in
    another currency, so the widget keeps one for each, and when a market of another one is shown the property becomes
    that one's: 10,000,000 KRW, 0.1 BTC and 10,000 USDT at first. What is set while there is no market is meant for the
    currency of the first one.

    Signals:
        price_clicked: the price of a trade that was clicked or chosen with Enter, a float.
        highlight_above_changed: the new amount in the quote currency from which on a trade stands out; 0 for none.
        max_rows_changed: how many trades there is room for.
    """

    price_clicked = pyqtSignal(float)
    highlight_above_changed = pyqtSignal(float)
    max_rows_changed = pyqtSignal(int)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._max_rows = 200
        self._large = LargeAmounts(self._market)
        self._pending: list[TradeEvent] = []
        self._backfill: Backfill | None = None
        self._is_asked = self._has_failed = False
        self._model = TradesModel(self._colors, self._language, self._max_rows, self)
        self._view = TradesView(self._model, self._colors, self._language, self)
        self._midnight = QTimer(self)
        self._midnight.setSingleShot(True)
        self._midnight.timeout.connect(self._keep_day)
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._view, 1)
        layout.addLayout(below)
        self._view.chosen.connect(self._on_chosen)
        self.state_changed.connect(self._on_state)
        self.setFocusProxy(self._view)
        self._model.set_market(self.grid(self._market), self._large.amount)
        self.retranslate()

    # -- properties -------------------------------------------------------------------------------------------

    def _get_highlight_above(self) -> float:
        return self._large.amount

    @pyqtSlot(float)
    @guarded_setter
    def set_highlight_above(self, amount: float) -> None:
        """Let trades of this amount and more stand out; 0 lets none. It is in the quote currency of the market.

        Raises:
            ConfigurationError: it is negative or no number; nothing has changed then.
        """
        parsed = parse_amount("highlight_above", amount)
        if parsed != self._large.amount:
            self._large.choose(parsed)
            self._model.set_limit(parsed)
            self.highlight_above_changed.emit(parsed)

    highlight_above = qt_property(float, notify=highlight_above_changed)(_get_highlight_above).setter(
        set_highlight_above
    )

    def _get_max_rows(self) -> int:
        return self._max_rows

    @pyqtSlot(int)
    @guarded_setter
    def set_max_rows(self, rows: int) -> None:
        """Keep so many trades, from 1 to 10,000; the oldest ones go. Gaps between them are rows besides.

        Raises:
            ConfigurationError: it is no such number; nothing has changed then.
        """
        if type(rows) is not int or not 1 <= rows <= _MOST_ROWS:
            raise ConfigurationError(f"max_rows {rows!r} is not a number of rows: give a whole one from 1 to 10000")
        if rows == self._max_rows:
            return
        has_room = rows > self._max_rows
        self._max_rows = rows
        with self._view.kept_in_place():
            self._model.set_max_rows(rows)
        if self._is_preview:
            self.preview()
        elif has_room and self._backfill is not None:
            self._backfill.want(rows)
        self.max_rows_changed.emit(rows)

    max_rows = qt_property(int, notify=max_rows_changed)(_get_max_rows).setter(set_max_rows)

    @property
    def trades(self) -> tuple[TradeEvent, ...]:
        """The trades that are shown, the newest first."""
        return tuple(row.trade for row in self._model.tape.rows if isinstance(row, TradeRow))

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to whole frames and to gaps, and ask for the trades before."""
        proxy.batch_received.connect(self._on_batch)
        proxy.gap_detected.connect(self._on_gap)
        self._backfill = Backfill(proxy)
        self._backfill.arrived.connect(self._on_page)
        self._backfill.failed.connect(self._on_failure)
        self._backfill.begin(self._market, self._max_rows)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the trades."""
        return [proxy.subscribe_trade(codes)]

    def change_codes(self) -> None:
        """Follow a change of the market."""
        super().change_codes()
        self._allow()

    def show_sample(self) -> None:
        """Show sample trades."""
        self._market = self._market or SAMPLE_MARKET
        self._empty()
        self._model.set_today(day_of(round(NOW.timestamp() * 1000)))
        self._model.add(sample_trades(self._market))

    def clear(self) -> None:
        """Forget all trades; those before are asked for anew."""
        before = self._large.amount
        self._empty()
        if self._backfill is not None:
            self._backfill.begin(self._market, self._max_rows)
        if self._large.amount != before:
            self.highlight_above_changed.emit(self._large.amount)

    def _empty(self) -> None:
        self._pending.clear()
        self._is_asked = self._has_failed = False
        self._large.enter(self._market)
        self._model.set_market(self.grid(self._market), self._large.amount)
        self._view.measure()
        self._name_view()

    def directory_changed(self) -> None:
        """Write prices with the decimals that the exchange tells."""
        self._model.set_grid(self.grid(self._market))

    def retranslate(self) -> None:
        """Show all words in the current language."""
        self._model.set_look(self._colors, self._language)
        self._view.set_language(self._language)
        self._name_view()
        self._show_message()

    def recolor(self) -> None:
        """Show the tape in the current colours."""
        self._view.set_colors(self._colors)
        self._model.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the trades; in place of none say why there are none."""
        self._view.set_faded(faded)
        self._show_message()

    def state_suffix(self) -> str:
        """Say that REST does not tell what was before; the stream goes on meanwhile."""
        is_live = self._state is SubscriptionState.LIVE
        return pick(WORDS["failed"], self._language) if self._has_failed and is_live else ""

    def refresh(self) -> None:
        """Show what has come since the last time."""
        waiting, self._pending = self._pending, []
        if waiting:
            was_blank = self._view.is_blank
            self._keep_day()
            with self._view.kept_in_place():
                self._model.add(waiting)
            if was_blank:
                self._show_message()

    def note(self, event: Event) -> None:
        """Remember when the newest trade came; what REST tells after an outage does not mean that it stands in."""
        if self._state is SubscriptionState.LIVE and event.source is Source.REST:
            event = msgspec.structs.replace(event, source=Source.WEBSOCKET)
        super().note(event)

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, and ask for what was missed."""
        super().showEvent(a0)
        self._keep_day()
        self._allow()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest while hidden."""
        super().hideEvent(a0)
        self._midnight.stop()
        self._allow()

    # -- what comes -------------------------------------------------------------------------------------------

    @pyqtSlot(object)
    @guarded
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        trades = [event for event in events if isinstance(event, TradeEvent) and event.code == self._market]
        if not trades:
            return
        for trade in trades:
            if trade.stream_type is StreamType.SNAPSHOT:
                self._rejoin(trade)
            self._pending.append(trade)
        del self._pending[: -self._max_rows]
        self.note(trades[-1])

    def _rejoin(self, trade: TradeEvent) -> None:
        """The stream begins anew with the newest trade; see whether any may be missing before it.

        After an outage the toolkit fills the gap by itself. But of the time in which nobody saw the widget it tells
        nothing: then the trade is from the cache, or the stream was not asked for any more.
        """
        if trade.source is not Source.CACHE and self._state is SubscriptionState.STALE:
            return
        self._model.add(self._pending)
        self._pending.clear()
        tape = self._model.tape
        if tape.count and not tape.knows(trade):
            tape.suspect()
            self._want()

    @pyqtSlot(object)
    @guarded
    def _on_gap(self, gap: Gap) -> None:
        """An outage has cost something that the toolkit could not get any more."""
        if gap.topic.type != "trade" or gap.topic.code != self._market or gap.is_complete:
            return
        tape = self._model.tape
        since = None if gap.last_sequential_id is None else tape.time_of(gap.last_sequential_id)
        if since is None:
            since = tape.newest_time(until=gap.since)
        if since is not None:
            with self._view.kept_in_place():
                self._model.mark(since)
        if not gap.filled:
            self._want()

    @pyqtSlot(object)
    @guarded
    def _on_page(self, page: tuple[TradeEvent, ...]) -> None:
        assert self._backfill is not None
        self._is_asked, self._has_failed = True, False
        self._keep_day()
        with self._view.kept_in_place():
            self._model.add(self._pending)
            self._pending.clear()
            self._model.join(page)
            if not self._model.tape.has_suspicion:
                self._backfill.satisfied()
            elif self._backfill.failures < _PATIENCE:
                self._backfill.want_later()
            else:
                self._model.give_up()
        self._show_state()

    @pyqtSlot()
    @guarded
    def _on_failure(self) -> None:
        self._has_failed = True
        with self._view.kept_in_place():
            self._model.give_up()
        self._show_state()

    @pyqtSlot(object)
    @guarded
    def _on_state(self, _state: SubscriptionState) -> None:
        self._allow()

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_chosen(self, index: QModelIndex) -> None:
        row = self._model.row(index.row())
        if isinstance(row, TradeRow):
            self.price_clicked.emit(row.trade.trade_price)

    @pyqtSlot()
    @guarded
    def _keep_day(self) -> None:
        """See which Korean day it is at the exchange: trades of another one get their date."""
        now = None if self._proxy is None or self._is_preview else self._proxy.manager.exchange_time()
        if now is None:
            return
        self._model.set_today(day_of(now))
        if self.isVisible():
            self._midnight.start(min(until_midnight(now), _DAY_CHECK_MS))

    def _want(self) -> None:
        if self._backfill is not None:
            self._backfill.want(self._max_rows)

    def _allow(self) -> None:
        """REST is asked while the stream is live, so that what it tells and what the stream tells overlap."""
        if self._backfill is not None:
            self._backfill.allow(self._state is SubscriptionState.LIVE and self.isVisible())

    def _name_view(self) -> None:
        self._view.setAccessibleName(f"{pick(WORDS['trades'], self._language)} {self._market}".rstrip())

    def _show_message(self) -> None:
        message = self._state_line.accessibleName()
        if self._market and self.data_state().key == "state.live":
            message = pick(WORDS["nothing" if self._is_asked else "loading"], self._language)
        self._view.set_message(message)
        self._view.describe()
