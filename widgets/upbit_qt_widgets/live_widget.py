"""What all market widgets share: the market, the proxy, the state that is shown, and rest while hidden."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.colors import ColorScheme, MarketColors, market_colors
from upbit_qt_widgets.formatting import age_text
from upbit_qt_widgets.qt_property import qt_property
from upbit_qt_widgets.texts import Language, system_language, text
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, SubscriptionState
from upbit_qt_ws.wire.markets import parse_code

if TYPE_CHECKING:
    from PyQt6.QtGui import QShowEvent

_AGE_MILLISECONDS = 1000


class LiveWidget(QWidget):
    """Base of the widgets that show one market.

    It opens nothing before it is shown for the first time. While it is hidden it keeps the newest values and paints
    nothing; when it is shown it catches up.

    Signals:
        market_changed: the new market code.
        state_changed: the new :class:`SubscriptionState`.
    """

    market_changed = pyqtSignal(str)
    state_changed = pyqtSignal(object)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget for a market, or without one for now.

        Raises:
            SubscriptionError: the market code is misspelt.
        """
        super().__init__(parent)
        self._market = parse_code(market) if market else ""
        self._manager = manager
        self._proxy: QtWebSocketProxy | None = None
        self._subscriptions: list[Subscription] = []
        self._state = SubscriptionState.PENDING
        self._received_ns: int | None = None
        self._language: Language = system_language()
        self._color_scheme = ColorScheme.KOREAN
        self._stale = False
        self._colors: MarketColors = market_colors(self)
        self._age_timer = QTimer(self)
        self._age_timer.setInterval(_AGE_MILLISECONDS)
        self._age_timer.timeout.connect(self._show_state)

    # -- for the subclasses -----------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Connect to the signals of the proxy; called once."""
        raise NotImplementedError

    def subscribe(self, proxy: QtWebSocketProxy, market: str) -> list[Subscription]:
        """Subscribe to what is shown of a market; the first one is what the widget's state is about."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing: the market has changed."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show the newest values; called only while visible."""
        raise NotImplementedError

    def show_state(self, words: str, faded: bool) -> None:
        """Show how the data stands, and whether the values must look old."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Show the fixed words in the current language."""
        raise NotImplementedError

    # -- properties -------------------------------------------------------------------------------------------

    def _get_market(self) -> str:
        return self._market

    def set_market(self, market: str) -> None:
        """Show another market; the old one's late events are not shown.

        Raises:
            SubscriptionError: the market code is misspelt.
        """
        code = parse_code(market) if market else ""
        if code == self._market:
            return
        self._market = code
        self._received_ns = None
        self.clear()
        if self._proxy is not None and self._subscriptions and code:
            for subscription in self._subscriptions:
                subscription.set_codes(code)
        else:
            self._unsubscribe()
            self._subscribe()
        self._update_state()
        self.market_changed.emit(code)

    market = qt_property(str, notify=market_changed)(_get_market).setter(set_market)

    def _get_language(self) -> str:
        return self._language

    def _set_language(self, language: str) -> None:
        self._language = "ko" if language == "ko" else "en"
        self.retranslate()
        self._show_state()
        self.refresh()

    language = qt_property(str)(_get_language).setter(_set_language)

    def _get_color_scheme(self) -> str:
        return str(self._color_scheme)

    def _set_color_scheme(self, scheme: str) -> None:
        self._color_scheme = ColorScheme(scheme)
        self._colors = market_colors(self, self._color_scheme)
        self.refresh()

    color_scheme = qt_property(str)(_get_color_scheme).setter(_set_color_scheme)

    @property
    def state(self) -> SubscriptionState:
        """How the data of the market stands."""
        return self._state

    # -- life -------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Subscribe at the first time, and catch up."""
        super().showEvent(event)
        if not self._subscriptions:
            self._subscribe()
        self._update_state()
        self.refresh()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._colors = market_colors(self, self._color_scheme)
            self.refresh()

    def note(self, received_ns: int) -> None:
        """Remember when the newest value was received, and show it if anybody can see it."""
        self._received_ns = received_ns
        if self.isVisible():
            self.refresh()

    def _subscribe(self) -> None:
        if not self._market or not self.isVisible():
            return
        if self._proxy is None:
            self._proxy = QtWebSocketProxy(type(self).__name__, parent=self, manager=self._manager)
            self._proxy.state_changed.connect(self._on_state_changed)
            self.connect_to(self._proxy)
        self._subscriptions = self.subscribe(self._proxy, self._market)

    def _unsubscribe(self) -> None:
        for subscription in self._subscriptions:
            subscription.cancel()
        self._subscriptions = []

    @pyqtSlot(object)
    def _on_state_changed(self, _subscription: Subscription) -> None:
        self._update_state()

    def _update_state(self) -> None:
        state = self._subscriptions[0].state if self._subscriptions else SubscriptionState.PENDING
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
        if state is SubscriptionState.STALE:
            self._age_timer.start()
        else:
            self._age_timer.stop()
        self._show_state()

    @pyqtSlot()
    def _show_state(self) -> None:
        words = text(str(self._state) if self._market else "no_market", self._language)
        if self._state is SubscriptionState.STALE and self._received_ns is not None:
            age = (time.monotonic_ns() - self._received_ns) / 1e9
            words = f"{words} {age_text(age, self._language)}"
        self.show_state(words, self._state not in (SubscriptionState.LIVE, SubscriptionState.PENDING))
