"""What the widgets of one market's order book share: the newest book, and the level at which it is grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.live_widget import LiveWidget
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import SAMPLE_MARKET, sample_orderbook
from upbit_qt_ws.guard import guarded, guarded_setter
from upbit_qt_ws.wire.markets import quote_of
from upbit_qt_ws.wire.topics import parse_level

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import GlobalWebSocketManager, OrderbookEvent, QtWebSocketProxy, Subscription


class BookWidget(LiveWidget):
    """Base of the widgets that show an order book; see :class:`LiveWidget`.

    ``level`` groups prices by a unit that the exchange offers for the market; it is 0 again when the market changes.
    One book is served at one level at a time: of two widgets of the same market that ask for different levels the
    second is refused and says so, see :class:`upbit_qt_ws.subscriptions.LevelPolicy`.

    Signals:
        price_clicked: the price of a level that was clicked or chosen with Enter, a float.
        level_changed: the new grouping level in the quote currency; 0 for none.
    """

    price_clicked = pyqtSignal(float)
    level_changed = pyqtSignal(float)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._event: OrderbookEvent | None = None
        self._level = 0.0
        self._level_market = self._market

    # -- for the subclasses -----------------------------------------------------------------------------------

    def empty(self) -> None:
        """Show no book: the one of another level is on its way."""
        raise NotImplementedError

    def offer_levels(self) -> None:
        """Show which level is chosen, and which the market has."""

    # -- properties -------------------------------------------------------------------------------------------

    def _get_level(self) -> float:
        return self._level

    @pyqtSlot(float)
    @guarded_setter
    def set_level(self, level: float) -> None:
        """Group prices by this unit of the quote currency, 0 for none.

        Raises:
            SubscriptionError: it is negative or no number, or the market is not quoted in KRW.
        """
        parsed = parse_level(level, self.codes())
        if parsed == self._level:
            return
        # Before the others hear of the level: a book that is still held at the old one would have theirs refused.
        self.unsubscribe()
        self._take_level(parsed)
        self._event = None
        self.empty()
        self.change_codes()

    level = qt_property(float, notify=level_changed)(_get_level).setter(set_level)

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to books."""
        proxy.orderbook_received.connect(self._on_orderbook)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the book with all its levels."""
        return [proxy.subscribe_orderbook(codes, level=self._level)]

    def show_sample(self) -> None:
        """Take a sample of a book."""
        self._market = self._market or SAMPLE_MARKET
        self._event = sample_orderbook(self._market)

    def clear(self) -> None:
        """Forget the book, and group nothing: units of another market's prices mean nothing here."""
        self._event = None
        if self._level and (self._level_market or quote_of(self._market) != "KRW"):
            self.unsubscribe()
            self._take_level(0.0)
        self._level_market = self._market
        self.offer_levels()

    @pyqtSlot(object)
    @guarded
    def _on_orderbook(self, event: OrderbookEvent) -> None:
        if event.code == self._market:
            self._event = event
            self.note(event)

    def _take_level(self, level: float) -> None:
        self._level = level
        self.offer_levels()
        self.level_changed.emit(level)
