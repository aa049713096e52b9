"""A list of markets with live prices, to search, to sort and to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.texts import text
from upbit_qt_widgets.markets.market_model import CODE_ROLE, MarketModel
from upbit_qt_widgets.markets.market_row import NAME, Market
from upbit_qt_widgets.markets.market_view import MarketView, SearchedMarkets
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, SubscriptionState, TickerEvent
from upbit_qt_ws.wire.markets import parse_code, quote_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtGui import QHideEvent, QShowEvent

    from upbit_qt_ws import Event

_RESORT_MILLISECONDS: Final = 1000
_UNSERVED: Final = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)


class MarketTable(DataWidget):
    """Shows the tickers of many markets in one subscription.

    Rows keep their places for a second and are then sorted anew, so that one can read and click them. ``quote``
    chooses the markets of one quote currency among those that were given; empty shows them all.

    Signals:
        market_selected: the code of the market that was clicked or chosen with Enter.
        quote_changed: the new quote currency.
    """

    market_selected = pyqtSignal(str)
    quote_changed = pyqtSignal(str)

    def __init__(
        self,
        markets: Iterable[Market | str] = (),
        parent: QWidget | None = None,
        *,
        quote: str = "",
        manager: GlobalWebSocketManager | None = None,
    ) -> None:
        """Make the list; it subscribes when it is shown for the first time.

        Args:
            markets: what can be listed, with names or as codes only.
            parent: the widget above it.
            quote: the quote currency to list, such as ``"KRW"``; empty for all.
            manager: the manager to use; the application's if None.

        Raises:
            SubscriptionError: a market code or the quote currency is misspelt.
        """
        listed, currency = _checked(markets), _checked_quote(quote)
        super().__init__(parent, manager=manager)
        self._markets = listed
        self._quote = currency
        self._codes: tuple[str, ...] = ()
        self._waiting: dict[str, TickerEvent] = {}
        self._model = MarketModel(self._colors, self._language, self)
        self._found = SearchedMarkets(self._model, self)
        self._search = QLineEdit(self)
        self._view = MarketView(self._model, self._found, self._colors, self)
        self._resort = QTimer(self)
        self._resort.setInterval(_RESORT_MILLISECONDS)
        self._resort.timeout.connect(self._view.sort_again)
        self._lay_out()
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._found.setFilterFixedString)
        self._view.clicked.connect(self._on_activated)
        self._view.activated.connect(self._on_activated)
        self.retranslate()
        self._list_markets()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._search)
        layout.addWidget(self._view, 1)
        layout.addLayout(below)

    # -- what is listed ---------------------------------------------------------------------------------------

    def set_markets(self, markets: Iterable[Market | str]) -> None:
        """Show other markets; one request, and nobody else is disturbed.

        Raises:
            SubscriptionError: a market code is misspelt; nothing has changed then.
        """
        self._markets = _checked(markets)
        self._list_markets()

    def _get_quote(self) -> str:
        return self._quote

    def set_quote(self, quote: str) -> None:
        """List the markets of another quote currency; empty lists all.

        Raises:
            SubscriptionError: it is misspelt; nothing has changed then.
        """
        if quote == self._quote:
            return
        self._quote = _checked_quote(quote)
        self._list_markets()
        self.quote_changed.emit(quote)

    quote = qt_property(str, notify=quote_changed)(_get_quote).setter(set_quote)

    def select(self, code: str | None) -> None:
        """Mark a market's row, without the signal; a market that is not listed leaves no row marked."""
        for row in range(self._found.rowCount()):
            index = self._found.index(row, NAME)
            if index.data(CODE_ROLE) == code:
                self._view.setCurrentIndex(index)
                return
        self._view.clearSelection()

    def _list_markets(self) -> None:
        shown = [market for market in self._markets if not self._quote or quote_of(market.code) == self._quote]
        kept = set(self._codes).intersection(market.code for market in shown)
        self._codes = tuple(market.code for market in shown)
        self._waiting = {code: event for code, event in self._waiting.items() if code in kept}
        if not kept:
            self._received_ns = None
        selected = self._view.currentIndex().data(CODE_ROLE)
        self._model.set_markets(shown)
        self._view.measure()
        self._view.sort_again()
        self.select(selected)
        self.change_codes()

    # -- DataWidget -------------------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the codes of the listed markets."""
        return self._codes

    def show_sample(self) -> None:
        """Show the sample markets."""

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to whole frames."""
        proxy.batch_received.connect(self._on_batch)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the tickers."""
        return [proxy.subscribe_ticker(codes)]

    def retranslate(self) -> None:
        """Show names and captions in the current language."""
        self._model.set_look(self._colors, self._language)
        self._view.measure()
        self._search.setPlaceholderText(text("search", self._language))
        self._search.setAccessibleName(text("search", self._language))
        self._view.setAccessibleName(text("tickers", self._language))

    def recolor(self) -> None:
        """Show the list in the current colours."""
        self._view.set_colors(self._colors)
        self._model.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the list, or only the markets that are not served."""
        self._view.set_faded(faded)
        states = {code: state for item in self._subscriptions for code, state in item.states.items()}
        self._model.set_unserved({code for code, state in states.items() if state in _UNSERVED})

    def state_suffix(self) -> str:
        """Return the number of markets."""
        return f" · {len(self._codes)}" if self._codes else ""

    def refresh(self) -> None:
        """Show what has come since the last time."""
        waiting, self._waiting = self._waiting, {}
        self._model.show(waiting.values())

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, in the right order, without a flash for what happened meanwhile."""
        super().showEvent(a0)
        self._model.stop_flashes()
        self._view.sort_again()
        self._resort.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest while hidden."""
        super().hideEvent(a0)
        self._resort.stop()
        self._model.stop_flashes()

    @pyqtSlot(object)
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        tickers = [event for event in events if isinstance(event, TickerEvent)]
        self._waiting.update((event.code, event) for event in tickers)
        if tickers:
            self.note(max(tickers, key=lambda event: event.received_ns))

    @pyqtSlot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.market_selected.emit(index.data(CODE_ROLE))


def _checked(markets: Iterable[Market | str]) -> list[Market]:
    """Return the markets, each once."""
    listed = [Market(market) if isinstance(market, str) else market for market in markets]
    return list({parse_code(market.code): market for market in listed}.values())


def _checked_quote(quote: str) -> str:
    """Return a quote currency that is spelt like one, or none."""
    return quote_of(parse_code(f"{quote}-BTC")) if quote else ""
