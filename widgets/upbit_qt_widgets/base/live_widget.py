"""What the widgets of one market share: the market, as a property."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.market_notes import halt_of
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.values import parse_market
from upbit_qt_ws import Source, SubscriptionState
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import Event, GlobalWebSocketManager, QtWebSocketProxy, TickerEvent


class LiveWidget(DataWidget):
    """Base of the widgets that show one market; see :class:`DataWidget`.

    Each of them hears the market's ticker, whatever else it shows: only that tells when trading is suspended or ended.

    Signals:
        market_changed: the new market code.
    """

    market_changed = pyqtSignal(str)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget for a market, or without one for now.

        Raises:
            SubscriptionError: the market code is misspelt.
        """
        code = parse_market(market)
        super().__init__(parent, manager=manager)
        self._market = code
        self._halt = ""
        self._gone_ns = 0

    def clear(self) -> None:
        """Show nothing: the market has changed."""
        raise NotImplementedError

    def codes(self) -> tuple[str, ...]:
        """Return the market, if there is one."""
        return (self._market,) if self._market else ()

    def _get_market(self) -> str:
        return self._market

    @pyqtSlot(str)
    @guarded_setter
    def set_market(self, market: str) -> None:
        """Show another market; the old one's late events are not shown. Empty shows none.

        Raises:
            SubscriptionError: the market code is misspelt; nothing has changed then.
        """
        code = parse_market(market)
        if code == self._market:
            return
        self._market = code
        self._received_ns = None
        self._halt, self._gone_ns = "", 0
        self.clear()
        self.change_codes()
        self.market_changed.emit(code)

    market = qt_property(str, notify=market_changed)(_get_market).setter(set_market)

    # -- whether it is traded ---------------------------------------------------------------------------------

    def halt(self) -> str:
        """Return what the ticker says of trading, or that the exchange has taken the market off its list."""
        return self._halt or ("unlisted" if self._gone_ns else "")

    def open_proxy(self) -> QtWebSocketProxy:
        """Listen to the ticker, too."""
        is_new = self._proxy is None
        proxy = super().open_proxy()
        if is_new:
            proxy.ticker_received.connect(self._on_market_ticker)
        return proxy

    def note(self, event: Event) -> None:
        """See that a market lives which the list of the exchange no longer had."""
        if self._gone_ns and event.source is Source.WEBSOCKET and event.received_ns > self._gone_ns:
            self._gone_ns = 0
            self._show_state()
            self._doubt_list()
        super().note(event)

    def _subscribe(self) -> None:
        super()._subscribe()
        if self._proxy is None or not self._subscriptions:
            return
        if all(subscription.spec.type != "ticker" for subscription in self._subscriptions):
            self._subscriptions.append(self._proxy.subscribe_ticker(self.codes()))

    def _update_state(self) -> None:
        before = self._state
        super()._update_state()
        if self._state is not before:
            self._doubt_list()

    def _doubt_list(self) -> None:
        """Have the list of the exchange read again when what is served contradicts it: markets come and go."""
        if self._directory is None or not self._market or not self._directory.is_known:
            return
        is_listed = self._directory.market(self._market) is not None
        if self._state is (SubscriptionState.NOT_SERVED if is_listed else SubscriptionState.LIVE):
            self._directory.renew()

    @pyqtSlot(object)
    @guarded
    def _on_market_ticker(self, event: TickerEvent) -> None:
        if event.code != self._market:
            return
        halt = halt_of(event)
        if halt != self._halt:
            self._halt = halt
            self._show_state()

    @pyqtSlot()
    @guarded
    def _on_directory_changed(self) -> None:
        super()._on_directory_changed()
        is_gone = self._directory is not None and self._directory.is_gone(self._market)
        self._gone_ns = time.monotonic_ns() if is_gone else 0
        self._show_state()
