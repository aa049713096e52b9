"""The order book of one market: 30 asks above 30 bids, with size bars, rates, spread and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QRectF, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from upbit_qt_widgets.formatting import NOTHING, price_text, size_text
from upbit_qt_widgets.live_widget import LiveWidget
from upbit_qt_widgets.orderbook_model import ASK_SIZE, BAR_ROLE, DEPTH, OrderbookModel
from upbit_qt_widgets.texts import text

if TYPE_CHECKING:
    from upbit_qt_widgets.colors import MarketColors
    from upbit_qt_ws import GlobalWebSocketManager, OrderbookEvent, QtWebSocketProxy, Subscription, TickerEvent


class _SizeBars(QStyledItemDelegate):
    """Paints the bar of a size behind its number: asks grow to the left, bids to the right."""

    def __init__(self, colors: MarketColors, parent: QWidget) -> None:
        super().__init__(parent)
        self.colors = colors

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None:
            return
        is_ask = index.row() < DEPTH
        painter.fillRect(option.rect, self.colors.ask_ground if is_ask else self.colors.bid_ground)
        share = index.data(BAR_ROLE)
        if share:
            area = QRectF(option.rect).adjusted(0, 1, 0, -1)
            width = area.width() * share
            left = area.right() - width if index.column() == ASK_SIZE else area.left()
            color = self.colors.ask_bar if is_ask else self.colors.bid_bar
            painter.fillRect(QRectF(left, area.top(), width, area.height()), color)
        words = index.data()
        if words:
            painter.setPen(option.palette.color(QPalette.ColorRole.Text))
            painter.setFont(option.font)
            painter.drawText(option.rect.adjusted(6, 0, -6, 0), index.data(Qt.ItemDataRole.TextAlignmentRole), words)


class OrderbookWidget(LiveWidget):
    """Shows a market's order book; the best prices meet in the middle.

    Signals:
        price_clicked: the price of a level that was clicked or chosen with Enter, a float.
    """

    price_clicked = pyqtSignal(float)

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`LiveWidget`."""
        super().__init__(market, parent, manager=manager)
        self._event: OrderbookEvent | None = None
        self._centred = False
        self._model = OrderbookModel(self._colors, self._language, self)
        self._bars = _SizeBars(self._colors, self)
        self._view = QTableView(self)
        self._status = QLabel(self)
        self._spread = QLabel(self)
        self._ask_total = QLabel(self)
        self._bid_total = QLabel(self)
        self._set_up_view()
        self._lay_out()
        self.retranslate()

    def _set_up_view(self) -> None:
        view = self._view
        view.setModel(self._model)
        view.setItemDelegateForColumn(ASK_SIZE, self._bars)
        view.setItemDelegateForColumn(self._model.columnCount() - 1, self._bars)
        view.setShowGrid(False)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        rows, columns = view.verticalHeader(), view.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            columns.setHighlightSections(False)
        view.clicked.connect(self._on_activated)
        view.activated.connect(self._on_activated)

    def _lay_out(self) -> None:
        footer = QHBoxLayout()
        footer.addWidget(self._ask_total)
        footer.addWidget(self._spread, 1, Qt.AlignmentFlag.AlignCenter)
        footer.addWidget(self._bid_total)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._view, 1)
        layout.addLayout(footer)
        layout.addWidget(self._status)
        self._status.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    # -- LiveWidget -------------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to books and tickers."""
        proxy.orderbook_received.connect(self._on_orderbook)
        proxy.ticker_received.connect(self._on_ticker)

    def subscribe(self, proxy: QtWebSocketProxy, market: str) -> list[Subscription]:
        """Take the book, and the ticker for the close of the previous day."""
        return [proxy.subscribe_orderbook(market), proxy.subscribe_ticker(market)]

    def clear(self) -> None:
        """Empty the book."""
        self._event = None
        self._centred = False
        self._model.set_reference(None)
        self._model.show(None)
        self._show_totals()

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        self._model.set_look(self._colors, self._language)
        self._view.setAccessibleName(f"{text('book', self._language)} {self._market}")
        self._show_totals()

    def show_state(self, words: str, faded: bool) -> None:
        """Show how the data stands below the book; a book that is not live is faded."""
        self._status.setText(f"● {words}")
        self._view.setEnabled(not faded)

    def refresh(self) -> None:
        """Show the newest book."""
        if self._bars.colors is not self._colors:
            self._bars.colors = self._colors
            self._model.set_look(self._colors, self._language)
        self._model.show(self._event)
        self._show_totals()
        if self._event is not None and not self._centred:
            self._centred = True
            self._view.scrollTo(self._model.index(DEPTH, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    @pyqtSlot(object)
    def _on_orderbook(self, event: OrderbookEvent) -> None:
        if event.code == self._market:
            self._event = event
            self.note(event.received_ns)

    @pyqtSlot(object)
    def _on_ticker(self, event: TickerEvent) -> None:
        if event.code == self._market and self._model.set_reference(event.prev_closing_price) and self.isVisible():
            self.refresh()

    @pyqtSlot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        event, row = self._event, index.row()
        if event is None:
            return
        depth = DEPTH - 1 - row if row < DEPTH else row - DEPTH
        if depth < len(event.orderbook_units):
            unit = event.orderbook_units[depth]
            price = unit.ask_price if row < DEPTH else unit.bid_price
            if price:
                self.price_clicked.emit(price)

    def _show_totals(self) -> None:
        event = self._event
        total = text("total", self._language)
        self._ask_total.setText(f"{total} {size_text(event.total_ask_size) if event else NOTHING}")
        self._bid_total.setText(f"{size_text(event.total_bid_size) if event else NOTHING} {total}")
        best = event.orderbook_units[0] if event and event.orderbook_units else None
        gap = NOTHING
        if event and best and best.ask_price and best.bid_price:
            gap = price_text(event.code, best.ask_price - best.bid_price)
        self._spread.setText(f"{text('spread', self._language)} {gap}")
