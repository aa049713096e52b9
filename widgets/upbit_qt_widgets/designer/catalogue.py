"""The widgets that Designer offers: each class, its size in a new form, and what is set there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

GROUP: Final = "Upbit"
"""The heading in Designer's widget box."""

HEADER: Final = "upbit_qt_widgets"
"""The module that forms import all classes from. It is the public face, so that a class may move behind it."""

_MARKET: Final = (("market", "KRW-BTC"),)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One widget in Designer's widget box.

    Attributes:
        name: of the class.
        width: in a new form, in pixels.
        height: in a new form, in pixels.
        properties: what a widget that was just dropped on a form is set to; a tuple is a list of texts.
        base: the class of Qt that stands for it where Designer cannot load it.
        extra: the extra of this package whose libraries it needs; empty for none.
    """

    name: str
    width: int
    height: int
    properties: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    base: str = "QWidget"
    extra: str = ""

    def load(self) -> type[QWidget]:
        """Import the class.

        Raises:
            ImportError: a library that it needs is not installed, or does not work here.
        """
        # mypy knows no class by the text of its name.
        return cast("type[QWidget]", getattr(import_module(HEADER), self.name))


CATALOGUE: Final = (
    CatalogueEntry("TickerWidget", 460, 140, _MARKET),
    CatalogueEntry("TickerStrip", 480, 28, (("markets", ("KRW-BTC", "KRW-ETH", "KRW-XRP")),)),
    CatalogueEntry("MarketTable", 420, 480),
    CatalogueEntry("OrderbookWidget", 420, 480, _MARKET),
    CatalogueEntry("DepthChartWidget", 420, 260, _MARKET),
    CatalogueEntry("TradesWidget", 420, 360, _MARKET),
    CatalogueEntry("CandleChartWidget", 560, 380, _MARKET, extra="charts"),
    CatalogueEntry("MyOrdersWidget", 560, 240),
    CatalogueEntry("MyAssetsWidget", 560, 280),
    CatalogueEntry("ConnectionBadge", 140, 24, base="QLabel"),
    CatalogueEntry("HealthPanel", 560, 560),
)
"""All of them, in the order of the widget box."""
