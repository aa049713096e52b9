"""Drop-in widgets with live data of the exchange Upbit: put one into a layout, set a market, done."""

from upbit_qt_widgets.base.colors import ColorScheme, dark_palette, light_palette
from upbit_qt_widgets.connection.connection_badge import ConnectionBadge
from upbit_qt_widgets.markets.market_row import Market
from upbit_qt_widgets.markets.market_table import MarketTable
from upbit_qt_widgets.orderbook.orderbook_widget import OrderbookWidget
from upbit_qt_widgets.ticker.ticker_widget import TickerWidget

__all__ = [
    "ColorScheme",
    "ConnectionBadge",
    "Market",
    "MarketTable",
    "OrderbookWidget",
    "TickerWidget",
    "dark_palette",
    "light_palette",
]
