"""One market of the list as texts and raw values, made once when its ticker changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from upbit_qt_widgets.base.formatting import (
    arrow,
    change_text,
    market_text,
    percent_text,
    price_text,
    turnover_number,
    turnover_text,
)
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.markets.search import search_key
from upbit_qt_widgets.markets.words import WORDS
from upbit_qt_ws.wire.markets import base_of

if TYPE_CHECKING:
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_ws import TickerEvent
    from upbit_qt_ws.wire.rest_records import MarketInfo

STAR, NAME, PRICE, RATE, CHANGE, TURNOVER = range(6)

FLASH_SECONDS: Final = 0.25
"""How long a price that moved is marked."""


class MarketRow:
    """What one row shows.

    Attributes:
        market: whose row it is.
        grid: how finely its prices are written.
        search: what a search looks at.
        is_starred: whether somebody has starred it.
        badge: the word of its warning or caution; empty without one.
        cautions: the kinds of caution that are in force, as the exchange names them.
        event: the newest ticker; None before the first.
        texts: by column.
        raw: by column, to sort by: sorting texts would put 9 over 10.
        change: the price change since the previous close, for the colour.
        flash: 1 or -1 while a price that rose or fell is marked, else 0.
        flash_until: monotonic time of the end of that.
        unserved: whether the exchange sends nothing about the market.
    """

    __slots__ = (
        "badge",
        "cautions",
        "change",
        "event",
        "flash",
        "flash_until",
        "grid",
        "is_starred",
        "market",
        "raw",
        "search",
        "texts",
        "unserved",
    )

    def __init__(self, market: MarketInfo, event: TickerEvent | None = None, grid: PriceGrid | None = None) -> None:
        """Make a row; nothing is written yet."""
        self.market = market
        self.grid = grid or PriceGrid(market.market)
        code = market.market
        self.search = search_key(market.korean_name or "", market.english_name or "", code, market_text(code))
        self.is_starred = False
        self.badge = ""
        self.cautions = tuple(kind for kind, in_force in market.caution.items() if in_force)
        self.event = event
        self.texts = [""] * 6
        self.raw: list[Any] = [False, "", 0.0, 0.0, 0.0, 0.0]
        self.change = 0.0
        self.flash = 0
        self.flash_until = 0.0
        self.unserved = False

    def write_name(self, language: Language, only_quote: str) -> None:
        """Write the name; the quote currency is left out where all rows have the same."""
        code = self.market.market
        name = self.market.name(language)
        short = base_of(code) if only_quote else market_text(code)
        self.texts[NAME] = self.raw[NAME] = f"{name} {short}" if name else market_text(code)
        self.badge = ""
        if self.market.warning:
            self.badge = pick(WORDS["warning"], language)
        elif self.cautions:
            self.badge = pick(WORDS["caution"], language)

    def star(self, is_starred: bool) -> None:
        """Show a star, or none."""
        self.is_starred = self.raw[STAR] = is_starred
        self.texts[STAR] = "★" if is_starred else "☆"

    def write_values(self, event: TickerEvent, language: Language, only_quote: str) -> None:
        """Write a ticker; the unit of the turnover is left out where the caption has it."""
        code, price, rate, change = event.code, event.trade_price, event.signed_change_rate, event.signed_change_price
        turnover = event.acc_trade_price_24h
        self.event = event
        self.change = change or 0.0
        self.texts[PRICE] = price_text(self.grid, price)
        self.texts[RATE] = " ".join(filter(None, (arrow(change), percent_text(rate))))
        self.texts[CHANGE] = change_text(self.grid, price, change)
        self.texts[TURNOVER] = (
            turnover_number(code, turnover) if only_quote else turnover_text(code, turnover, language)
        )
        self.raw[PRICE:] = price, rate or 0.0, self.change, turnover or 0.0

    def start_flash(self, price_before: float, now: float) -> bool:
        """Mark the price if it moved; tell whether it did."""
        if self.event is None or self.event.trade_price == price_before:
            return False
        self.flash = 1 if self.event.trade_price > price_before else -1
        self.flash_until = now + FLASH_SECONDS
        return True
