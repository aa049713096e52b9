"""What the user has chosen, and how it is written as plain texts: whatever a text says, something sensible is read."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.theme import Theme
from upbit_qt_widgets import ColorScheme
from upbit_qt_widgets.base.texts import Language, parse_language, system_language
from upbit_qt_widgets.chart.intervals import parse_interval
from upbit_qt_widgets.markets.quote_tabs import parse_quote
from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.wire.markets import parse_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FIRST_MARKET: Final = "KRW-BTC"
LINES: Final = ("table", "book", "tabs", "tall_tabs", "trades")
"""The lines between areas that can be moved, each named for the area at its right or below it."""

_MOST_PIXELS: Final = 100_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the user has chosen.

    Attributes:
        language: ``"ko"`` or ``"en"``; that of the desktop at first.
        theme: which palette.
        colors: the colours of up and down.
        market: code of the market that is shown.
        quote: the tab of the list of markets, such as ``"KRW"``.
        interval: of the candles.
        tabs: the areas behind tabs, in their order.
        tab: the one in front.
        sizes: of the areas at the right of or below each line, by its name, in pixels; a line that is missing is at
            its usual place.
        geometry: where the window is, as Qt writes it; empty for where it usually is.
    """

    language: Language = field(default_factory=system_language)
    theme: Theme = Theme.SYSTEM
    colors: ColorScheme = ColorScheme.KOREAN
    market: str = FIRST_MARKET
    quote: str = "KRW"
    interval: str = "1m"
    tabs: tuple[Area, ...] = TABS
    tab: Area = Area.DEPTH
    sizes: Mapping[str, int] = field(default_factory=dict)
    geometry: bytes = b""


def read_preferences(texts: Mapping[str, object]) -> tuple[Preferences, tuple[str, ...]]:
    """Return what texts say, and the names of those that mean nothing; what they are about is as it is at first."""
    first = Preferences()
    refused: list[str] = []

    def read(name: str, parse: Callable[[str], _T], otherwise: _T) -> _T:
        text = texts.get(name)
        try:
            if isinstance(text, str) and text:
                return parse(text)
        except (ValueError, UpbitQtError):
            refused.append(name)
        else:
            if text:
                refused.append(name)
        return otherwise

    found = Preferences(
        language=read("language", parse_language, first.language),
        theme=read("theme", Theme, first.theme),
        colors=read("colors", ColorScheme, first.colors),
        market=read("market", parse_code, first.market),
        quote=read("quote", parse_quote, first.quote),
        interval=read("interval", parse_interval, first.interval),
        tabs=read("tabs", _parse_tabs, first.tabs),
        tab=read("tab", _parse_tab, first.tab),
        sizes={name: size for name in LINES if (size := read(f"size_{name}", _parse_size, 0))},
        geometry=read("geometry", _parse_bytes, first.geometry),
    )
    return found, tuple(refused)


def write_preferences(preferences: Preferences) -> dict[str, str]:
    """Return the texts that :func:`read_preferences` reads the same from."""
    texts = {
        "language": str(preferences.language),
        "theme": str(preferences.theme),
        "colors": str(preferences.colors),
        "market": preferences.market,
        "quote": preferences.quote,
        "interval": preferences.interval,
        "tabs": " ".join(preferences.tabs),
        "tab": str(preferences.tab),
        "geometry": base64.b64encode(preferences.geometry).decode("ascii"),
    }
    return texts | {f"size_{name}": str(preferences.sizes.get(name, "")) for name in LINES}


def _parse_tab(text: str) -> Area:
    area = Area(text)
    if area not in TABS:
        raise ValueError(f"{text!r} does not lie behind a tab")
    return area


def _parse_tabs(text: str) -> tuple[Area, ...]:
    """Return the tabs in this order; those that are not named follow."""
    named = [Area(word) for word in dict.fromkeys(text.split())]
    return (*(area for area in named if area in TABS), *(area for area in TABS if area not in named))


def _parse_size(text: str) -> int:
    size = int(text)
    if not 0 < size <= _MOST_PIXELS:
        raise ValueError(f"{text!r} is no size in pixels")
    return size


def _parse_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("this is not base64") from error
