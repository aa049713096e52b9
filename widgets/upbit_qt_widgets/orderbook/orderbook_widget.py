"""The order book of one market: 30 asks above 30 bids, with size bars, rates, spread and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.formatting import NOTHING, size_text, spread_text
from upbit_qt_widgets.base.labels import PlainLabel
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import sample_levels, sample_ticker
from upbit_qt_widgets.base.texts import text
from upbit_qt_widgets.base.values import parse_flag
from upbit_qt_widgets.orderbook.book_bar import BookBar
from upbit_qt_widgets.orderbook.book_widget import BookWidget
from upbit_qt_widgets.orderbook.orderbook_model import OrderbookModel
from upbit_qt_widgets.orderbook.orderbook_view import OrderbookView
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent


class OrderbookWidget(BookWidget):
    """Shows a market's order book; the best prices meet in the middle. See :class:`BookWidget` for ``level``.

    Signals:
        cumulative_changed: whether sizes are sums from the best price on.
        controls_shown_changed: whether the line with both choices is shown.
    """

    cumulative_changed = pyqtSignal(bool)
    controls_shown_changed = pyqtSignal(bool)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`BookWidget`."""
        super().__init__(market, parent, manager=manager)
        self._is_cumulative = False
        self._bar = BookBar(self._language, self)
        self._model = OrderbookModel(self._colors, self._language, self)
        self._view = OrderbookView(self._model, self._colors, self)
        self._spread = PlainLabel(self)
        self._ask_total = PlainLabel(self)
        self._bid_total = PlainLabel(self)
        self._lay_out()
        self._bar.level_chosen.connect(self.set_level)
        self._bar.cumulative_chosen.connect(self.set_cumulative)
        self._view.clicked.connect(self._on_activated)
        self._view.activated.connect(self._on_activated)
        self.give_focus_to(self._view)
        self.retranslate()

    def _lay_out(self) -> None:
        footer = QHBoxLayout()
        footer.setContentsMargins(PADDING, 0, PADDING, 0)
        footer.addWidget(self._ask_total, 1)
        footer.addWidget(self._spread)
        footer.addWidget(self._bid_total, 1)
        self._bid_total.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._bar)
        layout.addWidget(self._view, 1)
        layout.addLayout(footer)
        layout.addLayout(below)

    # -- properties -------------------------------------------------------------------------------------------

    def _get_cumulative(self) -> bool:
        return self._is_cumulative

    @pyqtSlot(bool)
    @guarded_setter
    def set_cumulative(self, cumulative: bool) -> None:
        """Show the sum of all sizes from the best price to each level, or the sizes of the levels.

        Raises:
            ConfigurationError: ``cumulative`` is neither True nor False.
        """
        if parse_flag("cumulative", cumulative) != self._is_cumulative:
            self._is_cumulative = cumulative
            self._bar.set_cumulative(cumulative)
            self._model.set_cumulative(cumulative)
            self._model.show(self._event)
            self.cumulative_changed.emit(cumulative)

    cumulative = qt_property(bool, notify=cumulative_changed)(_get_cumulative).setter(set_cumulative)

    def _get_controls_shown(self) -> bool:
        return not self._bar.isHidden()

    @guarded_setter
    def set_controls_shown(self, shown: bool) -> None:
        """Show the line in which both are chosen, or not.

        Raises:
            ConfigurationError: ``shown`` is neither True nor False.
        """
        if parse_flag("controls_shown", shown) != self._get_controls_shown():
            self._bar.setVisible(shown)
            self.controls_shown_changed.emit(shown)

    controls_shown = qt_property(bool, notify=controls_shown_changed)(_get_controls_shown).setter(set_controls_shown)

    # -- BookWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to books and tickers."""
        super().connect_to(proxy)
        proxy.ticker_received.connect(self._on_ticker)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the book, and the ticker for the close of the previous day."""
        return [*super().subscribe(proxy, codes), proxy.subscribe_ticker(codes)]

    def show_sample(self) -> None:
        """Show a sample of a book."""
        super().show_sample()
        self._model.set_reference(sample_ticker(self._market).prev_closing_price)
        self._bar.set_levels(sample_levels(self._market), self._level)

    def directory_changed(self) -> None:
        """Write prices with the decimals that the exchange tells, and offer its grouping levels."""
        self._model.set_grid(self.grid(self._market))
        self.offer_levels()

    def offer_levels(self) -> None:
        """Offer the levels in the line above."""
        known = () if self._directory is None else self._directory.levels(self._market)
        self._bar.set_levels(known, self._level)

    def empty(self) -> None:
        """Show no book."""
        self._model.show(None)

    def clear(self) -> None:
        """Empty the book, and group nothing."""
        super().clear()
        self._model.set_reference(None)
        self._model.show(None)
        self._view.clearSelection()
        self._view.centre()
        self._name_view()
        self._show_totals()

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        self._bar.set_language(self._language)
        self._model.set_look(self._colors, self._language)
        self._name_view()
        self._show_totals()

    def recolor(self) -> None:
        """Show the book in the current colours."""
        self._view.set_colors(self._colors)
        self._model.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the book and its totals; in place of an empty book say why it is empty."""
        self._view.set_faded(faded)
        self._explain()
        for label in (self._ask_total, self._spread, self._bid_total):
            label.setEnabled(not faded)

    def refresh(self) -> None:
        """Show the newest book."""
        self._model.show(self._event)
        if self._view.is_blank:
            self._explain()
        self._view.describe()
        self._show_totals()

    @pyqtSlot(object)
    @guarded
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market and self._model.set_reference(event.prev_closing_price) and self.isVisible():
            self.refresh()

    @pyqtSlot(QModelIndex)
    @guarded
    def _on_activated(self, index: QModelIndex) -> None:
        price = self._model.level(index.row()).price
        if price:
            self.price_clicked.emit(price)

    def _explain(self) -> None:
        """Say why the book is empty: a live one has no orders."""
        is_live = self._event is not None and self.data_state().key == "state.live"
        self._view.set_message(text("no_book_orders", self._language) if is_live else self._state_line.accessibleName())

    def _name_view(self) -> None:
        self._view.setAccessibleName(f"{text('book', self._language)} {self._market}".rstrip())

    def _show_totals(self) -> None:
        event = self._event
        total = text("total", self._language)
        self._ask_total.setText(f"{total} {_total(event.total_ask_size if event else None)}")
        self._bid_total.setText(f"{_total(event.total_bid_size if event else None)} {total}")
        best = event.orderbook_units[0] if event and event.orderbook_units else None
        gap = NOTHING
        if event and best and best.ask_price and best.bid_price:
            gap = spread_text(self.grid(event.code), best.ask_price, best.ask_price - best.bid_price)
        self._spread.setText(f"{text('spread', self._language)} {gap}")


def _total(size: float | None) -> str:
    return (size_text(size) or "0") if size is not None else NOTHING
