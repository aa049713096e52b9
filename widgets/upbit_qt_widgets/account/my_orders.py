"""The account's open orders, and what became of the last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PyQt6.QtCore import pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from upbit_qt_widgets.account.order_row import COLUMNS, TIME, OrderRow
from upbit_qt_widgets.account.own_orders import PAGE, OwnOrders
from upbit_qt_widgets.account.private_widget import PrivateWidget
from upbit_qt_widgets.account.samples import sample_orders
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.formatting import market_text
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_flag, parse_market
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from upbit_qt_widgets.account.own_orders import OwnOrder
    from upbit_qt_ws import GlobalWebSocketManager, MyOrderEvent, QtWebSocketProxy, Subscription
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_rows import Rows


class MyOrdersWidget(PrivateWidget):
    """Lists the account's orders, the newest on top; needs keys with the permission to view orders.

    Open orders are all there (REST tells the newest hundred). Those that are done or cancelled stay, faded, while they
    are among the fifty that changed last.

    Signals:
        market_changed: the only market that is shown now; empty for all.
        show_closed_changed: whether orders that have ended are shown.
    """

    WORD: ClassVar[str] = "orders"

    market_changed = pyqtSignal(str)
    show_closed_changed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make the list; it asks and subscribes when it is shown for the first time.

        Args:
            parent: the widget above it.
            manager: the manager to use; the application's if None.
        """
        super().__init__(COLUMNS, TIME, parent, manager)
        self._market = ""
        self._show_closed = True
        self._is_cut = False
        self._asked_market = ""
        self._orders = OwnOrders()
        self._rows: dict[str, OrderRow] = {}
        self._changed = False
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._view, 1)
        layout.addLayout(below)
        self.retranslate()

    def _get_market(self) -> str:
        return self._market

    @pyqtSlot(str)
    @guarded_setter
    def set_market(self, market: str) -> None:
        """Show only the orders of this market; empty shows all.

        Raises:
            SubscriptionError: the market code is misspelt; nothing has changed then.
        """
        code = parse_market(market)
        if code == self._market:
            return
        self._market = code
        self._choose_rows()
        if self._is_cut:
            self.ask_now()
        self.market_changed.emit(code)

    market = qt_property(str, notify=market_changed)(_get_market).setter(set_market)

    def _get_show_closed(self) -> bool:
        return self._show_closed

    @pyqtSlot(bool)
    @guarded_setter
    def set_show_closed(self, shown: bool) -> None:
        """Show orders that are done or cancelled, or only the open ones.

        Raises:
            ConfigurationError: ``shown`` is neither True nor False.
        """
        if parse_flag("show_closed", shown) == self._show_closed:
            return
        self._show_closed = shown
        self._choose_rows()
        self.show_closed_changed.emit(shown)

    show_closed = qt_property(bool, notify=show_closed_changed)(_get_show_closed).setter(set_show_closed)

    # -- PrivateWidget ----------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to own orders."""
        super().connect_to(proxy)
        proxy.my_order_received.connect(self._on_order)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the own orders of all markets."""
        return [proxy.subscribe_my_order()]

    def ask(self, proxy: QtWebSocketProxy) -> Outcome[Any]:
        """Ask for the open orders; only for those of the market if all are more than REST lists."""
        self._asked_market = self._market if self._is_cut else ""
        return proxy.get_my_order_snapshot(self._asked_market or None)

    def take_list(self, answer: Rows[MyOrderEvent], asked_ns: int) -> None:
        """Take the open orders."""
        self._is_cut = self._is_cut if self._asked_market else len(answer) + len(answer.unread) >= PAGE
        is_whole = not answer.unread
        self._changed |= self._orders.take_open(answer, asked_ns, self._asked_market, is_whole=is_whole)
        if self._is_cut and self._market and not self._asked_market:
            self.ask_now()

    def show_sample(self) -> None:
        """Show orders in all states."""
        for event in sample_orders():
            self._orders.take(event)
        self._changed = True

    def refresh(self) -> None:
        """Show what has changed since the last time."""
        if not self._changed:
            return
        self._changed = False
        written = []
        known = {order.uuid: order for order in self._orders}
        for uuid in self._rows.keys() - known.keys():
            del self._rows[uuid]
        for uuid, order in known.items():
            row = self._rows.get(uuid)
            if row is None or row.order is not order:
                row = self._rows.setdefault(uuid, OrderRow(order))
                self._write(row, order)
                written.append(row)
        self._model.announce(written)
        self._choose_rows()

    def write_all(self) -> None:
        """Write all orders anew."""
        for row in self._rows.values():
            self._write(row, row.order)
        self._model.announce(self._rows.values())
        self._view.sort_again()

    def nothing(self) -> str:
        """Return that there are no orders, or none of those that are wanted."""
        key = "no_orders" if self._show_closed else "no_open_orders"
        words = pick(WORDS[f"{key}_of" if self._market else key], self._language)
        return words.format(market=self._market and market_text(self._market))

    def state_suffix(self) -> str:
        """Return how many orders are open, and how many more there are that could not be read."""
        unread = len(self._unread)
        words = pick(WORDS["unread_orders"], self._language).format(count=unread) if unread else ""
        if not self._is_known or not self._rows:
            return words
        count = sum(row.order.is_open for row in self._rows.values() if self._is_wanted(row.order))
        words = pick(WORDS["open_orders"], self._language).format(count=count) + words
        if self._is_cut and not self._market:
            words += pick(WORDS["newest_only"], self._language).format(count=PAGE)
        return words

    @pyqtSlot(object)
    @guarded
    def _on_order(self, event: MyOrderEvent) -> None:
        if self._orders.take(event):
            self._changed = True
        order = self._orders.get(event.uuid)
        if order is not None and order.lacks_price:
            self.ask_soon()
        self.note(event)

    def _write(self, row: OrderRow, order: OwnOrder) -> None:
        row.write(order, self.name(order.code), self._language)

    def _is_wanted(self, order: OwnOrder) -> bool:
        return self._market in ("", order.code) and (self._show_closed or order.is_open)

    def _choose_rows(self) -> None:
        self.show_rows(row for row in self._rows.values() if self._is_wanted(row.order))
        self._show_state()
