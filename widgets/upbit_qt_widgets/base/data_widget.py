"""What all widgets with live data share: proxy, subscriptions, the state that is shown, and rest while hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PyQt6.QtCore import QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.market_directory import MarketDirectory
from upbit_qt_widgets.base.market_link import MarketLink
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.state_line import DataState, StateLine
from upbit_qt_widgets.base.styled_widget import StyledWidget
from upbit_qt_widgets.base.values import parse_text
from upbit_qt_ws import (
    GlobalWebSocketManager,
    LinkState,
    LinkStatus,
    QtWebSocketProxy,
    Source,
    Subscription,
    SubscriptionState,
)
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from PyQt6.QtGui import QFocusEvent, QShowEvent
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import Event
    from upbit_qt_ws.faults import Fault

_REFUSED = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)
_FAULT_MILLISECONDS = 10_000
"""For how long a widget shows that something in it has failed; the health status goes on showing it."""


class DataWidget(StyledWidget):
    """Base of the widgets that subscribe to something; see :class:`StyledWidget` for their look.

    It opens nothing before it is shown for the first time. While it is hidden it keeps the newest values and paints
    nothing; when it is shown it catches up. ``link_color`` puts it into a group of widgets that follow the same market,
    see :class:`MarketLink`.

    Signals:
        state_changed: the new :class:`SubscriptionState`.
        link_color_changed: the new colour of the group; empty for none.

    Attributes:
        LINK: name of the link that carries the widget's data.
    """

    LINK: ClassVar[str] = "public"

    state_changed = pyqtSignal(object)
    link_color_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make the widget; the application's manager is asked if ``manager`` is None."""
        super().__init__(parent)
        self._manager = manager
        self._proxy: QtWebSocketProxy | None = None
        self._directory: MarketDirectory | None = None
        self._subscriptions: list[Subscription] = []
        self._state = SubscriptionState.PENDING
        self._received_ns: int | None = None
        self._source = Source.WEBSOCKET
        self._is_preview = False
        self._link_color = ""
        self._main_part: QWidget | None = None
        self._state_line = StateLine(self)
        self._fault = ""
        self._fault_over: QTimer | None = None

    def preview(self) -> None:
        """Show sample data from now on and never connect to anything: for Qt Designer, and for pictures."""
        self._is_preview = True
        self.show_sample()
        self._update_state()
        self.refresh()

    # -- for the subclasses -----------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the markets to subscribe to; none subscribes to nothing."""
        raise NotImplementedError

    def show_sample(self) -> None:
        """Take sample data in place of the exchange's."""
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

    def fade(self, faded: bool) -> None:
        """Make the values look old, or true again; called whenever the state may have changed."""
        raise NotImplementedError

    def language_chosen(self) -> None:
        """Show the state and the newest values in the new language."""
        self._show_state()
        if self.isVisible():
            self.refresh()

    def state_suffix(self) -> str:
        """Return what follows the words of the state."""
        return ""

    def halt(self) -> str:
        """Return why nobody can trade in the market that is shown, see :class:`DataState`; empty if one can."""
        return ""

    def directory_changed(self) -> None:
        """Show names, warnings and price units as the exchange tells them now; called only with a directory."""

    # -- properties -------------------------------------------------------------------------------------------

    def _get_link_color(self) -> str:
        return self._link_color

    @guarded_setter
    def set_link_color(self, color: str) -> None:
        """Follow the market of all widgets with this colour, and lead them; empty leaves the group.

        A list of markets leads with ``market_selected``, and marks the market that another one chose.

        Raises:
            ConfigurationError: there is no group of this colour.
        """
        if parse_text("link_color", color) == self._link_color:
            return
        joined = MarketLink.of_color(color) if color else None
        if self._link_color:
            MarketLink.of_color(self._link_color).remove(self)
        self._link_color = color
        if joined is not None:
            joined.add(self)
        self.link_color_changed.emit(color)

    link_color = qt_property(str, notify=link_color_changed)(_get_link_color).setter(set_link_color)

    @property
    def state(self) -> SubscriptionState:
        """How the data stands."""
        return self._state

    def give_focus_to(self, part: QWidget) -> None:
        """Let ``setFocus`` on the widget give the keyboard to a part of it.

        With a focus proxy the Tab key would pass over the parts before that one.
        """
        self._main_part = part

    def show_fault(self, fault: Fault) -> None:
        """Show for some seconds that something in this widget has failed; its guard calls this."""
        if self._fault_over is None:
            self._fault_over = QTimer(self)
            self._fault_over.setSingleShot(True)
            self._fault_over.setInterval(_FAULT_MILLISECONDS)
            self._fault_over.timeout.connect(self._on_fault_over)
        self._fault_over.start()
        if not self._fault:
            self._fault = fault.error
            self._show_state()

    @pyqtSlot()
    @guarded
    def _on_fault_over(self) -> None:
        self._fault = ""
        self._show_state()

    # -- life -------------------------------------------------------------------------------------------------

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Subscribe at the first time, and catch up."""
        super().showEvent(a0)
        if not self._subscriptions:
            self._subscribe()
        self._update_state()
        self.refresh()

    @guarded
    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Hand the keyboard on to the part that is meant."""
        super().focusInEvent(a0)
        if self._main_part is not None and a0 is not None:
            self._main_part.setFocus(a0.reason())

    def note(self, event: Event) -> None:
        """Remember when and from where the newest value came, and show it if anybody can see it."""
        self._received_ns = event.received_ns
        if event.source is not self._source:
            self._source = event.source
            self._show_state()
        if self.isVisible():
            self.refresh()

    def grid(self, code: str) -> PriceGrid:
        """Return the price grid of a market: the directory's, or that of the table while there is none."""
        return PriceGrid(code) if self._directory is None else self._directory.grid(code)

    def change_codes(self) -> None:
        """Subscribe to what :meth:`codes` returns now, in one step if there was a subscription before."""
        if self._is_preview:
            self.preview()
            return
        codes = self.codes()
        if self._is_over:
            # What is shown from now on never comes; the state line says so.
            self._subscriptions = []
        elif self._subscriptions and codes:
            for subscription in self._subscriptions:
                subscription.set_codes(codes)
            self._load_grids(codes)
        else:
            self.unsubscribe()
            self._subscribe()
        self._update_state()

    def unsubscribe(self) -> None:
        """End all subscriptions, because a part of them cannot be changed; :meth:`change_codes` makes new ones."""
        for subscription in self._subscriptions:
            subscription.cancel()
        self._subscriptions = []

    def open_proxy(self) -> QtWebSocketProxy:
        """Return the widget's proxy, made and connected at the first call."""
        if self._proxy is None:
            self._proxy = QtWebSocketProxy(type(self).__name__, parent=self, manager=self._manager)
            self._proxy.state_changed.connect(self._on_state_changed)
            self._proxy.manager.link_changed.connect(self._on_link_changed)
            self._proxy.manager.stopped.connect(self._on_stopped)
            self._directory = MarketDirectory.of(self._proxy.manager)
            self._directory.changed.connect(self._on_directory_changed)
            self._directory.grids_changed.connect(self._on_grids_changed)
            self._directory.load()
            self.connect_to(self._proxy)
        return self._proxy

    @property
    def _is_over(self) -> bool:
        """Whether the manager that serves the widget was shut down; a widget does not change to another one."""
        return self._proxy is not None and self._proxy.manager.is_shut_down

    def _subscribe(self) -> None:
        codes = self.codes()
        if not codes or not self.isVisible() or self._is_preview or self._is_over:
            return
        proxy = self.open_proxy()
        self._subscriptions = self.subscribe(proxy, codes)
        self._load_grids(codes)

    def _load_grids(self, codes: tuple[str, ...]) -> None:
        if self._directory is not None:
            self._directory.load_grids(code for code in codes if code)
            self.directory_changed()

    @pyqtSlot(object)
    @guarded
    def _on_state_changed(self, _subscription: Subscription) -> None:
        self._update_state()

    @pyqtSlot(str, object)
    @guarded
    def _on_link_changed(self, name: str, _status: LinkStatus) -> None:
        if name == self.LINK:
            self._show_state()

    @pyqtSlot()
    @guarded
    def _on_stopped(self) -> None:
        self._update_state()

    @pyqtSlot()
    @guarded
    def _on_directory_changed(self) -> None:
        self.directory_changed()

    @pyqtSlot(object)
    @guarded
    def _on_grids_changed(self, codes: tuple[str, ...]) -> None:
        if not set(codes).isdisjoint(self.codes()):
            self.directory_changed()

    def _update_state(self) -> None:
        state = self._subscriptions[0].state if self._subscriptions else SubscriptionState.PENDING
        if self._is_preview:
            state = SubscriptionState.LIVE
        elif self._is_over:
            state = SubscriptionState.CLOSED
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
        self._show_state()

    def _show_state(self) -> None:
        state = self.data_state()
        self._state_line.show_state(state, self._language, self.state_suffix())
        self.fade(not state.is_true)

    def data_state(self) -> DataState:
        """Return how the data stands, for the words that say it."""
        if self._is_preview:
            return DataState(SubscriptionState.LIVE, LinkStatus(LinkState.CONNECTED, epoch=1), fault=self._fault)
        subscribed = bool(self._subscriptions) or bool(self.codes())
        return DataState(
            self._state if subscribed else None,
            None if self._proxy is None else self._proxy.manager.link(self.LINK),
            self._received_ns,
            self._source,
            self._subscriptions[0].error if self._subscriptions and self._state in _REFUSED else None,
            self.halt(),
            self._fault,
        )
