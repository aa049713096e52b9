"""The figures of 24 hours that a ticker shows, beside those of the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_widgets import TickerWidget
    from upbit_qt_ws.testing import SimulatedExchange

DAY_MS = 86_400_000


def words(widget: TickerWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def price(exchange: SimulatedExchange, code: str, find: Callable[..., int]) -> str:
    """Return the highest or the lowest price of the last 24 hours in KRW, as the exchange's own trades have it."""

    def look() -> int:
        market = exchange.server.market
        now = market.now_ms
        candles = market.market(code).candles_newest_first("1m", now + 1)
        seen = []
        for bar in candles:
            if bar.start < now - DAY_MS:
                break
            seen += [bar.high, bar.low]
        return find(seen)

    return f"{exchange.call(look) / 1e8:,.0f}"


def is_right(widget: TickerWidget, exchange: SimulatedExchange) -> bool:
    """Tell whether the figures are there, named as what they are, and right."""
    shown = words(widget)
    named = "High (24 h)" in shown and "Low (24 h)" in shown
    high, low = (price(exchange, widget.market, find) for find in (max, min))
    return named and high in shown and low in shown and bool(widget._day.line())
