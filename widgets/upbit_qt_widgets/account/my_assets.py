"""The account's balances, valued with live prices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PyQt6.QtCore import QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from upbit_qt_widgets.account.asset_row import COLUMNS, NAME, PRICED_COLUMNS, VALUE, AssetRow
from upbit_qt_widgets.account.holdings import Holdings
from upbit_qt_widgets.account.private_widget import PrivateWidget
from upbit_qt_widgets.account.samples import sample_balances
from upbit_qt_widgets.account.totals import Totals
from upbit_qt_widgets.account.valuation import CASH, Portfolio, Valued, route, value
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import sample_ticker
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_amount
from upbit_qt_ws import MyAssetEvent, SubscriptionState, TickerEvent
from upbit_qt_ws.guard import guarded, guarded_setter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QHideEvent, QShowEvent

    from upbit_qt_ws import Event, GlobalWebSocketManager, QtWebSocketProxy, Subscription
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_records import Balance

_ARRANGE_MILLISECONDS: Final = 1000
_VALUE_MILLISECONDS: Final = 200
"""Sums of many prices that are shown more often than that cannot be read."""
_MOST_NAMES: Final = 4


class MyAssetsWidget(PrivateWidget):
    """Lists what the account has, with values in KRW; needs keys with the permission to view assets.

    A currency is valued in its KRW market, else in its BTC market. Those without either are listed and not counted.
    Values follow the prices five times a second. Rows keep their places for a second and are then sorted anew.

    Signals:
        hide_below_changed: the new value below which balances are hidden, in KRW.
    """

    WORD: ClassVar[str] = "assets"

    hide_below_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make the list; it asks and subscribes when it is shown for the first time.

        Args:
            parent: the widget above it.
            manager: the manager to use; the application's if None.
        """
        super().__init__(COLUMNS, VALUE, parent, manager)
        self._hide_below = 1.0
        self._holdings = Holdings()
        self._prices: dict[str, Decimal] = {}
        self._live_prices: Subscription | None = None
        self._portfolio: Portfolio | None = None
        self._rows: dict[str, AssetRow] = {}
        self._changed = self._moved = False
        self._selected = ""
        self._totals = Totals(self)
        self._revalue = QTimer(self)
        self._revalue.setSingleShot(True)
        self._revalue.setInterval(_VALUE_MILLISECONDS)
        self._revalue.timeout.connect(self._on_value_due)
        self._arrange = QTimer(self)
        self._arrange.setSingleShot(True)
        self._arrange.setInterval(_ARRANGE_MILLISECONDS)
        self._arrange.timeout.connect(self._choose_rows)
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._view, 1)
        layout.addWidget(self._totals)
        layout.addLayout(below)
        self.retranslate()

    def _get_hide_below(self) -> float:
        return self._hide_below

    @pyqtSlot(float)
    @guarded_setter
    def set_hide_below(self, amount: float) -> None:
        """Hide balances that are worth less than this, in KRW; they are counted all the same. 0 hides none.

        Raises:
            ConfigurationError: it is not a number from 0; nothing has changed then.
        """
        least = parse_amount("hide_below", amount)
        if least == self._hide_below:
            return
        self._hide_below = least
        self._choose_rows()
        self.hide_below_changed.emit(self._hide_below)

    hide_below = qt_property(float, notify=hide_below_changed)(_get_hide_below).setter(set_hide_below)

    @pyqtSlot(str)
    @guarded_setter
    def select(self, code: str | None) -> None:
        """Mark the row whose market this is, without the signal, as soon as it is listed; none is marked for None."""
        self._selected = code or ""
        self._view.clearSelection()
        self._mark()

    # -- PrivateWidget ----------------------------------------------------------------------------------------

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to balances and prices, whole frames at a time."""
        super().connect_to(proxy)
        proxy.batch_received.connect(self._on_batch)
        if self._directory is not None:
            self._directory.grids_changed.connect(self._on_units)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the balances; the prices follow when it is known what the account has."""
        return [proxy.subscribe_my_asset()]

    def ask(self, proxy: QtWebSocketProxy) -> Outcome[Any]:
        """Ask for all balances."""
        return proxy.get_my_asset_snapshot()

    def take_list(self, answer: tuple[Balance, ...], asked_ns: int) -> None:
        """Take all balances."""
        self._changed |= self._holdings.take_all(answer, asked_ns) or self._portfolio is None

    def show_sample(self) -> None:
        """Show a made-up account."""
        self._holdings.take_all(sample_balances(), 0)
        for holding in self._holdings:
            for code in route(holding.currency, self._infos):
                self._prices[code] = _exact(sample_ticker(code).trade_price)
        self._changed = True

    def refresh(self) -> None:
        """Show what has changed since the last time."""
        if not self._changed and not self._moved:
            return
        is_other, self._changed, self._moved = self._changed, False, False
        if not self._is_known:
            # Changes of some balances are not yet the whole account.
            self._changed = is_other
            return
        unpriced = None if self._portfolio is None else self._portfolio.unpriced
        self._portfolio = value(self._holdings, self._prices, self._infos)
        if is_other:
            self._follow_prices()
        assets = {asset.holding.currency: asset for asset in self._portfolio.assets}
        for currency in self._rows.keys() - assets.keys():
            del self._rows[currency]
        written = []
        for currency, asset in assets.items():
            row = self._rows.get(currency)
            if row is None:
                row = self._rows[currency] = AssetRow(asset)
            if self._write(row, asset):
                written.append(row)
        self._model.announce(written)
        self._show_totals()
        if is_other or unpriced != self._portfolio.unpriced:
            self._choose_rows()
        elif not self._arrange.isActive():
            self._arrange.start()

    def directory_changed(self) -> None:
        """Show the names that the exchange tells now, and value what has a market now."""
        super().directory_changed()
        self._changed = True
        if self.isVisible():
            self.refresh()

    def write_all(self) -> None:
        """Write all balances anew."""
        for row in self._rows.values():
            self._write(row, row.asset)
        self._model.announce(self._rows.values())
        self._view.sort_again()
        self._show_totals()

    def recolor(self) -> None:
        """Show the list and its foot in the current colours."""
        super().recolor()
        self._show_totals()

    def fade(self, faded: bool) -> None:
        """Grey the list and its foot; in place of an empty list say why it is empty."""
        super().fade(faded)
        self._show_totals()

    def old_columns(self) -> frozenset[int]:
        """Return all that depends on prices while these are not live."""
        return PRICED_COLUMNS if self._has_old_prices else frozenset()

    def nothing(self) -> str:
        """Return that there are no balances, or only small ones."""
        return pick(WORDS["only_small" if self._rows else "no_assets"], self._language)

    def state_suffix(self) -> str:
        """Return what is not counted, what could not be read, what is not shown, and whether the prices are old."""
        if self._portfolio is None:
            return ""
        words = pick(WORDS["old_prices"], self._language) if self._has_old_prices else ""
        unpriced = [name for name in self._portfolio.unpriced if self._infos and not route(name, self._infos)]
        if unpriced:
            words += pick(WORDS["not_counted"], self._language).format(names=_names(unpriced))
        if self._unread:
            words += pick(WORDS["unread_assets"], self._language).format(names=_names(self._unread))
        count = sum(not self._is_wanted(row.asset) for row in self._rows.values())
        return words + pick(WORDS["hidden"], self._language).format(count=count) if count else words

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, in the right order."""
        self._changed = self._changed or bool(self._rows)
        super().showEvent(a0)

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest while hidden."""
        super().hideEvent(a0)
        self._arrange.stop()
        self._revalue.stop()

    @pyqtSlot(object)
    @guarded
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        newest: MyAssetEvent | None = None
        for event in events:
            if isinstance(event, TickerEvent):
                self._prices[event.code] = _exact(event.trade_price)
                self._moved = True
            elif isinstance(event, MyAssetEvent):
                self._changed |= self._holdings.take(event)
                newest = event
        if newest is not None:
            self._unread = tuple(dict.fromkeys((*self._unread, *newest.unread)))
            # The event does not tell the average prices, which a purchase changes.
            self.ask_soon()
            self.note(newest)
        elif self._moved and self.isVisible() and not self._revalue.isActive():
            self._revalue.start()

    @pyqtSlot()
    @guarded
    def _on_value_due(self) -> None:
        self.refresh()

    @pyqtSlot(object)
    @guarded
    def _on_units(self, codes: tuple[str, ...]) -> None:
        if not self._prices.keys().isdisjoint(codes):
            self.write_all()

    @property
    def _has_old_prices(self) -> bool:
        return self._live_prices is not None and self._live_prices.state is SubscriptionState.STALE

    def _follow_prices(self) -> None:
        """Subscribe to the prices of what the account has, in one step if there was a subscription before."""
        if self._proxy is None or self._is_preview:
            return
        held = [holding.currency for holding in self._holdings if holding.amount]
        codes = tuple(dict.fromkeys(code for currency in held for code in route(currency, self._infos)))
        for code in self._prices.keys() - set(codes):
            del self._prices[code]
        if not codes:
            if self._live_prices is not None:
                self._live_prices.cancel()
            self._live_prices = None
        elif self._live_prices is None:
            self._live_prices = self._proxy.subscribe_ticker(codes)
        elif set(codes) != set(self._live_prices.codes):
            self._live_prices.set_codes(codes)
        if self._directory is not None:
            self._directory.load_grids(codes)

    def _write(self, row: AssetRow, asset: Valued) -> bool:
        currency = asset.holding.currency
        steps = route(currency, self._infos)
        grid = self.grid(steps[0]) if len(steps) == 1 else PriceGrid(f"{CASH}-{currency}")
        code = steps[0] if steps else ""
        return row.write(asset, self.name(code), code, grid, self._language)

    def _is_wanted(self, asset: Valued) -> bool:
        return asset.value is None or float(asset.value) >= self._hide_below

    @pyqtSlot()
    @guarded
    def _choose_rows(self) -> None:
        self._arrange.stop()
        self.show_rows(row for row in self._rows.values() if self._is_wanted(row.asset))
        self._mark()
        self._show_state()

    def _mark(self) -> None:
        if not self._selected:
            return
        for number in range(self._model.rowCount()):
            if self._model.row(number).code == self._selected:
                self._view.setCurrentIndex(self._model.index(number, NAME))
                # From now on it is the user who chooses.
                self._selected = ""
                return

    def _show_totals(self) -> None:
        # A sum that lacks something is not what everything is worth.
        is_true = self.data_state().is_true and not self._has_old_prices and not self._unread
        self._totals.show_totals(self._portfolio, self._colors, self._language, is_true=is_true)


def _names(names: Sequence[str]) -> str:
    """Write some names, not all of many."""
    return ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")


def _exact(price: float) -> Decimal:
    # The shortest spelling of the float is what the exchange wrote.
    return Decimal(repr(price))
