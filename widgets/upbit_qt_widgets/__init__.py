"""Drop-in widgets with live data of the exchange Upbit: put one into a layout, set a market, done.

The names are imported when they are first used: a program pays only for the widgets that it shows, and only the candle
chart needs the libraries of the extra ``charts``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upbit_qt_widgets.account.my_assets import MyAssetsWidget
    from upbit_qt_widgets.account.my_orders import MyOrdersWidget
    from upbit_qt_widgets.base.colors import ColorScheme, dark_palette, light_palette
    from upbit_qt_widgets.base.market_directory import MarketDirectory
    from upbit_qt_widgets.base.market_link import MarketLink
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.chart.candle_chart import CandleChartWidget
    from upbit_qt_widgets.connection.connection_badge import ConnectionBadge
    from upbit_qt_widgets.connection.health_panel import HealthPanel
    from upbit_qt_widgets.depth.depth_chart import DepthChartWidget
    from upbit_qt_widgets.markets.favourites import Favourites
    from upbit_qt_widgets.markets.market_table import MarketTable
    from upbit_qt_widgets.orderbook.orderbook_widget import OrderbookWidget
    from upbit_qt_widgets.ticker.sparkline import SPARKLINE_ROLE, SparklineDelegate
    from upbit_qt_widgets.ticker.ticker_strip import TickerStrip
    from upbit_qt_widgets.ticker.ticker_widget import TickerWidget
    from upbit_qt_widgets.trades.trades_widget import TradesWidget

__all__ = [
    "SPARKLINE_ROLE",
    "CandleChartWidget",
    "ColorScheme",
    "ConnectionBadge",
    "DepthChartWidget",
    "Favourites",
    "HealthPanel",
    "MarketDirectory",
    "MarketLink",
    "MarketTable",
    "MyAssetsWidget",
    "MyOrdersWidget",
    "OrderbookWidget",
    "PriceGrid",
    "SparklineDelegate",
    "TickerStrip",
    "TickerWidget",
    "TradesWidget",
    "dark_palette",
    "light_palette",
]

_HOME = {
    "SPARKLINE_ROLE": "ticker.sparkline",
    "CandleChartWidget": "chart.candle_chart",
    "ColorScheme": "base.colors",
    "ConnectionBadge": "connection.connection_badge",
    "DepthChartWidget": "depth.depth_chart",
    "Favourites": "markets.favourites",
    "HealthPanel": "connection.health_panel",
    "MarketDirectory": "base.market_directory",
    "MarketLink": "base.market_link",
    "MarketTable": "markets.market_table",
    "MyAssetsWidget": "account.my_assets",
    "MyOrdersWidget": "account.my_orders",
    "OrderbookWidget": "orderbook.orderbook_widget",
    "PriceGrid": "base.price_grid",
    "SparklineDelegate": "ticker.sparkline",
    "TickerStrip": "ticker.ticker_strip",
    "TickerWidget": "ticker.ticker_widget",
    "TradesWidget": "trades.trades_widget",
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
