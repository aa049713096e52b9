"""What the widgets of the account share: a list asked over REST and kept true by the stream, or why there is none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from PyQt6.QtCore import QModelIndex, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.account.refusals import clearest
from upbit_qt_widgets.account.row_model import Column, Row, RowModel
from upbit_qt_widgets.account.row_view import RowView
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.answers import deliver
from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.samples import sample_markets
from upbit_qt_widgets.base.texts import pick, text
from upbit_qt_ws import AuthError, BackpressureError, Source, SubscriptionState, UpbitQtError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.wire.auth_errors import problem_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PyQt6.QtGui import QHideEvent, QShowEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_widgets.base.state_line import DataState
    from upbit_qt_ws import Event, GlobalWebSocketManager, QtWebSocketProxy
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_records import MarketInfo
    from upbit_qt_ws.wire.rest_rows import Rows

_RETRY_SECONDS: Final = (1.0, 3.0, 10.0, 30.0, 60.0)
_REFUSED: Final = (SubscriptionState.REJECTED, SubscriptionState.NOT_SERVED)
_COMING: Final = ("state.connecting", "state.pending", "state.live")
_SOON_SECONDS: Final = 1.0


class PrivateWidget(DataWidget):
    """Base of the widgets that show a list of the account; see :class:`DataWidget`.

    The stream tells changes and no beginning, so the list is asked over REST when the widget is shown, whenever the
    stream begins to be live, and when events were lost. Hidden, it asks nothing, but goes on to take what the stream
    tells. Rows of the list that could not be read are told of beside the state: no list looks whole that is not.

    Signals:
        market_selected: the code of the market whose row was clicked or chosen with Enter.

    Attributes:
        WORD: key of the list's name; those of other words begin with it.
    """

    LINK: ClassVar[str] = "private"
    WORD: ClassVar[str] = ""

    market_selected = pyqtSignal(str)

    def __init__(
        self,
        columns: Sequence[Column],
        sorted_by: int,
        parent: QWidget | None,
        manager: GlobalWebSocketManager | None,
    ) -> None:
        """Make an empty list with these columns."""
        super().__init__(parent, manager=manager)
        self._model = RowModel(columns, self._colors, self._language, self)
        self._view = RowView(self._model, sorted_by, self._colors, self)
        self._infos: dict[str, MarketInfo] = {}
        self._is_known = False
        self._is_asking = False
        self._asked_ns = 0
        self._due: float | None = None
        self._failure: UpbitQtError | None = None
        self._failures = 0
        self._unread: tuple[str, ...] = ()
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._ask)
        self._view.chosen.connect(self._on_chosen)
        self.state_changed.connect(self._on_state)
        self.setFocusProxy(self._view)

    # -- for the subclasses -----------------------------------------------------------------------------------

    def ask(self, proxy: QtWebSocketProxy) -> Outcome[Any]:
        """Ask for the whole list."""
        raise NotImplementedError

    def take_list(self, answer: Any, asked_ns: int) -> None:
        """Take the whole list, which was asked for at ``asked_ns`` of ``time.monotonic_ns``."""
        raise NotImplementedError

    def write_all(self) -> None:
        """Write all rows anew."""
        raise NotImplementedError

    def nothing(self) -> str:
        """Return what an empty list says."""
        raise NotImplementedError

    def old_columns(self) -> frozenset[int]:
        """Return the columns whose values are no longer true, although the list is."""
        return frozenset()

    def name(self, code: str) -> str:
        """Return the name of a market's base currency in the current language; empty if it is not known."""
        info = self._infos.get(code)
        return "" if info is None else info.name(self._language)

    # -- asking -----------------------------------------------------------------------------------------------

    def ask_now(self) -> None:
        """Have the list read at once, or when the widget is shown; an answer that is under way is read once more."""
        self._ask_at(time.monotonic())

    def ask_soon(self) -> None:
        """Have the list read, a second after the last time at the earliest."""
        self._ask_at(max(time.monotonic(), self._asked_ns / 1e9 + _SOON_SECONDS))

    def _ask_at(self, moment: float) -> None:
        self._due = moment if self._due is None else min(self._due, moment)
        self._pursue()

    def _pursue(self) -> None:
        """Wait for what is due, unless nobody would see it or it can only be refused."""
        may_ask = not (self._is_preview or self._is_asking) and self.isVisible() and self._state not in _REFUSED
        if self._due is None or self._proxy is None or not may_ask or self._proxy.manager.is_shut_down:
            self._next.stop()
            return
        self._next.start(max(0, round((self._due - time.monotonic()) * 1000)))

    @pyqtSlot()
    @guarded
    def _ask(self) -> None:
        if self._proxy is None or self._proxy.manager.is_shut_down:
            return
        self._due, self._is_asking = None, True
        self._asked_ns = time.monotonic_ns()
        deliver(self.ask(self._proxy), self._on_answer, self._asked_ns)

    def _on_answer(self, outcome: Outcome[Rows[Any]], asked_ns: int) -> None:
        self._is_asking = False
        if self._proxy is None or self._proxy.manager.is_shut_down:
            return
        try:
            answer = outcome.result()
        except UpbitQtError as error:
            self._failure = error
            self._ask_at(time.monotonic() + _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)])
            self._failures += 1
        else:
            self._failure, self._failures, self._is_known = None, 0, True
            self._unread = answer.unread
            self._received_ns = time.monotonic_ns()
            self.take_list(answer, asked_ns)
            self._pursue()
        self._show_state()
        if self.isVisible():
            self.refresh()

    @pyqtSlot(object)
    @guarded
    def _on_state(self, state: SubscriptionState) -> None:
        if state not in _REFUSED and isinstance(self._failure, AuthError):
            # Other keys may be allowed what these were not.
            self._failure, self._failures = None, 0
        if state is SubscriptionState.LIVE:
            self.ask_now()
        else:
            self._pursue()

    @pyqtSlot(object)
    @guarded
    def _on_error(self, error: Exception) -> None:
        if isinstance(error, BackpressureError):
            self.ask_now()

    # -- DataWidget -------------------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the empty code: the account's streams are not about markets."""
        return ("",)

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to lost events."""
        proxy.error_occurred.connect(self._on_error)

    def note(self, event: Event) -> None:
        """Remember when the newest value came; what REST tells after an outage does not mean that it stands in."""
        if self._state is SubscriptionState.LIVE and event.source is Source.REST:
            event = msgspec.structs.replace(event, source=Source.WEBSOCKET)
        super().note(event)

    def data_state(self) -> DataState:
        """Return how the data stands; keys that REST refuses are refused."""
        state = super().data_state()
        refused = clearest(state.error, self._failure)
        return state if refused is None else replace(state, error=refused)

    def directory_changed(self) -> None:
        """Show the names that the exchange tells now."""
        if self._directory is not None:
            self._infos = {info.market: info for info in self._directory.markets}
        self.write_all()

    def preview(self) -> None:
        """Show a made-up account."""
        self._infos = {info.market: info for info in sample_markets()}
        self._is_known = True
        super().preview()

    def retranslate(self) -> None:
        """Show names, captions and words in the current language."""
        self.write_all()
        self._model.set_look(self._colors, self._language)
        self._view.measure()
        self._view.setAccessibleName(pick(WORDS[self.WORD], self._language))
        self._show_message()

    def recolor(self) -> None:
        """Show the list in the current colours."""
        self._view.set_colors(self._colors)
        self._model.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the list; in place of an empty one say why it is empty."""
        self._view.set_faded(faded, self.old_columns())
        self._show_message()

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Subscribe and ask at the first time, and catch up."""
        if self._due is None and not self._is_known:
            self._due = time.monotonic()
        super().showEvent(a0)
        self._pursue()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest while hidden; what is due is asked when it is shown."""
        super().hideEvent(a0)
        self._next.stop()

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show these rows in the order of the header."""
        if self._model.set_rows(rows):
            self._show_message()
        self._view.sort_again()

    def _show_message(self) -> None:
        state = self.data_state()
        hint = ""
        if isinstance(state.error, AuthError):
            message, hint = text(state.key, self._language), problem_in(state.error).hint(self._language)
        elif self._is_known:
            message = self.nothing()
        elif self._failure is not None and state.key != "state.stopped":
            failed = pick(WORDS[f"{self.WORD}_failed"], self._language)
            message = failed.format(reason=self._failure)
        elif state.key in _COMING:
            message = pick(WORDS[f"{self.WORD}_loading"], self._language)
        else:
            message = self._state_line.accessibleName()
        self._view.set_message(message, hint)
        self._view.describe()

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_chosen(self, index: QModelIndex) -> None:
        code = self._model.row(index.row()).code
        if code:
            self.market_selected.emit(code)
