"""One market of the list as texts and raw values; texts are made once, when somebody looks at a changed ticker."""

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
from upbit_qt_widgets.base.texts import pick, text
from upbit_qt_widgets.markets.search import search_key
from upbit_qt_widgets.markets.words import WORDS
from upbit_qt_ws.wire.markets import base_of
from upbit_qt_ws.wire.text import one_line

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
        badge: the word of its halt, warning or caution; empty without one.
        cautions: the kinds of caution that are in force, as the exchange names them.
        event: the newest ticker; None before the first.
        texts: by column; those of the ticker are as old as the last :meth:`write_values`.
        is_written: whether they are those of ``event``.
        flash: 1 or -1 while a price that rose or fell is marked, else 0.
        flash_until: monotonic time of the end of that.
        halt: why nobody can trade in it, see :func:`~upbit_qt_widgets.base.market_notes.halt_of`; empty if one can.
        unserved: whether the exchange sends nothing about the market.
    """

    __slots__ = (
        "badge",
        "cautions",
        "event",
        "flash",
        "flash_until",
        "grid",
        "halt",
        "is_starred",
        "is_written",
        "market",
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
        self.is_written = event is None
        self.texts = [""] * 6
        self.flash = 0
        self.flash_until = 0.0
        self.halt = ""
        self.unserved = False

    def write_name(self, language: Language, only_quote: str) -> None:
        """Write the name; the quote currency is left out where all rows have the same."""
        code = self.market.market
        name = self.market.name(language)
        short = base_of(code) if only_quote else market_text(code)
        self.texts[NAME] = one_line(f"{name} {short}" if name else market_text(code))
        self.badge = ""
        if self.halt:
            self.badge = text(f"state.{self.halt}", language)
        elif self.market.warning:
            self.badge = pick(WORDS["warning"], language)
        elif self.cautions:
            self.badge = pick(WORDS["caution"], language)

    def star(self, is_starred: bool) -> None:
        """Show a star, or none."""
        self.is_starred = is_starred
        self.texts[STAR] = "★" if is_starred else "☆"

    @property
    def change(self) -> float:
        """The price change since the previous close, for the colour; 0 before the first ticker."""
        return 0.0 if self.event is None else self.event.signed_change_price or 0.0

    def sort_value(self, column: int) -> Any:
        """Return what to sort a column by: texts would put 9 over 10."""
        if column in (STAR, NAME):
            return self.is_starred if column == STAR else self.texts[NAME]
        event = self.event
        if event is None:
            return 0.0
        if column == PRICE:
            return event.trade_price
        if column == RATE:
            return event.signed_change_rate or 0.0
        return (event.signed_change_price if column == CHANGE else event.acc_trade_price_24h) or 0.0

    def write_values(self, language: Language, only_quote: str) -> None:
        """Write the ticker, if there is one; the unit of the turnover is left out where the caption has it."""
        self.is_written = True
        event, texts = self.event, self.texts
        if event is None:
            return
        code, price, change = event.code, event.trade_price, event.signed_change_price
        turnover = event.acc_trade_price_24h
        direction, rate = arrow(change), percent_text(event.signed_change_rate)
        texts[PRICE] = price_text(self.grid, price)
        texts[RATE] = f"{direction} {rate}" if direction else rate
        texts[CHANGE] = change_text(self.grid, price, change)
        texts[TURNOVER] = turnover_number(code, turnover) if only_quote else turnover_text(code, turnover, language)

    def take(self, event: TickerEvent, flash_until: float | None) -> bool:
        """Take a ticker, to be written when somebody looks.

        Args:
            event: the ticker.
            flash_until: monotonic time until which the price is to be marked if it moved; None for no mark.

        Returns:
            Whether it is marked now.
        """
        before, self.event = self.event, event
        self.is_written = False
        if flash_until is None or before is None or before.trade_price == event.trade_price:
            return False
        self.flash = 1 if event.trade_price > before.trade_price else -1
        self.flash_until = flash_until
        return True
