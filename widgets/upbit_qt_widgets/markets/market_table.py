"""The list of all markets with live prices, to search, to sort, to star and to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.market_notes import halt_of
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import SAMPLE_MARKET, sample_markets, sample_ticker
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_flag
from upbit_qt_widgets.markets.favourites import Favourites
from upbit_qt_widgets.markets.market_model import CODE_ROLE, MarketModel
from upbit_qt_widgets.markets.market_row import NAME
from upbit_qt_widgets.markets.market_view import MarketView, SearchedMarkets
from upbit_qt_widgets.markets.quote_tabs import FAVOURITES, QuoteTabs, parse_quote
from upbit_qt_widgets.markets.words import WORDS
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, SubscriptionState, TickerEvent
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.guard import guarded, guarded_setter
from upbit_qt_ws.wire.markets import parse_code, quote_of
from upbit_qt_ws.wire.rest_records import MarketInfo

if TYPE_CHECKING:
    from PyQt6.QtGui import QHideEvent, QShowEvent

    from upbit_qt_ws import Event

_RESORT_MILLISECONDS: Final = 1000
# The columns have room for figures below these; wider ones make themselves room.
_USUAL_TURNOVER: Final = {"KRW": 1e12, "BTC": 1e2, "USDT": 1e6}
_USUAL_RATE: Final = 10.0
_USUAL_PRICE: Final = 1e9
_UNSERVED: Final = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)


class MarketTable(DataWidget):
    """Lists markets in tabs by quote currency, with one subscription for those that are shown.

    It lists all markets of the exchange unless it is given some. Rows keep their places for a second and are then
    sorted anew, so that one can read and click them. Stars are shared by all tables of the application and remembered.

    Signals:
        market_selected: the code of the market that was clicked or chosen with Enter.
        quote_changed: the tab that is shown now, see ``quote``.
        tabs_shown_changed: whether the tabs are shown.
    """

    market_selected = pyqtSignal(str)
    quote_changed = pyqtSignal(str)
    tabs_shown_changed = pyqtSignal(bool)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        markets: Iterable[MarketInfo | str] | None = None,
        quote: str | None = None,
        favourites: Favourites | None = None,
        manager: GlobalWebSocketManager | None = None,
    ) -> None:
        """Make the list; it asks and subscribes when it is shown for the first time.

        Args:
            parent: the widget above it.
            markets: what can be listed, as codes or as the exchange describes them; None for all that it has.
            quote: the tab to begin with; None for ``"KRW"``, or for all of ``markets`` if there are some.
            favourites: the stars; those of the application if None.
            manager: the manager to use; the application's if None.

        Raises:
            SubscriptionError: a market code or the quote currency is misspelt.
        """
        given = None if markets is None else _checked(markets)
        shown = parse_quote(quote if quote is not None else "KRW" if given is None else "")
        super().__init__(parent, manager=manager)
        self._given = given
        self._quote = shown
        self._stars = favourites or Favourites.shared()
        self._codes: tuple[str, ...] = ()
        self._waiting: dict[str, TickerEvent] = {}
        self._halts: dict[str, str] = {}
        self._gone: set[str] = set()
        self._failure = ""
        self._selected: str | None = None
        self._model = MarketModel(self._colors, self._language, self)
        self._found = SearchedMarkets(self._model, self)
        self._tabs = QuoteTabs(self)
        self._search = QLineEdit(self)
        self._view = MarketView(self._model, self._found, self._colors, self)
        self._resort = QTimer(self)
        self._resort.setInterval(_RESORT_MILLISECONDS)
        self._resort.timeout.connect(self._view.sort_again)
        self._lay_out()
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._found.set_query)
        self._search.textChanged.connect(self._show_message)
        self._search.returnPressed.connect(self._on_search_finished)
        self._view.chosen.connect(self._on_chosen)
        self._view.star_clicked.connect(self._on_star_clicked)
        self._tabs.chosen.connect(self.set_quote)
        self._stars.changed.connect(self._on_stars_changed)
        self.give_focus_to(self._search)
        self.retranslate()
        self._list_markets()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._tabs)
        layout.addWidget(self._search)
        layout.addWidget(self._view, 1)
        layout.addLayout(below)

    # -- what is listed ---------------------------------------------------------------------------------------

    def set_markets(self, markets: Iterable[MarketInfo | str] | None) -> None:
        """Show other markets; one request, and nobody else is disturbed. None shows all of the exchange.

        Raises:
            SubscriptionError: a market code is misspelt; nothing has changed then.
        """
        self._given = None if markets is None else _checked(markets)
        self._list_markets()

    def _get_quote(self) -> str:
        return self._quote

    @pyqtSlot(str)
    @guarded_setter
    def set_quote(self, quote: str) -> None:
        """List the markets of a quote currency such as ``"KRW"``, the starred ones (``"favourites"``), or all (empty).

        Raises:
            SubscriptionError: it is misspelt; nothing has changed then.
        """
        if quote == self._quote:
            return
        self._quote = parse_quote(quote)
        self._list_markets()
        self.quote_changed.emit(quote)

    quote = qt_property(str, notify=quote_changed)(_get_quote).setter(set_quote)

    def _get_tabs_shown(self) -> bool:
        return not self._tabs.isHidden()

    @guarded_setter
    def set_tabs_shown(self, shown: bool) -> None:
        """Show the tabs, or leave the choice of the quote currency to the program.

        Raises:
            ConfigurationError: ``shown`` is neither True nor False.
        """
        if parse_flag("tabs_shown", shown) != self._get_tabs_shown():
            self._tabs.setVisible(shown)
            self.tabs_shown_changed.emit(shown)

    tabs_shown = qt_property(bool, notify=tabs_shown_changed)(_get_tabs_shown).setter(set_tabs_shown)

    @pyqtSlot(str)
    @guarded_setter
    def select(self, code: str | None) -> None:
        """Mark a market's row, without the signal, as soon as it is listed; none is marked for None."""
        self._selected = code or None
        for row in range(self._found.rowCount()):
            index = self._found.index(row, NAME)
            if index.data(CODE_ROLE) == code:
                self._view.setCurrentIndex(index)
                return
        self._view.clearSelection()

    def _list_markets(self) -> None:
        self._fill()
        self.change_codes()

    def _fill(self) -> None:
        shown = self._listed()
        kept = set(self._codes).intersection(info.market for info in shown)
        self._codes = tuple(info.market for info in shown)
        self._waiting = {code: event for code, event in self._waiting.items() if code in kept}
        if not kept:
            self._received_ns = None
        self._model.set_starred(self._stars.codes)
        self._model.set_markets(shown, self.grid)
        self._model.set_halts(self._halts)
        self._tabs.offer(self._quotes(), self._quote, has_all=self._given is not None)
        self._view.measure()
        self._view.sort_again()
        self.select(self._selected)
        self._show_message()

    def _all(self) -> dict[str, MarketInfo]:
        """Return what can be listed, by code; what was given as a code has the names that the exchange tells."""
        if self._is_preview:
            return {info.market: info for info in sample_markets()}
        listed = () if self._directory is None else self._directory.markets
        known = {info.market: info for info in listed}
        if self._given is None:
            return known
        return {info.market: info if info.english_name else known.get(info.market, info) for info in self._given}

    def _listed(self) -> list[MarketInfo]:
        markets = self._all()
        if self._quote == FAVOURITES:
            return [markets.get(code) or MarketInfo(market=code) for code in self._stars.codes]
        return [info for code, info in markets.items() if not self._quote or quote_of(code) == self._quote]

    def _quotes(self) -> list[str]:
        return list(dict.fromkeys(map(quote_of, self._all())))

    @pyqtSlot()
    @guarded
    def _show_message(self) -> None:
        """Say why no row is shown."""
        words = "no_markets"
        if self._model.rowCount():
            words = "nothing_found"
        elif self._quote == FAVOURITES:
            words = "no_stars"
        elif self._given is None and not self._all():
            words = "failed" if self._failure else "loading"
        message = pick(WORDS[words], self._language)
        self._view.set_message(message.format(query=self._search.text().strip(), reason=self._failure))

    # -- DataWidget -------------------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the codes of the listed markets."""
        return self._codes

    def show_sample(self) -> None:
        """List the sample markets, the first of them starred and chosen."""
        self._stars = Favourites(codes=[SAMPLE_MARKET])
        self._fill()
        self._waiting = {code: sample_ticker(code) for code in self._all()}
        self._model.show(self._waiting.values(), flash=False)
        self._view.sort_again()
        self.select(SAMPLE_MARKET)

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to whole frames."""
        proxy.batch_received.connect(self._on_batch)
        if self._directory is not None:
            self._directory.failed.connect(self._on_failure)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the tickers."""
        return [proxy.subscribe_ticker(codes)]

    def directory_changed(self) -> None:
        """List what the exchange lists now, with its names, warnings and price units."""
        self._failure = ""
        wanted = self._listed()
        if wanted != self._model.markets:
            self._list_markets()
        self._model.write_prices(self._codes)
        self._gone = set() if self._directory is None else set(filter(self._directory.is_gone, self._codes))
        self._fade_unserved()

    def retranslate(self) -> None:
        """Show names and captions in the current language."""
        self._model.set_look(self._colors, self._language)
        self._view.measure()
        self._tabs.retranslate(self._language)
        self._search.setPlaceholderText(pick(WORDS["search"], self._language))
        self._search.setAccessibleName(pick(WORDS["search"], self._language))
        self._view.setAccessibleName(pick(WORDS["markets"], self._language))
        self._show_message()

    def recolor(self) -> None:
        """Show the list in the current colours."""
        self._view.set_colors(self._colors)
        self._model.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the list, or only the markets that are not served."""
        self._view.set_faded(faded)
        self._fade_unserved()

    def _fade_unserved(self) -> None:
        """Grey what the exchange sends nothing about, or has taken off its list since the last ticker."""
        states = {code: state for item in self._subscriptions for code, state in item.states.items()}
        self._model.set_unserved({code for code, state in states.items() if state in _UNSERVED} | self._gone)

    def state_suffix(self) -> str:
        """Return the number of markets."""
        return f" · {len(self._codes)}" if self._codes else ""

    def refresh(self) -> None:
        """Show what has come since the last time."""
        waiting, self._waiting = self._waiting, {}
        self._model.show(waiting.values())
        halts = {code: halt for code, event in waiting.items() if (halt := halt_of(event))}
        if halts or self._halts:
            self._halts = {code: halt for code, halt in self._halts.items() if code not in waiting} | halts
            self._model.set_halts(self._halts)
        for code in [code for code, event in waiting.items() if _is_wide(event)]:
            number = self._model.number_of(code)
            if number is not None:
                self._view.make_room(number)
        if not self._gone.isdisjoint(waiting):
            # The market has come back before the list tells it.
            self._gone.difference_update(waiting)
            if self._directory is not None:
                self._directory.renew()

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, in the right order, without a flash for what happened meanwhile."""
        if not self._is_preview and self._proxy is None:
            self.open_proxy()
            self._list_markets()
        super().showEvent(a0)
        if self._directory is not None and self._given is None:
            self._directory.follow_listings(self)
        self._model.stop_flashes()
        self._view.sort_again()
        self._resort.start()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest while hidden."""
        super().hideEvent(a0)
        self._resort.stop()
        self._model.stop_flashes()

    @pyqtSlot(object)
    @guarded
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        tickers = [event for event in events if isinstance(event, TickerEvent)]
        self._waiting.update((event.code, event) for event in tickers)
        if tickers:
            self.note(max(tickers, key=lambda event: event.received_ns))

    @pyqtSlot(str)
    @guarded
    def _on_failure(self, reason: str) -> None:
        self._failure = reason
        self._show_message()

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_chosen(self, index: QModelIndex) -> None:
        self._selected = index.data(CODE_ROLE)
        self.market_selected.emit(self._selected)

    @pyqtSlot()
    @guarded
    def _on_search_finished(self) -> None:
        """Choose the only market that is found, or go to the list."""
        if self._found.rowCount() == 1:
            self.select(self._found.index(0, NAME).data(CODE_ROLE))
            self._on_chosen(self._found.index(0, NAME))
        elif self._found.rowCount():
            self._view.setFocus()

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_star_clicked(self, index: QModelIndex) -> None:
        self._stars.toggle(index.data(CODE_ROLE))

    @pyqtSlot()
    @guarded
    def _on_stars_changed(self) -> None:
        if self._quote == FAVOURITES:
            self._list_markets()
        else:
            self._model.set_starred(self._stars.codes)


def _is_wide(event: TickerEvent) -> bool:
    """Tell whether figures may be wider than usual ones."""
    turnover, rate = event.acc_trade_price_24h or 0.0, event.signed_change_rate or 0.0
    usual = _USUAL_TURNOVER.get(quote_of(event.code), 0.0)
    return turnover >= usual or not -_USUAL_RATE < rate < _USUAL_RATE or event.trade_price >= _USUAL_PRICE


def _checked(markets: Iterable[MarketInfo | str]) -> list[MarketInfo]:
    """Return the markets, each once."""
    if isinstance(markets, str):
        markets = (markets,)
    elif not isinstance(markets, Iterable):
        raise SubscriptionError(f"markets {markets!r} are not a list: write ['KRW-BTC', 'KRW-ETH']")
    listed = [market if isinstance(market, MarketInfo) else MarketInfo(market=market) for market in markets]
    return list({parse_code(info.market): info for info in listed}.values())
