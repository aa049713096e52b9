"""Drop-in widgets with live data of the exchange Upbit: put one into a layout, set a market, done."""

from upbit_qt_widgets.colors import ColorScheme, dark_palette, light_palette
from upbit_qt_widgets.connection_badge import ConnectionBadge
from upbit_qt_widgets.orderbook_widget import OrderbookWidget
from upbit_qt_widgets.ticker_row import Market
from upbit_qt_widgets.ticker_table import TickerTable
from upbit_qt_widgets.ticker_widget import TickerWidget

__all__ = [
    "ColorScheme",
    "ConnectionBadge",
    "Market",
    "OrderbookWidget",
    "TickerTable",
    "TickerWidget",
    "dark_palette",
    "light_palette",
]
