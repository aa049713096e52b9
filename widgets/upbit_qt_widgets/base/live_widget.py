"""What the widgets of one market share: the market, as a property."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.market_link import MarketLink
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_ws.wire.markets import parse_code

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import GlobalWebSocketManager


class LiveWidget(DataWidget):
    """Base of the widgets that show one market; see :class:`DataWidget`.

    ``link_color`` puts it into a group of widgets that follow the same market, see :class:`MarketLink`.

    Signals:
        market_changed: the new market code.
        link_color_changed: the new colour; empty for none.
    """

    market_changed = pyqtSignal(str)
    link_color_changed = pyqtSignal(str)

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
        self._link_color = ""

    def clear(self) -> None:
        """Show nothing: the market has changed."""
        raise NotImplementedError

    def codes(self) -> tuple[str, ...]:
        """Return the market, if there is one."""
        return (self._market,) if self._market else ()

    def _get_market(self) -> str:
        return self._market

    @pyqtSlot(str)
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

    def _get_link_color(self) -> str:
        return self._link_color

    def set_link_color(self, color: str) -> None:
        """Follow the market of all widgets with this colour, and lead them; empty leaves the group.

        Raises:
            ConfigurationError: there is no group of this colour.
        """
        if color == self._link_color:
            return
        joined = MarketLink.of_color(color) if color else None
        if self._link_color:
            MarketLink.of_color(self._link_color).remove(self)
        self._link_color = color
        if joined is not None:
            joined.add(self)
        self.link_color_changed.emit(color)

    link_color = qt_property(str, notify=link_color_changed)(_get_link_color).setter(set_link_color)
