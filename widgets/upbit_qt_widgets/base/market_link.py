"""Widgets that follow the same market: choose it in one, and all show it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.values import parse_market
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.guard import guarded_setter

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK_COLORS: Final = ("red", "orange", "yellow", "green", "blue", "purple")
"""Names of the groups that the property ``link_color`` of the widgets chooses from."""


class MarketLink(QObject):
    """A market that several widgets share.

    A widget that has a ``market`` with ``market_changed`` leads and follows; one that only lets a market be chosen
    (``market_selected``: tables, lists of orders) leads, and marks the chosen one if it has ``select``. The link keeps
    no widget alive, and widgets leave it by ending. GUI thread only.

    Signals:
        market_changed: the code of the market that all follow now; empty for none.
    """

    market_changed = pyqtSignal(str)

    _of_colors: ClassVar[dict[str, MarketLink]] = {}

    @classmethod
    def of_color(cls, color: str) -> MarketLink:
        """Return the application's link of a colour, one of ``LINK_COLORS``.

        Raises:
            ConfigurationError: there is none of this colour.
        """
        if color not in LINK_COLORS:
            raise ConfigurationError(f"link_color {color!r} is unknown: choose one of {', '.join(LINK_COLORS)}")
        link = cls._of_colors.get(color)
        if link is None:
            link = cls._of_colors[color] = cls()
        if not link.widgets:
            # The market of windows that have been closed is nobody's any more.
            link._market = ""
        return link

    def __init__(self, market: str | None = None, parent: QObject | None = None) -> None:
        """Start with a market, or without one: the first widget that has one brings it along.

        Raises:
            SubscriptionError: the market code is misspelt.
        """
        super().__init__(parent)
        self._market = parse_market(market)
        self._members: list[weakref.ref[Any]] = []

    def _get_market(self) -> str:
        return self._market

    @pyqtSlot(str)
    @guarded_setter
    def set_market(self, market: str) -> None:
        """Have all widgets show another market; empty shows none.

        Raises:
            SubscriptionError: the market code is misspelt; nothing has changed then.
        """
        code = parse_market(market)
        if code == self._market:
            return
        self._market = code
        for widget in list(self._alive()):
            self._lead(widget)
        self.market_changed.emit(code)

    market = qt_property(str, notify=market_changed)(_get_market).setter(set_market)

    @property
    def widgets(self) -> tuple[QObject, ...]:
        """The widgets that are linked, in the order in which they came."""
        return tuple(self._alive())

    def add(self, widget: QObject) -> None:
        """Link a widget; it shows the link's market at once, or brings its own if the link has none.

        Raises:
            ConfigurationError: it has neither a ``market`` nor a ``market_selected``.
        """
        shown = getattr(widget, "market_changed", None)
        chosen = getattr(widget, "market_selected", None)
        if shown is None and chosen is None:
            raise ConfigurationError(
                f"{type(widget).__name__} cannot be linked: it has no signal market_changed or market_selected"
            )
        if widget in self._alive():
            return
        self._members.append(weakref.ref(widget))
        for signal in (shown, chosen):
            if signal is not None:
                signal.connect(self.set_market)
        own = str(getattr(widget, "market", "") or "")
        if self._market:
            self._lead(widget)
        elif own:
            self.set_market(own)

    def remove(self, widget: QObject) -> None:
        """Let a widget go its own way; it keeps the market that it shows."""
        if widget not in self._alive():
            return
        self._members = [member for member in self._members if member() is not widget]
        for name in ("market_changed", "market_selected"):
            signal = getattr(widget, name, None)
            if signal is not None:
                signal.disconnect(self.set_market)

    def _lead(self, widget: Any) -> None:
        """Have one widget show the market of all."""
        if hasattr(widget, "set_market"):
            widget.set_market(self._market)
        elif hasattr(widget, "select"):
            widget.select(self._market or None)

    def _alive(self) -> Iterator[Any]:
        self._members = [member for member in self._members if not _is_gone(member())]
        return (widget for widget in map(_target, self._members) if widget is not None)


def _target(member: weakref.ref[Any]) -> Any:
    return member()


def _is_gone(widget: Any) -> bool:
    return widget is None or sip.isdeleted(widget)
