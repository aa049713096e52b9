"""All widgets, for the tests of what every one of them must do. A new widget is one line here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QTableView,
    QWidget,
)

import upbit_qt_widgets
from tests.helpers.numpy import HAS_NUMPY

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(NamedTuple):
    """One class.

    Attributes:
        name: of the class.
        has_market: whether a market is the first argument of its constructor.
        has_prices: whether it shows prices, and so has colours of up and down.
        is_private: whether it needs API keys.
        values: name of the part in which the values of a market are.
    """

    name: str
    has_market: bool = False
    has_prices: bool = True
    is_private: bool = False
    values: str = ""

    @property
    def cls(self) -> Any:
        """The class."""
        return getattr(upbit_qt_widgets, self.name)

    def make(self, market: str = "KRW-BTC") -> Any:
        """Return a widget; one of several markets shows all that the exchange has, a strip this one."""
        if self.has_market:
            return self.cls(market)
        made = self.cls()
        if self.name == "TickerStrip":
            made.markets = [market]
        return made


WIDGETS = (
    Kind("TickerWidget", has_market=True, values="_price"),
    Kind("OrderbookWidget", has_market=True, values="_view"),
    *([Kind("CandleChartWidget", has_market=True, values="_canvas")] if HAS_NUMPY else []),
    Kind("DepthChartWidget", has_market=True, values="_canvas"),
    Kind("TradesWidget", has_market=True, values="_view"),
    Kind("TickerStrip"),
    Kind("MarketTable"),
    Kind("MyOrdersWidget", is_private=True),
    Kind("MyAssetsWidget", is_private=True),
    Kind("ConnectionBadge", has_prices=False),
    Kind("HealthPanel", has_prices=False),
)
OF_ONE_MARKET = tuple(kind for kind in WIDGETS if kind.has_market)
WITH_PROPERTIES = (*WIDGETS, Kind("SparklineDelegate"), Kind("MarketLink", has_market=True, has_prices=False))

_TAG = re.compile(r"<[^>]*>")


def plain(text: str) -> str:
    """Return a text without its markup."""
    return _TAG.sub("", text).replace("&nbsp;", " ")


def texts(widget: QWidget, *, cells: bool = False) -> Iterator[str]:
    """Yield what a widget and its parts say to those who see them, hover over them, or have them read out.

    Args:
        widget: the widget.
        cells: whether the cells of tables are wanted, too.
    """
    for part in (widget, *widget.findChildren(QWidget)):
        if part is not widget and (part.isHidden() or isinstance(part.parentWidget(), QTabBar)):
            # The arrows of tabs for which there is no room speak the language of Qt's own translation.
            continue
        yield from map(plain, (part.toolTip(), part.accessibleName(), part.accessibleDescription()))
        if isinstance(part, QLabel | QAbstractButton):
            yield plain(part.text())
        elif isinstance(part, QLineEdit):
            yield part.placeholderText()
        elif isinstance(part, QComboBox):
            yield from (part.itemText(place) for place in range(part.count()))
        elif isinstance(part, QTabBar):
            yield from (part.tabText(place) for place in range(part.count()))
        elif isinstance(part, QTableView) and (model := part.model()) is not None:
            for column in range(model.columnCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
                if cells:
                    for row in range(model.rowCount()):
                        yield str(model.index(row, column).data() or "")


def focusable(widget: QWidget) -> list[QWidget]:
    """Return the visible parts that the Tab key should reach, as somebody would count them."""
    parts = [widget, *widget.findChildren(QWidget)]
    return [
        part
        for part in parts
        if part.isVisible()
        and part.isEnabled()
        and part.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        and part.focusProxy() is None
        and not _is_viewport(part)
    ]


def _is_viewport(part: QWidget) -> bool:
    parent = part.parentWidget()
    return part.objectName() == "qt_scrollarea_viewport" or (
        isinstance(parent, QAbstractItemView) and not isinstance(part, QLineEdit)
    )


def focused() -> QWidget | None:
    """Return the part that has the keyboard."""
    return QApplication.focusWidget()


def own_properties(cls: Any) -> list[str]:
    """Return the names of a class's properties that are not Qt's."""
    of_qt = next(base for base in cls.__mro__ if base.__module__.startswith("PyQt6."))
    meta = cls.staticMetaObject
    return [
        str(meta.property(place).name())
        for place in range(of_qt.staticMetaObject.propertyCount(), meta.propertyCount())
    ]
