"""Drop-in widgets with live data of the exchange Upbit: put one into a layout, set a market, done.

The names are imported when they are first used: a program pays only for the widgets that it shows, and only the candle
chart needs the libraries of the extra ``charts``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upbit_qt_widgets.base.colors import ColorScheme, dark_palette, light_palette
    from upbit_qt_widgets.base.market_directory import MarketDirectory
    from upbit_qt_widgets.base.market_link import MarketLink
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.chart.candle_chart import CandleChartWidget
    from upbit_qt_widgets.connection.connection_badge import ConnectionBadge
    from upbit_qt_widgets.markets.favourites import Favourites
    from upbit_qt_widgets.markets.market_table import MarketTable
    from upbit_qt_widgets.orderbook.orderbook_widget import OrderbookWidget
    from upbit_qt_widgets.ticker.ticker_widget import TickerWidget

__all__ = [
    "CandleChartWidget",
    "ColorScheme",
    "ConnectionBadge",
    "Favourites",
    "MarketDirectory",
    "MarketLink",
    "MarketTable",
    "OrderbookWidget",
    "PriceGrid",
    "TickerWidget",
    "dark_palette",
    "light_palette",
]

_HOME = {
    "CandleChartWidget": "chart.candle_chart",
    "ColorScheme": "base.colors",
    "ConnectionBadge": "connection.connection_badge",
    "Favourites": "markets.favourites",
    "MarketDirectory": "base.market_directory",
    "MarketLink": "base.market_link",
    "MarketTable": "markets.market_table",
    "OrderbookWidget": "orderbook.orderbook_widget",
    "PriceGrid": "base.price_grid",
    "TickerWidget": "ticker.ticker_widget",
    "dark_palette": "base.colors",
    "light_palette": "base.colors",
}


def __getattr__(name: str) -> object:
    """Import a public name on its first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
