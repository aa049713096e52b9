"""What all widgets with live data share: proxy, subscriptions, the state that is shown, and rest while hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.colors import ColorScheme, MarketColors, market_colors
from upbit_qt_widgets.qt_property import qt_property
from upbit_qt_widgets.state_line import DataState, StateLine
from upbit_qt_widgets.texts import Language, system_language
from upbit_qt_ws import GlobalWebSocketManager, LinkStatus, QtWebSocketProxy, Subscription, SubscriptionState

if TYPE_CHECKING:
    from PyQt6.QtGui import QShowEvent


class DataWidget(QWidget):
    """Base of the widgets that subscribe to some markets.

    It opens nothing before it is shown for the first time. While it is hidden it keeps the newest values and paints
    nothing; when it is shown it catches up.

    Signals:
        state_changed: the new :class:`SubscriptionState`.
    """

    state_changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make the widget; the application's manager is asked if ``manager`` is None."""
        super().__init__(parent)
        self._manager = manager
        self._proxy: QtWebSocketProxy | None = None
        self._subscriptions: list[Subscription] = []
        self._state = SubscriptionState.PENDING
        self._received_ns: int | None = None
        self._language: Language = system_language()
        self._color_scheme = ColorScheme.KOREAN
        self._colors: MarketColors = market_colors(self)
        self._state_line = StateLine(self)

    # -- for the subclasses -----------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the markets to subscribe to; none subscribes to nothing."""
        raise NotImplementedError

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Connect to the signals of the proxy; called once."""
        raise NotImplementedError

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Subscribe to what is shown of the markets; the first one is what the widget's state is about."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show the newest values; called only while visible."""
        raise NotImplementedError

    def recolor(self) -> None:
        """Show everything in the current colours."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Show the fixed words in the current language."""
        raise NotImplementedError

    def fade(self, faded: bool) -> None:
        """Make the values look old, or true again; called whenever the state may have changed."""
        raise NotImplementedError

    def state_suffix(self) -> str:
        """Return what follows the words of the state."""
        return ""

    # -- properties -------------------------------------------------------------------------------------------

    def _get_language(self) -> str:
        return self._language

    def _set_language(self, language: str) -> None:
        self._language = "ko" if language == "ko" else "en"
        self.retranslate()
        self._show_state()
        if self.isVisible():
            self.refresh()

    language = qt_property(str)(_get_language).setter(_set_language)

    def _get_color_scheme(self) -> str:
        return str(self._color_scheme)

    def _set_color_scheme(self, scheme: str) -> None:
        self._color_scheme = ColorScheme(scheme)
        self._colors = market_colors(self, self._color_scheme)
        self.recolor()

    color_scheme = qt_property(str)(_get_color_scheme).setter(_set_color_scheme)

    @property
    def state(self) -> SubscriptionState:
        """How the data stands."""
        return self._state

    # -- life -------------------------------------------------------------------------------------------------

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Subscribe at the first time, and catch up."""
        super().showEvent(a0)
        if not self._subscriptions:
            self._subscribe()
        self._update_state()
        self.refresh()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.PaletteChange:
            self._colors = market_colors(self, self._color_scheme)
            self.recolor()

    def note(self, received_ns: int) -> None:
        """Remember when the newest value was received, and show it if anybody can see it."""
        self._received_ns = received_ns
        if self.isVisible():
            self.refresh()

    def change_codes(self) -> None:
        """Subscribe to what :meth:`codes` returns now, in one step if there was a subscription before."""
        codes = self.codes()
        if self._subscriptions and codes:
            for subscription in self._subscriptions:
                subscription.set_codes(codes)
        else:
            for subscription in self._subscriptions:
                subscription.cancel()
            self._subscriptions = []
            self._subscribe()
        self._update_state()

    def _subscribe(self) -> None:
        codes = self.codes()
        if not codes or not self.isVisible():
            return
        if self._proxy is None:
            self._proxy = QtWebSocketProxy(type(self).__name__, parent=self, manager=self._manager)
            self._proxy.state_changed.connect(self._on_state_changed)
            self._proxy.manager.link_changed.connect(self._on_link_changed)
            self.connect_to(self._proxy)
        self._subscriptions = self.subscribe(self._proxy, codes)

    @pyqtSlot(object)
    def _on_state_changed(self, _subscription: Subscription) -> None:
        self._update_state()

    @pyqtSlot(str, object)
    def _on_link_changed(self, _name: str, _status: LinkStatus) -> None:
        self._show_state()

    def _update_state(self) -> None:
        state = self._subscriptions[0].state if self._subscriptions else SubscriptionState.PENDING
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
        self._show_state()

    def _show_state(self) -> None:
        link = None if self._proxy is None else self._proxy.manager.link()
        state = DataState(self._state if self.codes() else None, link, self._received_ns)
        self._state_line.show_state(state, self._language, self.state_suffix())
        self.fade(not state.is_true)
