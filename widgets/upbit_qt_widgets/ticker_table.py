"""A list of markets with live prices, to search, to sort and to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QModelIndex, QSortFilterProxyModel, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QBrush, QPainter, QPalette
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from upbit_qt_widgets.colors import market_colors
from upbit_qt_widgets.texts import Language, system_language, text
from upbit_qt_widgets.ticker_model import (
    CHANGE,
    CODE_ROLE,
    NAME,
    PRICE,
    SEARCH_ROLE,
    SORT_ROLE,
    TURNOVER,
    Market,
    TickerModel,
)
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, Subscription, TickerEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtGui import QShowEvent

    from upbit_qt_ws import Event

_RESORT_MILLISECONDS = 1000
_SAMPLES = {NAME: "비트코인캐시에이비씨 BCHA", PRICE: "100,000,000", CHANGE: "▲ +100.00%", TURNOVER: "1,000,000백만"}


class _PaddedCells(QStyledItemDelegate):
    """Leaves a little air beside right-aligned numbers; the ground still fills the cell."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is not None:
            ground = index.data(Qt.ItemDataRole.BackgroundRole)
            if ground is not None:
                painter.fillRect(option.rect, ground)
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(option.rect, option.palette.brush(QPalette.ColorRole.Highlight))
            option.rect = option.rect.adjusted(6, 0, -6, 0)
        super().paint(painter, option, index)

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        if option is not None:
            # The ground is painted already, over the whole cell.
            option.backgroundBrush = QBrush()


class TickerTable(QWidget):
    """Shows the tickers of many markets in one subscription.

    Rows keep their places for a second and are then sorted anew, so that one can read and click them.

    Signals:
        market_selected: the code of the market that was clicked or chosen with Enter.
    """

    market_selected = pyqtSignal(str)

    def __init__(
        self,
        markets: Iterable[Market] = (),
        parent: QWidget | None = None,
        *,
        manager: GlobalWebSocketManager | None = None,
    ) -> None:
        """Make the list; it subscribes when it is shown for the first time."""
        super().__init__(parent)
        self._manager = manager
        self._proxy: QtWebSocketProxy | None = None
        self._subscription: Subscription | None = None
        self._codes: list[str] = []
        self._waiting: dict[str, TickerEvent] = {}
        self._language: Language = system_language()
        self._model = TickerModel(market_colors(self), self._language, self)
        self._sorted = QSortFilterProxyModel(self)
        self._search = QLineEdit(self)
        self._view = QTableView(self)
        self._status = QLabel(self)
        self._resort = QTimer(self)
        self._resort.setInterval(_RESORT_MILLISECONDS)
        self._resort.timeout.connect(self._sort_again)
        self._set_up()
        self._retranslate()
        self.set_markets(markets)

    def _set_up(self) -> None:
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setFilterRole(SEARCH_ROLE)
        self._sorted.setFilterKeyColumn(NAME)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._sorted.setDynamicSortFilter(False)
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._sorted.setFilterFixedString)
        view = self._view
        view.setModel(self._sorted)
        view.setItemDelegate(_PaddedCells(self))
        view.setSortingEnabled(True)
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        view.setWordWrap(False)
        rows, columns = view.verticalHeader(), view.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            rows.setDefaultSectionSize(self.fontMetrics().height() + 10)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
            columns.setHighlightSections(False)
            for column in (PRICE, CHANGE, TURNOVER):
                columns.resizeSection(column, self.fontMetrics().horizontalAdvance(_SAMPLES[column]) + 28)
        view.sortByColumn(TURNOVER, Qt.SortOrder.DescendingOrder)
        view.clicked.connect(self._on_activated)
        view.activated.connect(self._on_activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._search)
        layout.addWidget(view, 1)
        layout.addWidget(self._status)
        self._status.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def set_markets(self, markets: Iterable[Market]) -> None:
        """Show other markets; one request, and nobody else is disturbed.

        Raises:
            SubscriptionError: a market code is misspelt.
        """
        listed = list(markets)
        codes = [market.code for market in listed]
        if self._subscription is not None and codes:
            self._subscription.set_codes(codes)
        elif self._subscription is not None:
            self._subscription.cancel()
            self._subscription = None
        self._codes = codes
        self._waiting.clear()
        self._model.set_markets(listed)
        self._sort_again()
        self._subscribe()

    def set_language(self, language: Language) -> None:
        """Show names and captions in Korean or English."""
        self._language = language
        self._retranslate()

    def select(self, code: str) -> None:
        """Mark a market's row, without the signal."""
        for row in range(self._sorted.rowCount()):
            index = self._sorted.index(row, NAME)
            if index.data(CODE_ROLE) == code:
                self._view.setCurrentIndex(index)
                return

    def showEvent(self, event: QShowEvent | None) -> None:
        """Subscribe at the first time, and catch up."""
        super().showEvent(event)
        self._subscribe()
        self._show_waiting()
        self._sort_again()
        self._resort.start()

    def hideEvent(self, event: QEvent | None) -> None:
        """Rest while hidden."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._resort.stop()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._model.set_look(market_colors(self), self._language)

    def _subscribe(self) -> None:
        if self._subscription is not None or not self._codes or not self.isVisible():
            return
        if self._proxy is None:
            self._proxy = QtWebSocketProxy("TickerTable", parent=self, manager=self._manager)
            self._proxy.batch_received.connect(self._on_batch)
            self._proxy.state_changed.connect(self._on_state_changed)
        self._subscription = self._proxy.subscribe_ticker(self._codes)
        self._on_state_changed(self._subscription)

    @pyqtSlot(object)
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        self._waiting.update((event.code, event) for event in events if isinstance(event, TickerEvent))
        if self.isVisible():
            self._show_waiting()

    def _show_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        self._model.show(waiting.values())

    @pyqtSlot(object)
    def _on_state_changed(self, subscription: Subscription) -> None:
        self._status.setText(f"● {text(str(subscription.state), self._language)} · {len(self._codes)}")

    @pyqtSlot()
    def _sort_again(self) -> None:
        self._sorted.sort(self._sorted.sortColumn(), self._sorted.sortOrder())

    @pyqtSlot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.market_selected.emit(index.data(CODE_ROLE))

    def _retranslate(self) -> None:
        self._model.set_look(market_colors(self), self._language)
        self._search.setPlaceholderText(text("search", self._language))
        self._search.setAccessibleName(text("search", self._language))
        self._view.setAccessibleName(text("tickers", self._language))
