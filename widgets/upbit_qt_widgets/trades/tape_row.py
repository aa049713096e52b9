"""The rows of a tape: a trade, or a gap in which trades may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.formatting import NOTHING, amount_text, price_text, traded_size_text
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.trades.kst import clock_text, moment_text
from upbit_qt_widgets.trades.words import WORDS
from upbit_qt_ws.events import Change, Side, Source
from upbit_qt_ws.wire.markets import base_of, quote_of

if TYPE_CHECKING:
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_ws.events import TradeEvent

TIME, PRICE, SIZE, AMOUNT, SIDE = range(5)

ARROWS: Final = {1: "▲", -1: "▼", 0: NOTHING}
"""Of the taker's side: what buys pushes up, what sells pushes down; and of a side that is not told."""

_SIDES: Final[dict[Side | None, int]] = {Side.BID: 1, Side.ASK: -1}
_CHANGES: Final = {Change.RISE: 1, Change.FALL: -1}


class TradeRow:
    """One trade; its texts are written once.

    Attributes:
        trade: what was traded.
        key: its place in time; a gap after a trade comes between that and all later ones.
        amount: what was paid, in the quote currency.
        side: 1 if the taker bought, -1 if he sold, 0 if the exchange told neither.
        tone: direction of the price against the close of the day before: 1, 0 or -1.
        is_backfilled: REST has told it, and no stream.
        is_large: its amount is to stand out.
        texts: by column.
    """

    __slots__ = ("amount", "is_backfilled", "is_large", "key", "side", "texts", "tone", "trade")

    def __init__(self, trade: TradeEvent) -> None:
        """Make a row; nothing is written yet."""
        self.trade = trade
        self.key = trade.trade_timestamp * 2
        # Rounded, so that 0.1 of 100,000,000 is not a hair less than 10,000,000.
        self.amount = round(trade.trade_price * trade.trade_volume, 8)
        self.side = _SIDES.get(trade.ask_bid, 0)
        self.tone = _tone(trade)
        self.is_backfilled = trade.source is Source.REST
        self.is_large = False
        self.texts = [""] * (SIDE + 1)

    def write(self, grid: PriceGrid, language: Language, today: int) -> None:
        """Write all texts.

        Args:
            grid: of the market's prices.
            language: of the words.
            today: number of the present Korean day.
        """
        trade = self.trade
        self.texts = [
            clock_text(trade.trade_timestamp, today),
            price_text(grid, trade.trade_price),
            traded_size_text(trade.code, trade.trade_price, trade.trade_volume),
            amount_text(trade.code, self.amount),
            f"{ARROWS[self.side]} {'' if trade.ask_bid is None else pick(WORDS[trade.ask_bid], language)}".rstrip(),
        ]

    def tip(self, language: Language) -> str:
        """Return what a tool tip says of the trade, exactly."""
        trade = self.trade
        base, quote = base_of(trade.code), quote_of(trade.code)
        size = f"{trade.trade_volume:,.8f}".rstrip("0").rstrip(".")
        parts = [
            moment_text(trade.trade_timestamp),
            "" if trade.ask_bid is None else pick(WORDS[f"{trade.ask_bid}_tip"], language),
            f"{self.texts[PRICE]} {quote} × {size} {base} = {self.texts[AMOUNT]} {quote}",
        ]
        if self.is_large:
            parts.append(pick(WORDS["large"], language))
        if self.is_backfilled:
            parts.append(f"{pick(WORDS['backfilled'], language)} (R)")
        return " · ".join(filter(None, parts))

    def spoken(self, column: int, language: Language) -> str:
        """Return a cell for those who hear it: also what only colours and signs show."""
        words = self.texts[column]
        if column == TIME and self.is_backfilled:
            return f"{words}, {pick(WORDS['backfilled'], language)}"
        if column == AMOUNT and self.is_large:
            return f"{words}, {pick(WORDS['large'], language)}"
        if column == SIDE and self.trade.ask_bid is not None:
            return pick(WORDS[f"{self.trade.ask_bid}_tip"], language)
        return words


class GapRow:
    """Trades may be missing between the row below and the row above.

    Attributes:
        since: when the last trade before it happened, in ms since 1970 UTC.
        key: its place in time.
    """

    __slots__ = ("key", "since")

    def __init__(self, since: int) -> None:
        """Make a gap."""
        self.since = since
        self.key = since * 2 + 1

    def words(self, until: int | None, language: Language, today: int, *, short: bool = False) -> str:
        """Say from when to when trades may be missing.

        Args:
            until: when the next trade happened; None if none has come yet.
            language: of the words.
            today: number of the present Korean day.
            short: whether there is little room.
        """
        return pick(WORDS["gap_short" if short else "gap"], language).format(
            since=clock_text(self.since, today),
            until=pick(WORDS["now"], language) if until is None else clock_text(until, today),
        )


TapeRow = TradeRow | GapRow


def _tone(trade: TradeEvent) -> int:
    close = trade.prev_closing_price
    if close is None:
        return _CHANGES.get(trade.change, 0) if trade.change is not None else 0
    return (trade.trade_price > close) - (trade.trade_price < close)
