"""What a ticker strip says, and where: the parts of its items, one behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_widgets.base.formatting import NOTHING, arrow, market_text, percent_text, price_text
from upbit_qt_widgets.base.market_notes import halt_of
from upbit_qt_widgets.base.texts import pick, text
from upbit_qt_ws.wire.markets import quote_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_ws import TickerEvent
    from upbit_qt_ws.wire.rest_records import MarketInfo

WORDS: Final[dict[str, tuple[str, str]]] = {
    "strip": ("시세 전광판", "Ticker strip"),
    "keys": (
        "클릭/Enter 선택 · ←→ 이동 · Space 멈춤",
        "click/Enter chooses · ←→ moves · Space pauses",
    ),
    "not_served": ("거래소가 보내지 않는 종목", "not served"),
}

NAME, PRICE, RATE = range(3)
"""The parts of an item, from left to right."""

GAP: Final = 28
"""Air between two items, in pixels."""

_PART_GAP: Final = 8
_NARROWEST: Final = ("", "0,000", "▲ +0.00%")


class StripItem(NamedTuple):
    """What one market shows.

    Attributes:
        code: of the market.
        texts: name, price, and the rate with its arrow; dashes for what is not known.
        change: -1, 0 or 1, the direction as it is written.
        is_served: whether the exchange tells anything of the market.
        is_halted: whether nobody can trade in it; then the last text says why.
    """

    code: str
    texts: tuple[str, str, str]
    change: int = 0
    is_served: bool = True
    is_halted: bool = False

    def spoken(self, language: Language) -> str:
        """Return the item as one phrase."""
        if not self.is_served:
            return f"{self.texts[NAME]} {pick(WORDS['not_served'], language)}"
        return " ".join(text for text in self.texts if text)


def strip_item(
    name: str, code: str, event: TickerEvent | None, grid: PriceGrid, language: Language, *, is_served: bool
) -> StripItem:
    """Write what a market shows.

    One that is not served has a dash, whatever was told of it before; one in which nobody can trade has the reason in
    place of its change.
    """
    if event is None or not is_served:
        return StripItem(code, (name, NOTHING, ""), is_served=is_served)
    halt = halt_of(event)
    if halt:
        texts = (name, price_text(grid, event.trade_price), text(f"state.{halt}", language))
        return StripItem(code, texts, is_halted=True)
    rate = percent_text(event.signed_change_rate)
    # A rate that is written as 0.00% has no direction.
    change = 0 if rate in ("0.00%", NOTHING) or event.signed_change_rate is None else _sign(event.signed_change_rate)
    shown = f"{arrow(change)} {rate}" if change else rate
    return StripItem(code, (name, price_text(grid, event.trade_price), shown), change)


def strip_names(codes: Iterable[str], market: Callable[[str], MarketInfo | None], language: Language) -> dict[str, str]:
    """Return the names of markets by code.

    The code follows the name where the markets have several quote currencies; it stands alone for a market that the
    exchange does not list, or not yet.

    Args:
        codes: of the markets.
        market: tells what the exchange says of a code, None for nothing.
        language: of the names.
    """
    codes = tuple(codes)
    several = len({quote_of(code) for code in codes}) > 1
    names = {}
    for code in codes:
        info = market(code)
        name = "" if info is None else info.name(language)
        spelt = market_text(code)
        names[code] = f"{name} {spelt}" if name and several else name or spelt
    return names


class StripLayout:
    """Where the items stand, in pixels from the left end of the strip.

    Parts only ever get wider: the strip must not jump to and fro while figures change.

    Args:
        measure: tells how wide a text is, in pixels.

    Attributes:
        items: what is shown, in its order.
        lefts: where each item begins.
        width: of all items with the gaps around them.
    """

    def __init__(self, measure: Callable[[str], int]) -> None:
        """Start empty."""
        self._measure = measure
        self._least = tuple(map(measure, _NARROWEST))
        self._widths: list[list[int]] = []
        self.items: list[StripItem] = []
        self.lefts: list[int] = []
        self.width = 0

    def set_items(self, items: Sequence[StripItem]) -> None:
        """Show other markets, or the same ones in other words; all parts are as wide as they need."""
        self.items = list(items)
        self._widths = [list(map(self._part_width, range(len(item.texts)), item.texts)) for item in items]
        self._place()

    def set_item(self, number: int, item: StripItem) -> bool:
        """Show what is new about a market; tell whether others had to give way."""
        self.items[number] = item
        before = self._widths[number]
        after = [max(old, self._part_width(part, item.texts[part])) for part, old in enumerate(before)]
        if after == before:
            return False
        self._widths[number] = after
        self._place()
        return True

    def item_width(self, number: int) -> int:
        """Return how wide an item is, without the gaps around it."""
        return sum(self._widths[number]) + _PART_GAP * (len(self._widths[number]) - 1)

    def parts(self, number: int) -> tuple[int, ...]:
        """Return where the texts of an item begin: name and rate at the left of their room, the price at the right."""
        name, price, _ = self._widths[number]
        left = self.lefts[number]
        price_left = left + name + _PART_GAP
        slack = price - self._measure(self.items[number].texts[PRICE])
        return left, price_left + slack, price_left + price + _PART_GAP

    def at(self, place: float) -> int | None:
        """Return the number of the item at a place; None between two items."""
        for number, left in enumerate(self.lefts):
            if left <= place < left + self.item_width(number):
                return number
        return None

    def _part_width(self, part: int, text: str) -> int:
        return max(self._least[part], self._measure(text))

    def _place(self) -> None:
        self.lefts = []
        place = GAP // 2
        for number in range(len(self.items)):
            self.lefts.append(place)
            place += self.item_width(number) + GAP
        self.width = place - GAP // 2


def _sign(change: float) -> int:
    return (change > 0) - (change < 0)
