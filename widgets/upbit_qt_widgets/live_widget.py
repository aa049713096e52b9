"""What the widgets of one market share: the market, as a property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal

from upbit_qt_widgets.data_widget import DataWidget
from upbit_qt_widgets.qt_property import qt_property
from upbit_qt_ws.wire.markets import parse_code

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import GlobalWebSocketManager


class LiveWidget(DataWidget):
    """Base of the widgets that show one market; see :class:`DataWidget`.

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
        code = parse_code(market) if market else ""
        super().__init__(parent, manager=manager)
        self._market = code

    def clear(self) -> None:
        """Show nothing: the market has changed."""
        raise NotImplementedError

    def codes(self) -> tuple[str, ...]:
        """Return the market, if there is one."""
        return (self._market,) if self._market else ()

    def _get_market(self) -> str:
        return self._market

    def set_market(self, market: str) -> None:
        """Show another market; the old one's late events are not shown. Empty shows none.

        Raises:
            SubscriptionError: the market code is misspelt; nothing has changed then.
        """
        code = parse_code(market) if market else ""
        if code == self._market:
            return
        self._market = code
        self._received_ns = None
        self.clear()
        self.change_codes()
        self.market_changed.emit(code)

    market = qt_property(str, notify=market_changed)(_get_market).setter(set_market)
